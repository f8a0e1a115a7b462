package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"framewise/model/optim"
	"framewise/model/results"
	"framewise/model/score"
	"framewise/model/weights"
)

// DivergedError says that a loss or a gradient was no number. The state before
// the step is saved; the weights never saw it.
type DivergedError struct {
	Epoch, Step int
	Loss        float64  // sum over the batch
	IDs         []string // of the batch
}

func (e *DivergedError) Error() string {
	return fmt.Sprintf("training diverged in epoch %d at step %d: loss %g or its gradient is not a number, with a batch of %q; try a lower optimizer.lr or optimizer.clip", e.Epoch, e.Step, e.Loss, e.IDs)
}

func (t *trainer) done() bool { return t.state.Epoch > t.cfg.Epochs || t.state.Stopped }

// rate is the learning rate at a batch of the current epoch's plan.
func (t *trainer) rate(batch, batches int) float64 {
	lr := t.cfg.Optimizer.LR
	switch t.cfg.Schedule.Name {
	case "plateau":
		return lr * math.Pow(t.cfg.Schedule.Factor, float64(t.state.Drops))
	case "cosine":
		done := (float64(t.state.Epoch-1) + float64(batch)/float64(batches)) / float64(t.cfg.Epochs)
		return lr * (1 + math.Cos(math.Pi*done)) / 2
	}
	return lr
}

// epoch trains what is left of the current epoch, scores it and saves.
func (t *trainer) epoch(ctx context.Context) error {
	plan := planEpoch(t.items, func(i int) string { return t.reader.src.Meta(i).ID }, t.cfg.Batch, t.cfg.Seed, t.state.Epoch)
	if err := t.batches(ctx, plan); err != nil {
		return err
	}
	e := t.summary(t.rate(len(plan)-1, len(plan)))
	if t.dev != nil {
		if err := t.score(ctx, &e); err != nil {
			return errors.Join(err, t.save()) // resuming scores again
		}
	}
	improved := t.judge(e)
	if improved {
		if err := t.keep(); err != nil {
			return err
		}
	}
	if err := t.appendMetrics(e); err != nil {
		return err
	}
	t.logEpoch(e, improved)
	t.state.Epoch, t.state.Batch, t.state.Sums = t.state.Epoch+1, 0, sums{}
	return t.save()
}

// batches trains on the rest of a plan.
func (t *trainer) batches(ctx context.Context, plan [][]int) error {
	stream := t.reader.open(ctx, plan, t.state.Batch, t.state.Epoch)
	defer stream.close()
	for {
		begin, idle := time.Now(), stream.waited
		l, ok := stream.next()
		if err := ctx.Err(); err != nil {
			return errors.Join(err, t.save())
		}
		if !ok {
			return nil
		}
		if l.err != nil {
			return errors.Join(l.err, t.save())
		}
		if err := t.step(l, t.rate(l.number, len(plan))); err != nil {
			return err
		}
		t.state.Batch, t.state.Step = l.number+1, t.state.Step+1
		s := &t.state.Sums
		seconds := time.Since(begin).Seconds()
		s.Seconds, s.Idle, t.state.Seconds = s.Seconds+seconds, s.Idle+(stream.waited-idle).Seconds(), t.state.Seconds+seconds
		t.progress(Progress{Phase: "train", Epoch: t.state.Epoch, Epochs: t.cfg.Epochs, Done: s.Read, Total: t.run.TrainFrames,
			Loss: mean(s.Loss, s.Terms), Accuracy: mean(float64(s.Correct), s.Frames), Rate: float64(s.Read) / s.Seconds, Idle: s.Idle / s.Seconds})
		if c := t.cfg.Checkpoint; c > 0 && t.state.Step%c == 0 && t.state.Batch < len(plan) {
			if err := t.save(); err != nil {
				return err
			}
		}
	}
}

// step trains on one batch.
func (t *trainer) step(l loaded, rate float64) error {
	s := &t.state.Sums
	res, err := t.main.net.Gradients(l.batch, t.state.Step)
	if err != nil {
		return err
	}
	s.Read += int64(l.batch.NumFrames())
	s.Cells += int64(l.batch.T * l.batch.B)
	t.unfit(l, res.Unfit)
	if res.Terms == 0 {
		s.Skipped++
		return nil
	}
	if math.IsNaN(res.Loss) || math.IsInf(res.Loss, 0) {
		return t.diverged(l, res.Loss)
	}
	norm, err := t.main.solver.Step(res.Grads, rate)
	if errors.Is(err, optim.ErrNotFinite) {
		return t.diverged(l, res.Loss)
	}
	if err != nil {
		return err
	}
	s.Loss += res.Loss
	s.Terms += int64(res.Terms)
	s.Frames += int64(res.Frames)
	s.Correct += int64(res.Correct)
	s.Norm += norm
	s.Updates++
	if t.linear == nil {
		return nil
	}
	lin, err := t.linear.net.Gradients(l.batch, t.state.Step)
	if err != nil {
		return err
	}
	if lin.Frames == 0 { // phones only
		return nil
	}
	s.LinearFrames += int64(lin.Frames)
	s.LinearCorrect += int64(lin.Correct)
	if _, err := t.linear.solver.Step(lin.Grads, linearRate); err != nil {
		return fmt.Errorf("linear baseline: %w", err)
	}
	return nil
}

