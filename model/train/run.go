package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"

	"framewise/corpus"
	"framewise/corpus/files"
	"framewise/dataset"
	"framewise/model"
	"framewise/model/gemm"
	"framewise/model/nn"
	"framewise/model/optim"
	"framewise/model/results"

	"go.yaml.in/yaml/v3"
)

// Errors that callers may want to tell apart.
var (
	// ErrOtherDataset means that a run to be resumed was trained on a dataset
	// with another checksum.
	ErrOtherDataset = errors.New("the dataset is not the one the run was trained on")
	// ErrOtherPhones means that a run to be resumed made the phone sequences that
	// it is trained or judged by in another way, as [score.PhoneRule] counts them.
	ErrOtherPhones = errors.New("its phone sequences were made by another rule than this version's")
	// ErrRunExists means that the run folder holds a run already.
	ErrRunExists = errors.New("the folder holds a run already")
)

// Options are what Run needs to know.
type Options struct {
	Data     string // folder of the dataset
	Out      string // run folder; made if it is not there
	Config   Config
	Resume   bool              // continue the run in Out, if there is one
	Version  string            // of the program, for run.json
	Begin    func(results.Run) // called once what is trained on what is known; may be nil
	Progress func(Progress)    // called after every batch; may be nil
	Log      *slog.Logger      // may be nil
}

// Progress says how far training is.
type Progress struct {
	Phase         string // train | dev
	Epoch, Epochs int
	Done, Total   int64   // frames of the phase, without padding
	Loss          float64 // mean of the epoch so far, nats a frame
	Accuracy      float64 // of the epoch so far
	Rate          float64 // frames a second, of the phase so far
	Idle          float64 // share of the epoch's time so far that was spent waiting for batches
	BatchLoss     float64 // train: mean of the batch alone, before the update that it made
}

// Run trains a network on a dataset's train split and writes the run folder,
// whose files package results lists. Without a dev split nothing is stopped
// early and the last epoch is kept. If ctx ends, the position is saved first,
// so that Resume continues exactly there.
func Run(ctx context.Context, opt Options) (*results.Run, error) {
	if err := opt.Config.Validate(); err != nil {
		return nil, fmt.Errorf("training config: %w", err)
	}
	m, closeData, err := openMaterial(ctx, opt.Data, opt.Config)
	if err != nil {
		return nil, err
	}
	run, err := runOn(ctx, m, opt)
	return run, errors.Join(err, closeData())
}

// openMaterial opens what a run takes from a dataset folder.
func openMaterial(ctx context.Context, dir string, cfg Config) (*material, func() error, error) {
	d, err := dataset.Open(ctx, dir)
	if err != nil {
		return nil, nil, err
	}
	if d.Manifest.LabelSet == nil {
		return nil, nil, fmt.Errorf("train on %q: the dataset has no frame labels: its corpus has no alignments", dir)
	}
	stats := d.GlobalStats()
	view, err := d.View(dataset.ViewConfig{CMVN: cfg.CMVN, Deltas: cfg.Network.Deltas})
	if err != nil {
		return nil, nil, fmt.Errorf("train on %q: %w", dir, err)
	}
	m := &material{checksum: d.SHA256(), labels: d.Manifest.LabelSet, f: d.Manifest.FeatureDim, view: view,
		front: Frontend{SampleRate: d.Manifest.SampleRate, Features: d.Manifest.Features, F: d.Manifest.FeatureDim,
			CMVN: cfg.CMVN, Deltas: cfg.Network.Deltas, Global: stats}}
	train, err := d.Split(corpus.Train)
	if err != nil {
		return nil, nil, err
	}
	m.train, m.histogram = train, train.Info().Labels
	closeAll := train.Close
	if info := d.Manifest.Split(corpus.Dev); info != nil && info.Examples > 0 {
		dev, err := d.Split(corpus.Dev)
		if err != nil {
			return nil, nil, errors.Join(err, train.Close())
		}
		m.dev = dev
		closeAll = func() error { return errors.Join(train.Close(), dev.Close()) }
	}
	return m, closeAll, nil
}

