package nn

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// LayerNormConfig describes a LayerNorm.
type LayerNormConfig struct {
	Epsilon float64 // added to the variance, at least 0: 1e-5 in PyTorch, 1e-3 in Keras
	NeedDX  bool    // whether the gradient of the input is wanted
}

// LayerNorm normalizes every frame by itself over its I features (Ba, Kiros
// and Hinton 2016). x is [T, B, I], lens [B], w [2, I] with the gains in its
// first row and the biases in its last:
//
//	y = gain * (x - mean) / sqrt(variance + epsilon) + bias
//
// with the variance over I, not I-1, as in PyTorch and Keras.
func LayerNorm(x, lens, w *G.Node, cfg LayerNormConfig) (*G.Node, error) {
	if x.Dtype() == tensor.Float64 {
		return newLayerNorm[float64](x, lens, w, cfg)
	}
	return newLayerNorm[float32](x, lens, w, cfg)
}

// normChunks is into how many runs of utterances the gradient of the weights
// is cut; their sums are added in order, whoever made them.
const normChunks = 4

type layerNorm[F float] struct {
	cfg         LayerNormConfig
	t, b, width int
	y, dx, dw   *buffer[F]
	mean, scale []F // [T, B]: of the frames, and 1/sqrt(variance + epsilon)
	chunks      []normChunk[F]
}

// normChunk works on utterances lo to hi of a batch.
type normChunk[F float] struct {
	lo, hi int
	dw     []F // [2, I]
	xhat   []F // [I]
}

func newLayerNorm[F float](x, lens, w *G.Node, cfg LayerNormConfig) (*G.Node, error) {
	T, B, I, err := sequence("LayerNorm", x, lens)
	if err != nil {
		return nil, err
	}
	if err := weights("LayerNorm", x, w, 2, I); err != nil {
		return nil, err
	}
	if !(cfg.Epsilon >= 0) || math.IsInf(cfg.Epsilon, 1) {
		return nil, fmt.Errorf("LayerNorm: epsilon %v, want 0 or more", cfg.Epsilon)
	}
	l := &layerNorm[F]{cfg: cfg, t: T, b: B, width: I, y: newBuffer[F](I, T, B, I), mean: make([]F, T*B), scale: make([]F, T*B)}
	n := min(normChunks, B)
	for i := range n {
		l.chunks = append(l.chunks, normChunk[F]{lo: i * B / n, hi: (i + 1) * B / n})
	}
	return apply(operation{name: "LayerNorm", dtype: x.Dtype(), shape: l.y.dense.Shape(), diff: []bool{cfg.NeedDX, false, true},
		run: l.forward, gradient: l.symDiff}, x, lens, w)
}

func (l *layerNorm[F]) forward(in []G.Value) (G.Value, error) {
	lens, longest, err := lengths(in[1], l.t)
	if err != nil {
		return nil, fmt.Errorf("LayerNorm: %w", err)
	}
	x, w, y := data[F](in[0]), data[F](in[2]), l.y.rows(longest*l.b)
	gain, bias := w[:l.width], w[l.width:]
	parallel(Threads(), longest*l.b, 64, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			row := y[r*l.width:][:l.width]
			if r/l.b >= lens[r%l.b] {
				clear(row)
				continue
			}
			from := x[r*l.width:][:l.width]
			mean := sum(from) / F(l.width)
			for j, v := range from {
				row[j] = v - mean
			}
			scale := F(1 / math.Sqrt(float64(dot(row, row))/float64(l.width)+l.cfg.Epsilon))
			for j, v := range row {
				row[j] = v*scale*gain[j] + bias[j]
			}
			l.mean[r], l.scale[r] = mean, scale
		}
	})
	return l.y.dense, nil
}

// dot is the sum of products, in four interleaved parts as in sum.
func dot[F float](x, y []F) F {
	var s [4]F
	y = y[:len(x)]
	for len(x) >= 4 && len(y) >= 4 {
		s[0] += x[0] * y[0]
		s[1] += x[1] * y[1]
		s[2] += x[2] * y[2]
		s[3] += x[3] * y[3]
		x, y = x[4:], y[4:]
	}
	for i, v := range x {
		s[i] += v * y[i]
	}
	return s[0] + s[1] + (s[2] + s[3])
}

func (l *layerNorm[F]) symDiff(in G.Nodes, out, grad *G.Node) (G.Nodes, error) {
	l.dw = newBuffer[F](l.width, 2, l.width)
	results := []func() *tensor.Dense{l.dw.tensor}
	if l.cfg.NeedDX {
		l.dx = newBuffer[F](l.width, l.t, l.b, l.width)
		results = append(results, l.dx.tensor)
	}
	for i := range l.chunks {
		l.chunks[i].dw, l.chunks[i].xhat = make([]F, 2*l.width), make([]F, l.width)
	}
	d, err := backward[F]("LayerNormGrad", G.Nodes{in[0], in[1], in[2], out, grad}, l.backward, results...)
	if err != nil {
		return nil, err
	}
	if !l.cfg.NeedDX {
		return G.Nodes{nil, nil, d[0]}, nil
	}
	return G.Nodes{d[1], nil, d[0]}, nil
}

func (l *layerNorm[F]) backward(in []G.Value) error {
	lens, longest, err := lengths(in[1], l.t)
	if err != nil {
		return fmt.Errorf("LayerNorm: %w", err)
	}
	x, gain, dy := data[F](in[0]), data[F](in[2])[:l.width], data[F](in[4])
	var dx []F
	if l.cfg.NeedDX {
		dx = l.dx.rows(longest * l.b)
		clearPadding(dx, lens, longest, l.width)
	}
	parallel(Threads(), len(l.chunks), 1, func(lo, hi int) {
		for i := range l.chunks[lo:hi] {
			c := &l.chunks[lo+i]
			clear(c.dw)
			for b := c.lo; b < c.hi; b++ {
				for t := range lens[b] {
					l.frame(c, t*l.b+b, x, gain, dy, dx)
				}
			}
		}
	})
	dw := l.dw.rows(2)
	clear(dw)
	for _, c := range l.chunks {
		addTo(dw, c.dw)
	}
	return nil
}

// frame adds one frame's gradient of the weights and stores that of x: with
// n = (x - mean)*scale and d = gain*dy,
//
//	dx = scale * (d - mean(d) - n*mean(d*n))
func (l *layerNorm[F]) frame(c *normChunk[F], r int, x, gain, dy, dx []F) {
	x, dy = x[r*l.width:][:l.width], dy[r*l.width:][:l.width]
	mean, scale := l.mean[r], l.scale[r]
	dgain := c.dw[:l.width]
	for j, v := range x {
		c.xhat[j] = (v - mean) * scale
		dgain[j] += dy[j] * c.xhat[j]
	}
	addTo(c.dw[l.width:], dy)
	if dx == nil {
		return
	}
	dx = dx[r*l.width:][:l.width]
	for j, v := range dy {
		dx[j] = gain[j] * v
	}
	shift, slope := sum(dx)/F(l.width), dot(dx, c.xhat)/F(l.width)
	for j, d := range dx {
		dx[j] = scale * (d - shift - c.xhat[j]*slope)
	}
}
