package nn

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// XentState has the settings of a CrossEntropy, read at every run, and what it
// counted in the last one.
type XentState struct {
	ClassWeights   []float64 // weight of each class's frames in the mean; nil: all 1
	LabelSmoothing float64   // in [0, 1): share of the target that is spread over all classes

	Count        int            // labelled frames
	Correct      int            // of them, those whose largest logit is the label's
	Weight       float64        // sum of the labelled frames' weights: Count without ClassWeights
	PerUtterance []UtteranceSum // by place in the batch
}

// UtteranceSum is one utterance's share of a CrossEntropy.
type UtteranceSum struct {
	Loss           float64 // sum over its labelled frames, weighted, in nats
	Count, Correct int
}

// CrossEntropy adds the mean cross-entropy between the softmax of logits
// [T, B, K] and labels [T*B] of int, row t*B+b being frame t of utterance b.
// Label -1 marks frames that do not count, padding among them. The mean is over
// labelled frames, weighted by ClassWeights as PyTorch's CrossEntropyLoss does;
// it is 0 if there are none. Sums are in float64 and in a fixed order.
func CrossEntropy(logits, labels *G.Node, state *XentState) (*G.Node, error) {
	if logits.Dtype() == tensor.Float64 {
		return newXent[float64](logits, labels, state)
	}
	return newXent[float32](logits, labels, state)
}

type xentLayer[F float] struct {
	state   *XentState
	t, b, k int
	p, dz   *buffer[F] // posteriors of labelled frames; gradient of the logits
	class   []float64  // weights of the last run
	classes float64    // their sum
}

func newXent[F float](logits, labels *G.Node, state *XentState) (*G.Node, error) {
	s, l := logits.Shape(), labels.Shape()
	if len(s) != 3 || (logits.Dtype() != tensor.Float32 && logits.Dtype() != tensor.Float64) {
		return nil, fmt.Errorf("CrossEntropy: logits are %v of %v, want [T, B, K] of float32 or float64", s, logits.Dtype())
	}
	if len(l) != 1 || l[0] != s[0]*s[1] || labels.Dtype() != tensor.Int {
		return nil, fmt.Errorf("CrossEntropy: labels are %v of %v, want [%d] of int for logits %v", l, labels.Dtype(), s[0]*s[1], s)
	}
	if state == nil {
		return nil, fmt.Errorf("CrossEntropy: no state")
	}
	x := &xentLayer[F]{state: state, t: s[0], b: s[1], k: s[2], p: newBuffer[F](s[2], s...)}
	return apply(operation{name: "CrossEntropy", dtype: logits.Dtype(), diff: []bool{true, false},
		run: x.forward, gradient: x.symDiff}, logits, labels)
}

// prepare checks the settings and labels, and zeroes the counts.
func (l *xentLayer[F]) prepare(labels []int) error {
	s := l.state
	if s.ClassWeights != nil && len(s.ClassWeights) != l.k {
		return fmt.Errorf("CrossEntropy: %d class weights for %d classes", len(s.ClassWeights), l.k)
	}
	if !(s.LabelSmoothing >= 0 && s.LabelSmoothing < 1) {
		return fmt.Errorf("CrossEntropy: label smoothing %v, want 0 <= e < 1", s.LabelSmoothing)
	}
	for r, y := range labels {
		if y < -1 || y >= l.k {
			return fmt.Errorf("CrossEntropy: label %d at frame %d of utterance %d, want -1 to %d", y, r/l.b, r%l.b, l.k-1)
		}
	}
	l.class, l.classes = append(l.class[:0], s.ClassWeights...), 0
	if s.ClassWeights == nil {
		for range l.k {
			l.class = append(l.class, 1)
		}
	}
	for _, w := range l.class {
		l.classes += w
	}
	s.Count, s.Correct, s.Weight = 0, 0, 0
	if len(s.PerUtterance) != l.b {
		s.PerUtterance = make([]UtteranceSum, l.b)
	}
	clear(s.PerUtterance)
	return nil
}

