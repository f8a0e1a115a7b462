package nn

import (
	"fmt"
	"sync"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// recurrence is one direction of a recurrent layer with the space for its
// activations. Outputs and their gradients are in columns off to off+H of rows
// that are ld apart.
type recurrence[F float] struct {
	dw       *buffer[F] // gradient of the weights, and their shape
	forward  func(threads, T int, x []F, lens []int, w, y []F, off, ld int)
	backward func(threads, T int, x []F, lens []int, w, y, dy []F, off, ld int, dx inputGradient[F]) // computes dw and dx, after forward
}

// recurrentLayer is the state of a layer of one or two directions between
// forward and backward.
type recurrentLayer[F float] struct {
	dirs   []recurrence[F]
	t, b   int
	inputs int
	hidden int
	y, dx  *buffer[F]
	other  []F // the second direction's gradient of x, or room for a block of it
	needDX bool
}

// recurrent adds a layer whose directions are made by make.
func recurrent[F float](name string, x, lens *G.Node, w G.Nodes, reverse []bool, cfg LSTMConfig,
	make func(T, B, I, H int, reverse bool) recurrence[F]) (*G.Node, error) {
	T, B, I, err := sequence(name, x, lens)
	if err != nil {
		return nil, err
	}
	H := cfg.Hidden
	if H < 1 {
		return nil, fmt.Errorf("%s: %d hidden units, want at least 1", name, H)
	}
	l := &recurrentLayer[F]{t: T, b: B, inputs: I, hidden: H, needDX: cfg.NeedDX, y: newBuffer[F](len(w)*H, T, B, len(w)*H)}
	for i, n := range w {
		d := make(T, B, I, H, reverse[i])
		shape := d.dw.dense.Shape()
		if err := weights(name, x, n, shape[0], shape[1]); err != nil {
			return nil, err
		}
		l.dirs = append(l.dirs, d)
	}
	diff := []bool{cfg.NeedDX, false}
	for range w {
		diff = append(diff, true)
	}
	return apply(operation{name: name, dtype: x.Dtype(), shape: l.y.dense.Shape(), diff: diff, run: l.forward,
		gradient: func(in G.Nodes, out, grad *G.Node) (G.Nodes, error) { return l.symDiff(name, in, out, grad) },
	}, append(G.Nodes{x, lens}, w...)...)
}

// together says whether the directions run at the same time.
func (l *recurrentLayer[F]) together() bool { return Threads() >= 2 && len(l.dirs) == 2 }

// each runs f for every direction, at the same time if there are goroutines for it.
func (l *recurrentLayer[F]) each(f func(i, threads int)) {
	n := Threads()
	if !l.together() {
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

func (l *recurrentLayer[F]) forward(in []G.Value) (G.Value, error) {
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
func (l *recurrentLayer[F]) symDiff(name string, in G.Nodes, out, grad *G.Node) (G.Nodes, error) {
	var results []func() *tensor.Dense
	if l.needDX {
		l.dx = newBuffer[F](l.inputs, l.t, l.b, l.inputs)
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

func (l *recurrentLayer[F]) backward(in []G.Value) error {
	lens, longest, err := lengths(in[1], l.t)
	if err != nil {
		return err
	}
	n := len(l.dirs)
	x, y, dy := data[F](in[0]), data[F](in[2+n]), data[F](in[3+n])
	dx := l.inputGradients(longest)
	l.each(func(i, threads int) {
		l.dirs[i].backward(threads, longest, x, lens, data[F](in[2+i]), y, dy, i*l.hidden, n*l.hidden, dx[i])
	})
	if l.needDX && n == 2 && dx[1].scratch == nil {
		parallel(Threads(), len(dx[0].dst), 1<<14, func(lo, hi int) { addTo(dx[0].dst[lo:hi], dx[1].dst[lo:hi]) })
	}
	return nil
}

// inputGradients says where each direction leaves the gradient of x. The
// second one's is added to that of the first: at once if they run one after
// the other, otherwise in the end.
func (l *recurrentLayer[F]) inputGradients(frames int) []inputGradient[F] {
	dx := make([]inputGradient[F], len(l.dirs))
	if !l.needDX {
		return dx
	}
	dx[0] = inputGradient[F]{dst: l.dx.rows(frames * l.b), width: l.inputs}
	if len(dx) == 1 {
		return dx
	}
	if l.together() {
		l.other = grown(l.other, frames*l.b*l.inputs)
		dx[1] = inputGradient[F]{dst: l.other, width: l.inputs}
		return dx
	}
	l.other = grown(l.other, max(blockRows, l.b)*l.inputs)
	dx[1] = inputGradient[F]{dst: dx[0].dst, width: l.inputs, scratch: l.other}
	return dx
}
