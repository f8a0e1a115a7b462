package nn

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// CTCState has the settings of a CTC, read at every run, and what it found in
// the last one.
type CTCState struct {
	BlankFirst bool // the blank is class 0, as in PyTorch; otherwise it is the last, K-1
	PerLabel   bool // each utterance's loss is divided by its number of labels, or 1 if it has none

	Count        int            // utterances of at least one frame whose targets fit
	Infinite     int            // utterances whose targets do not fit: they count neither in the loss nor in the gradient
	PerUtterance []UtteranceCTC // by place in the batch
}

// UtteranceCTC is one utterance's share of a CTC.
type UtteranceCTC struct {
	Loss   float64 // -log P(targets | logits) in nats, +Inf if the targets do not fit; 0 for an absent utterance
	Frames int
	Labels int
}

// Fits says whether the loss is not infinite.
func (u UtteranceCTC) Fits() bool { return !math.IsInf(u.Loss, 1) }

// Blank is the class of the blank among k.
func (s *CTCState) Blank(k int) int {
	if s.BlankFirst {
		return 0
	}
	return k - 1
}

// CTC adds the mean loss of connectionist temporal classification (Graves et
// al. 2006): the mean over utterances of
//
//	-log sum over paths of prod over frames t of softmax(logits[t])[path[t]]
//
// where the paths of an utterance are the sequences of as many classes as it
// has frames that become its targets if equal neighbors are made one and then
// blanks left out. logits are [T, B, K] with lens [B]; targets [B, U] of int
// hold the classes of utterance b in their first targetLens[b] places, never the
// blank. An utterance of n labels, r of them equal to the one before, needs n+r
// frames. With fewer, or where all paths have probability 0, its loss is
// infinite; it is left out of the mean and gets no gradient, and state says
// which it was. The mean over no utterances is 0.
//
// The gradient of the logits of utterance b is that of the whole, softmax
// included, (softmax - share of the paths in each class) / Count: what
// PyTorch's ctc_loss with zero_infinity gives behind log_softmax. Its reduction
// "sum" is Count times this mean. Its "mean" is this mean with PerLabel, but
// divides by all utterances, those with an infinite loss among them.
//
// Sums over paths are made in the logarithmic domain, each frame relative to
// the likeliest prefix, with what is taken out kept in float64: they neither
// underflow nor lose digits over many frames.
func CTC(logits, lens, targets, targetLens *G.Node, state *CTCState) (*G.Node, error) {
	if logits.Dtype() == tensor.Float64 {
		return newCTC[float64](logits, lens, targets, targetLens, state)
	}
	return newCTC[float32](logits, lens, targets, targetLens, state)
}

type ctcLayer[F float] struct {
	state      *CTCState
	t, b, k, u int
	p, dz      *buffer[F] // posteriors; gradient of the logits
	norm       []float64  // [T, B], logarithm of the sum of a frame's exponentials
	utterances []ctcUtterance[F]
}

func newCTC[F float](logits, lens, targets, targetLens *G.Node, state *CTCState) (*G.Node, error) {
	T, B, K, err := sequence("CTC", logits, lens)
	if err != nil {
		return nil, err
	}
	if s := targets.Shape(); len(s) != 2 || s[0] != B || targets.Dtype() != tensor.Int {
		return nil, fmt.Errorf("CTC: targets are %v of %v, want [%d, U] of int for logits %v", s, targets.Dtype(), B, logits.Shape())
	}
	if s := targetLens.Shape(); len(s) != 1 || s[0] != B || targetLens.Dtype() != tensor.Int {
		return nil, fmt.Errorf("CTC: lengths of targets are %v of %v, want [%d] of int for logits %v", s, targetLens.Dtype(), B, logits.Shape())
	}
	if state == nil {
		return nil, fmt.Errorf("CTC: no state")
	}
	l := &ctcLayer[F]{state: state, t: T, b: B, k: K, u: targets.Shape()[1], p: newBuffer[F](K, T, B, K),
		norm: make([]float64, T*B), utterances: make([]ctcUtterance[F], B)}
	return apply(operation{name: "CTC", dtype: logits.Dtype(), diff: []bool{true, false, false, false},
		run: l.forward, gradient: l.symDiff}, logits, lens, targets, targetLens)
}

