package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"framewise/dataset/extract"
	"framewise/pipelines"
	"framewise/report"
	"framewise/transforms"
)

func newFeaturesCommand() *cobra.Command {
	var c configFlags
	var job featuresJob
	var preset, format string
	cmd := &cobra.Command{
		Use:   "features RECORDING|FOLDER...",
		Short: "The features of recordings, in files of their own",
		Long: `Features computes the features of recordings: the same numbers that a build puts into
its shards. NPY is float32 [T, F]; CSV has a line a frame; PNG is a picture.

One recording goes to standard output, or to the file that --out names. Several
recordings, and all that lie in folders (` + strings.Join(extract.Endings, ", ") + `, in either case; links are
followed, names that begin with a dot left out), go to the folder that --out names,
each under its path below the folder that was given and whole or not at all. A bad
recording is named and stops no other; the exit code is then 1.

Recordings are streamed: one of hours takes no more memory than one of seconds (but for
a picture, which needs all of it at once).

The settings are those under "features:" in a build.yaml. Presets: ` + strings.Join(transforms.Presets(), ", ") + "\n" + exitHelp,
		Example: `  framewise features speech.wav --format png --out speech.png
  framewise features speech.wav --preset kaldi-fbank --set num_filters=80 --out speech.npy
  framewise features speech.wav --preset psf-mfcc --deltas 2 | head -3
  framewise features /corpora/TIMIT/TRAIN --out feats --workers 4
  framewise features a.wav b.flac more/ --preset kaldi-mfcc --format csv --out feats`,
		Args: minArgs(1, "recordings or folders"),
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
			job.cfg.Features = cfg
			return job.run(cmd, args, format)
		},
	}
	c.add(cmd)
	cmd.Flags().StringVar(&preset, "preset", "", "feature preset to begin from")
	cmd.Flags().StringVar(&format, "format", "", "npy, csv or png (default: as --out ends, else csv; into a folder npy)")
	cmd.Flags().StringVar(&job.out, "out", "", "file to write, or folder")
	cmd.Flags().IntVar(&job.cfg.Channel, "channel", 0, "channel of the recordings, from 0")
	cmd.Flags().IntVar(&job.cfg.Deltas, "deltas", 0, "columns of deltas after the features: 0 none, 1 deltas, 2 delta-deltas too")
	cmd.Flags().IntVar(&job.workers, "workers", 0, "recordings at a time (default: one a CPU)")
	return cmd
}

// featureFormats are the files that features go to.
var featureFormats = map[string]extract.Format{"npy": extract.NPY, "csv": extract.CSV, "png": png}

// featuresJob is a call of the command.
type featuresJob struct {
	cfg     extract.Config
	out     string
	workers int
}

func (j *featuresJob) run(cmd *cobra.Command, args []string, format string) error {
	several := len(args) > 1 || isDir(j.out)
	for _, path := range args {
		if isDir(path) {
			several = true
		} else if err := needFile("recording", path); err != nil {
			return err
		}
	}
	ending := strings.ToLower(filepath.Ext(j.out))
	switch {
	case format != "":
	case several:
		format = "npy"
	case ending != "":
		format = ending[1:]
	default:
		format = "csv"
	}
	var ok bool
	switch j.cfg.Format, ok = featureFormats[format]; {
	case !ok:
		return usagef("format %q, want npy, csv or png", format)
	case j.cfg.Deltas < 0 || j.cfg.Deltas > extract.MaxDeltas:
		return usagef("--deltas %d, want 0 to %d", j.cfg.Deltas, extract.MaxDeltas)
	case j.workers < 0:
		return usagef("--workers %d, want 0 (one a CPU) or more", j.workers)
	case !several:
		return j.one(cmd, args[0])
	case j.out == "":
		return usagef("--out is needed for several recordings: a folder for their features")
	case !isDir(j.out) && featureFormats[strings.TrimPrefix(ending, ".")] != nil:
		return usagef("--out %q names a file, several recordings want a folder", j.out)
	}
	return j.several(cmd, args, "."+format)
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// png is a picture of the whole matrix.
func png(w io.Writer, m extract.Matrix) (extract.RowWriter, error) {
	return &picture{w: w, m: m}, nil
}

type picture struct {
	w io.Writer
	m extract.Matrix
	x []float32 // [T, F]
}

func (p *picture) WriteRows(x []float32) error {
	p.x = append(p.x, x...)
	return nil
}

func (p *picture) Close() error {
	s := report.Spectrogram{Title: p.m.Name, Features: p.x, F: p.m.F, HopMs: p.m.HopMs}
	return s.WritePNG(p.w)
}
