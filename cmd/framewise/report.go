package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"framewise/corpus"
	"framewise/dataset"
	"framewise/model/results"
	"framewise/report"
)

func newReportCommand() *cobra.Command {
	var out, title string
	cmd := &cobra.Command{
		Use:   "report DIR|RUN... --out report.html",
		Short: "Draw datasets and runs as one HTML page",
		Long: `Report draws what was built and trained: spectrograms with their labels, an augmented
example beside its original, histograms, learning curves, confusion matrices. The page
needs no network and no other file.` + "\n" + exitHelp,
		Example: "  framewise report data run --out report.html",
		Args:    minArgs(1, "dataset and run folders"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := needFlag(cmd, "out", out); err != nil {
				return err
			}
			for _, dir := range args {
				if err := needReportable(cmd.Context(), dir); err != nil {
					return err
				}
			}
			if err := runReport(cmd.Context(), out, title, args); err != nil {
				return err
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), out)
			return err
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "HTML file to write")
	cmd.Flags().StringVar(&title, "title", "Framewise report", "title of the page")
	return cmd
}

func runReport(ctx context.Context, out, title string, dirs []string) error {
	return writeFile(ctx, out, func(w io.Writer) error { return report.Write(ctx, w, title, dirs...) })
}

func needReportable(ctx context.Context, dir string) error {
	if corpus.IsRemote(dir) {
		return needDataset(ctx, "report on", dir)
	}
	if err := needDir("report on", dir); err != nil {
		return err
	}
	for _, name := range []string{dataset.ManifestName, results.RunFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return nil
		}
	}
	return usagef("%s is neither a dataset (no %s) nor a run (no %s)", dir, dataset.ManifestName, results.RunFile)
}
