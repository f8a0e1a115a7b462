package nn

import (
	"fmt"
	"sync"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// LSTMConfig describes an LSTM layer.
type LSTMConfig struct {
	Hidden  int  // H, units a direction
	Reverse bool // run from each utterance's last frame to its first (LSTM only)
	NeedDX  bool // whether the gradient of the input is wanted; not so for a network's first layer
}

// LSTM adds one direction of an LSTM layer without peepholes (Hochreiter and
// Schmidhuber 1997; Gers et al. 2000). x is [T, B, I], lens [B], the result
// [T, B, H]. Weights w are [I+H+1, 4H]: the rows of Wx, those of Wh, and one
// bias, gates in PyTorch's order i, f, g, o. With Reverse the frames of each
// utterance are taken from its last to its first, and the result stays where
// it belongs in time: frame t has seen the frames from t on. (Keras'
// go_backwards gives the mirror image of that; see Reverse.)
func LSTM(x, lens, w *G.Node, cfg LSTMConfig) (*G.Node, error) {
	reverse := []bool{cfg.Reverse}
	if x.Dtype() == tensor.Float64 {
		return recurrent[float64]("LSTM", x, lens, G.Nodes{w}, reverse, cfg)
	}
	return recurrent[float32]("LSTM", x, lens, G.Nodes{w}, reverse, cfg)
}

// BLSTM adds a bidirectional LSTM layer (Graves and Schmidhuber 2005): LSTM
// with weights wf, and with weights wb from each utterance's last frame to its
// first, side by side: [T, B, 2H]. The directions run on two goroutines.
func BLSTM(x, lens, wf, wb *G.Node, cfg LSTMConfig) (*G.Node, error) {
	reverse := []bool{false, true}
	if x.Dtype() == tensor.Float64 {
		return recurrent[float64]("BLSTM", x, lens, G.Nodes{wf, wb}, reverse, cfg)
	}
	return recurrent[float32]("BLSTM", x, lens, G.Nodes{wf, wb}, reverse, cfg)
}

// lstmLayer is the state of an LSTM or BLSTM between forward and backward.
type lstmLayer[F float] struct {
	dirs   []*direction[F]
	t, b   int
	hidden int
	y, dx  *buffer[F]
	needDX bool
}

func recurrent[F float](name string, x, lens *G.Node, w G.Nodes, reverse []bool, cfg LSTMConfig) (*G.Node, error) {
	T, B, I, err := sequence(name, x, lens)
	if err != nil {
		return nil, err
	}
	H := cfg.Hidden
	if H < 1 {
		return nil, fmt.Errorf("%s: %d hidden units, want at least 1", name, H)
	}
	l := &lstmLayer[F]{t: T, b: B, hidden: H, needDX: cfg.NeedDX, y: newBuffer[F](len(w)*H, T, B, len(w)*H)}
	for i, n := range w {
		if err := weights(name, x, n, I+H+1, 4*H); err != nil {
			return nil, err
		}
		l.dirs = append(l.dirs, newDirection[F](T, B, I, H, reverse[i]))
	}
	diff := []bool{cfg.NeedDX, false}
	for range w {
		diff = append(diff, true)
	}
	return apply(operation{name: name, dtype: x.Dtype(), shape: l.y.dense.Shape(), diff: diff, run: l.forward,
		gradient: func(in G.Nodes, out, grad *G.Node) (G.Nodes, error) { return l.symDiff(name, in, out, grad) },
	}, append(G.Nodes{x, lens}, w...)...)
}

// each runs f for every direction, at the same time if there are goroutines for it.
func (l *lstmLayer[F]) each(f func(i, threads int)) {
	n := Threads()
	if n < 2 || len(l.dirs) < 2 {
		for i := range l.dirs {
			f(i, n)
		}
		return
	}
	var wg sync.WaitGroup
	wg.Go(func() { f(1, n/2) })
	f(0, n-n/2)
	wg.Wait()
}

func (l *lstmLayer[F]) forward(in []G.Value) (G.Value, error) {
	lens, longest, err := lengths(in[1], l.t)
	if err != nil {
		return nil, err
	}
	x, y := data[F](in[0]), l.y.rows(longest*l.b)
	l.each(func(i, threads int) {
		l.dirs[i].forward(threads, longest, x, lens, data[F](in[2+i]), y, i*l.hidden, len(l.dirs)*l.hidden)
	})
	return l.y.dense, nil
}

// symDiff: the gradient operation takes x, lens, the weights, y and the
// gradient of y; its results are the gradients of the weights, preceded by
// that of x if it is wanted.
func (l *lstmLayer[F]) symDiff(name string, in G.Nodes, out, grad *G.Node) (G.Nodes, error) {
	var results []func() *tensor.Dense
	if l.needDX {
		l.dx = newBuffer[F](l.dirs[0].inputs, l.t, l.b, l.dirs[0].inputs)
		results = append(results, l.dx.tensor)
	}
	for _, d := range l.dirs {
		results = append(results, d.dw.tensor)
	}
	d, err := backward[F](name+"Grad", append(append(G.Nodes{}, in...), out, grad), l.backward, results...)
	if err != nil {
		return nil, err
	}
	if !l.needDX {
		d = append(G.Nodes{nil}, d...)
	}
	return append(G.Nodes{d[0], nil}, d[1:]...), nil
}

func (l *lstmLayer[F]) backward(in []G.Value) error {
	lens, longest, err := lengths(in[1], l.t)
	if err != nil {
		return err
	}
	n := len(l.dirs)
	x, y, dy := data[F](in[0]), data[F](in[2+n]), data[F](in[3+n])
	l.each(func(i, threads int) {
		l.dirs[i].backward(threads, longest, x, lens, data[F](in[2+i]), y, dy, i*l.hidden, n*l.hidden)
	})
	if !l.needDX {
		return nil
	}
	dx := l.dx.rows(longest * l.b)
	for i, d := range l.dirs {
		beta := F(1)
		if i == 0 {
			beta = 0
		}
		d.inputGradient(Threads(), longest, data[F](in[2+i]), beta, dx)
	}
	return nil
}
