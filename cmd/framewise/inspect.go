package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"framewise/corpus"
	"framewise/dataset"
	"framewise/model/results"
)

func newInspectCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "inspect DIR|SHARD|RUN",
		Short: "Say what is in a dataset, a shard or a run",
		Long: `Inspect prints counts, lengths and labels of a dataset, or of one shard of it; of a run
folder, its network layer by layer, with parameters and operations.` + "\n" + exitHelp,
		Example: "  framewise inspect data\n  framewise inspect data/train/shard-00000-of-00004.arrow --json\n  framewise inspect run",
		Args:    exactArgs(1, "one folder or shard"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if corpus.IsRemote(args[0]) {
				if err := needDataset(cmd.Context(), "dataset", args[0]); err != nil {
					return err
				}
			} else if _, err := os.Stat(args[0]); err != nil {
				return usagef("inspect: %w", err)
			}
			if run := filepath.Join(args[0], results.RunFile); isFile(run) {
				return inspectRun(cmd, run, asJSON)
			}
			s, err := dataset.Inspect(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd, s)
			}
			return printSummary(cmd, s)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON document on standard output")
	return cmd
}

// isFile says whether there is a file; one that cannot be looked at is none.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// inspectRun prints a run.json file.
func inspectRun(cmd *cobra.Command, path string, asJSON bool) error {
	r, err := results.ReadRun(path)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(cmd, r)
	}
	w := cmd.OutOrStdout()
	fmt.Fprintf(w, "%s: %d classes of %s, folding %s, loss %s, %s\n", filepath.Dir(path), len(r.Labels), r.LabelSet, r.Folding, r.Loss, sizeOf(r))
	fmt.Fprintf(w, "trained on %s examples of %s, %s frames, epoch %d kept (%s), finished: %v\n\n", humanize.Comma(int64(r.TrainExamples)), r.Dataset,
		humanize.Comma(r.TrainFrames), r.Best, r.Selection, r.Finished)
	var rows [][]string
	for _, l := range r.Layers {
		rows = append(rows, []string{l.Name, fmt.Sprintf("%d x %d", l.Rows, l.Cols), humanize.Comma(int64(l.Parameters)), humanize.Comma(2 * int64(l.MACsPerFrame))})
	}
	return table(w, []string{"layer", "weights", "parameters", "FLOPs a frame"}, rows)
}

func printSummary(cmd *cobra.Command, s *dataset.Summary) error {
	w := cmd.OutOrStdout()
	fmt.Fprintf(w, "%s: %d features a frame, label set %s (%d labels)\n\n", s.Path, s.FeatureDim, s.LabelSet, len(s.Labels))
	var rows [][]string
	for _, sp := range s.Splits {
		rows = append(rows, []string{sp.Name, fmt.Sprint(sp.Shards), humanize.Comma(sp.Examples), fmt.Sprintf("%.2f", sp.Hours), humanize.Comma(sp.Frames),
			fmt.Sprint(len(sp.Speakers)), humanize.IBytes(uint64(sp.Bytes)), percent(sp.Padding.InOrder), percent(sp.Padding.ByLength)})
	}
	if err := table(w, []string{"split", "shards", "examples", "hours", "frames", "speakers", "bytes", "padding", "sorted by length"}, rows); err != nil {
		return err
	}
	for _, sp := range s.Splits {
		fmt.Fprintf(w, "\n%s: examples by frames\n", sp.Name)
		printHistogram(cmd, sp.Lengths)
	}
	if s.Counts != nil {
		c := s.Counts
		fmt.Fprintf(w, "\n%d utterances = %d used + %d rejected; %d planned = %d examples + %d dropped\n", c.Utterances, c.Used, c.Rejected, c.Planned, c.Examples, c.Dropped)
	}
	return nil
}

// printHistogram draws a histogram's bins that hold anything, as bars.
func printHistogram(cmd *cobra.Command, h dataset.Histogram) {
	most := int64(1)
	for _, n := range h.Counts {
		most = max(most, n)
	}
	for i, n := range h.Counts {
		if n > 0 {
			fmt.Fprintf(cmd.OutOrStdout(), "  %6d+ %7d %s\n", h.Edges[i], n, strings.Repeat("#", int((40*n+most-1)/most)))
		}
	}
}