// prepare gives every utterance its targets and zeroes the counts.
func (l *ctcLayer[F]) prepare(lens, targets, targetLens []int) error {
	s := l.state
	blank := s.Blank(l.k)
	for b, n := range targetLens {
		if n < 0 || n > l.u {
			return fmt.Errorf("CTC: utterance %d of the batch has %d targets, the graph has room for 0 to %d", b, n, l.u)
		}
		labels := targets[b*l.u:][:n]
		for i, y := range labels {
			if y < 0 || y >= l.k || y == blank {
				return fmt.Errorf("CTC: target %d of utterance %d is %d, want 0 to %d without the blank, %d", i, b, y, l.k-1, blank)
			}
		}
		l.utterances[b].prepare(labels, blank, lens[b])
	}
	s.Count, s.Infinite = 0, 0
	if len(s.PerUtterance) != l.b {
		s.PerUtterance = make([]UtteranceCTC, l.b)
	}
	return nil
}

func (l *ctcLayer[F]) forward(in []G.Value) (G.Value, error) {
	lens, longest, err := lengths(in[1], l.t)
	if err != nil {
		return nil, fmt.Errorf("CTC: %w", err)
	}
	if err := l.prepare(lens, in[2].Data().([]int), in[3].Data().([]int)); err != nil {
		return nil, err
	}
	z := data[F](in[0])
	l.p.rows(longest * l.b)
	parallel(Threads(), l.b, 1, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			l.softmax(b, z)
			l.utterances[b].forward(ctcFrames[F]{z, l.norm, b, l.b, l.k})
		}
	})
	var loss float64
	for b := range l.utterances {
		u := &l.utterances[b]
		l.state.PerUtterance[b] = UtteranceCTC{Loss: u.loss, Frames: u.frames, Labels: len(u.labels)}
		switch {
		case !u.fits():
			l.state.Infinite++
		case u.frames > 0:
			l.state.Count++
			loss += u.loss * l.weight(b)
		}
	}
	if l.state.Count > 0 {
		loss /= float64(l.state.Count)
	}
	if dtypeOf[F]() == tensor.Float32 {
		return G.NewF32(float32(loss)), nil
	}
	return G.NewF64(loss), nil
}

// softmax stores the posteriors of an utterance and what they were divided by.
func (l *ctcLayer[F]) softmax(b int, z []F) {
	for t := range l.utterances[b].frames {
		r := t*l.b + b
		sum, top, _ := softmaxRow(l.p.data[r*l.k:][:l.k], z[r*l.k:][:l.k])
		l.norm[r] = math.Log(sum) + float64(top)
	}
}

// weight is an utterance's factor in the sum of losses.
func (l *ctcLayer[F]) weight(b int) float64 {
	if !l.state.PerLabel {
		return 1
	}
	return 1 / float64(max(1, len(l.utterances[b].labels)))
}

func (l *ctcLayer[F]) symDiff(in G.Nodes, out, grad *G.Node) (G.Nodes, error) {
	l.dz = newBuffer[F](l.k, l.t, l.b, l.k)
	d, err := backward[F]("CTCGrad", G.Nodes{in[0], in[1], out, grad}, l.backward, l.dz.tensor)
	if err != nil {
		return nil, err
	}
	return G.Nodes{d[0], nil, nil, nil}, nil
}

func (l *ctcLayer[F]) backward(in []G.Value) error {
	_, longest, err := lengths(in[1], l.t)
	if err != nil {
		return fmt.Errorf("CTC: %w", err)
	}
	scale, err := scalar(in[3])
	if err != nil {
		return fmt.Errorf("CTC: %w", err)
	}
	z, dz := data[F](in[0]), l.dz.rows(longest*l.b)
	parallel(Threads(), l.b, 1, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			u := &l.utterances[b]
			from := 0
			if u.fits() {
				from = u.frames
				factor := F(scale * l.weight(b) / float64(max(1, l.state.Count)))
				u.backward(ctcFrames[F]{z, l.norm, b, l.b, l.k}, l.p.data, dz, factor)
			}
			for t := from; t < longest; t++ {
				clear(dz[(t*l.b+b)*l.k:][:l.k])
			}
		}
	})
	return nil
}
