package nn

import (
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Reverse mirrors each utterance of x [T, B, I] in time within its own length,
// lens [B]: frame t becomes frame len-1-t, padding stays where it is. Twice is
// the identity. An LSTM with Reverse followed by this is what Keras'
// go_backwards returns.
func Reverse(x, lens *G.Node) (*G.Node, error) {
	if x.Dtype() == tensor.Float64 {
		return newReverse[float64](x, lens)
	}
	return newReverse[float32](x, lens)
}

type reverseLayer[F float] struct {
	t, b, width int
	y, dx       *buffer[F]
}

func newReverse[F float](x, lens *G.Node) (*G.Node, error) {
	T, B, I, err := sequence("Reverse", x, lens)
	if err != nil {
		return nil, err
	}
	l := &reverseLayer[F]{t: T, b: B, width: I, y: newBuffer[F](I, T, B, I)}
	return apply(operation{name: "Reverse", dtype: x.Dtype(), shape: l.y.dense.Shape(), diff: []bool{true, false},
		run: func(in []G.Value) (G.Value, error) { return l.y.dense, l.mirror(l.y, in[0], in[1]) }, gradient: l.symDiff}, x, lens)
}

func (l *reverseLayer[F]) mirror(dst *buffer[F], x, lengthsOf G.Value) error {
	lens, longest, err := lengths(lengthsOf, l.t)
	if err != nil {
		return err
	}
	src, out := data[F](x), dst.rows(longest*l.b)
	for b, n := range lens {
		for t := range n {
			copy(out[(t*l.b+b)*l.width:][:l.width], src[((n-1-t)*l.b+b)*l.width:])
		}
	}
	clearPadding(out, lens, longest, l.width)
	return nil
}

func (l *reverseLayer[F]) symDiff(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
	l.dx = newBuffer[F](l.width, l.t, l.b, l.width)
	d, err := backward[F]("ReverseGrad", G.Nodes{grad, in[1]}, func(v []G.Value) error {
		return l.mirror(l.dx, v[0], v[1])
	}, l.dx.tensor)
	if err != nil {
		return nil, err
	}
	return G.Nodes{d[0], nil}, nil
}