// unfit counts utterances whose targets do not fit, and names them once.
func (t *trainer) unfit(l loaded, places []int) {
	t.state.Sums.Unfit += len(places)
	for _, b := range places {
		if t.state.Epoch == 1 {
			t.log.Warn("too few frames for the phones: the utterance trains nothing", "utt", l.batch.IDs[b],
				"frames", t.main.net.OutLen(l.batch.Lens[b]), "phones", len(l.batch.Targets[b]))
		}
	}
}

// diverged saves the state, which the batch has not touched, and says what
// went wrong.
func (t *trainer) diverged(l loaded, loss float64) error {
	d := &DivergedError{Epoch: t.state.Epoch, Step: t.state.Step, Loss: loss, IDs: append([]string(nil), l.batch.IDs...)}
	t.log.Error("training diverged", "epoch", d.Epoch, "step", d.Step, "loss", d.Loss, "utts", d.IDs)
	return errors.Join(d, t.save())
}

// summary turns the sums of the epoch into its line of metrics.jsonl.
func (t *trainer) summary(rate float64) results.Epoch {
	s := t.state.Sums
	e := results.Epoch{Epoch: t.state.Epoch, Step: t.state.Step, LearningRate: rate,
		TrainLoss: mean(s.Loss, s.Terms), TrainAccuracy: mean(float64(s.Correct), s.Frames),
		Frames: s.Read, PaddingShare: 1 - mean(float64(s.Read), s.Cells),
		Seconds: s.Seconds, GradientNorm: mean(s.Norm, int64(s.Updates)), SkippedBatches: s.Skipped, InfiniteLosses: s.Unfit}
	if s.Seconds > 0 {
		e.IdleShare, e.FramesPerSec = s.Idle/s.Seconds, float64(s.Read)/s.Seconds
	}
	if t.linear != nil {
		v := mean(float64(s.LinearCorrect), s.LinearFrames)
		e.LinearTrain = &v
	}
	return e
}

// mean is sum/n, 0 if n is.
func mean(sum float64, n int64) float64 {
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// score runs the development split.
func (t *trainer) score(ctx context.Context, e *results.Epoch) error {
	var loss float64
	var terms, frames, correct, done int64
	var edits score.Edits
	begin := time.Now()
	tick := func(n int) {
		done += int64(n)
		t.progress(Progress{Phase: "dev", Epoch: t.state.Epoch, Epochs: t.cfg.Epochs, Done: done, Total: t.devTotal,
			Loss: mean(loss, terms), Accuracy: mean(float64(correct), frames), Rate: float64(done) / time.Since(begin).Seconds()})
	}
	err := t.dev.pass(ctx, t.main.net, nil, t.devPlan, tick, func(s *scored) error {
		loss, terms = loss+s.loss, terms+int64(s.terms)
		if t.phones != nil {
			edits.Add(t.phones.edits(s))
		}
		for i, label := range s.labels {
			if label >= 0 {
				frames++
				if s.best[i] == label {
					correct++
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	meanLoss, accuracy := mean(loss, terms), mean(float64(correct), frames)
	e.DevLoss, e.DevAccuracy = &meanLoss, &accuracy
	if per, ok := edits.Rate(); ok {
		e.DevPER = &per
	}
	return nil
}

// judge decides from an epoch's scores whether its weights are kept, whether
// the learning rate falls and whether training stops.
func (t *trainer) judge(e results.Epoch) (improved bool) {
	s := &t.state
	if e.DevAccuracy == nil {
		s.Best = s.Epoch
		return true
	}
	lower := s.Best == 0 || *e.DevLoss < s.BestLoss
	if s.Waited++; lower {
		s.BestLoss, s.Waited = *e.DevLoss, 0
	}
	if t.cfg.Schedule.Name == "plateau" && s.Waited >= t.cfg.Schedule.Patience {
		s.Drops, s.Waited = s.Drops+1, 0
	}
	s.Stale++
	score := *e.DevAccuracy
	if e.DevPER != nil {
		// At first a network trained with CTC hears nothing but blanks, for
		// many epochs, while the loss already falls.
		score = -*e.DevPER
		improved = score == s.BestScore && lower
		if lower {
			s.Stale = 0
		}
	}
	if improved = improved || s.Best == 0 || score > s.BestScore; improved {
		s.Best, s.BestScore, s.Stale = s.Epoch, score, 0
	}
	if p := t.cfg.EarlyStopping.Patience; p > 0 && s.Stale >= p {
		s.Stopped = true
	}
	return improved
}

// keep writes the weights of the epoch as the run's result.
func (t *trainer) keep() error {
	meta := map[string]string{"network": t.cfg.Network.Preset, "folding_digest": t.fold.Digest()}
	err := weights.Write(filepath.Join(t.out, results.WeightsFile), weights.File{Tensors: t.main.net.Tensors(""), Meta: meta})
	if err == nil && t.linear != nil {
		err = weights.Write(filepath.Join(t.out, results.LinearFile), weights.File{Tensors: t.linear.net.Tensors(""), Meta: meta})
	}
	return err
}

func (t *trainer) logEpoch(e results.Epoch, kept bool) {
	args := []any{"epoch", e.Epoch, "step", e.Step, "loss", e.TrainLoss, "accuracy", e.TrainAccuracy}
	if e.DevAccuracy != nil {
		args = append(args, "dev_loss", *e.DevLoss, "dev_accuracy", *e.DevAccuracy)
	}
	if e.DevPER != nil {
		args = append(args, "dev_per", *e.DevPER)
	}
	t.log.Info("epoch", append(args, "frames_per_sec", e.FramesPerSec, "kept", kept)...)
}
