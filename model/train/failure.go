package train

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"framewise/model"
	"framewise/model/results"
)

// DivergedError says that training cannot go on: a loss or a gradient was no
// number, or far too large. The folder Saved holds the state before the step
// and the batch; the run's last checkpoint stays as it was.
type DivergedError struct {
	Epoch, Step int
	Reason      string
	Loss        float64  // mean over the batch's terms
	Norm        float64  // of the gradient over all weights, before clipping; NaN if there is none
	Rate        float64  // learning rate
	IDs         []string // of the examples that made the gradient
	Saved       string   // folder
	Baseline    bool     // what failed is the linear baseline: Loss, Norm and Rate are its
}

func (e *DivergedError) Error() string {
	const few = 8
	ids := fmt.Sprintf("%q", e.IDs[:min(few, len(e.IDs))])
	if n := len(e.IDs) - few; n > 0 {
		ids += fmt.Sprintf(" and %d more", n)
	}
	advice := "Try a lower optimizer.lr, a lower optimizer.clip or schedule.warmup in a new run"
	if e.Baseline {
		advice = "No setting of the network's training touches the baseline: normalize the features (cmvn), or leave it out (baseline: none), in a new run"
	}
	return fmt.Sprintf("training stopped in epoch %d at step %d: %s; loss %.4g, gradient norm %.4g, learning rate %.3g, batch of %s. "+
		"The batch and the weights before the step are in %q. %s; "+
		"if the loss was sound until this batch, look at its examples with `framewise inspect`",
		e.Epoch, e.Step, e.Reason, e.Loss, e.Norm, e.Rate, ids, e.Saved, advice)
}

// diverged saves what is needed to look into a step that was not taken, and
// gives its error; norm is the gradient's. The checkpoint is left alone: what it
// holds is sound, as far as is known.
func (t *trainer) diverged(l loaded, res *model.Step, norm float64, reason string) error {
	return t.fail(l, &DivergedError{Reason: reason, Loss: res.Loss / float64(max(1, res.Terms)), Norm: norm, Rate: t.rate(l.number, l.of)})
}

// baselineDiverged is diverged for the linear baseline. Training stops for it
// too: a run is compared with its baseline, and would go without one, or with
// the one of an earlier epoch, unnoticed.
func (t *trainer) baselineDiverged(l loaded, lin *model.Step) error {
	return t.fail(l, &DivergedError{Reason: "the loss or the gradient of the linear baseline is not a number", Baseline: true,
		Loss: lin.Loss / float64(max(1, lin.Terms)), Norm: lin.Norm(), Rate: linearRate})
}

// fail completes the error from where training is, and saves what it speaks of.
func (t *trainer) fail(l loaded, d *DivergedError) error {
	d.Epoch, d.Step = t.state.Epoch, t.state.Step
	d.IDs, d.Saved = slices.Concat(t.state.Pending, l.batch.IDs), filepath.Join(t.out, results.FailedFolder)
	t.log.Error("training stopped", "reason", d.Reason, "epoch", d.Epoch, "step", d.Step, "loss", d.Loss, "gradient_norm", d.Norm, "utts", d.IDs)
	if err := os.MkdirAll(d.Saved, 0o755); err != nil {
		return errors.Join(d, fmt.Errorf("save the failure: %w", err))
	}
	f := results.Failure{Reason: d.Reason, Epoch: d.Epoch, Step: d.Step, Batch: l.number, Loss: number(d.Loss), GradientNorm: number(d.Norm),
		LearningRate: d.Rate, Examples: l.batch.IDs, Pending: t.state.Pending}
	return errors.Join(d,
		writeJSON(filepath.Join(d.Saved, results.FailureFile), f),
		t.saveTo(filepath.Join(d.Saved, results.LastFile)))
}

// number is a JSON number, or the name of what is none.
func number(x float64) any {
	if !isFinite(x) {
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	return x
}

// forgetFailure removes what an earlier attempt at this run saved as it failed.
func (t *trainer) forgetFailure() error {
	dir := filepath.Join(t.out, results.FailedFolder)
	for _, path := range []string{filepath.Join(dir, results.FailureFile), filepath.Join(dir, results.LastFile), dir} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("resume: %w", err)
		}
	}
	return nil
}
