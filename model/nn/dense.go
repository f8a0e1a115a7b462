package nn

import (
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"framewise/model/gemm"
)

// Dense adds a fully connected layer that every frame goes through by itself
// (Keras' TimeDistributed(Dense)): x is [T, B, I], lens [B], w [I+1, K] with
// the bias in its last row, the result act(x*W + b), [T, B, K]. needDX says
// whether the gradient of x is wanted.
func Dense(x, lens, w *G.Node, act Activation, needDX bool) (*G.Node, error) {
	if x.Dtype() == tensor.Float64 {
		return newDense[float64](x, lens, w, act, needDX)
	}
	return newDense[float32](x, lens, w, act, needDX)
}

// denseLayer is the state of a Dense between forward and backward.
type denseLayer[F float] struct {
	t, b, inputs, outputs int
	act                   Activation
	needDX                bool
	y, dz, dx, dw         *buffer[F]
}

func newDense[F float](x, lens, w *G.Node, act Activation, needDX bool) (*G.Node, error) {
	T, B, I, err := sequence("Dense", x, lens)
	if err != nil {
		return nil, err
	}
	K := 0
	if len(w.Shape()) == 2 {
		K = w.Shape()[1]
	}
	if err := weights("Dense", x, w, I+1, K); err != nil {
		return nil, err
	}
	l := &denseLayer[F]{t: T, b: B, inputs: I, outputs: K, act: act, needDX: needDX, y: newBuffer[F](K, T, B, K)}
	return apply(operation{name: "Dense", dtype: x.Dtype(), shape: l.y.dense.Shape(), diff: []bool{needDX, false, true},
		run: l.forward, gradient: l.symDiff}, x, lens, w)
}

func (l *denseLayer[F]) forward(in []G.Value) (G.Value, error) {
	lens, longest, err := lengths(in[1], l.t)
	if err != nil {
		return nil, err
	}
	I, K, n := l.inputs, l.outputs, longest*l.b
	w, y := data[F](in[2]), l.y.rows(n)
	for r := range n {
		copy(y[r*K:], w[I*K:])
	}
	gemm.Gemm(Threads(), false, false, n, K, I, data[F](in[0]), I, w, K, 1, y, K)
	parallel(Threads(), n, 256, func(lo, hi int) { activate(l.act, y[lo*K:hi*K]) })
	clearPadding(y, lens, longest, K)
	return l.y.dense, nil
}

// clearPadding zeroes the rows past each utterance's length, of width numbers
// each, in the first `frames` frames.
func clearPadding[F float](x []F, lens []int, frames, width int) {
	for b, l := range lens {
		for t := l; t < frames; t++ {
			clear(x[(t*len(lens)+b)*width:][:width])
		}
	}
}

func (l *denseLayer[F]) symDiff(in G.Nodes, out, grad *G.Node) (G.Nodes, error) {
	l.dz = newBuffer[F](l.outputs, l.t, l.b, l.outputs)
	l.dw = newBuffer[F](l.outputs, l.inputs+1, l.outputs)
	results := []func() *tensor.Dense{l.dw.tensor}
	if l.needDX {
		l.dx = newBuffer[F](l.inputs, l.t, l.b, l.inputs)
		results = append(results, l.dx.tensor)
	}
	d, err := backward[F]("DenseGrad", G.Nodes{in[0], in[1], in[2], out, grad}, l.backward, results...)
	if err != nil {
		return nil, err
	}
	if !l.needDX {
		return G.Nodes{nil, nil, d[0]}, nil
	}
	return G.Nodes{d[1], nil, d[0]}, nil
}

func (l *denseLayer[F]) backward(in []G.Value) error {
	lens, longest, err := lengths(in[1], l.t)
	if err != nil {
		return err
	}
	I, K, n := l.inputs, l.outputs, longest*l.b
	x, w, y, dy := data[F](in[0]), data[F](in[2]), data[F](in[3]), data[F](in[4])
	dz, dw := l.dz.rows(n), l.dw.rows(I+1)
	parallel(Threads(), n, 256, func(lo, hi int) {
		activationGradient(l.act, dz[lo*K:hi*K], dy[lo*K:hi*K], y[lo*K:hi*K])
	})
	clearPadding(dz, lens, longest, K)
	gemm.Gemm(Threads(), true, false, I, K, n, x, I, dz, K, 0, dw, K)
	db := dw[I*K:]
	clear(db)
	for r := range n {
		addTo(db, dz[r*K:][:K])
	}
	if l.needDX {
		gemm.Gemm(Threads(), false, true, n, I, K, dz, K, w, K, 0, l.dx.rows(n), I)
	}
	return nil
}