func (l *xentLayer[F]) forward(in []G.Value) (G.Value, error) {
	z, labels := data[F](in[0]), in[1].Data().([]int)
	if err := l.prepare(labels); err != nil {
		return nil, err
	}
	p := l.p.rows(l.t * l.b)
	parallel(Threads(), l.b, 1, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			l.utterance(b, z, p, labels)
		}
	})
	var loss float64
	for b, u := range l.state.PerUtterance {
		loss += u.Loss
		l.state.Count += u.Count
		l.state.Correct += u.Correct
		for t := range l.t {
			if y := labels[t*l.b+b]; y >= 0 {
				l.state.Weight += l.class[y]
			}
		}
	}
	if l.state.Weight > 0 {
		loss /= l.state.Weight
	}
	if l.p.dense.Dtype() == tensor.Float32 {
		return G.NewF32(float32(loss)), nil
	}
	return G.NewF64(loss), nil
}

// utterance sums the loss of one utterance of the batch.
func (l *xentLayer[F]) utterance(b int, z, p []F, labels []int) {
	var u UtteranceSum
	e := l.state.LabelSmoothing
	for t := range l.t {
		r := t*l.b + b
		y := labels[r]
		if y < 0 {
			continue
		}
		zr, pr := z[r*l.k:][:l.k], p[r*l.k:][:l.k]
		sum, top, best := softmaxRow(pr, zr)
		logSum := math.Log(sum) + float64(top)
		u.Count++
		if best == y {
			u.Correct++
		}
		u.Loss += (1 - e) * l.class[y] * (logSum - float64(zr[y]))
		if e > 0 {
			var spread float64
			for j, w := range l.class {
				spread += w * (logSum - float64(zr[j]))
			}
			u.Loss += e / float64(l.k) * spread
		}
	}
	l.state.PerUtterance[b] = u
}

// softmaxRow stores the softmax of z in p and returns the sum of the
// exponentials relative to the largest, that, and the first place it stands at.
func softmaxRow[F float](p, z []F) (sum float64, top F, best int) {
	top = z[0]
	for j, v := range z {
		if v > top {
			top, best = v, j
		}
	}
	expOf(p, z, top)
	for _, v := range p {
		sum += float64(v)
	}
	inv := F(1 / sum)
	for j := range p {
		p[j] *= inv
	}
	return sum, top, best
}

func (l *xentLayer[F]) symDiff(in G.Nodes, out, grad *G.Node) (G.Nodes, error) {
	l.dz = newBuffer[F](l.k, l.t, l.b, l.k)
	d, err := backward[F]("CrossEntropyGrad", G.Nodes{in[0], in[1], out, grad}, l.backward, l.dz.tensor)
	if err != nil {
		return nil, err
	}
	return G.Nodes{d[0], nil}, nil
}

// backward: with weights w and smoothing e, the gradient of the logits of a
// frame labelled y is (1-e)*w_y*(p - [y]) + e/K*(p*sum(w) - w), over the sum of weights.
func (l *xentLayer[F]) backward(in []G.Value) error {
	labels := in[1].Data().([]int)
	scale, err := scalar(in[3])
	if err != nil {
		return fmt.Errorf("CrossEntropy: %w", err)
	}
	if l.state.Weight > 0 {
		scale /= l.state.Weight
	}
	e := l.state.LabelSmoothing
	dz := l.dz.rows(l.t * l.b)
	parallel(Threads(), l.t*l.b, 256, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			row, p := dz[r*l.k:][:l.k], l.p.data[r*l.k:][:l.k]
			y := labels[r]
			if y < 0 {
				clear(row)
				continue
			}
			target := (1 - e) * l.class[y] * scale
			factor, each := F(target+e/float64(l.k)*l.classes*scale), e/float64(l.k)*scale
			for j := range row {
				row[j] = p[j] * factor
			}
			row[y] -= F(target)
			if e > 0 {
				for j, w := range l.class {
					row[j] -= F(each * w)
				}
			}
		}
	})
	return nil
}

func scalar(v G.Value) (float64, error) {
	switch x := v.Data().(type) {
	case float32:
		return float64(x), nil
	case float64:
		return x, nil
	}
	return 0, fmt.Errorf("gradient of the loss is %T, want a float", v.Data())
}
