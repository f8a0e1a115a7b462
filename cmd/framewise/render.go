package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path/filepath"
	"strings"

	goaudio "github.com/go-audio/audio"
	"github.com/go-audio/wav"
	"github.com/spf13/cobra"

	"framewise/augment"
	"framewise/corpus"
	"framewise/corpus/files"
	"framewise/dataset"
	"framewise/pipelines"
)

func newRenderCommand() *cobra.Command {
	var out, manifest string
	var textgrid bool
	cmd := &cobra.Command{
		Use:   "render DIR ID --out x.wav",
		Short: "An example as sound with its alignment, to hear what was made",
		Long: `Render makes the sound of an example again, from the corpus that the dataset was
built from: what its features were computed from, gaps and narrow band included. With
--textgrid its labels and parts are written beside it, for Praat.` + "\n" + exitHelp,
		Example: "  framewise render data TRAIN/DR1/FCJF0/SX127+nb --out copy.wav --textgrid",
		Args:    exactArgs(2, "a dataset and the id of an example"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := needFlag(cmd, "out", out); err != nil {
				return err
			}
			if err := needDataset(cmd.Context(), "dataset", args[0]); err != nil {
				return err
			}
			x, err := rerender(cmd.Context(), args[0], args[1], manifest)
			if err != nil {
				return err
			}
			if err := writeWAV(out, x.Samples, x.Rate); err != nil {
				return err
			}
			if !textgrid {
				return nil
			}
			path := strings.TrimSuffix(out, filepath.Ext(out)) + ".TextGrid"
			return writeFile(cmd.Context(), path, func(w io.Writer) error { return writeTiers(w, x) })
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "WAV file to write")
	cmd.Flags().StringVar(&manifest, "corpus", "", "manifest of the corpus, if it is not where it was")
	cmd.Flags().BoolVar(&textgrid, "textgrid", false, "write the labels beside it, as a Praat TextGrid")
	return cmd
}

func rerender(ctx context.Context, dir, id, manifest string) (*augment.Rendered, error) {
	d, err := dataset.Open(ctx, dir)
	if err != nil {
		return nil, err
	}
	record, err := pipelines.ReadRecord(ctx, dir)
	if err != nil {
		return nil, err
	}
	if manifest != "" {
		record.Corpus = manifest
	}
	for _, name := range d.SplitNames() {
		s, err := d.Split(name)
		if err != nil {
			return nil, err
		}
		i, ok := s.Find(id)
		if !ok {
			if err := s.Close(); err != nil {
				return nil, err
			}
			continue
		}
		defer s.Close()
		ex, err := s.Example(i)
		if err != nil {
			return nil, err
		}
		x, err := pipelines.Rerender(ctx, ex, record, d.Manifest.SampleRate, d.Manifest.LabelSet)
		if errors.Is(err, fs.ErrNotExist) {
			if _, gone := dataset.StatFile(ctx, record.Corpus); errors.Is(gone, fs.ErrNotExist) {
				err = fmt.Errorf("%w; if the corpus was moved, say where its manifest is now: --corpus FILE", err)
			}
		}
		return x, err
	}
	return nil, usagef("dataset %s has no example %q; `framewise inspect` says what it has", dir, id)
}

// writeTiers writes the labels and the parts of an example.
func writeTiers(w io.Writer, x *augment.Rendered) error {
	var parts corpus.Alignment
	for _, p := range x.Parts {
		parts = append(parts, corpus.Segment{Begin: p.Begin, End: p.Begin + p.Length, Label: p.Utterance})
	}
	return corpus.WriteTextGrid(w, []corpus.Tier{{Name: "labels", Alignment: x.Alignment}, {Name: "parts", Alignment: parts}}, x.BaseSamples, x.BaseRate)
}

// writeWAV writes samples in int16 scale as 16-bit PCM.
func writeWAV(path string, samples []float32, rate int) error {
	buf := &goaudio.IntBuffer{Format: &goaudio.Format{NumChannels: 1, SampleRate: rate}, SourceBitDepth: 16, Data: make([]int, len(samples))}
	for i, v := range samples {
		buf.Data[i] = int(math.RoundToEven(float64(max(min(v, math.MaxInt16), math.MinInt16))))
	}
	return files.Write(path, func(w *files.Writer) error {
		enc := wav.NewEncoder(w, rate, 16, 1, 1)
		if err := enc.Write(buf); err != nil {
			return err
		}
		return enc.Close()
	})
}
