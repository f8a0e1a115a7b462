package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"framewise/corpus/files"
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

	optim.Plateau // of the development loss

	// Ids of the examples whose gradients wait for an update, and their weight
	// in it.
	Pending       []string `json:"pending,omitempty"`
	PendingWeight float64  `json:"pending_weight,omitempty"`

	Steps       int     `json:"optimizer_steps"`
	LinearSteps int     `json:"linear_steps"`
	Seconds     float64 `json:"seconds"` // of training, over all epochs

	Dataset string `json:"dataset_sha256"`
	Folding string `json:"folding_digest"`

	PhoneRule int `json:"phone_rule,omitempty"` // 0 = none matters, or rule 1, which was not noted
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
	Skipped       int     `json:"skipped"` // batches without a labelled frame that weighs something
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
	averageValues = "average."
	pendingSums   = "pending."
	stateKey      = "state" // in the file's metadata
)

// save writes the checkpoint that resuming continues from.
func (t *trainer) save() error { return t.saveTo(filepath.Join(t.out, results.LastFile)) }

func (t *trainer) saveTo(path string) error {
	t.state.Steps, t.state.PendingWeight = t.main.solver.State().Steps, 0
	if t.main.sums != nil {
		t.state.PendingWeight = t.main.sums.Weight
	}
	ts := t.main.tensors()
	if t.linear != nil {
		t.state.LinearSteps = t.linear.solver.State().Steps
		ts = append(ts, t.linear.tensors()...)
	}
	meta, err := json.Marshal(t.state)
	if err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	return weights.Write(path, weights.File{Tensors: ts, Meta: map[string]string{stateKey: string(meta)}})
}

// resume continues from the run folder's checkpoint. It reports false if there
// is none.
func (t *trainer) resume() (bool, error) {
	path := filepath.Join(t.out, results.LastFile)
	f, err := weights.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, t.rewindMetrics() // killed before its first checkpoint
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
	if s.PhoneRule != t.state.PhoneRule {
		return false, fmt.Errorf("resume from %q: %w: rule %d there, %d here; train into another folder, or finish this run with the version that began it",
			path, ErrOtherPhones, max(1, s.PhoneRule), t.state.PhoneRule)
	}
	if err := t.main.restore(f, s.Steps, s.PendingWeight); err != nil {
		return false, fmt.Errorf("resume from %q: %w", path, err)
	}
	if t.linear != nil {
		if err := t.linear.restore(f, s.LinearSteps, 0); err != nil {
			return false, fmt.Errorf("resume from %q: %w", path, err)
		}
	}
	if s.Best == 0 { // no epoch was scored yet
		s.Plateau = optim.NewPlateau()
	}
	s.Stopped = s.Stopped && t.impatient(s.Stale) // patience may have grown
	t.state = s
	return true, t.rewindMetrics()
}

// sweep removes what a killed process left of files that it was writing, which
// package files calls .tmp-NAME-*. Others of that prefix may be of an evaluation
// that is under way.
func (t *trainer) sweep() error {
	entries, err := os.ReadDir(t.out)
	if err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	for _, e := range entries {
		for _, name := range []string{results.ConfigFile, results.FrontendFile, results.RunFile, results.BigramFile, results.MetricsFile, results.EventsFile,
			results.LastFile, results.WeightsFile, results.LinearFile} {
			if !strings.HasPrefix(e.Name(), files.TempPrefix+name+"-") {
				continue
			}
			if err := os.Remove(filepath.Join(t.out, e.Name())); err != nil {
				return fmt.Errorf("resume: %w", err)
			}
		}
	}
	return nil
}
