package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"framewise/model/results"
	"framewise/runners/stages"
	"framewise/transforms/spelling"
)

func newRunCommand() *cobra.Command {
	var c configFlags
	var force []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "run pipeline.yaml",
		Short: "Build what is missing, train, evaluate and report: one line, one command",
		Long: `Run goes through the stages of a pipeline: import (if the file has that block), build,
train, eval, report (if it names one). A stage whose inputs have not changed and whose
outputs still stand is kept; the digests that decide are in NAME.state.json beside the
file. A stage that was stopped goes on where it was. A run that was trained otherwise is
moved aside, never overwritten.

  import: {kind: timit, dir: TIMIT}   # any flag of ` + "`framewise import timit`" + `
  corpus: corpus.jsonl
  build:                              # any key of build.yaml
    out: data
    augment: {concat: {copies: 2}}
  train:                              # any key of train.yaml
    out: run
    preset: blstm-late
  eval: {splits: [dev, test]}
  report: report.html

Paths are relative to the file. --print-config shows every key, as a file for the same
folder.` + "\n" + exitHelp,
		Example: `  framewise run pipeline.yaml
  framewise run pipeline.yaml --set train.seed=2 --set train.out=run-2
  framewise run pipeline.yaml --force train`,
		Args: exactArgs(1, "one pipeline.yaml"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := needFile("pipeline", args[0]); err != nil {
				return err
			}
			c.file = args[0]
			given, err := c.given(fieldsOf(&lineFile{}))
			if err != nil {
				return err
			}
			base := filepath.Dir(args[0])
			file, err := readLine(given, base)
			if err != nil {
				return err
			}
			if c.print {
				return printYAML(cmd, file.written(base))
			}
			l := &line{lineFile: file, cmd: cmd, p: newProgress(cmd.ErrOrStderr()), base: base}
			if err := l.forced(force); err != nil {
				return err
			}
			outcomes, err := l.run(statePath(args[0]))
			if err != nil {
				return err
			}
			return l.print(outcomes, asJSON)
		},
	}
	cmd.Flags().StringArrayVar(&c.sets, "set", nil, "one setting as key=value, such as train.epochs=5; repeatable")
	cmd.Flags().BoolVar(&c.print, "print-config", false, "print the resolved pipeline and stop")
	cmd.Flags().StringSliceVar(&force, "force", nil, "stages to make although nothing changed: import, build, train, eval, report")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON document on standard output")
	return cmd
}

// statePath is where the digests of a pipeline's stages are kept.
func statePath(pipeline string) string {
	return strings.TrimSuffix(pipeline, filepath.Ext(pipeline)) + ".state.json"
}

// forced notes the stages that are made in any case; eval stands for that of
// every split.
func (l *line) forced(names []string) error {
	l.force = map[string]bool{}
	known := []string{"import", "build", "train", "eval", "report"}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return usagef("--force %s%s", name, spelling.Hint(name, known))
		}
		l.force[name] = true
		if name == "eval" {
			for _, split := range l.Eval.Splits {
				l.force["eval "+split] = true
			}
		}
	}
	return nil
}

// run goes through the stages and tells of each.
func (l *line) run(state string) ([]stages.Outcome, error) {
	began := time.Now()
	tell := func(o stages.Outcome, done bool) {
		l.p.finish()
		switch {
		case !o.Made && done:
			l.p.say(o.Stage + ": kept, nothing it depends on changed")
		case o.Made && !done:
			began = time.Now()
			l.p.say(o.Stage + ": " + o.Reason)
		case o.Made:
			l.p.say(fmt.Sprintf("%s: done in %s", o.Stage, time.Since(began).Round(100*time.Millisecond)))
		}
	}
	outcomes, err := stages.Run(l.cmd.Context(), state, l.stages(), l.force, tell)
	l.p.finish()
	return outcomes, err
}

// print prints what the line came to.
func (l *line) print(outcomes []stages.Outcome, asJSON bool) error {
	evals := map[string]*results.Eval{}
	for _, split := range l.Eval.Splits {
		e, err := results.ReadEval(l.evalFile(split))
		if err != nil {
			return err
		}
		evals[split] = e
	}
	if asJSON {
		return printJSON(l.cmd, map[string]any{"stages": outcomes, "data": l.Build.Places.Out, "run": l.Train.Places.Out, "report": l.Report, "eval": evals})
	}
	for _, split := range l.Eval.Splits {
		if err := printEval(l.cmd, evals[split], false); err != nil {
			return err
		}
	}
	if l.Report != "" {
		_, err := fmt.Fprintln(l.cmd.OutOrStdout(), l.Report)
		return err
	}
	return nil
}
