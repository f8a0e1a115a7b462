package train

import (
	"framewise/model/optim"
	"framewise/model/results"
)

// How the epoch that is kept is chosen, in run.json.
const (
	byAccuracy = "dev-accuracy"
	byLoss     = "dev-loss"
	byPER      = "dev-per"
)

// selection is how the epoch is chosen if there is a development split.
func (c Config) selection() string {
	switch by := c.EarlyStopping.By; {
	case by == "per", by == "auto" && c.Loss.CTC():
		return byPER
	case by == "loss":
		return byLoss
	}
	return byAccuracy
}

// judge decides from an epoch's scores whether its weights are kept, whether
// the learning rate falls and whether training stops.
func (t *trainer) judge(e results.Epoch) (improved bool) {
	s := &t.state
	if e.DevAccuracy == nil {
		s.Best = s.Epoch
		return true
	}
	lower := s.Observe(*e.DevLoss, t.cfg.Schedule.Threshold)
	if t.cfg.Schedule.Name == optim.StepDown {
		s.Drop(t.cfg.Schedule.Patience)
	}
	s.Stale++
	score := *e.DevAccuracy
	switch by := t.cfg.selection(); {
	case by == byLoss:
		score = -*e.DevLoss
	case by == byPER && e.DevPER != nil:
		// At first a network trained with CTC hears nothing but blanks, for
		// many epochs, while the loss already falls.
		score = -*e.DevPER
		improved = score == s.BestScore && lower
		if lower && t.cfg.Loss.CTC() {
			s.Stale = 0
		}
	}
	if improved = improved || s.Best == 0 || score > s.BestScore; improved {
		s.Best, s.BestScore, s.Stale = s.Epoch, score, 0
	}
	s.Stopped = s.Stopped || t.impatient(s.Stale)
	return improved
}

// impatient says whether so many epochs without a better one end training.
func (t *trainer) impatient(stale int) bool {
	p := t.cfg.EarlyStopping.Patience
	return p > 0 && stale >= p
}
