package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"framewise/dataset"
)

func newVerifyCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "verify DIR",
		Short:   "Check a dataset: checksums, schema, counts",
		Long:    "Verify reads every shard and compares it with dataset.json. It exits 1 naming the first bad shard.\n" + exitHelp,
		Example: "  framewise verify data",
		Args:    exactArgs(1, "one folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := needDataset(cmd.Context(), "dataset", args[0]); err != nil {
				return err
			}
			p := newProgress(cmd.ErrOrStderr())
			report, err := dataset.Verify(cmd.Context(), args[0], func(done, total int64) { p.update("verify", "bytes", done, total) })
			p.finish()
			if report == nil {
				return err
			}
			if asJSON {
				if e := printJSON(cmd, report); e != nil {
					return e
				}
				return err
			}
			for _, f := range report.Findings {
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", f.Path, f.Detail)
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d shards, %d examples, %d frames: all as dataset.json says\n", args[0], report.Shards, report.Examples, report.Frames)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON document on standard output")
	return cmd
}
