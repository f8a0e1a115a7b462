package train

import (
	"context"
	"math"

	"framewise/dataset"
	"framewise/model"
)

// scored is one example as the network sees it: its outputs and what they
// should have been.
type scored struct {
	ex       *dataset.Example
	labels   []int // class of each output, -1 = none
	best     []int // the network's class of each output, CTC's blank apart
	path     []int // with CTC, the class of each output, the blank being the last; otherwise nil
	searched bool  // the decoder made a search, whose result is found
	found    []int // the class of each output, with CTC the sequence of classes
	linear   []int // the linear baseline's; nil without one
	loss     float64
	terms    int // of the loss: labelled outputs, or 1 with CTC if the targets fit
}

// pass runs networks over examples without training them, and gives each
// example to visit, whose slices are valid during the call. linear may be nil.
// tick is called after every batch with the frames that it held.
func (r *reader) pass(ctx context.Context, net, linear *model.Network, plan [][]int, tick func(frames int), visit func(*scored) error) error {
	stream := r.open(ctx, plan, 0, 0)
	defer stream.close()
	for {
		l, ok := stream.next()
		if !ok {
			return ctx.Err()
		}
		if l.err != nil {
			return l.err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		all, err := r.score(net, linear, l)
		if err != nil {
			return err
		}
		for i := range all {
			if err := visit(&all[i]); err != nil {
				return err
			}
		}
		tick(l.batch.NumFrames())
	}
}

// score runs one batch.
func (r *reader) score(net, linear *model.Network, l loaded) ([]scored, error) {
	p, err := net.Forward(l.batch)
	if err != nil {
		return nil, err
	}
	all := make([]scored, len(l.examples))
	for b, ex := range l.examples {
		s := &all[b]
		s.ex = ex
		for t := range net.OutLen(l.batch.Lens[b]) {
			label := l.batch.Labels[(t+p.Crop)*l.batch.B+b]
			s.labels, s.best = append(s.labels, label), append(s.best, p.BestOf(len(r.fold.Labels), t, b))
			if label >= 0 && !r.ctc {
				s.loss -= math.Log(math.Max(float64(p.Row(t, b)[label]), math.SmallestNonzeroFloat32))
				s.terms++
			}
		}
		if r.ctc {
			r.scorePath(s, p, b, l.batch.Targets[b])
		}
		if !r.decoder.greedy() {
			if s.found, err = r.decoder.search(ex.ID, len(s.labels), func(t int) []float32 { return p.Row(t, b) }); err != nil {
				return nil, err
			}
			s.searched = true
		}
	}
	if linear == nil {
		return all, nil
	}
	q, err := linear.Forward(l.batch)
	if err != nil {
		return nil, err
	}
	for b := range all {
		for t := range all[b].best {
			all[b].linear = append(all[b].linear, q.Best(t+p.Crop, b))
		}
	}
	return all, nil
}

// scorePath adds what CTC says of utterance b: its path and its loss.
func (r *reader) scorePath(s *scored, p *model.Posteriors, b int, targets []int) {
	for t := range s.labels {
		s.path = append(s.path, p.Best(t, b))
	}
	if loss := r.scorer.Loss(len(s.labels), func(t int) []float32 { return p.Row(t, b) }, targets); !math.IsInf(loss, 1) {
		s.loss, s.terms = loss, 1
	}
}
