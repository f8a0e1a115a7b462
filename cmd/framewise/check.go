package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"framewise/augment"
	"framewise/corpus"
	"framewise/dataset"
)

func newCheckCommand() *cobra.Command {
	var opt corpus.CheckOptions
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check corpus.jsonl",
		Short: "Find problems and leaks in a manifest",
		Long: `Check judges a manifest and the recordings it names: missing, unreadable or changed
audio, alignments outside it or overlapping, unknown labels, duplicate ids, ids that
a build keeps for its own examples (...+nb, ...+sp0.9, ...+p0), a speaker or a
recording in two splits. Texts in two splits, low label coverage and a label with over
half of the audio are warnings. It exits 1 if anything is an error.` + "\n" + exitHelp,
		Example: "  framewise check corpus.jsonl\n  framewise check corpus.jsonl --strict-text --json",
		Args:    exactArgs(1, "one manifest"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := needInput(cmd.Context(), "manifest", args[0]); err != nil {
				return err
			}
			opt.Unusable = augment.Unusable
			opt.Fetch = func(uri string) (string, error) { return dataset.LocalCopy(cmd.Context(), uri) }
			report, err := runCheck(args[0], opt, newProgress(cmd.ErrOrStderr()))
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(cmd, report)
			} else {
				err = printCheck(cmd, report)
			}
			if n := report.Errors(); err == nil && n > 0 {
				return wrongf("%s: %d errors", args[0], n)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&opt.StrictText, "strict-text", false, "a text in two splits is an error")
	cmd.Flags().BoolVar(&opt.SkipAudio, "skip-audio", false, "do not open the recordings")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON document on standard output")
	return cmd
}

func runCheck(manifest string, opt corpus.CheckOptions, p *progress) (*corpus.CheckReport, error) {
	defer p.finish()
	opt.Progress = func(done, total int) { p.update("check", "recordings", int64(done), int64(total)) }
	return corpus.Check(manifest, opt)
}

func printCheck(cmd *cobra.Command, r *corpus.CheckReport) error {
	w := cmd.OutOrStdout()
	var rows [][]string
	for _, f := range r.Findings {
		rows = append(rows, []string{string(f.Severity), f.Kind, fmt.Sprint(f.Count), f.Detail})
		for _, e := range f.Examples {
			at := e.ID
			if e.Line > 0 {
				at = fmt.Sprintf("line %d %s", e.Line, e.ID)
			}
			rows = append(rows, []string{"", "", "", "  " + at + ": " + e.Detail})
		}
	}
	if len(rows) > 0 {
		if err := table(w, []string{"severity", "kind", "count", "what"}, rows); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%s: %d utterances, %d recordings read, %d errors\n", r.Manifest, r.Utterances, r.Recordings, r.Errors())
	return err
}
