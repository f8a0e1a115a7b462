package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"framewise/dataset/export"
	"framewise/transforms/spelling"
)

func newExportCommand() *cobra.Command {
	var opt export.Options
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "export DIR --format tfrecord|webdataset|kaldi|lhotse --out DIR",
		Short: "Write a dataset in the format of another program",
		Long: `Export writes the examples of a dataset, features, frame labels and all that is
known of them, in another format, a folder a split:

  tfrecord    files of tf.train.SequenceExample, one a shard
  webdataset  tar files of NumPy arrays and JSON, one a shard
  kaldi       feats.ark and feats.scp, utt2spk, text, ali.ark: a data directory
  lhotse      cuts.jsonl.gz, with NumPy arrays beside it

The dataset is verified before. What is written appears whole or not at all, and
never over what is there. docs/formats.md has names and types.` + "\n" + exitHelp,
		Example: "  framewise export data --format tfrecord --gzip --out data-tf\n  framewise export data --format kaldi --out data-kaldi",
		Args:    exactArgs(1, "one dataset"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(export.Formats(), opt.Format) {
				return usagef("there is no format %q%s", opt.Format, spelling.Hint(opt.Format, export.Formats()))
			}
			if opt.Gzip && opt.Format != "tfrecord" {
				return usagef("--gzip is for tfrecord, not for %s", opt.Format)
			}
			if err := needFlag(cmd, "out", out); err != nil {
				return err
			}
			if err := needDataset(cmd.Context(), "dataset", args[0]); err != nil {
				return err
			}
			p := newProgress(cmd.ErrOrStderr())
			opt.Progress = func(done, total int64) { p.update("export", "examples", done, total) }
			report, err := export.Export(cmd.Context(), args[0], out, opt)
			p.finish()
			switch {
			case errors.Is(err, fs.ErrExist):
				return asUsage(err)
			case err != nil:
				return err
			case asJSON:
				return printJSON(cmd, report)
			}
			return printExport(cmd, out, report)
		},
	}
	cmd.Flags().StringVar(&opt.Format, "format", "", "what to write: "+strings.Join(export.Formats(), ", "))
	cmd.Flags().StringVar(&out, "out", "", "folder to write, new or empty")
	cmd.Flags().BoolVar(&opt.Gzip, "gzip", false, "compress TFRecord files (compression_type=\"GZIP\")")
	cmd.Flags().BoolVar(&asJSON, "json", false, "counts as one JSON document on standard output")
	return cmd
}

func printExport(cmd *cobra.Command, out string, r *export.Report) error {
	w := cmd.OutOrStdout()
	var rows [][]string
	examples := int64(0)
	for _, s := range r.Splits {
		rows = append(rows, []string{s.Name, fmt.Sprint(s.Examples), fmt.Sprint(s.Frames)})
		examples += s.Examples
	}
	if err := table(w, []string{"split", "examples", "frames"}, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%s: %d examples as %s, as many as dataset.json has\n", out, examples, r.Format)
	return err
}
