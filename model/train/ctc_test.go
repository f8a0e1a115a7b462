package train

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"framewise/dataset"
	"framewise/model"
	"framewise/model/results"
)

// ctcConfig trains on phones alone.
func ctcConfig(t *testing.T, preset string) Config {
	c := toyConfig(t, preset)
	c.Loss.Name = model.LossCTC
	c.Network.Dropout, c.Network.Between = 0, 0
	return c
}

// hurried is an example with more phones than frames.
func hurried() *dataset.Example {
	ex := toy(1, 40, 8)[0]
	ex.ID = "hurried"
	for len(ex.Phones) <= int(ex.NumFrames) {
		ex.Phones = append(ex.Phones, 0, 1, 2)
	}
	return ex
}

func unlabelled(m memory) memory {
	for _, ex := range m {
		for t := range ex.Labels {
			ex.Labels[t] = -1
		}
	}
	return m
}

// A network finds phones in order from nothing but their order: no frame of
// its training data has a label.
func TestCTCLearns(t *testing.T) {
	c := ctcConfig(t, "blstm-late")
	c.Epochs, c.EarlyStopping.Patience = 25, 0
	dir := t.TempDir()
	var log bytes.Buffer
	train := append(unlabelled(toy(40, 40, 1)), hurried())
	run, err := runToy(t, context.Background(), c, train, toy(10, 40, 2), dir, func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	if err != nil {
		t.Fatal(err)
	}
	epochs, err := results.ReadMetrics(filepath.Join(dir, results.MetricsFile))
	if err != nil {
		t.Fatal(err)
	}
	first, last := epochs[0], epochs[len(epochs)-1]
	t.Logf("loss %.2f, then %.2f an utterance; dev %.2f, then %.2f; PER %.3f, then %.3f", first.TrainLoss, last.TrainLoss, *first.DevLoss, *last.DevLoss, *first.DevPER, *last.DevPER)
	if last.TrainLoss > first.TrainLoss/4 || *last.DevLoss > *first.DevLoss/2 || *last.DevPER > 0.25 || *first.DevPER < 0.5 {
		t.Error("it does not learn")
	}
	if run.Selection != "dev-per" || run.Loss != "ctc" || len(run.Labels) != 4 {
		t.Errorf("%+v", run)
	}
	if first.InfiniteLosses != 1 || last.InfiniteLosses != 1 || strings.Count(log.String(), "utt=hurried") != 1 {
		t.Errorf("one utterance does not fit; counted %d and %d, logged %q", first.InfiniteLosses, last.InfiniteLosses, log.String())
	}
	least := *slices.MinFunc(epochs, func(a, b results.Epoch) int { return cmp.Compare(*a.DevPER, *b.DevPER) }).DevPER
	if kept := *epochs[run.Best-1].DevPER; kept != least {
		t.Errorf("epoch %d is kept, with a PER of %v; the least is %v", run.Best, kept, least)
	}
}

func TestCTCBatchingDoesNotChangeTheLoss(t *testing.T) {
	for _, preset := range []string{"blstm-late", "post"} {
		var losses []float64
		for _, batch := range []BatchConfig{{Frames: 400}, {Utterances: 1}} {
			c := ctcConfig(t, preset)
			c.Batch, c.Epochs, c.Optimizer.LR = batch, 1, 1e-30
			dir := t.TempDir()
			if _, err := runToy(t, context.Background(), c, append(toy(12, 40, 1), hurried()), nil, dir, nil); err != nil {
				t.Fatal(err)
			}
			e := lastEpoch(t, dir)
			losses = append(losses, e.TrainLoss)
			if e.InfiniteLosses != 1 || (batch.Utterances == 1) != (e.SkippedBatches == 1) {
				t.Errorf("%s %+v: %d infinite losses, %d batches skipped", preset, batch, e.InfiniteLosses, e.SkippedBatches)
			}
		}
		if d := losses[0] - losses[1]; d > 1e-5*losses[1] || d < -1e-5*losses[1] {
			t.Errorf("%s: loss %v in batches, %v one by one", preset, losses[0], losses[1])
		}
	}
}

func TestCTCResumeIsExact(t *testing.T) {
	c := ctcConfig(t, "blstm-late")
	c.Checkpoint, c.Network.Dropout = 2, 0.2
	train, dev := toy(16, 40, 1), toy(4, 40, 2)
	whole, parts := t.TempDir(), t.TempDir()
	if _, err := runToy(t, context.Background(), c, train, dev, whole, nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	_, err := runToy(t, ctx, c, train, dev, parts, func(o *Options) {
		o.Progress = func(Progress) {
			if n++; n == 5 {
				cancel()
			}
		}
	})
	if err == nil {
		t.Fatal("training was not stopped")
	}
	if _, err := runToy(t, context.Background(), c, train, dev, parts, func(o *Options) { o.Resume = true }); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{results.LastFile, results.WeightsFile} {
		if !sameWeights(readWeights(t, whole, name), readWeights(t, parts, name)) {
			t.Errorf("%s differs", name)
		}
	}
	if a, b := lastEpoch(t, whole), lastEpoch(t, parts); a.TrainLoss != b.TrainLoss || *a.DevLoss != *b.DevLoss || *a.DevPER != *b.DevPER {
		t.Errorf("last epoch %+v undisturbed, %+v resumed", a, b)
	}
}

func TestCTCNeedsPhones(t *testing.T) {
	c, train := ctcConfig(t, "linear"), toy(3, 20, 1)
	train[1].Phones = nil
	_, err := runToy(t, context.Background(), c, train, nil, t.TempDir(), nil)
	if err == nil || !strings.Contains(err.Error(), train[1].ID) || !strings.Contains(err.Error(), "no phones") {
		t.Errorf("an example without phones gives %v", err)
	}
}

// The whole way with beeps: the phones that are heard are scored at 39 classes,
// and a prediction says where the blank is.
func TestCTCEvaluatePredict(t *testing.T) {
	data := toneDataset(t)
	cfg := toneConfig(t, "blstm-late")
	cfg.Loss.Name, cfg.Epochs = model.LossCTC, 60
	out := filepath.Join(t.TempDir(), "run")
	if _, err := Run(context.Background(), Options{Data: data, Out: out, Config: cfg}); err != nil {
		t.Fatal(err)
	}
	e, err := Evaluate(context.Background(), EvalOptions{Run: out, Data: data, CheckBatchInvariance: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("PER %.3f, frame accuracy %.3f", *e.PER, e.FrameAccuracy)
	if *e.PER > 0.2 || e.Loss != "ctc" || e.PERFolding != "39" || len(e.Confusion) != len(e.Labels) || !e.BatchInvariance.Holds {
		t.Errorf("PER %v over %s, loss %s, %d classes, %d labels, %+v", *e.PER, e.PERFolding, e.Loss, len(e.Confusion), len(e.Labels), e.BatchInvariance)
	}
	p, err := LoadPredictor(out, nil)
	if err != nil {
		t.Fatal(err)
	}
	samples, _ := beeps(rand.New(rand.NewPCG(9, 1)))
	got, err := p.Predict(samples, toneRate)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(got.Labels); got.Labels[n-1] != BlankLabel || len(got.Posteriors) != n*len(got.Frames) || len(p.trained.run.Labels) != n-1 {
		t.Errorf("labels %v, %d posteriors of %d frames", got.Labels, len(got.Posteriors), len(got.Frames))
	}
}

func TestTargets(t *testing.T) {
	set := toyLabels()
	fold, err := set.Fold("none")
	if err != nil {
		t.Fatal(err)
	}
	fold.Map = []int16{0, 0, 1, -1} // a and b are one class, d is masked
	ex := &dataset.Example{Phones: []int16{0, 1, 2, 3, 2, 0, 0, 3}}
	if got := phonesOf(ex, fold); !slices.Equal(got, []int{0, 0, 1, 1, 0, 0}) {
		t.Errorf("targets %v, want [0 0 1 1 0 0]", got)
	}
}
