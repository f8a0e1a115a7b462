package nn

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// ConvConfig describes a Conv2D layer.
type ConvConfig struct {
	Channels int  // C, of the input
	Freqs    int  // F, of the input
	Filters  int  // N
	KT, KF   int  // extent of a filter in time and in frequency
	Same     bool // zeros around the input keep T and F; otherwise they shrink by KT-1 and KF-1
	Act      Activation
	NeedDX   bool // whether the gradient of the input is wanted
}

// OutFreqs is the number of frequencies of the output, F'.
func (c ConvConfig) OutFreqs() int {
	if c.Same {
		return c.Freqs
	}
	return c.Freqs - c.KF + 1
}

// OutLen is the number of output frames for n input frames; 0 if there is
// no room for a filter.
func (c ConvConfig) OutLen(n int) int {
	if c.Same {
		return n
	}
	return max(0, n-c.KT+1)
}

// Width is the number of outputs of a frame, N*F'.
func (c ConvConfig) Width() int { return c.Filters * c.OutFreqs() }

// WeightShape is the shape of the layer's weights: [C*KT*KF+1, N].
func (c ConvConfig) WeightShape() (rows, cols int) { return c.Channels*c.KT*c.KF + 1, c.Filters }

// pads are the zeros before the first frame and the first frequency; where a
// filter's extent is even, there is one more behind than before, as in Keras.
func (c ConvConfig) pads() (t, f int) {
	if !c.Same {
		return 0, 0
	}
	return (c.KT - 1) / 2, (c.KF - 1) / 2
}

func (c ConvConfig) validate() error {
	switch {
	case c.Channels < 1 || c.Freqs < 1 || c.Filters < 1 || c.KT < 1 || c.KF < 1:
		return fmt.Errorf("Conv2D: %d channels, %d frequencies, %d filters of %d x %d, want at least 1 of each", c.Channels, c.Freqs, c.Filters, c.KT, c.KF)
	case c.OutFreqs() < 1:
		return fmt.Errorf("Conv2D: a filter over %d frequencies does not fit into %d", c.KF, c.Freqs)
	}
	return nil
}

// ConvLens adds the lengths of a Conv2D's outputs: lens themselves if padding
// keeps them, otherwise a node of its own.
func ConvLens(lens *G.Node, cfg ConvConfig) (*G.Node, error) {
	if cfg.Same || cfg.KT == 1 {
		return lens, nil
	}
	out := tensor.New(tensor.WithShape(lens.Shape()...), tensor.Of(tensor.Int))
	return apply(operation{name: "ConvLens", dtype: tensor.Int, shape: lens.Shape(), run: func(in []G.Value) (G.Value, error) {
		from, ok := in[0].Data().([]int)
		if !ok {
			return nil, fmt.Errorf("lengths are %T, want []int", in[0].Data())
		}
		to := out.Data().([]int)
		for b, n := range from {
			to[b] = cfg.OutLen(n)
		}
		return out, nil
	}}, lens)
}

// Conv2D adds a convolution over time and frequency with bias and activation.
// x is [T, B, C*F], a frame being C channels of F frequencies; lens [B] are the
// lengths of x. Weights w are [C*KT*KF+1, N], one column a filter, rows in the
// order channel, time, frequency (PyTorch's [N, C, KT, KF] transposed), the
// last the bias. The result is [T', B, N*F'], a frame being N channels of F'
// frequencies, T' = cfg.OutLen(T), valid for the lengths of ConvLens. Frames
// before the first and past the last of an utterance count as zeros.
func Conv2D(x, lens, w *G.Node, cfg ConvConfig) (*G.Node, error) {
	if x.Dtype() == tensor.Float64 {
		return newConv[float64](x, lens, w, cfg)
	}
	return newConv[float32](x, lens, w, cfg)
}

// convLayer is the state of a Conv2D between forward and backward.
type convLayer[F float] struct {
	cfg       ConvConfig
	t, b      int // capacities of the input
	y, dx, dw *buffer[F]
	chunks    []*convChunk[F]
	w, wT     factor[F]
}

