package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"framewise/dataset"
)

func newInspectCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "inspect DIR|SHARD",
		Short:   "Say what is in a dataset or a shard",
		Long:    "Inspect prints counts, lengths and labels of a dataset, or of one shard of it.\n" + exitHelp,
		Example: "  framewise inspect data\n  framewise inspect data/train/shard-00000-of-00004.arrow --json",
		Args:    exactArgs(1, "one folder or shard"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if dataset.IsRemote(args[0]) {
				if err := needDataset(cmd.Context(), "dataset", args[0]); err != nil {
					return err
				}
			} else if _, err := os.Stat(args[0]); err != nil {
				return usagef("inspect: %w", err)
			}
			s, err := dataset.InspectContext(cmd.Context(), args[0])
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
