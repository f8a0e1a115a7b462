package main

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"framewise/model/results"
	"framewise/model/train"
)

// trainFile is a train.yaml: the configuration of the run, and the flags that
// say where things are.
type trainFile struct {
	Config train.Config `yaml:",inline"`
	Places trainPlaces  `yaml:",inline"`
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
		Begin: func(r results.Run) { p.say("train: " + sizeOf(&r)) },
		Progress: func(t train.Progress) {
			// One bar for the whole run: the frames of all epochs.
			if t.Phase == "train" {
				done := int64(t.Epoch-1)*t.Total + t.Done
				p.update(fmt.Sprintf("train, %d epochs", t.Epochs), "frames", done, int64(t.Epochs)*t.Total)
				p.detail(fmt.Sprintf("epoch %d loss %.3f accuracy %s idle %s", t.Epoch, t.Loss, percent(t.Accuracy), percent(t.Idle)))
			}
		}})
	if errors.Is(err, train.ErrRunExists) {
		return nil, usagef("%w; --resume continues it, another --out begins anew", err)
	}
	return run, err
}

// sizeOf says how large a run's network is.
func sizeOf(r *results.Run) string {
	return fmt.Sprintf("%s parameters, %s FLOPs a frame forward (2 for each of %s multiply-adds of matrix products)",
		humanize.Comma(int64(r.Parameters)), humanize.Comma(int64(r.FLOPsPerFrame())), humanize.Comma(int64(r.MACsPerFrame)))
}

func printRun(cmd *cobra.Command, out string, r *results.Run) error {
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: %d parameters, epoch %d kept (%s), %.1f s of training\n", out, r.Parameters, r.Best, r.Selection, r.SecondsTraining)
	return err
}
