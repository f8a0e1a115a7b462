package train

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"framewise/model/results"
	"framewise/model/weights"
)

// plain has no draw in it that depends on the batch.
func plainToy(t *testing.T) Config {
	c := toyConfig(t, "blstm-late")
	c.Network.Dropout, c.Network.Between, c.InputNoise = 0, 0, 0
	c.Schedule.Name, c.Optimizer = "constant", OptimizerConfig{Name: "sgd", LR: 0.1}
	c.Baseline, c.Epochs = "none", 1
	return c
}

func distance(a, b []weights.Tensor) (most float64) {
	for i := range a {
		for j, v := range a[i].Data {
			most = max(most, math.Abs(float64(v-b[i].Data[j])))
		}
	}
	return most
}

// Batches that make one update together are one batch.
func TestAccumulatedBatchesAreOne(t *testing.T) {
	train := toy(12, 40, 1)
	var kept [][]weights.Tensor
	for _, c := range []struct{ utterances, accumulate, updates int }{{12, 1, 1}, {1, 12, 1}, {5, 100, 1}, {4, 1, 3}, {1, 5, 3}} {
		cfg := plainToy(t)
		cfg.Batch, cfg.Accumulate = BatchConfig{Utterances: c.utterances}, c.accumulate
		dir := t.TempDir()
		if _, err := runToy(t, context.Background(), cfg, train, nil, dir, nil); err != nil {
			t.Fatal(err)
		}
		if e := lastEpoch(t, dir); e.Updates != c.updates {
			t.Errorf("%+v: %d updates", c, e.Updates)
		}
		kept = append(kept, readWeights(t, dir, results.WeightsFile))
	}
	for i := range 2 {
		if d := distance(kept[0], kept[i+1]); d > 1e-6 {
			t.Errorf("case %d: weights differ by %g from those of one batch", i+1, d)
		}
	}
	if d := distance(kept[0], kept[3]); d < 1e-4 {
		t.Errorf("three updates and one give the same weights, within %g", d)
	}
}

// Without a step, weight noise leaves the weights alone; with one it matters.
func TestWeightNoise(t *testing.T) {
	train := toy(6, 40, 1)
	run := func(noise, lr float64) ([]weights.Tensor, results.Epoch) {
		c := plainToy(t)
		c.WeightNoise, c.Optimizer.LR, c.Batch = noise, lr, BatchConfig{Utterances: 6}
		dir := t.TempDir()
		if _, err := runToy(t, context.Background(), c, train, nil, dir, nil); err != nil {
			t.Fatal(err)
		}
		return readWeights(t, dir, results.WeightsFile), lastEpoch(t, dir)
	}
	still, a := run(0, 1e-30)
	noisy, b := run(0.075, 1e-30)
	if d := distance(still, noisy); d > 1e-25 { // biases of 0 see the step
		t.Errorf("weights moved by %g with no step", d)
	}
	if a.TrainLoss == b.TrainLoss || math.Abs(a.TrainLoss-b.TrainLoss) > 0.5 {
		t.Errorf("loss %v without noise on the weights, %v with it", a.TrainLoss, b.TrainLoss)
	}
}

// What is kept and scored are the averaged weights.
func TestAveragedWeightsAreKept(t *testing.T) {
	train, dev := toy(20, 40, 1), toy(6, 40, 2)
	c := plainToy(t)
	c.EMA, c.Batch, c.Epochs = 0.9, BatchConfig{Utterances: 4}, 2
	dir := t.TempDir()
	run, err := runToy(t, context.Background(), c, train, dev, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if run.Best != 2 {
		t.Fatalf("epoch %d is kept, the test wants the last", run.Best)
	}
	last := weights.File{Tensors: readWeights(t, dir, results.LastFile)}
	var moved float64
	for _, w := range readWeights(t, dir, results.WeightsFile) {
		raw, errRaw := last.Get(networkPrefix+w.Name, w.Shape...)
		average, errAverage := last.Get(averageValues+networkPrefix+w.Name, w.Shape...)
		if errRaw != nil || errAverage != nil || !slices.Equal(w.Data, average.Data) {
			t.Fatalf("%s is not the average (%v, %v)", w.Name, errRaw, errAverage)
		}
		moved += distance([]weights.Tensor{raw}, []weights.Tensor{average})
	}
	if moved == 0 {
		t.Error("the average is the weights")
	}
	// The raw weights are those of a run without an average.
	c.EMA = 0
	other := t.TempDir()
	if _, err := runToy(t, context.Background(), c, train, dev, other, nil); err != nil {
		t.Fatal(err)
	}
	without := weights.File{Tensors: readWeights(t, other, results.LastFile)}
	for _, w := range without.Tensors {
		if x, err := last.Get(w.Name, w.Shape...); err != nil || !slices.Equal(x.Data, w.Data) {
			t.Errorf("%s differs with an average beside it (%v)", w.Name, err)
		}
	}
	if a, b := lastEpoch(t, dir), lastEpoch(t, other); *a.DevLoss == *b.DevLoss || a.TrainLoss != b.TrainLoss {
		t.Errorf("dev loss %v and %v, train loss %v and %v", *a.DevLoss, *b.DevLoss, a.TrainLoss, b.TrainLoss)
	}
}

// The learning rates of a run are those of the schedule over its updates.
func TestScheduleCountsUpdates(t *testing.T) {
	c := plainToy(t)
	c.Schedule = DefaultConfig().Schedule
	c.Schedule.Name, c.Optimizer.LR, c.Batch, c.Accumulate, c.Epochs = "onecycle", 0.1, BatchConfig{Utterances: 2}, 3, 4
	dir := t.TempDir()
	if _, err := runToy(t, context.Background(), c, toy(20, 40, 1), nil, dir, nil); err != nil { // 10 batches, 4 updates an epoch
		t.Fatal(err)
	}
	epochs, err := results.ReadMetrics(fmt.Sprint(dir, "/", results.MetricsFile))
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range epochs {
		if want := c.schedule().Rate(float64(4*i+3), 16, 0); e.LearningRate != want || e.Updates != 4 {
			t.Errorf("epoch %d ends at rate %v after %d updates, want %v after 4", e.Epoch, e.LearningRate, e.Updates, want)
		}
	}
}