// trainer is a run in progress.
type trainer struct {
	cfg      Config
	out      string
	fold     *corpus.Folding
	main     *learner
	linear   *learner // nil without the baseline
	reader   *reader
	items    []item
	dev      *reader // nil without a development split
	devPlan  [][]int
	devTotal int64
	phones   *phoneScorer // of the development split, if it is judged by phones
	quiet    [][]float32  // the weights without noise, while there is some
	state    state
	run      results.Run
	progress func(Progress)
	log      *slog.Logger
}

// runOn trains on material that need not come from files.
func runOn(ctx context.Context, m *material, opt Options) (*results.Run, error) {
	t, err := newTrainer(m, opt)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(opt.Out, 0o755); err != nil {
		return nil, fmt.Errorf("run folder: %w", err)
	}
	if err := t.begin(opt); err != nil {
		return nil, err
	}
	if err := t.writeDescription(m); err != nil {
		return nil, err
	}
	if err := t.writeBigram(ctx); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	if opt.Begin != nil {
		opt.Begin(t.run)
	}
	for !t.done() {
		if err := t.epoch(ctx); err != nil {
			return nil, err
		}
	}
	t.run.Finished = true
	t.run.Best = t.state.Best
	t.run.SecondsTraining = t.state.Seconds
	if err := writeJSON(filepath.Join(t.out, results.RunFile), t.run); err != nil {
		return nil, err
	}
	return &t.run, nil
}

func newTrainer(m *material, opt Options) (*trainer, error) {
	c := opt.Config
	fold, err := m.labels.Fold(c.Folding)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	t := &trainer{cfg: c, out: opt.Out, fold: fold, progress: opt.Progress, log: opt.Log}
	if t.progress == nil {
		t.progress = func(Progress) {}
	}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	nn.SetThreads(threads(c.Threads))
	if err := gemm.Use(c.BLAS); err != nil {
		return nil, fmt.Errorf("train: blas: %w", err)
	}
	net, err := model.New(c.Network, m.f, c.Loss.Outputs(len(fold.Labels)), c.Seed)
	if err != nil {
		return nil, err
	}
	net.SetLoss(c.Loss)
	classWeights, err := c.Loss.ClassWeights.Of(fold.Labels, m.classes(fold))
	if err == nil {
		err = net.SetClassWeights(classWeights)
	}
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	if err := t.openLearner(net); err != nil {
		return nil, err
	}
	if c.Baseline == "linear" {
		if t.linear, err = newBaseline(c, m.f, len(fold.Labels)); err != nil {
			return nil, err
		}
	}
	t.reader = &reader{src: m.train, view: m.view, fold: fold, ctc: c.Loss.CTC(), inputs: net.Inputs(), f: m.f,
		noise: c.InputNoise, spec: c.SpecAugment, seed: c.Seed, readers: readers(c)}
	var skipped []string
	t.items, skipped = items(m.train, net, false)
	t.reader.counted, t.reader.target = c.Batch.countsPadding(), c.Batch.target(t.items)
	if len(t.items) == 0 {
		return nil, fmt.Errorf("train: none of the %d examples of the train split is long enough for the network, which needs %d frames", m.train.Len(), 2*net.Crop()+1)
	}
	t.state = state{Epoch: 1, BestScore: -1, Plateau: optim.NewPlateau(), Dataset: m.checksum, Folding: fold.Digest(), PhoneRule: c.phoneRule()}
	t.describe(m, opt, net, skipped)
	if c.Network.Backward == model.BackwardUnaligned {
		t.log.Warn("backward: unaligned merges each frame with the mirrored frame of its utterance; it is there to measure what that costs")
	}
	t.reserve(net)
	return t, t.openDev(m, net)
}

// openDev prepares the development pass, if there is anything to score.
func (t *trainer) openDev(m *material, net *model.Network) error {
	var fit []item
	if m.dev != nil {
		fit, _ = items(m.dev, net, true)
	}
	if len(fit) == 0 {
		t.log.Warn("no development split: no early stopping, the last epoch is kept")
		return nil
	}
	for _, it := range fit {
		t.devTotal += int64(it.frames)
	}
	t.run.Selection = t.cfg.selection()
	t.dev = &reader{src: m.dev, view: m.view, fold: t.fold, ctc: t.cfg.Loss.CTC(), inputs: net.Inputs(), readers: readers(t.cfg)}
	t.devPlan = planSorted(fit, evalFrames)
	if t.run.Selection != byPER && !t.cfg.Loss.CTC() {
		return nil
	}
	var err error
	t.phones, err = newPhoneScorer(m.labels, t.fold, 0)
	return err
}

