package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"framewise/corpus"
	"framewise/dataset"
	"framewise/model"
	"framewise/model/results"
	"framewise/model/weights"
)

// memory is a split that lies in memory.
type memory []*dataset.Example

func (m memory) Len() int { return len(m) }

func (m memory) Meta(i int) dataset.Meta {
	return dataset.Meta{ID: m[i].ID, Speaker: m[i].Speaker, NumFrames: m[i].NumFrames, Parts: len(m[i].Parts), Variant: m[i].Parts[0].Variant}
}

func (m memory) Example(i int) (*dataset.Example, error) { return m[i], nil }

const toyWidth = 6

// toyLabels is the label set of the toy task, of which "d" is rare.
func toyLabels() *corpus.LabelSet {
	return &corpus.LabelSet{Name: "toy", Labels: []string{"a", "b", "c", "d"}}
}

// toy draws utterances of stretches of constant label. Only the last frame of
// a stretch shows which label it is, so that a network must look ahead.
func toy(n, frames int, seed uint64) memory {
	r := rand.New(rand.NewPCG(seed, 1))
	var m memory
	for i := range n {
		t := frames/2 + r.IntN(frames)
		ex := &dataset.Example{ID: fmt.Sprintf("DR1/F%d/SI%d", i%3, 100*seed+uint64(i)), Speaker: fmt.Sprint("F", i%3), SampleRate: 16000,
			NumFrames: int32(t), Features: make([]float32, t*toyWidth), Labels: make([]int16, t),
			Parts: []dataset.Part{{Speaker: fmt.Sprint("F", i%3), Variant: "original", NumFrames: int32(t)}}}
		for j := range ex.Features {
			ex.Features[j] = float32(0.1 * r.NormFloat64())
		}
		for begin := 0; begin < t; {
			label, end := int16(r.IntN(4)), min(t, begin+4+r.IntN(6))
			if len(ex.Phones) == 0 || ex.Phones[len(ex.Phones)-1] != label {
				ex.Phones = append(ex.Phones, label)
			}
			for f := begin; f < end; f++ {
				ex.Labels[f] = label
			}
			ex.Features[(end-1)*toyWidth+int(label)]++ // at the stretch's end only
			ex.Features[begin*toyWidth+4]++            // where one begins
			begin = end
		}
		m = append(m, ex)
	}
	return m
}

func toyMaterial(t *testing.T, train, dev memory, cfg Config) *material {
	t.Helper()
	m := &material{checksum: "toy", labels: toyLabels(), histogram: make([]int64, 4), f: toyWidth, train: train,
		front: Frontend{SampleRate: 16000, F: toyWidth, CMVN: cfg.CMVN, Deltas: cfg.Network.Deltas}}
	for _, ex := range train {
		for _, l := range ex.Labels {
			if l >= 0 {
				m.histogram[l]++
			}
		}
		if err := m.front.Global.Add(ex.Features, toyWidth); err != nil {
			t.Fatal(err)
		}
	}
	if dev != nil {
		m.dev = dev
	}
	view, err := m.front.view(nil)
	if err != nil {
		t.Fatal(err)
	}
	m.view = view
	return m
}

// toyConfig is small and has every kind of draw in it.
func toyConfig(t *testing.T, preset string) Config {
	t.Helper()
	c := DefaultConfig()
	var err error
	if c.Network, err = model.Preset(preset); err != nil {
		t.Fatal(err)
	}
	c.Network.Deltas = 0
	if c.Network.Layers > 0 {
		c.Network.Hidden = 16
	}
	if c.Network.Conv.Filters > 0 {
		c.Network.Conv, c.Network.Dense = model.ConvConfig{Filters: 4, T: 2, F: 3}, 16
	}
	c.Network.Dropout, c.Network.Between = 0.1, 0.1
	c.Batch.Frames, c.Epochs, c.Checkpoint, c.InputNoise, c.L2 = 300, 3, 0, 0.05, 1e-5
	c.Optimizer.LR = 0.02
	c.Threads = 2
	return c
}

func runToy(t *testing.T, ctx context.Context, c Config, train, dev memory, out string, change func(*Options)) (*results.Run, error) {
	t.Helper()
	opt := Options{Out: out, Config: c, Data: "toy"}
	if change != nil {
		change(&opt)
	}
	return runOn(ctx, toyMaterial(t, train, dev, c), opt)
}

func lastEpoch(t *testing.T, dir string) results.Epoch {
	t.Helper()
	epochs, err := results.ReadMetrics(filepath.Join(dir, results.MetricsFile))
	if err != nil || len(epochs) == 0 {
		t.Fatalf("metrics: %d epochs, %v", len(epochs), err)
	}
	return epochs[len(epochs)-1]
}