func newConv[F float](x, lens, w *G.Node, cfg ConvConfig) (*G.Node, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	T, B, I, err := sequence("Conv2D", x, lens)
	if err != nil {
		return nil, err
	}
	if I != cfg.Channels*cfg.Freqs {
		return nil, fmt.Errorf("Conv2D: input %v has %d numbers a frame, want %d channels x %d frequencies", x.Shape(), I, cfg.Channels, cfg.Freqs)
	}
	if cfg.OutLen(T) < 1 {
		return nil, fmt.Errorf("Conv2D: a filter over %d frames does not fit into a capacity of %d", cfg.KT, T)
	}
	rows, cols := cfg.WeightShape()
	if err := weights("Conv2D", x, w, rows, cols); err != nil {
		return nil, err
	}
	l := &convLayer[F]{cfg: cfg, t: T, b: B, y: newBuffer[F](cfg.Width(), cfg.OutLen(T), B, cfg.Width())}
	for i := range min(convChunks, B) {
		l.chunks = append(l.chunks, newConvChunk[F](cfg, B, i*B/min(convChunks, B), (i+1)*B/min(convChunks, B)))
	}
	return apply(operation{name: "Conv2D", dtype: x.Dtype(), shape: l.y.dense.Shape(), diff: []bool{cfg.NeedDX, false, true},
		run: l.forward, gradient: l.symDiff}, x, lens, w)
}

func (l *convLayer[F]) forward(in []G.Value) (G.Value, error) {
	lens, longest, err := lengths(in[1], l.t)
	if err != nil {
		return nil, err
	}
	x, w, y := data[F](in[0]), data[F](in[2]), l.y.rows(l.cfg.OutLen(longest)*l.b)
	if !l.cfg.wide() {
		rows, cols := l.cfg.WeightShape()
		l.w.set(false, rows-1, cols, w, cols)
	}
	parallel(Threads(), len(l.chunks), 1, func(lo, hi int) {
		for _, c := range l.chunks[lo:hi] {
			c.forward(x, lens, w, &l.w, y)
		}
	})
	l.clearPadding(y, lens, longest)
	return l.y.dense, nil
}

// clearPadding zeroes the outputs of frames for which there is no input.
func (l *convLayer[F]) clearPadding(y []F, lens []int, longest int) {
	width := l.cfg.Width()
	for b, n := range lens {
		for t := l.cfg.OutLen(n); t < l.cfg.OutLen(longest); t++ {
			clear(y[(t*l.b+b)*width:][:width])
		}
	}
}

func (l *convLayer[F]) symDiff(in G.Nodes, out, grad *G.Node) (G.Nodes, error) {
	rows, cols := l.cfg.WeightShape()
	l.dw = newBuffer[F](cols, rows, cols)
	results := []func() *tensor.Dense{l.dw.tensor}
	if l.cfg.NeedDX {
		width := l.cfg.Channels * l.cfg.Freqs
		l.dx = newBuffer[F](width, l.t, l.b, width)
		results = append(results, l.dx.tensor)
	}
	d, err := backward[F]("Conv2DGrad", G.Nodes{in[0], in[1], in[2], out, grad}, l.backward, results...)
	if err != nil {
		return nil, err
	}
	if !l.cfg.NeedDX {
		return G.Nodes{nil, nil, d[0]}, nil
	}
	return G.Nodes{d[1], nil, d[0]}, nil
}

func (l *convLayer[F]) backward(in []G.Value) error {
	lens, longest, err := lengths(in[1], l.t)
	if err != nil {
		return err
	}
	x, w, y, dy := data[F](in[0]), data[F](in[2]), data[F](in[3]), data[F](in[4])
	rows, cols := l.cfg.WeightShape()
	var dx []F
	if l.cfg.NeedDX {
		dx = l.dx.rows(longest * l.b)
		clear(dx)
		if !l.cfg.wide() {
			l.wT.set(true, cols, rows-1, w, cols)
		}
	}
	parallel(Threads(), len(l.chunks), 1, func(lo, hi int) {
		for _, c := range l.chunks[lo:hi] {
			c.backward(x, lens, w, &l.wT, y, dy, dx)
		}
	})
	dw := l.dw.rows(rows)
	clear(dw)
	for _, c := range l.chunks {
		addTo(dw, c.dw)
	}
	return nil
}
