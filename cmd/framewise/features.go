package main

import (
	"bufio"
	"encoding/csv"
	"io"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"github.com/sbinet/npyio"
	"github.com/spf13/cobra"

	"framewise/corpus/audio"
	"framewise/pipelines"
	"framewise/report"
	"framewise/transforms"
)

func newFeaturesCommand() *cobra.Command {
	var c configFlags
	var preset, format, out string
	var channel int
	cmd := &cobra.Command{
		Use:   "features FILE",
		Short: "One recording's spectrum, for a look or a comparison",
		Long: `Features computes the features of one recording: the same numbers that a build
puts into its shards. NPY is float32 [T, F]; CSV has a line a frame; PNG is a picture.
Without --out the result goes to standard output.

The settings are those under "features:" in a build.yaml. Presets: ` + strings.Join(transforms.Presets(), ", ") + "\n" + exitHelp,
		Example: `  framewise features speech.wav --format png --out speech.png
  framewise features speech.wav --preset kaldi-fbank --set num_filters=80 --out speech.npy`,
		Args: exactArgs(1, "one recording"),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg := pipelines.DefaultBuildConfig().Features
			if preset != "" {
				c.sets = append([]string{"preset=" + preset}, c.sets...)
			}
			if err := c.resolve(&cfg); err != nil {
				return err
			}
			if err := cfg.Validate(); err != nil {
				return asUsage(err)
			}
			if c.print {
				return printYAML(cmd, cfg)
			}
			write, err := featureWriter(format, out)
			if err != nil {
				return err
			}
			if err := needFile("recording", args[0]); err != nil {
				return err
			}
			m, err := computeFeatures(args[0], channel, cfg)
			if err != nil {
				return err
			}
			if out == "" {
				return write(cmd.OutOrStdout(), m)
			}
			return writeFile(cmd.Context(), out, func(w io.Writer) error { return write(w, m) })
		},
	}
	c.add(cmd)
	cmd.Flags().StringVar(&preset, "preset", "", "feature preset to begin from")
	cmd.Flags().StringVar(&format, "format", "", "npy, csv or png (default: as --out ends, else csv)")
	cmd.Flags().StringVar(&out, "out", "", "file to write")
	cmd.Flags().IntVar(&channel, "channel", 0, "channel of the recording, from 0")
	return cmd
}

// matrix is features [T, F] and what a picture of them needs.
type matrix struct {
	name  string
	x     []float32
	t, f  int
	hopMs float64
}

func computeFeatures(path string, channel int, cfg transforms.FeatureConfig) (*matrix, error) {
	samples, rate, err := audio.Load(path, channel, 0, -1)
	if err != nil {
		return nil, err
	}
	x, err := transforms.NewExtractor(cfg, rate)
	if err != nil {
		return nil, asUsage(err)
	}
	m := &matrix{name: filepath.Base(path), t: x.NumFrames(len(samples)), f: x.Dim(), hopMs: 1000 * float64(x.Framing().Hop) / float64(rate)}
	if m.t == 0 {
		return nil, wrongf("%s: %d samples at %d Hz are shorter than one frame of %g ms", path, len(samples), rate, cfg.FrameLengthMs)
	}
	m.x = x.Compute(nil, samples)
	return m, nil
}

// featureWriter picks the format from the flag or the file's ending.
func featureWriter(format, out string) (func(io.Writer, *matrix) error, error) {
	if format == "" {
		format = strings.TrimPrefix(strings.ToLower(filepath.Ext(out)), ".")
	}
	switch format {
	case "npy":
		return writeNPY, nil
	case "csv", "":
		return writeCSV, nil
	case "png":
		return writePNG, nil
	}
	return nil, usagef("format %q, want npy, csv or png", format)
}

// writeNPY hands npyio an array [T][F]float32, its only way to a float32
// matrix.
func writeNPY(w io.Writer, m *matrix) error {
	a := reflect.New(reflect.ArrayOf(m.t, reflect.ArrayOf(m.f, reflect.TypeFor[float32]()))).Elem()
	for t := range m.t {
		reflect.Copy(a.Index(t), reflect.ValueOf(m.x[t*m.f:(t+1)*m.f]))
	}
	bw := bufio.NewWriter(w)
	if err := npyio.Write(bw, a.Addr().Interface()); err != nil {
		return err
	}
	return bw.Flush()
}

func writeCSV(w io.Writer, m *matrix) error {
	cw := csv.NewWriter(w)
	row := make([]string, m.f)
	for t := range m.t {
		for j, v := range m.x[t*m.f : (t+1)*m.f] {
			row[j] = strconv.FormatFloat(float64(v), 'g', -1, 32)
		}
		if err := cw.Write(row); err != nil {
			return err
		}
	}
	cw.Flush()
	return cw.Error()
}

func writePNG(w io.Writer, m *matrix) error {
	s := report.Spectrogram{Title: m.name, Features: m.x, F: m.f, HopMs: m.hopMs}
	return s.WritePNG(w)
}