func TestOverfits(t *testing.T) {
	c := toyConfig(t, "blstm-late")
	c.Network.Dropout, c.Network.Between, c.InputNoise, c.L2 = 0, 0, 0, 0
	c.Epochs = 40
	dir := t.TempDir()
	run, err := runToy(t, context.Background(), c, toy(12, 40, 1), nil, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := lastEpoch(t, dir)
	if e.TrainAccuracy < 0.99 {
		t.Errorf("train accuracy %.3f after %d epochs, want 0.99", e.TrainAccuracy, e.Epoch)
	}
	if *e.LinearTrain > 0.6 || e.DevAccuracy != nil {
		t.Errorf("the linear baseline sees one frame and has %.3f; dev %v", *e.LinearTrain, e.DevAccuracy)
	}
	if run.Best != c.Epochs || run.Selection != "last-epoch" || !run.Finished {
		t.Errorf("without a dev split: %+v", run)
	}
}

// Merging each frame with the mirrored one costs accuracy where the label is
// known only by looking ahead.
func TestUnalignedIsWorse(t *testing.T) {
	accuracy := map[string]float64{}
	for _, backward := range []string{model.BackwardAligned, model.BackwardDouble, model.BackwardUnaligned} {
		c := toyConfig(t, "blstm-late")
		c.Network.Dropout, c.Network.Between, c.Network.Backward = 0, 0, backward
		c.Epochs, c.Baseline, c.EarlyStopping.Patience = 25, "none", 0
		dir := t.TempDir()
		if _, err := runToy(t, context.Background(), c, toy(40, 40, 1), toy(10, 40, 2), dir, nil); err != nil {
			t.Fatal(err)
		}
		accuracy[backward] = *lastEpoch(t, dir).DevAccuracy
	}
	t.Log(accuracy)
	if accuracy[model.BackwardAligned] < 0.9 || accuracy[model.BackwardDouble] < 0.9 || accuracy[model.BackwardUnaligned] > accuracy[model.BackwardAligned]-0.1 {
		t.Errorf("development accuracy %v, want aligned and double above 0.9 and unaligned far below", accuracy)
	}
}

func TestEveryPresetTrainsAndPads(t *testing.T) {
	for _, preset := range model.Presets() {
		for _, batch := range []BatchConfig{{Frames: 300}, {Utterances: 1}, {Utterances: 4}} {
			c := toyConfig(t, preset)
			c.Batch, c.Epochs = batch, 2
			dir := t.TempDir()
			train := append(toy(12, 40, 1), toy(1, 2, 3)[0]) // one of two frames or fewer
			run, err := runToy(t, context.Background(), c, train, toy(4, 40, 2), dir, nil)
			if err != nil {
				t.Fatalf("%s %+v: %v", preset, batch, err)
			}
			e := lastEpoch(t, dir)
			if e.DevAccuracy == nil || run.TrainExamples+len(run.Skipped) != 13 || e.Frames != run.TrainFrames || (batch.Utterances == 1) != (e.PaddingShare == 0) {
				t.Errorf("%s %+v: %+v of %+v", preset, batch, e, run)
			}
		}
	}
}

// Without training, the mean loss of an epoch does not depend on how examples
// are put into batches.
func TestBatchingDoesNotChangeTheLoss(t *testing.T) {
	for _, preset := range model.Presets() {
		for _, loss := range []string{model.LossFrames, model.LossCTC} {
			var losses []float64
			for _, batch := range []BatchConfig{{Frames: 400}, {Utterances: 1}, {Utterances: 6}} {
				c := toyConfig(t, preset)
				c.Loss.Name, c.Batch, c.Epochs = loss, batch, 1
				c.Network.Dropout, c.Network.Between, c.Optimizer.LR = 0, 0, 1e-30
				dir := t.TempDir()
				if _, err := runToy(t, context.Background(), c, toy(12, 40, 1), nil, dir, nil); err != nil {
					t.Fatal(err)
				}
				losses = append(losses, lastEpoch(t, dir).TrainLoss)
			}
			for _, l := range losses {
				if math.Abs(l-losses[1]) > 1e-6*math.Abs(losses[1]) {
					t.Errorf("%s, %s: losses %v in batches, one by one, and six by six", preset, loss, losses)
				}
			}
		}
	}
}

func readWeights(t *testing.T, dir, name string) []weights.Tensor {
	t.Helper()
	f, err := weights.Read(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return f.Tensors
}

func sameWeights(a, b []weights.Tensor) bool {
	return slices.EqualFunc(a, b, func(x, y weights.Tensor) bool { return x.Name == y.Name && slices.Equal(x.Data, y.Data) })
}

func TestResumeIsExact(t *testing.T) {
	for _, preset := range []string{"blstm-late", "post"} {
		c := toyConfig(t, preset)
		train, dev := toy(20, 40, 1), toy(4, 40, 2)
		whole, parts := t.TempDir(), t.TempDir()
		if _, err := runToy(t, context.Background(), c, train, dev, whole, nil); err != nil {
			t.Fatal(err)
		}
		stops := 0
		for {
			ctx, cancel := context.WithCancel(context.Background())
			n := 0
			_, err := runToy(t, ctx, c, train, dev, parts, func(o *Options) {
				o.Resume = true
				o.Progress = func(Progress) {
					if n++; n == 5 { // in the middle of epochs, and while the development split is scored
						cancel()
					}
				}
			})
			cancel()
			if err == nil {
				break
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			if stops++; stops > 100 {
				t.Fatal("training never ends")
			}
		}
		if stops < 3 {
			t.Errorf("stopped %d times only", stops)
		}
		for _, name := range []string{results.LastFile, results.WeightsFile, results.LinearFile} {
			if !sameWeights(readWeights(t, whole, name), readWeights(t, parts, name)) {
				t.Errorf("%s: %s differs after %d stops", preset, name, stops)
			}
		}
		a, b := lastEpoch(t, whole), lastEpoch(t, parts)
		if a.TrainLoss != b.TrainLoss || *a.DevLoss != *b.DevLoss || a.Step != b.Step || a.Epoch != b.Epoch || a.GradientNorm != b.GradientNorm {
			t.Errorf("%s: last epoch %+v undisturbed, %+v resumed", preset, a, b)
		}
		epochs, err := results.ReadMetrics(filepath.Join(parts, results.MetricsFile))
		if err != nil || len(epochs) != c.Epochs {
			t.Errorf("%d epochs in metrics, want %d (%v)", len(epochs), c.Epochs, err)
		}
	}
}

// A process that is killed leaves the last checkpoint, and perhaps lines of
// metrics from after it.
func TestResumeFromAnOlderCheckpoint(t *testing.T) {
	c := toyConfig(t, "blstm-each-layer")
	c.Checkpoint = 3
	train := toy(20, 40, 1)
	whole, killed := t.TempDir(), t.TempDir()
	if _, err := runToy(t, context.Background(), c, train, nil, whole, nil); err != nil {
		t.Fatal(err)
	}
	var old []byte
	steps := 0
	path := filepath.Join(killed, results.LastFile)
	if _, err := runToy(t, context.Background(), c, train, nil, killed, func(o *Options) {
		o.Progress = func(Progress) {
			if steps++; steps == 8 { // the checkpoint of step 6 is there
				old, _ = os.ReadFile(path)
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, old, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := runToy(t, context.Background(), c, train, nil, killed, func(o *Options) { o.Resume = true }); err != nil {
		t.Fatal(err)
	}
	if !sameWeights(readWeights(t, whole, results.LastFile), readWeights(t, killed, results.LastFile)) {
		t.Error("the weights differ")
	}
	if epochs, err := results.ReadMetrics(filepath.Join(killed, results.MetricsFile)); err != nil || len(epochs) != c.Epochs {
		t.Errorf("%d epochs in metrics, want %d (%v)", len(epochs), c.Epochs, err)
	}
}

func TestResumeRefuses(t *testing.T) {
	c := toyConfig(t, "linear")
	train, dir := toy(4, 20, 1), t.TempDir()
	if _, err := runToy(t, context.Background(), c, train, nil, dir, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := runToy(t, context.Background(), c, train, nil, dir, nil); !errors.Is(err, ErrRunExists) {
		t.Errorf("a second run in the folder: %v", err)
	}
	m := toyMaterial(t, train, nil, c)
	m.checksum = "other"
	if _, err := runOn(context.Background(), m, Options{Out: dir, Config: c, Resume: true}); !errors.Is(err, ErrOtherDataset) {
		t.Errorf("another dataset: %v", err)
	}
	other := c
	other.Seed++
	if _, err := runToy(t, context.Background(), other, train, nil, dir, func(o *Options) { o.Resume = true }); err == nil || !strings.Contains(err.Error(), "seed") {
		t.Errorf("another seed: %v", err)
	}
	c.Epochs++
	run, err := runToy(t, context.Background(), c, train, nil, dir, func(o *Options) { o.Resume = true })
	if err != nil || run.Best != c.Epochs {
		t.Errorf("one more epoch: %+v, %v", run, err)
	}
}

func TestClippingBoundsTheStep(t *testing.T) {
	first := func(clip float64) (moved float64) {
		c := toyConfig(t, "blstm-late")
		c.Optimizer = OptimizerConfig{Name: "sgd", LR: 1, Clip: clip}
		c.Epochs, c.L2, c.Schedule.Name, c.Batch = 1, 0, "constant", BatchConfig{Utterances: 4}
		dir := t.TempDir()
		if _, err := runToy(t, context.Background(), c, toy(4, 20, 1), nil, dir, nil); err != nil {
			t.Fatal(err)
		}
		net, err := model.New(c.Network, toyWidth, 4, c.Seed)
		if err != nil {
			t.Fatal(err)
		}
		f := weights.File{Tensors: readWeights(t, dir, results.WeightsFile)}
		for _, p := range net.Params() {
			w, err := f.Get(p.Name, p.Rows, p.Cols)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range w.Data {
				moved += float64(v-p.Data()[i]) * float64(v-p.Data()[i])
			}
		}
		return moved
	}
	if free, clipped := first(0), first(0.01); clipped > 1.0001e-4 || free < 2*clipped {
		t.Errorf("the first step moves weights by %g (squared), clipped to 0.01 by %g", free, clipped)
	}
}
