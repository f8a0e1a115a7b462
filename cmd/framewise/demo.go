package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"framewise/corpus"
	"framewise/corpus/synth"
	"framewise/model/results"
	"framewise/model/train"
	"framewise/pipelines"
)

// demoDevSpeakers is how many training speakers the demo develops on.
const demoDevSpeakers = "4"

func newDemoCommand() *cobra.Command {
	d := demo{}
	cmd := &cobra.Command{
		Use:   "demo [--out DIR]",
		Short: "The whole line on a synthesized corpus: minutes on two cores",
		Long: `Demo synthesizes a corpus, imports and checks it, builds a dataset with narrowband
copies and concatenations, trains a two-layer bidirectional LSTM, evaluates it on
speakers it never heard, and draws all of it in DIR/report.html. Run again, it keeps
what stands.` + "\n" + exitHelp,
		Example: "  framewise demo\n  framewise demo --out /tmp/demo",
		Args:    exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			d.cmd, d.p, d.began = cmd, newProgress(cmd.ErrOrStderr()), time.Now()
			return d.run()
		},
	}
	cmd.Flags().StringVar(&d.out, "out", "demo", "folder to write")
	cmd.Flags().IntVar(&d.epochs, "epochs", train.DefaultConfig().Epochs, "epochs of training")
	cmd.Flags().IntVar(&d.speakers, "speakers", synth.DefaultConfig().Speakers, "speakers of the corpus")
	return cmd
}

// demo is the run of the demo: each stage is what its own command does.
type demo struct {
	cmd      *cobra.Command
	p        *progress
	out      string
	epochs   int
	speakers int
	began    time.Time
}

func (d *demo) path(name string) string { return filepath.Join(d.out, name) }

// say prints what a stage came to.
func (d *demo) say(stage, format string, args ...any) {
	d.p.finish()
	fmt.Fprintf(d.cmd.ErrOrStderr(), "%4.0f s  %-8s %s\n", time.Since(d.began).Seconds(), stage, fmt.Sprintf(format, args...))
}

func (d *demo) run() error {
	for _, stage := range []func() error{d.synth, d.importAndCheck, d.build, d.train, d.eval, d.report} {
		if err := stage(); err != nil {
			d.p.finish()
			return err
		}
	}
	return nil
}

func (d *demo) synth() error {
	cfg := synth.DefaultConfig()
	cfg.Speakers = d.speakers
	sum, err := runSynth(d.cmd.Context(), d.path("speech"), cfg, d.p)
	if err != nil {
		return err
	}
	d.say("synth", "%d speakers, %d utterances, %.0f s of speech", sum.Speakers, sum.Utterances, sum.Seconds())
	return nil
}

func (d *demo) importAndCheck() error {
	manifest := d.path("corpus.jsonl")
	report, err := importTo(d.cmd.Context(), manifest, d.p, func(manifestDir string, progress func(done, total int)) ([]corpus.Utterance, corpus.ImportReport, error) {
		return corpus.ImportTIMIT(d.path("speech"), corpus.TIMITOptions{ManifestDir: manifestDir, DevSpeakers: demoDevSpeakers, Progress: progress})
	})
	if err != nil {
		return err
	}
	for _, s := range report.Splits {
		d.say("import", "%s: %d utterances of %d speakers", s.Split, s.Utterances, s.Speakers)
	}
	check, err := runCheck(manifest, corpus.CheckOptions{}, d.p)
	if err != nil {
		return err
	}
	if n := check.Errors(); n > 0 {
		return wrongf("%s has %d errors; `framewise check %s` lists them", manifest, n, manifest)
	}
	d.say("check", "no errors, %d findings", len(check.Findings))
	return nil
}

func (d *demo) build() error {
	file := buildFile{Config: pipelines.DefaultBuildConfig(), Places: buildPlaces{Corpus: d.path("corpus.jsonl"), Out: d.path("data")}}
	report, err := runBuild(d.cmd, file, nil, d.p)
	if err != nil {
		return err
	}
	for _, s := range report.Plan.Splits {
		for _, a := range s.Augmentations {
			d.say("build", "%s: %d x %s, %.2f h", s.Split, a.Examples, a.Name, a.Hours)
		}
	}
	d.say("build", "%d shards made, %d kept", report.ShardsMade, report.ShardsKept)
	return nil
}

func (d *demo) train() error {
	file := trainFile{Config: train.DefaultConfig(), Places: trainPlaces{Data: d.path("data"), Out: d.path("run")}}
	file.Config.Epochs = d.epochs
	_, err := os.Stat(d.path(filepath.Join("run", results.RunFile)))
	resume := err == nil
	run, err := runTrain(d.cmd, file, resume, d.p)
	if errors.Is(err, train.ErrOtherDataset) {
		return fmt.Errorf("%w; remove %s to train anew", err, d.path("run"))
	}
	if err != nil {
		return err
	}
	d.say("train", "%d parameters, %d frames an epoch, epoch %d kept, %.0f s", run.Parameters, run.TrainFrames, run.Best, run.SecondsTraining)
	return nil
}

func (d *demo) eval() error {
	for _, split := range []string{corpus.Dev, corpus.Test} {
		res, err := runEval(d.cmd, train.EvalOptions{Run: d.path("run"), Data: d.path("data"), Split: split}, d.p)
		if err != nil {
			return err
		}
		linear := "none"
		if res.LinearAccuracy != nil {
			linear = percent(*res.LinearAccuracy)
		}
		d.say("eval", "%s: frame accuracy %s (linear softmax %s, majority class %s)", split, percent(res.FrameAccuracy), linear, percent(res.MajorityAccuracy))
	}
	return nil
}

func (d *demo) report() error {
	out := d.path("report.html")
	if err := runReport(d.cmd.Context(), out, "Framewise demo", []string{d.path("data"), d.path("run")}); err != nil {
		return err
	}
	_, err := fmt.Fprintln(d.cmd.OutOrStdout(), out)
	return err
}
