package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"framewise/model/train"
)

// twoPrograms are curves of two seeds and two epochs. Ours has the same
// accuracy on dev in both epochs, so that the first is kept.
func twoPrograms() []epoch {
	test := func(x float64) *float64 { return &x }
	var all []epoch
	for seed := uint64(1); seed <= 2; seed++ {
		more := float64(seed) / 100
		all = append(all,
			epoch{Program: ours, Seed: seed, Epoch: 1, TrainLoss: 2, TrainAccuracy: 0.4, DevLoss: 1, DevAccuracy: 0.5 + more, TestAccuracy: test(0.6 + more)},
			epoch{Program: ours, Seed: seed, Epoch: 2, TrainLoss: 1, TrainAccuracy: 0.6, DevLoss: 1, DevAccuracy: 0.5 + more},
			epoch{Program: "PyTorch 2", Seed: seed, Epoch: 1, TrainLoss: 2, TrainAccuracy: 0.4, DevLoss: 1, DevAccuracy: 0.3, TestAccuracy: test(0.1)},
			epoch{Program: "PyTorch 2", Seed: seed, Epoch: 2, TrainLoss: 1.5, TrainAccuracy: 0.6, DevLoss: 1, DevAccuracy: 0.505 + more, TestAccuracy: test(0.65 + more)})
	}
	return all
}

func TestSummaryIsOfTheEpochsKept(t *testing.T) {
	rows := summarize(twoPrograms())
	text := table(rows, []batchLoss{{Epoch: 1, Ours: 4, Peers: 4.00004}, {Epoch: 2, Batch: 1, Ours: 2.02, Peers: 2}})
	for _, want := range []string{
		"| framewise | 51.50 (51.00 to 52.00) | 61.50 (61.00 to 62.00) | 51.50 (51.00 to 52.00) | 1.0000 |",
		"| PyTorch 2 | 52.00 (51.50 to 52.50) | 66.50 (66.00 to 67.00) | 52.00 (51.50 to 52.50) | 1.5000 |",
		"| difference | -0.50 | -5.00 | -0.50 | -0.5000 |", "mean over seeds (2)", "2 batches of 2 epochs differ by 0.01 of", "first epoch by 1e-05.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if err := verdict(rows); err == nil || !strings.Contains(err.Error(), "test differs by -5.00 points") {
		t.Errorf("five points on test: %v", err)
	}
	rows[1].test = []float64{0.615, 0.615}
	if err := verdict(rows); err != nil {
		t.Error(err)
	}
	rows[0].dev[0] = math.NaN()
	if err := verdict(rows); err == nil {
		t.Error("an accuracy that is no number is within a point")
	}
	if err := verdict(rows[:1]); err == nil {
		t.Error("one program agrees with itself")
	}
}

func TestFigureHasACurveForEachSeed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.svg")
	if err := drawCurves(path, twoPrograms()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	svg := string(b)
	// Train lines of both seeds in both halves, and one in each legend; dev's are dashed.
	for _, color := range []string{"#0072B2", "#D55E00"} {
		if n := strings.Count(strings.ToUpper(svg), "STROKE:"+color); n != 12 {
			t.Errorf("%d lines in %s, want 12", n, color)
		}
	}
	for _, name := range []string{"framewise, train", "PyTorch 2, dev", "nats a frame"} {
		if !strings.Contains(svg, name) {
			t.Errorf("no %q in the figure", name)
		}
	}
}

func TestConfigurationIsTheDefaultOne(t *testing.T) {
	c := options{threads: 2}.config(3, 12)
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	d := train.DefaultConfig()
	d.Epochs, d.Seed, d.Threads, d.Baseline, d.EarlyStopping.Patience = 12, 3, 2, "none", 0
	if c != d {
		t.Errorf("%+v, want the default but for what the comparison needs", c)
	}
}
