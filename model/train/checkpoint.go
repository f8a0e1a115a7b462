package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"framewise/model"
	"framewise/model/optim"
	"framewise/model/results"
	"framewise/model/weights"
)

// state is where a run stands: with the weights and the optimizers' moments,
// all that the rest of the run depends on.
type state struct {
	Epoch int  `json:"epoch"` // the one that is being trained, from 1
	Batch int  `json:"batch"` // next batch of its plan
	Step  int  `json:"step"`  // batches so far, over all epochs
	Sums  sums `json:"sums"`  // of the epoch so far

	Best      int     `json:"best"` // epoch whose weights are kept, 0 = none yet
	BestScore float64 `json:"best_score"`
	Stale     int     `json:"stale"` // epochs since Best
	Stopped   bool    `json:"stopped"`

	BestLoss float64 `json:"best_loss"` // of development, for the plateau schedule
	Waited   int     `json:"waited"`    // epochs since BestLoss
	Drops    int     `json:"drops"`     // of the learning rate

	Steps       int     `json:"optimizer_steps"`
	LinearSteps int     `json:"linear_steps"`
	Seconds     float64 `json:"seconds"` // of training, over all epochs

	Dataset string `json:"dataset_sha256"`
	Folding string `json:"folding_digest"`
}

// sums are counts over the batches of an epoch.
type sums struct {
	Loss          float64 `json:"loss"`  // over terms, in nats
	Terms         int64   `json:"terms"` // labelled frames, or with CTC utterances
	Unfit         int     `json:"unfit"` // with CTC, utterances whose targets do not fit
	Frames        int64   `json:"frames"`
	Correct       int64   `json:"correct"`
	LinearFrames  int64   `json:"linear_frames"`
	LinearCorrect int64   `json:"linear_correct"`
	Norm          float64 `json:"norm"` // of gradients, before clipping
	Updates       int     `json:"updates"`
	Skipped       int     `json:"skipped"` // batches without a labelled frame
	Read          int64   `json:"read"`    // frames without padding
	Cells         int64   `json:"cells"`   // with padding
	Seconds       float64 `json:"seconds"`
	Idle          float64 `json:"idle"`
}

// The prefixes of the tensors of a checkpoint.
const (
	networkPrefix = "network."
	linearPrefix  = "linear."
	firstMoments  = "first." // before the two above
	secondMoments = "second."
	stateKey      = "state" // in the file's metadata
)

// learner is a network with its optimizer.
type learner struct {
	net    *model.Network
	solver *optim.Solver
	prefix string
}

func newLearner(net *model.Network, prefix string, cfg optim.Config) (*learner, error) {
	var params []optim.Param
	for _, p := range net.Params() {
		params = append(params, optim.Param{Name: p.Name, W: p.Data(), Decay: p.Decay()})
	}
	s, err := optim.New(cfg, params)
	if err != nil {
		return nil, err
	}
	return &learner{net: net, solver: s, prefix: prefix}, nil
}

// tensors are the weights and moments, sharing the learner's memory.
func (l *learner) tensors() []weights.Tensor {
	ts := l.net.Tensors(l.prefix)
	for kind, moments := range l.moments() {
		for i, m := range moments {
			p := l.net.Params()[i]
			ts = append(ts, weights.Tensor{Name: kind + l.prefix + p.Name, Shape: []int{p.Rows, p.Cols}, Data: m})
		}
	}
	return ts
}

func (l *learner) moments() map[string][][]float32 {
	s := l.solver.State()
	return map[string][][]float32{firstMoments: s.First, secondMoments: s.Second}
}

// restore takes weights and moments from a checkpoint.
func (l *learner) restore(f weights.File, steps int) error {
	if err := l.net.Load(f, l.prefix); err != nil {
		return err
	}
	for kind, moments := range l.moments() {
		for i, m := range moments {
			p := l.net.Params()[i]
			t, err := f.Get(kind+l.prefix+p.Name, p.Rows, p.Cols)
			if err != nil {
				return err
			}
			copy(m, t.Data)
		}
	}
	l.solver.State().Steps = steps
	return nil
}

// save writes the checkpoint that resuming continues from.
func (t *trainer) save() error {
	t.state.Steps = t.main.solver.State().Steps
	ts := t.main.tensors()
	if t.linear != nil {
		t.state.LinearSteps = t.linear.solver.State().Steps
		ts = append(ts, t.linear.tensors()...)
	}
	meta, err := json.Marshal(t.state)
	if err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	return weights.Write(filepath.Join(t.out, results.LastFile), weights.File{Tensors: ts, Meta: map[string]string{stateKey: string(meta)}})
}

// resume continues from the run folder's checkpoint. It reports false if there
// is none.
func (t *trainer) resume() (bool, error) {
	path := filepath.Join(t.out, results.LastFile)
	f, err := weights.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("resume: %w", err)
	}
	s, err := readState(f.Meta[stateKey])
	if err != nil {
		return false, fmt.Errorf("resume from %q: state of training: %w", path, err)
	}
	if s.Dataset != t.state.Dataset {
		return false, fmt.Errorf("resume from %q: it was trained on the dataset %.12s, this one is %.12s: %w", path, s.Dataset, t.state.Dataset, ErrOtherDataset)
	}
	if s.Folding != t.state.Folding {
		return false, fmt.Errorf("resume from %q: its labels are folded otherwise (%.12s) than now (%.12s)", path, s.Folding, t.state.Folding)
	}
	if err := t.main.restore(f, s.Steps); err != nil {
		return false, fmt.Errorf("resume from %q: %w", path, err)
	}
	if t.linear != nil {
		if err := t.linear.restore(f, s.LinearSteps); err != nil {
			return false, fmt.Errorf("resume from %q: %w", path, err)
		}
	}
	if s.Sums.Terms == 0 { // a checkpoint from before terms were counted
		s.Sums.Terms = s.Sums.Frames
	}
	t.state = s
	return true, t.rewindMetrics()
}

// rewindMetrics drops the lines of metrics.jsonl that were written after the
// checkpoint: their epochs are trained again.
func (t *trainer) rewindMetrics() error {
	epochs, err := results.ReadMetrics(filepath.Join(t.out, results.MetricsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	var kept []byte
	for _, e := range epochs {
		if e.Epoch < t.state.Epoch {
			line, err := json.Marshal(e)
			if err != nil {
				return fmt.Errorf("resume: %w", err)
			}
			kept = append(append(kept, line...), '\n')
		}
	}
	return weights.WriteFile(filepath.Join(t.out, results.MetricsFile), kept)
}

// appendMetrics adds a line to metrics.jsonl.
func (t *trainer) appendMetrics(e results.Epoch) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write metrics: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(t.out, results.MetricsFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("write metrics: %w", err)
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}
