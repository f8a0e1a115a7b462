package train

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"framewise/dataset"
	"framewise/model/results"
)

// witness is a split that remembers which examples were read.
type witness struct {
	memory
	mu   sync.Mutex
	read []string
}

func (w *witness) Example(i int) (*dataset.Example, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.read = append(w.read, w.memory[i].ID)
	return w.memory[i], nil
}

func TestPlanIsWhatIsTrainedOn(t *testing.T) {
	c := toyConfig(t, "post") // for which one of these is too short
	c.Readers, c.Accumulate, c.Epochs, c.Baseline = 1, 2, 3, "none"
	src := &witness{memory: append(toy(30, 40, 1), toy(1, 2, 3)[0])}
	m := toyMaterial(t, src.memory, nil, c)
	m.train = src
	plan, err := planRun(m, c)
	if err != nil || len(src.read) > 0 {
		t.Fatalf("plan: %v, %d examples read", err, len(src.read))
	}
	var losses []float64
	dir := t.TempDir()
	if _, err := runOn(context.Background(), m, Options{Out: dir, Config: c, Data: "toy", Progress: func(p Progress) { losses = append(losses, p.BatchLoss) }}); err != nil {
		t.Fatal(err)
	}
	var ids []string
	rates := make([]float64, c.Epochs)
	for _, b := range plan {
		ids, rates[b.Epoch-1] = append(ids, b.IDs...), b.Rate
	}
	// The bigram counts the split's phones before training.
	if n := len(src.read) - len(ids); n < 0 || len(ids) != 90 || !slices.Equal(src.read[n:], ids) {
		t.Errorf("%d examples planned, want 90; the run read\n%v\nthe plan is\n%v", len(ids), src.read, ids)
	}
	epochs, err := results.ReadMetrics(filepath.Join(dir, results.MetricsFile))
	if err != nil || len(losses) != len(plan) {
		t.Fatalf("%d batches planned, %d trained on (%v)", len(plan), len(losses), err)
	}
	for i, e := range epochs {
		if e.LearningRate != rates[i] {
			t.Errorf("epoch %d ended at the rate %v, planned was %v", e.Epoch, e.LearningRate, rates[i])
		}
	}
	if first := losses[0]; first < 0.5 || first > 3 || slices.Contains(losses[1:], first) {
		t.Errorf("losses of batches %v", losses)
	}
	c.Schedule.Name = "plateau"
	if _, err := planRun(m, c); err == nil || !strings.Contains(err.Error(), "plateau") {
		t.Errorf("a plan of rates that follow losses: %v", err)
	}
}
