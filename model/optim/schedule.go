package optim

import (
	"fmt"
	"math"
	"slices"
)

// Names of schedules.
const (
	Constant = "constant"
	StepDown = "plateau"
	Cosine   = "cosine"
	OneCycle = "onecycle"
)

// Schedules lists the names.
func Schedules() []string { return []string{Constant, StepDown, Cosine, OneCycle} }

// Schedule says what the learning rate is at every update. Written with s for
// the number of the update, from 0, N for that of all, and W = Warmup N:
//
//	constant  LR w                                w = min(1, (s+1)/W), 1 without warm-up
//	plateau   max(MinLR, LR Factor^drops) w
//	cosine    LR w while s < W, then              (Loshchilov and Hutter 2017, without restarts)
//	          MinLR + (LR-MinLR) (1 + cos(pi (s-W)/(N-W))) / 2
//	onecycle  from LR/DivFactor up to LR at       (Smith and Topin 2018)
//	          s = PctStart N - 1, then down to LR/DivFactor/FinalDivFactor
//	          at s = N-1, each half a cosine
type Schedule struct {
	Name   string
	LR     float64 // the highest rate
	MinLR  float64 // plateau, cosine
	Warmup float64 // constant, plateau, cosine: share of the updates
	Factor float64 // plateau

	PctStart       float64 // onecycle: share of the updates
	DivFactor      float64
	FinalDivFactor float64
}

// Validate reports the first setting that makes no sense, by its key in
// train.yaml.
func (c Schedule) Validate() error {
	switch {
	case !slices.Contains(Schedules(), c.Name):
		return fmt.Errorf("schedule.name: %q, want one of %v", c.Name, Schedules())
	case !(c.Warmup >= 0 && c.Warmup < 1):
		return fmt.Errorf("schedule.warmup: %g, want 0 <= warmup < 1, a share of training", c.Warmup)
	case !(c.MinLR >= 0 && c.MinLR <= c.LR):
		return fmt.Errorf("schedule.min_lr: %g, want 0 to the learning rate, %g", c.MinLR, c.LR)
	case c.Name == StepDown && !(c.Factor > 0 && c.Factor < 1):
		return fmt.Errorf("schedule.factor: %g, want 0 < factor < 1", c.Factor)
	case c.Name == OneCycle && !(c.PctStart > 0 && c.PctStart < 1):
		return fmt.Errorf("schedule.pct_start: %g, want 0 < pct_start < 1, a share of training", c.PctStart)
	case c.Name == OneCycle && !(c.DivFactor >= 1 && !math.IsInf(c.DivFactor, 1)):
		return fmt.Errorf("schedule.div_factor: %g, want 1 or more", c.DivFactor)
	case c.Name == OneCycle && !(c.FinalDivFactor >= 1 && !math.IsInf(c.FinalDivFactor, 1)):
		return fmt.Errorf("schedule.final_div_factor: %g, want 1 or more", c.FinalDivFactor)
	}
	return nil
}

// Rate is the learning rate of update s of n. drops is how often a plateau has
// lowered it.
func (c Schedule) Rate(s, n float64, drops int) float64 {
	if c.Name == OneCycle {
		return c.oneCycle(s, n)
	}
	warm := c.Warmup * n
	rise := 1.0
	if warm > 0 {
		rise = min(1, (s+1)/warm)
	}
	switch {
	case c.Name == StepDown:
		return max(c.MinLR, c.LR*math.Pow(c.Factor, float64(drops))) * rise
	case c.Name == Cosine && s >= warm:
		return anneal(c.LR, c.MinLR, (s-warm)/(n-warm))
	}
	return c.LR * rise
}

func (c Schedule) oneCycle(s, n float64) float64 {
	first := c.LR / c.DivFactor
	top := c.PctStart*n - 1 // may be below the first update where there are few
	if top > 0 && s <= top {
		return anneal(first, c.LR, s/top)
	}
	top = max(top, 0)
	if n-1 <= top {
		return c.LR
	}
	return anneal(c.LR, first/c.FinalDivFactor, min(1, (s-top)/(n-1-top)))
}

// anneal goes from one rate to another along half a cosine.
func anneal(from, to, share float64) float64 {
	return to + (from-to)*(1+math.Cos(math.Pi*share))/2
}

// Plateau counts epochs without a better loss, as PyTorch's ReduceLROnPlateau
// does with a patience that is one less.
type Plateau struct {
	Best   float64 `json:"best_loss"`
	Waited int     `json:"waited"` // epochs since Best, or since the last drop
	Drops  int     `json:"drops"`
}

// NewPlateau has seen no loss.
func NewPlateau() Plateau { return Plateau{Best: math.MaxFloat64} }

// Observe takes the loss of an epoch and reports whether it is the lowest so
// far, by more than the share threshold.
func (p *Plateau) Observe(loss, threshold float64) (better bool) {
	p.Waited++
	if better = p.Best == math.MaxFloat64 || loss < p.Best*(1-threshold); better {
		p.Best, p.Waited = loss, 0
	}
	return better
}

// Drop lowers the rate if that many epochs brought nothing better.
func (p *Plateau) Drop(patience int) {
	if p.Waited >= patience {
		p.Drops, p.Waited = p.Drops+1, 0
	}
}
