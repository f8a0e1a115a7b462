package model

import (
	"fmt"
	"math"
)

// Step is what one batch did in training.
type Step struct {
	Loss    float64     // sum over Terms, weighted by class, in nats
	Terms   int         // labelled frames, 0 if none weighs anything; with CTC, utterances whose targets fit
	Weight  float64     // of the terms together, which the mean loss is over: Terms, unless classes weigh differently
	Frames  int         // labelled frames that the network has an output for
	Correct int         // of them, those whose best class, other than CTC's blank, is the label
	Unfit   []int       // with CTC, places in the batch of the utterances that count nothing: their targets do not fit
	Grads   [][]float32 // gradient of the mean loss, in the order of Params; valid until the next batch
}

// Posteriors are a network's outputs for a batch.
type Posteriors struct {
	T, B, K int
	Crop    int       // output t of an utterance belongs to its frame t+Crop
	P       []float32 // [T, B, K], valid until the next batch
}

// Row is the distribution [K] of output t of utterance b.
func (p *Posteriors) Row(t, b int) []float32 { return p.P[(t*p.B+b)*p.K:][:p.K] }

// Best is the likeliest class of output t of utterance b, the first of equals.
func (p *Posteriors) Best(t, b int) int { return best(p.Row(t, b)) }

// BestOf is the likeliest of the first k classes.
func (p *Posteriors) BestOf(k, t, b int) int { return best(p.Row(t, b)[:k]) }

// Gradients runs a batch forward and backward. step numbers the masks of
// dropout. The weights stay as they are.
func (n *Network) Gradients(batch *Batch, step int) (*Step, error) {
	if err := batch.check(n.Inputs(), true); err != nil {
		return nil, err
	}
	if n.loss.CTC() && len(batch.Targets) != batch.B {
		return nil, fmt.Errorf("batch of %d utterances has targets for %d", batch.B, len(batch.Targets))
	}
	g, err := n.graph(batch.T, batch.B, true)
	if err != nil {
		return nil, err
	}
	g.dropout.Step = step
	g.fill(batch, n.Crop())
	g.vm.Reset()
	if err := g.vm.RunAll(); err != nil {
		return nil, fmt.Errorf("run a batch of %d x %d: %w", batch.T, batch.B, err)
	}
	s := g.step(batch, n.Crop())
	s.Grads = make([][]float32, len(g.weights))
	for i, w := range g.weights {
		v, err := w.Grad()
		if err != nil {
			return nil, fmt.Errorf("gradient of %s: %w", n.params[i].Name, err)
		}
		s.Grads[i] = v.Data().([]float32)
	}
	return s, nil
}

// Forward computes the posteriors of a batch; its labels are not looked at.
func (n *Network) Forward(batch *Batch) (*Posteriors, error) {
	if err := batch.check(n.Inputs(), false); err != nil {
		return nil, err
	}
	g, err := n.graph(batch.T, batch.B, false)
	if err != nil {
		return nil, err
	}
	g.fill(batch, n.Crop())
	g.vm.Reset()
	if err := g.vm.RunAll(); err != nil {
		return nil, fmt.Errorf("run a batch of %d x %d: %w", batch.T, batch.B, err)
	}
	return &Posteriors{T: max(0, batch.T-2*n.Crop()), B: g.b, K: n.k, Crop: n.Crop(), P: g.out.Value().Data().([]float32)}, nil
}

// OutLen is the number of outputs for an utterance of that many frames.
func (n *Network) OutLen(frames int) int { return max(0, frames-2*n.Crop()) }

// fill copies a batch into the inputs of the graph, whose columns may be more.
func (g *graph) fill(batch *Batch, crop int) {
	wide, narrow := g.b*g.inputs, batch.B*g.inputs
	for t := range batch.T {
		row := g.x[t*wide:][:wide]
		copy(row, batch.X[t*narrow:][:narrow])
		clear(row[narrow:])
	}
	for b, l := range batch.Lens { // what is past the end must be finite
		for t := l; t < batch.T; t++ {
			clear(g.x[t*wide+b*g.inputs:][:g.inputs])
		}
	}
	clear(g.lens)
	copy(g.lens, batch.Lens)
	if g.train {
		g.fillLoss(batch, crop)
	}
}

// Norm is the L2 norm of the gradient over all weights.
func (s *Step) Norm() float64 {
	var sum float64
	for _, g := range s.Grads {
		for _, v := range g {
			sum += float64(v) * float64(v)
		}
	}
	return math.Sqrt(sum)
}
