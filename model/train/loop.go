package train

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"framewise/model"
	"framewise/model/results"
	"framewise/model/score"
	"framewise/model/weights"
)

func (t *trainer) done() bool { return t.state.Epoch > t.cfg.Epochs || t.state.Stopped }

// epoch trains what is left of the current epoch, scores it and saves.
func (t *trainer) epoch(ctx context.Context) error {
	plan := planEpoch(t.items, t.reader.id, t.cfg.Batch, t.cfg.Seed, t.state.Epoch)
	if err := t.batches(ctx, plan); err != nil {
		return err
	}
	e := t.summary(t.rate(len(plan)-1, len(plan)))
	if t.dev != nil {
		if err := t.averaged(func() error { return t.score(ctx, &e) }); err != nil {
			return errors.Join(err, t.save()) // resuming scores again
		}
	}
	improved := t.judge(e)
	if improved {
		if err := t.averaged(t.keep); err != nil {
			return err
		}
	}
	e.Time = time.Now().UTC().Format(time.RFC3339Nano)
	if err := t.appendMetrics(e); err != nil {
		return err
	}
	t.logEpoch(e, improved)
	t.state.Epoch, t.state.Batch, t.state.Sums = t.state.Epoch+1, 0, sums{}
	return t.save()
}

// averaged does something with the averaged weights in the network, if they
// are averaged.
func (t *trainer) averaged(do func() error) error {
	if a := t.main.average; a != nil {
		a.Swap()
		defer a.Swap()
	}
	return do()
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
		if bad := (*FeatureError)(nil); errors.As(l.err, &bad) {
			return t.diverged(l, &model.Step{Loss: math.NaN()}, math.NaN(), bad.Error())
		}
		if l.err != nil {
			return errors.Join(l.err, t.save())
		}
		before := t.state.Sums
		if err := t.step(l); err != nil {
			return err
		}
		t.state.Batch, t.state.Step = l.number+1, t.state.Step+1
		s := &t.state.Sums
		seconds := time.Since(begin).Seconds()
		s.Seconds, s.Idle, t.state.Seconds = s.Seconds+seconds, s.Idle+(stream.waited-idle).Seconds(), t.state.Seconds+seconds
		t.progress(Progress{Phase: "train", Epoch: t.state.Epoch, Epochs: t.cfg.Epochs, Done: s.Read, Total: t.run.TrainFrames,
			Loss: mean(s.Loss, s.Terms), Accuracy: mean(float64(s.Correct), s.Frames), Rate: float64(s.Read) / s.Seconds, Idle: s.Idle / s.Seconds,
			BatchLoss: mean(s.Loss-before.Loss, s.Terms-before.Terms)})
		if c := t.cfg.Checkpoint; c > 0 && t.state.Step%c == 0 && t.state.Batch < len(plan) {
			if err := t.save(); err != nil {
				return err
			}
		}
	}
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

// summary turns the sums of the epoch into its line of metrics.jsonl.
func (t *trainer) summary(rate float64) results.Epoch {
	s := t.state.Sums
	e := results.Epoch{Epoch: t.state.Epoch, Step: t.state.Step, LearningRate: rate,
		TrainLoss: mean(s.Loss, s.Terms), TrainAccuracy: mean(float64(s.Correct), s.Frames),
		Frames: s.Read, PaddingShare: 1 - mean(float64(s.Read), s.Cells),
		Seconds: s.Seconds, Updates: s.Updates, GradientNorm: mean(s.Norm, int64(s.Updates)), SkippedBatches: s.Skipped, InfiniteLosses: s.Unfit}
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
	per, ok := edits.Rate()
	switch {
	case ok:
		e.DevPER = &per
	case t.cfg.EarlyStopping.By == "per":
		return errors.New("early_stopping.by: per, but no example of the development split has phones")
	}
	return nil
}

// keep writes the weights of the epoch as the run's result. What other weights
// have scored is no longer the run's.
func (t *trainer) keep() error {
	if err := t.forgetScores(); err != nil {
		return err
	}
	meta := map[string]string{"network": t.cfg.Network.Preset, "folding_digest": t.fold.Digest()}
	err := weights.Write(filepath.Join(t.out, results.WeightsFile), weights.File{Tensors: t.main.net.Tensors(""), Meta: meta})
	if err == nil && t.linear != nil {
		err = weights.Write(filepath.Join(t.out, results.LinearFile), weights.File{Tensors: t.linear.net.Tensors(""), Meta: meta})
	}
	return err
}

// forgetScores removes the results of evaluations.
func (t *trainer) forgetScores() error {
	names, err := fs.Glob(os.DirFS(t.out), fmt.Sprintf(results.EvalFileName, "*"))
	for _, name := range names {
		err = errors.Join(err, os.Remove(filepath.Join(t.out, name)))
	}
	if err != nil {
		return fmt.Errorf("remove the scores of other weights: %w", err)
	}
	return nil
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