// reserve sizes the graphs: by the budget, or for batches of so many utterances
// by the longest; by no more than the examples can fill.
func (t *trainer) reserve(net *model.Network) {
	longest := 0
	for _, it := range t.items {
		longest = max(longest, it.frames)
	}
	cells := min(t.cfg.Batch.Frames, longest*model.BatchSize(len(t.items)))
	if t.cfg.Batch.Frames == 0 {
		cells = longest * min(t.cfg.Batch.Utterances, len(t.items))
	}
	net.Reserve(cells)
	if t.linear != nil {
		t.linear.net.Reserve(cells)
	}
}

// newBaseline is a softmax over single frames, trained by Adam.
func newBaseline(c Config, f, classes int) (*learner, error) {
	cfg, err := model.Preset("linear")
	if err != nil {
		return nil, err
	}
	cfg.Deltas = c.Network.Deltas
	net, err := model.New(cfg, f, classes, c.Seed)
	if err != nil {
		return nil, err
	}
	return newLearner(net, linearPrefix, optim.DefaultConfig())
}

// linearRate is the learning rate of the baseline.
const linearRate = 0.003

func solverConfig(c Config) optim.Config {
	o := optim.DefaultConfig()
	o.Algorithm, o.Momentum, o.L2, o.ClipNorm = c.Optimizer.Name, c.Optimizer.Momentum, c.L2, c.Optimizer.Clip
	return o
}

func threads(n int) int {
	if n == 0 {
		return runtime.GOMAXPROCS(0)
	}
	return n
}

// readers is how many goroutines read batches.
func readers(c Config) int {
	if c.Readers == 0 {
		return threads(c.Threads)
	}
	return c.Readers
}

// begin makes sure that the run folder is new, or continues what is in it.
func (t *trainer) begin(opt Options) error {
	path := filepath.Join(t.out, results.ConfigFile)
	saved, err := files.ReadRegular(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return t.rewindMetrics() // to an empty file each
	case err != nil:
		return fmt.Errorf("run folder: %w", err)
	case !opt.Resume:
		return fmt.Errorf("train into %q: %w: resume it, or name another folder", t.out, ErrRunExists)
	}
	earlier, err := results.ReadRun(filepath.Join(t.out, results.RunFile))
	if err == nil && earlier.Selection == SelectionImported {
		return fmt.Errorf("resume: the weights in %q came from another program, without the optimizer's moments that training goes on from: train into another folder", t.out)
	}
	if err == nil {
		t.run.Created = earlier.Created
	}
	before := DefaultConfig() // keys that the run's version did not know
	if err := yaml.Unmarshal(saved, &before); err != nil {
		return fmt.Errorf("resume: %q: %w", path, err)
	}
	// These change nothing of what is learned up to the checkpoint.
	before.Epochs, before.Checkpoint, before.Threads = t.cfg.Epochs, t.cfg.Checkpoint, t.cfg.Threads
	before.Readers, before.Decode = t.cfg.Readers, t.cfg.Decode
	before.EarlyStopping.Patience = t.cfg.EarlyStopping.Patience
	a, errA := yaml.Marshal(before)
	b, errB := yaml.Marshal(t.cfg)
	if err := errors.Join(errA, errB); err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	if !bytes.Equal(a, b) {
		return fmt.Errorf("resume: %q is not the configuration asked for: %s", path, firstDifference(a, b))
	}
	if err := t.sweep(); err != nil {
		return err
	}
	resumed, err := t.resume()
	if err != nil {
		return err
	}
	if err := t.forgetFailure(); err != nil {
		return err
	}
	if resumed {
		t.log.Info("resumed", "epoch", t.state.Epoch, "batch", t.state.Batch, "step", t.state.Step)
	}
	return nil
}

// firstDifference is the first line in which two YAML documents differ.
func firstDifference(before, now []byte) string {
	a, b := bytes.Split(before, []byte("\n")), bytes.Split(now, []byte("\n"))
	for i := range min(len(a), len(b)) {
		if !bytes.Equal(a[i], b[i]) {
			return fmt.Sprintf("%q there, %q here", bytes.TrimSpace(a[i]), bytes.TrimSpace(b[i]))
		}
	}
	return "one has more keys than the other"
}
