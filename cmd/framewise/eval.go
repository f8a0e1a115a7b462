package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"framewise/dataset"
	"framewise/model/decode"
	"framewise/model/results"
	"framewise/model/train"
)

func newEvalCommand() *cobra.Command {
	var opt train.EvalOptions
	var decoding configFlags
	var asJSON, details bool
	cmd := &cobra.Command{
		Use:   "eval --run RUN --data DIR",
		Short: "Score a run on a dataset's unaugmented examples",
		Long: `Eval prints the frame accuracy beside that of a linear softmax on single frames and
of the majority class, the phone error rate, boundaries and tables by duration, with
bootstrap intervals over speakers, and writes all scores, the confusion matrix too, to
RUN/eval-SPLIT.json. Decoding is as the run's configuration says, or as --set does.` + "\n" + exitHelp,
		Example: `  framewise eval --run run --data data --split test
  framewise eval --run run --data data --json
  framewise eval --run run --data data --set decode.name=viterbi --set decode.bigram_weight=1`,
		Args: exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, f := range [][2]string{{"run", opt.Run}, {"data", opt.Data}} {
				if err := needFlag(cmd, f[0], f[1]); err != nil {
					return err
				}
			}
			if err := needDir("run", opt.Run); err != nil {
				return err
			}
			if err := needDataset(cmd.Context(), "data", opt.Data); err != nil {
				return err
			}
			if err := needSplit(cmd.Context(), opt.Data, opt.Split); err != nil {
				return err
			}
			var err error
			if opt.Decode, err = decodingOf(opt.Run, &decoding); err != nil {
				return err
			}
			res, err := runEval(cmd, opt, newProgress(cmd.ErrOrStderr()))
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(cmd, res)
			} else {
				err = printEval(cmd, res, details)
			}
			if b := res.BatchInvariance; err == nil && b != nil && !b.Holds {
				w := b.Worst
				return wrongf("posteriors depend on the batch: they differ by up to %g, at most %g is rounding; the worst is frame %d of %q in a batch of %d with %q",
					b.MaxDifference, b.Tolerance, w.Frame, w.Example, len(w.Batch), w.Batch)
			}
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&opt.Run, "run", "", "run folder")
	f.StringVar(&opt.Data, "data", "", "folder of the dataset")
	f.StringVar(&opt.Split, "split", "test", "split to score")
	f.BoolVar(&opt.CheckBatchInvariance, "check-batch-invariance", false, "compare posteriors in batches drawn at random with those alone")
	f.BoolVar(&asJSON, "json", false, "one JSON document on standard output")
	f.BoolVar(&details, "details", false, "tables by label and by speaker too")
	addDecoding(cmd, &decoding)
	return cmd
}

// addDecoding adds the flag that changes the run's decoding.
func addDecoding(cmd *cobra.Command, c *configFlags) {
	cmd.Flags().StringArrayVar(&c.sets, "set", nil, "one setting of decoding as key=value, such as decode.beam=32; repeatable")
}

// decodingOf is the decode block of a run with the user's settings over it; nil
// if there are none.
func decodingOf(run string, c *configFlags) (*decode.Config, error) {
	if len(c.sets) == 0 {
		return nil, nil
	}
	cfg, err := train.ReadConfig(filepath.Join(run, results.ConfigFile))
	if err != nil {
		return nil, err
	}
	file := struct {
		Decode decode.Config `yaml:"decode"`
	}{cfg.Decode}
	if err := c.resolve(&file); err != nil {
		return nil, err
	}
	if err := file.Decode.Validate(cfg.Loss.CTC()); err != nil {
		return nil, asUsage(err)
	}
	return &file.Decode, nil
}

// needSplit is an error of the call unless the dataset has the split.
func needSplit(ctx context.Context, dir, split string) error {
	d, err := dataset.Open(ctx, dir)
	if err != nil {
		return err
	}
	if d.Manifest.Split(split) == nil {
		return usagef("--split %s: dataset %s has %v", split, dir, d.SplitNames())
	}
	return nil
}

func runEval(cmd *cobra.Command, opt train.EvalOptions, p *progress) (*results.Eval, error) {
	defer p.finish()
	opt.Progress = func(done, total int64) { p.update("eval", "frames", done, total) }
	return train.Evaluate(cmd.Context(), opt)
}
