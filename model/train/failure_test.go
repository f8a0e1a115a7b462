package train

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"framewise/model"
	"framewise/model/results"
	"framewise/model/weights"
)

// readFailure reads what a run that failed has left.
func readFailure(t *testing.T, dir string) (f results.Failure, before weights.File) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, results.FailedFolder, results.FailureFile))
	if err == nil {
		err = json.Unmarshal(b, &f)
	}
	if err != nil {
		t.Fatal(err)
	}
	if before, err = weights.Read(filepath.Join(dir, results.FailedFolder, results.LastFile)); err != nil {
		t.Fatal(err)
	}
	return f, before
}

func finite(ts []weights.Tensor) bool {
	for _, w := range ts {
		if slices.ContainsFunc(w.Data, func(v float32) bool { return v-v != 0 }) {
			return false
		}
	}
	return true
}

// A feature that is no number stops training at its batch, whichever layer
// sees it first. The checkpoint and the weights that were kept stay as they
// were; what was about to happen is saved beside them.
func TestFeatureThatIsNoNumberStops(t *testing.T) {
	for _, preset := range []string{"blstm-late", "post", "linear"} {
		for _, bad := range []float64{math.NaN(), math.Inf(1)} {
			for _, accumulate := range []int{1, 4} {
				c := toyConfig(t, preset)
				c.CMVN, c.Checkpoint, c.Accumulate, c.Epochs = "none", 1, accumulate, 1
				train, dir := toy(12, 40, 1), t.TempDir()
				if _, err := runToy(t, context.Background(), c, train, nil, dir, nil); err != nil {
					t.Fatal(err)
				}
				m := toyMaterial(t, train, nil, c)
				train[3].Features[len(train[3].Features)/2] = float32(bad)
				c.Epochs = 2
				_, err := runOn(context.Background(), m, Options{Out: dir, Config: c, Resume: true})
				var d *DivergedError
				if !errors.As(err, &d) || !slices.Contains(d.IDs, train[3].ID) || d.Epoch != 2 {
					t.Fatalf("%s, %d batches an update: %g gives %v", preset, accumulate, bad, err)
				}
				f, before := readFailure(t, dir)
				if !slices.Contains(f.Examples, train[3].ID) || f.Step != d.Step || f.Epoch != 2 || !finite(before.Tensors) {
					t.Errorf("%s, %d batches an update: failure %+v", preset, accumulate, f)
				}
				if !finite(readWeights(t, dir, results.LastFile)) || !finite(readWeights(t, dir, results.WeightsFile)) {
					t.Errorf("%s, %d batches an update: saved weights hold what is no number", preset, accumulate)
				}
				if e := lastEpoch(t, dir); e.Epoch != 1 {
					t.Errorf("metrics end with epoch %d", e.Epoch)
				}
			}
		}
	}
}

// A learning rate that is far too large stops training while its numbers are
// still numbers.
func TestExplosionStops(t *testing.T) {
	for _, algorithm := range []string{"adam", "sgd"} {
		c := toyConfig(t, "blstm-late")
		c.Optimizer.Name, c.Optimizer.LR, c.Schedule.Name = algorithm, 1e6, "constant"
		dir := t.TempDir()
		_, err := runToy(t, context.Background(), c, toy(12, 40, 1), toy(4, 40, 2), dir, nil)
		var d *DivergedError
		if !errors.As(err, &d) {
			t.Fatalf("%s: a learning rate of 1e6 gives %v", algorithm, err)
		}
		f, before := readFailure(t, dir)
		if f.LearningRate != 1e6 || len(f.Examples) == 0 || f.Step == 0 || f.Epoch != 1 || !finite(before.Tensors) {
			t.Errorf("%s: failure %+v", algorithm, f)
		}
		for _, word := range []string{"optimizer.lr", "gradient norm", "step", "failed", f.Examples[0]} {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%s: the message does not speak of %q: %v", algorithm, word, err)
			}
		}
		if _, err := os.Stat(filepath.Join(dir, results.LastFile)); err == nil {
			t.Errorf("%s: the failure wrote a checkpoint to resume from", algorithm)
		}
	}
}

// Resuming a run that failed forgets the failure; if nothing has changed it
// fails again in the same place.
func TestFailureIsRepeated(t *testing.T) {
	c := toyConfig(t, "blstm-late")
	c.Optimizer.LR, c.Checkpoint = 1e6, 1
	train, dir := toy(12, 40, 1), t.TempDir()
	var steps []int
	for range 2 {
		_, err := runToy(t, context.Background(), c, train, nil, dir, func(o *Options) { o.Resume = true })
		var d *DivergedError
		if !errors.As(err, &d) {
			t.Fatal(err)
		}
		steps = append(steps, d.Step)
	}
	if steps[0] != steps[1] {
		t.Errorf("failed at steps %v", steps)
	}
	tr := &trainer{out: dir}
	if err := tr.forgetFailure(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, results.FailedFolder)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the failure is still there: %v", err)
	}
}

