package main

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"framewise/dataset"
	"framewise/model"
	"framewise/model/results"
	"framewise/model/train"
)

// trainFile is a train.yaml: the configuration of the run, and the flags that
// say where things are.
type trainFile struct {
	Config train.Config
	Places trainPlaces
}

type trainPlaces struct {
	Data   string `yaml:"data,omitempty"`
	Out    string `yaml:"out,omitempty"`
	Device string `yaml:"device,omitempty"`
}

func newTrainCommand() *cobra.Command {
	var c configFlags
	var resume bool
	cmd := &cobra.Command{
		Use:   "train --data DIR --out RUN",
		Short: "Train a network on a dataset",
		Long: `Train fits a framewise network to a dataset's train split and keeps the epoch that is
best on dev, if there is a dev split. The run folder holds weights, configuration and
metrics. Stopped at any moment, --resume goes on to the same weights, bit for bit.` + "\n" + exitHelp,
		Example: `  framewise train --data data --out run
  framewise train --data data --out post --set preset=post --set conv.filters=32
  framewise train --data data --out run --resume`,
		Args: exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, flag := range []string{"data", "out", "device"} {
				c.override(cmd, flag, flag)
			}
			file := trainFile{Config: train.DefaultConfig()}
			if err := c.resolve(&file.Config, &file.Places); err != nil {
				return err
			}
			if c.print {
				return printYAML(cmd, file.Config, file.Places)
			}
			if err := needTrainFlags(cmd, file); err != nil {
				return err
			}
			p := newProgress(cmd.ErrOrStderr())
			run, err := runTrain(cmd, file, resume, p)
			if err != nil {
				return err
			}
			return printRun(cmd, file.Places.Out, run)
		},
	}
	c.add(cmd)
	cmd.Flags().String("data", "", "folder of the dataset, or gs://BUCKET/FOLDER")
	cmd.Flags().String("out", "", "run folder to write")
	cmd.Flags().String("device", "cpu", "cpu or auto: this build has no GPU support")
	cmd.Flags().BoolVar(&resume, "resume", false, "continue the run in --out")
	return cmd
}

func needTrainFlags(cmd *cobra.Command, file trainFile) error {
	for _, f := range [][2]string{{"data", file.Places.Data}, {"out", file.Places.Out}} {
		if err := needFlag(cmd, f[0], f[1]); err != nil {
			return err
		}
	}
	if d := file.Places.Device; d != "" && d != "cpu" && d != "auto" {
		return usagef("--device %s: this build has no GPU support, want cpu or auto", d)
	}
	if err := file.Config.Validate(); err != nil {
		return asUsage(fmt.Errorf("training configuration: %w", err))
	}
	return needDataset(cmd.Context(), "dataset", file.Places.Data)
}

// runTrain trains with progress on p.
func runTrain(cmd *cobra.Command, file trainFile, resume bool, p *progress) (*results.Run, error) {
	defer p.finish()
	run, err := train.Run(cmd.Context(), train.Options{Data: file.Places.Data, Out: file.Places.Out, Config: file.Config, Resume: resume,
		Version: version, Log: slog.Default(),
		Progress: func(t train.Progress) {
			// One bar for the whole run: the frames of all epochs.
			if t.Phase == "train" {
				done := int64(t.Epoch-1)*t.Total + t.Done
				p.update(fmt.Sprintf("train, %d epochs", t.Epochs), "frames", done, int64(t.Epochs)*t.Total)
				p.detail(fmt.Sprintf("epoch %d loss %.3f accuracy %s", t.Epoch, t.Loss, percent(t.Accuracy)))
			}
		}})
	if errors.Is(err, train.ErrRunExists) {
		return nil, usagef("%w; --resume continues it, another --out begins anew", err)
	}
	return run, err
}

func printRun(cmd *cobra.Command, out string, r *results.Run) error {
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: %d parameters, epoch %d kept (%s), %.1f s of training\n", out, r.Parameters, r.Best, r.Selection, r.SecondsTraining)
	return err
}

func newEvalCommand() *cobra.Command {
	var opt train.EvalOptions
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "eval --run RUN --data DIR",
		Short: "Score a run on a dataset's unaugmented examples",
		Long: `Eval prints the frame accuracy beside that of a linear softmax on single frames and
of the majority class, the phone error rate, and writes all scores, the confusion
matrix too, to RUN/eval-SPLIT.json.` + "\n" + exitHelp,
		Example: "  framewise eval --run run --data data --split test\n  framewise eval --run run --data data --json",
		Args:    exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, f := range [][2]string{{"run", opt.Run}, {"data", opt.Data}} {
				if err := needFlag(cmd, f[0], f[1]); err != nil {
					return err
				}
			}
			if err := errors.Join(needDir("run", opt.Run), needDataset(cmd.Context(), "data", opt.Data)); err != nil {
				return err
			}
			if err := needSplit(opt.Data, opt.Split); err != nil {
				return err
			}
			res, err := runEval(cmd, opt, newProgress(cmd.ErrOrStderr()))
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(cmd, res)
			} else {
				err = printEval(cmd, res)
			}
			if b := res.BatchInvariance; err == nil && b != nil && !b.Holds {
				return wrongf("posteriors depend on the batch: they differ by up to %g, at most %g is rounding", b.MaxDifference, b.Tolerance)
			}
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&opt.Run, "run", "", "run folder")
	f.StringVar(&opt.Data, "data", "", "folder of the dataset, or gs://BUCKET/FOLDER")
	f.StringVar(&opt.Split, "split", "test", "split to score")
	f.BoolVar(&opt.CheckBatchInvariance, "check-batch-invariance", false, "compare posteriors in a batch with those alone")
	f.BoolVar(&asJSON, "json", false, "one JSON document on standard output")
	return cmd
}

// needSplit is an error of the call unless the dataset has the split.
func needSplit(dir, split string) error {
	d, err := dataset.Open(dir)
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

func printEval(cmd *cobra.Command, e *results.Eval) error {
	rows := [][]string{{"this network", percent(e.FrameAccuracy)}}
	for _, name := range sortedKeys(e.Groups) {
		g := e.Groups[name]
		rows = append(rows, []string{fmt.Sprintf("  on %s alone (%d frames)", name, g.Frames), percent(g.FrameAccuracy)})
	}
	if e.LinearAccuracy != nil {
		rows = append(rows, []string{"linear softmax on single frames", percent(*e.LinearAccuracy)})
	}
	rows = append(rows, []string{"majority class", percent(e.MajorityAccuracy)})
	w := cmd.OutOrStdout()
	if err := table(w, []string{e.Split, "frame accuracy"}, rows); err != nil {
		return err
	}
	if e.PER != nil {
		fmt.Fprintf(w, "phone error rate %s (folding %s)\n", percent(*e.PER), e.PERFolding)
	}
	if e.Loss == model.LossCTC {
		fmt.Fprintln(w, "trained with CTC: frames are judged by the likeliest class besides the blank")
	}
	if b := e.BatchInvariance; b != nil {
		fmt.Fprintf(w, "posteriors in a batch and alone differ by at most %g over %d examples\n", b.MaxDifference, b.Examples)
	}
	_, err := fmt.Fprintf(w, "%d examples, %d frames scored, %d ignored\n", e.Examples, e.Frames, e.FramesIgnored)
	return err
}
