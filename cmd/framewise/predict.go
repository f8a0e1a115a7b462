package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"framewise/corpus"
	"framewise/corpus/audio"
	"framewise/model/train"
)

func newPredictCommand() *cobra.Command {
	var run, format string
	var frames bool
	var channel, minFrames int
	var decoding configFlags
	cmd := &cobra.Command{
		Use:   "predict --run RUN FILE...",
		Short: "Label recordings with a trained network",
		Long: `Predict prints the segments that a run's network hears in recordings, or the label of
every frame with --frames. Segments are decoded as the run's configuration says, or
as --set does. A TextGrid holds one recording, so it takes one FILE.` + "\n" + exitHelp,
		Example: "  framewise predict --run run speech.wav\n  framewise predict --run run --format textgrid speech.wav > speech.TextGrid",
		Args:    minArgs(1, "recordings"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := needFlag(cmd, "run", run); err != nil {
				return err
			}
			if err := needDir("run", run); err != nil {
				return err
			}
			write, ok := predictionWriters[format]
			switch {
			case !ok:
				return usagef("--format %q, want one of %s", format, strings.Join(sortedKeys(predictionWriters), ", "))
			case format == "textgrid" && len(args) > 1:
				return usagef("a TextGrid holds one recording, got %d; use --format ctm or json", len(args))
			}
			for _, path := range args {
				if err := needFile("recording", path); err != nil {
					return err
				}
			}
			if cmd.Flags().Changed("min-frames") {
				decoding.sets = append(decoding.sets, fmt.Sprintf("decode.min_frames=%d", minFrames))
			}
			cfg, err := decodingOf(run, &decoding)
			if err != nil {
				return err
			}
			p, err := train.LoadPredictor(run, cfg)
			if err != nil {
				return err
			}
			var all []prediction
			for _, path := range args {
				one, err := predict(p, path, channel, frames)
				if err != nil {
					return err
				}
				all = append(all, one)
			}
			return write(cmd, all)
		},
	}
	cmd.Flags().StringVar(&run, "run", "", "run folder")
	cmd.Flags().StringVar(&format, "format", "phn", strings.Join(sortedKeys(predictionWriters), ", "))
	cmd.Flags().BoolVar(&frames, "frames", false, "a segment a frame, instead of runs of frames with one label")
	cmd.Flags().IntVar(&channel, "channel", 0, "channel of the recordings, from 0")
	cmd.Flags().IntVar(&minFrames, "min-frames", 0, "shortest segment in frames: decode.min_frames of the run by default, nothing to CTC")
	addDecoding(cmd, &decoding)
	return cmd
}

// prediction is what was heard in one recording.
type prediction struct {
	File     string           `json:"file"`
	Rate     int              `json:"rate"`    // Hz
	Samples  int64            `json:"samples"` // of the recording
	Segments corpus.Alignment `json:"segments"`
}

func predict(p *train.Predictor, path string, channel int, frames bool) (prediction, error) {
	samples, rate, err := audio.Load(path, channel, 0, -1)
	if err != nil {
		return prediction{}, err
	}
	got, err := p.Predict(samples, rate)
	if err != nil {
		return prediction{}, fmt.Errorf("%s: %w", path, err)
	}
	out := prediction{File: path, Rate: rate, Samples: int64(len(samples)), Segments: got.Segments}
	if frames {
		out.Segments = frameSegments(got, rate, out.Samples)
	}
	return out, nil
}

// frameSegments is one segment a frame: the hop that its center lies in.
func frameSegments(p *train.Prediction, rate int, n int64) corpus.Alignment {
	at := func(t int) int64 {
		if t == 0 {
			return 0
		}
		if t == len(p.Frames) {
			return n
		}
		between := p.Framing.Center(t) - p.Framing.Hop/2
		return min(int64(between)*int64(rate)/int64(p.Rate), n)
	}
	var a corpus.Alignment
	for t, class := range p.Frames {
		a = append(a, corpus.Segment{Begin: at(t), End: at(t + 1), Label: p.Labels[class]})
	}
	return a
}

var predictionWriters = map[string]func(*cobra.Command, []prediction) error{
	"phn":      each(func(w io.Writer, p prediction) error { return corpus.WritePHN(w, p.Segments) }),
	"ctm":      each(func(w io.Writer, p prediction) error { return corpus.WriteCTM(w, stem(p.File), p.Segments, p.Rate) }),
	"textgrid": each(writePredictedGrid),
	"json": func(cmd *cobra.Command, all []prediction) error {
		return printJSON(cmd, all)
	},
}

func writePredictedGrid(w io.Writer, p prediction) error {
	return corpus.WriteTextGrid(w, []corpus.Tier{{Name: "labels", Alignment: p.Segments}}, p.Samples, p.Rate)
}

func each(write func(io.Writer, prediction) error) func(*cobra.Command, []prediction) error {
	return func(cmd *cobra.Command, all []prediction) error {
		for _, p := range all {
			if err := write(cmd.OutOrStdout(), p); err != nil {
				return err
			}
		}
		return nil
	}
}

func stem(path string) string {
	return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
}