// A batch whose gradient is no number is not in the sums that are saved as those
// before the step.
func TestFailureHasTheSumsBeforeTheBatch(t *testing.T) {
	c := toyConfig(t, "linear")
	c.Accumulate, c.Baseline = 2, "none"
	tr, err := newTrainer(toyMaterial(t, toy(4, 20, 1), nil, c), Options{Out: t.TempDir(), Config: c})
	if err != nil {
		t.Fatal(err)
	}
	batch := func(v float32) *model.Step {
		s := &model.Step{Terms: 10, Weight: 10}
		for _, p := range tr.main.params {
			s.Grads = append(s.Grads, slices.Repeat([]float32{v}, len(p.W)))
		}
		return s
	}
	if err := tr.learn(loaded{number: 0, of: 2, batch: &model.Batch{IDs: []string{"good"}}}, batch(0.5), false); err != nil {
		t.Fatal(err)
	}
	err = tr.learn(loaded{number: 1, of: 2, batch: &model.Batch{IDs: []string{"bad"}}}, batch(float32(math.NaN())), true)
	var d *DivergedError
	if !errors.As(err, &d) || !slices.Equal(d.IDs, []string{"good", "bad"}) {
		t.Fatalf("a gradient that is no number gives %v", err)
	}
	_, before := readFailure(t, tr.out)
	for _, p := range tr.main.net.Params() {
		sum, err := before.Get(pendingSums+networkPrefix+p.Name, p.Rows, p.Cols)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range sum.Data {
			if v != 5 {
				t.Fatalf("%s: a saved sum is %v, want 10 times 0.5", p.Name, v)
			}
		}
	}
	if s, err := readState(before.Meta[stateKey]); err != nil || s.PendingWeight != 10 || !slices.Equal(s.Pending, []string{"good"}) {
		t.Errorf("state %+v (%v)", s, err)
	}
}

// A baseline that diverges stops training as the network does: at the step, with
// the batch, and with both sets of weights as they were before it.
func TestBaselineThatIsNoNumberStops(t *testing.T) {
	c := toyConfig(t, "blstm-late")
	c.Baseline = "linear"
	train, dir := toy(12, 40, 1), t.TempDir()
	tr, err := newTrainer(toyMaterial(t, train, nil, c), Options{Out: dir, Config: c})
	if err != nil {
		t.Fatal(err)
	}
	plan := planEpoch(tr.items, tr.reader.id, c.Batch, c.Seed, 1)
	stream := tr.reader.open(t.Context(), plan, 0, 1)
	defer stream.close()
	good, _ := stream.next()
	if err := tr.step(good); err != nil {
		t.Fatal(err)
	}
	tr.state.Step++
	bad, ok := stream.next()
	if !ok || bad.err != nil {
		t.Fatalf("no second batch: %v", bad.err)
	}
	w := tr.linear.params[0].W
	w[0] = float32(math.Inf(1))
	before := map[string][]float32{}
	for _, l := range []*learner{tr.main, tr.linear} {
		for _, tensor := range l.tensors() {
			before[tensor.Name] = slices.Clone(tensor.Data)
		}
	}
	err = tr.step(bad)
	var d *DivergedError
	if !errors.As(err, &d) || !d.Baseline || d.Step != 1 || d.Rate != linearRate || !slices.Equal(d.IDs, bad.batch.IDs) {
		t.Fatalf("a baseline that is no number gives %v", err)
	}
	for _, word := range []string{"linear baseline", "baseline: none", "cmvn"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the message does not speak of %q: %v", word, err)
		}
	}
	if strings.Contains(err.Error(), "optimizer.lr") {
		t.Errorf("the message speaks of the network's learning rate: %v", err)
	}
	f, saved := readFailure(t, dir)
	if f.Step != 1 || f.LearningRate != linearRate || !slices.Equal(f.Examples, bad.batch.IDs) || !strings.Contains(f.Reason, "baseline") {
		t.Errorf("failure %+v", f)
	}
	for name, want := range before {
		tensor := saved.Tensors[slices.IndexFunc(saved.Tensors, func(s weights.Tensor) bool { return s.Name == name })]
		if !slices.Equal(tensor.Data, want) {
			t.Errorf("%s is saved otherwise than it was before the step", name)
		}
	}
	if s, err := readState(saved.Meta[stateKey]); err != nil || s.Steps != 1 || s.LinearSteps != 1 {
		t.Errorf("state %+v (%v)", s, err)
	}
}
