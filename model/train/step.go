package train

import (
	"errors"
	"fmt"
	"math"

	"framewise/corpus/draw"
	"framewise/model"
	"framewise/model/optim"
)

// schedule is the learning rate's.
func (c Config) schedule() optim.Schedule {
	s := c.Schedule
	return optim.Schedule{Name: s.Name, LR: c.Optimizer.LR, MinLR: s.MinLR, Warmup: s.Warmup, Factor: s.Factor,
		PctStart: s.PctStart, DivFactor: s.DivFactor, FinalDivFactor: s.FinalDivFactor}
}

// rateAt is the learning rate of the update that a batch of an epoch's plan is
// part of, after drops of a plateau. Epochs may differ a little in their
// batches: all are taken to be like this one, so that a position means a share
// of training.
func (c Config) rateAt(epoch, batch, batches, drops int) float64 {
	updates := (batches + c.Accumulate - 1) / c.Accumulate
	done := (epoch-1)*updates + batch/c.Accumulate
	return c.schedule().Rate(float64(done), float64(c.Epochs*updates), drops)
}

// rate is that of a batch of the current epoch.
func (t *trainer) rate(batch, batches int) float64 {
	return t.cfg.rateAt(t.state.Epoch, batch, batches, t.state.Drops)
}

// step trains on one batch.
func (t *trainer) step(l loaded) error {
	s := &t.state.Sums
	res, err := t.gradients(l.batch)
	if err != nil {
		return err
	}
	s.Read += int64(l.frames())
	s.Cells += int64(l.batch.T * l.batch.B)
	t.unfit(l, res.Unfit)
	var lin *model.Step
	if t.linear != nil && res.Terms > 0 {
		if lin, err = t.gradientsLinear(l); err != nil {
			return err
		}
	}
	if res.Terms == 0 {
		s.Skipped++
	} else {
		if reason := t.exploded(l.batch, res); reason != "" {
			return t.diverged(l, res, res.Norm(), reason)
		}
		if lin != nil && (!isFinite(lin.Loss) || !isFinite(lin.Norm())) {
			return t.baselineDiverged(l, lin)
		}
		s.Loss += res.Loss
		s.Terms += int64(res.Terms)
		s.Frames += int64(res.Frames)
		s.Correct += int64(res.Correct)
	}
	last := l.number == l.of-1 || (l.number+1)%t.cfg.Accumulate == 0
	if err := t.learn(l, res, last); err != nil {
		return err
	}
	if lin == nil {
		return nil
	}
	return t.learnLinear(lin)
}

// gradients are those of a batch, at weights with noise if there is any
// (Graves 2011). The weights stay as they are.
func (t *trainer) gradients(b *model.Batch) (*model.Step, error) {
	if t.cfg.WeightNoise == 0 {
		return t.main.net.Gradients(b, t.state.Step)
	}
	for i, p := range t.main.net.Params() {
		copy(t.quiet[i], p.Data())
		addNoise(p.Data()[:p.Decay()], t.cfg.WeightNoise, draw.New(t.cfg.Seed, "weight noise", p.Name, t.state.Step))
	}
	res, err := t.main.net.Gradients(b, t.state.Step)
	for i, p := range t.main.net.Params() {
		copy(p.Data(), t.quiet[i])
	}
	return res, err
}

// learn takes a batch's gradients, and updates the weights if it is the last
// of those that make an update.
func (t *trainer) learn(l loaded, res *model.Step, last bool) error {
	grads := res.Grads
	if acc := t.main.sums; acc != nil {
		weight := res.Weight
		if res.Terms == 0 {
			weight = 0
		}
		if !last {
			if weight > 0 {
				acc.Add(res.Grads, weight)
			}
			t.state.Pending = append(t.state.Pending, l.batch.IDs...)
			return nil
		}
		defer func() {
			acc.Clear()
			t.state.Pending = nil
		}()
		if acc.Weight+weight == 0 {
			return nil
		}
		grads = acc.Mean(res.Grads, weight)
	} else if res.Terms == 0 {
		return nil
	}
	norm, err := t.main.solver.Step(grads, t.rate(l.number, l.of))
	if errors.Is(err, optim.ErrNotFinite) {
		return t.diverged(l, res, norm, "the gradient is not a number")
	}
	if err != nil {
		return err
	}
	if a := t.main.average; a != nil {
		a.Update(t.main.solver.State().Steps - 1)
	}
	t.state.Sums.Norm += norm
	t.state.Sums.Updates++
	return nil
}

// gradientsLinear are those of the baseline for a batch, nil if it has phones
// only. They are looked at before the network has learned from the batch, so
// that a failure finds both as they were before it.
func (t *trainer) gradientsLinear(l loaded) (*model.Step, error) {
	lin, err := t.linear.net.Gradients(l.batch, t.state.Step)
	if err != nil {
		return nil, fmt.Errorf("linear baseline: %w", err)
	}
	if lin.Frames == 0 {
		return nil, nil
	}
	return lin, nil
}

// learnLinear updates the baseline.
func (t *trainer) learnLinear(lin *model.Step) error {
	t.state.Sums.LinearFrames += int64(lin.Frames)
	t.state.Sums.LinearCorrect += int64(lin.Correct)
	if _, err := t.linear.solver.Step(lin.Grads, linearRate); err != nil {
		return fmt.Errorf("linear baseline: %w", err)
	}
	return nil
}

// exploded says why a batch's loss cannot be gone on with, or nothing.
func (t *trainer) exploded(b *model.Batch, res *model.Step) string {
	if !isFinite(res.Loss) {
		return "the loss is not a number"
	}
	// A term is a frame, or with CTC an utterance of some frames.
	guess := math.Log(float64(t.main.net.Classes()))
	if t.cfg.Loss.CTC() {
		guess *= float64(b.T)
	}
	if mean := res.Loss / float64(res.Terms); t.cfg.MaxLoss > 0 && mean > t.cfg.MaxLoss*guess {
		return fmt.Sprintf("the loss exploded: %.4g, over %g times the %.3g of guessing evenly (max_loss)", mean, t.cfg.MaxLoss, guess)
	}
	return ""
}

func isFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
