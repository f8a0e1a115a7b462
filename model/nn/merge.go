package nn

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Concat puts the features of sequences with the same lens side by side:
// [T, B, I1], [T, B, I2], ... become [T, B, I1+I2+...].
func Concat(lens *G.Node, xs ...*G.Node) (*G.Node, error) {
	return merge("Concat", lens, xs)
}

// Sum adds sequences [T, B, I] with the same lens element by element.
func Sum(lens *G.Node, xs ...*G.Node) (*G.Node, error) {
	return merge("Sum", lens, xs)
}

func merge(name string, lens *G.Node, xs G.Nodes) (*G.Node, error) {
	if len(xs) == 0 {
		return nil, fmt.Errorf("%s: nothing to merge", name)
	}
	if xs[0].Dtype() == tensor.Float64 {
		return newMerge[float64](name, lens, xs)
	}
	return newMerge[float32](name, lens, xs)
}

// mergeLayer copies or adds the features of its inputs at their offsets.
type mergeLayer[F float] struct {
	t, b            int
	widths, offsets []int
	width           int // of the result
	y               *buffer[F]
	dx              []*buffer[F]
}

func newMerge[F float](name string, lens *G.Node, xs G.Nodes) (*G.Node, error) {
	l := &mergeLayer[F]{}
	diff := []bool{false}
	for i, x := range xs {
		T, B, I, err := sequence(name, x, lens)
		if err != nil {
			return nil, err
		}
		if i > 0 && (T != l.t || x.Dtype() != xs[0].Dtype() || name == "Sum" && I != l.width) {
			return nil, fmt.Errorf("%s: input %d is %v of %v, which does not go with %v of %v", name, i, x.Shape(), x.Dtype(), xs[0].Shape(), xs[0].Dtype())
		}
		l.t, l.b = T, B
		l.widths = append(l.widths, I)
		if name == "Sum" {
			l.offsets, l.width = append(l.offsets, 0), I
		} else {
			l.offsets, l.width = append(l.offsets, l.width), l.width+I
		}
		diff = append(diff, true)
	}
	l.y = newBuffer[F](l.width, l.t, l.b, l.width)
	return apply(operation{name: name, dtype: xs[0].Dtype(), shape: l.y.dense.Shape(), diff: diff, run: l.forward,
		gradient: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) { return l.symDiff(name, in, grad) }}, append(G.Nodes{lens}, xs...)...)
}

func (l *mergeLayer[F]) forward(in []G.Value) (G.Value, error) {
	lens, longest, err := lengths(in[0], l.t)
	if err != nil {
		return nil, err
	}
	y := l.y.rows(longest * l.b)
	clear(y)
	for i, w := range l.widths {
		x := data[F](in[1+i])
		for r := range longest * l.b {
			addTo(y[r*l.width+l.offsets[i]:][:w], x[r*w:][:w])
		}
	}
	clearPadding(y, lens, longest, l.width)
	return l.y.dense, nil
}

func (l *mergeLayer[F]) symDiff(name string, in G.Nodes, grad *G.Node) (G.Nodes, error) {
	var results []func() *tensor.Dense
	for _, w := range l.widths {
		b := newBuffer[F](w, l.t, l.b, w)
		l.dx = append(l.dx, b)
		results = append(results, b.tensor)
	}
	d, err := backward[F](name+"Grad", G.Nodes{in[0], grad}, l.backward, results...)
	if err != nil {
		return nil, err
	}
	return append(G.Nodes{nil}, d...), nil
}

func (l *mergeLayer[F]) backward(in []G.Value) error {
	lens, longest, err := lengths(in[0], l.t)
	if err != nil {
		return err
	}
	dy := data[F](in[1])
	for i, w := range l.widths {
		dx := l.dx[i].rows(longest * l.b)
		for r := range longest * l.b {
			copy(dx[r*w:][:w], dy[r*l.width+l.offsets[i]:])
		}
		clearPadding(dx, lens, longest, w)
	}
	return nil
}
