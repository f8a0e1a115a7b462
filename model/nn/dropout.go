package nn

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"framewise/corpus/draw"
)

// DropoutState says what every Dropout of a network does at its next run. One
// state may serve many layers.
type DropoutState struct {
	Seed  uint64 // of the run
	Step  int    // of training: each has masks of its own
	Train bool   // false: dropout is the identity
}

// DropoutConfig describes a Dropout layer.
type DropoutConfig struct {
	Name         string  // of the layer, unique in its network: the masks are drawn from it
	P            float64 // share of the elements that are dropped, in [0, 1)
	PerUtterance bool    // one mask for all frames of an utterance (Gal and Ghahramani 2016)
}

// Dropout sets elements of x [T, B, I] to zero with probability P in training
// and multiplies the others by 1/(1-P) (Srivastava et al. 2014, inverted).
// The mask is a hash of (seed, layer's name, step, element), so a resumed run
// drops what an undisturbed one does. With Train false, x is handed on.
func Dropout(x, lens *G.Node, cfg DropoutConfig, state *DropoutState) (*G.Node, error) {
	if x.Dtype() == tensor.Float64 {
		return newDropout[float64](x, lens, cfg, state)
	}
	return newDropout[float32](x, lens, cfg, state)
}

type dropoutLayer[F float] struct {
	cfg         DropoutConfig
	state       *DropoutState
	t, b, width int
	y, dx       *buffer[F]
	trained     bool // whether the last forward run drew a mask
	key         draw.Key
}

func newDropout[F float](x, lens *G.Node, cfg DropoutConfig, state *DropoutState) (*G.Node, error) {
	T, B, I, err := sequence("Dropout", x, lens)
	if err != nil {
		return nil, err
	}
	if !(cfg.P >= 0 && cfg.P < 1) {
		return nil, fmt.Errorf("Dropout %q: probability %v, want 0 <= p < 1", cfg.Name, cfg.P)
	}
	if state == nil {
		return nil, fmt.Errorf("Dropout %q: no state", cfg.Name)
	}
	l := &dropoutLayer[F]{cfg: cfg, state: state, t: T, b: B, width: I, y: newBuffer[F](I, T, B, I)}
	return apply(operation{name: "Dropout", dtype: x.Dtype(), shape: l.y.dense.Shape(), diff: []bool{true, false},
		run: l.forward, gradient: l.symDiff}, x, lens)
}

func (l *dropoutLayer[F]) forward(in []G.Value) (G.Value, error) {
	l.trained = l.state.Train && l.cfg.P > 0
	if !l.trained {
		return in[0], nil
	}
	l.key = draw.New(l.state.Seed, "dropout", l.cfg.Name, l.state.Step)
	return l.y.dense, l.mask(l.y, in[0], in[1])
}

// mask stores the kept elements of x in dst. Elements are numbered by
// utterance of the batch, frame and feature, whatever the lengths; two
// neighbors share a 64-bit hash.
func (l *dropoutLayer[F]) mask(dst *buffer[F], x, lengthsOf G.Value) error {
	lens, longest, err := lengths(lengthsOf, l.t)
	if err != nil {
		return err
	}
	src, out := data[F](x), dst.rows(longest*l.b)
	threshold, keep := uint32(l.cfg.P*(1<<32)), F(1/(1-l.cfg.P))
	pairs := (l.width + 1) / 2
	parallel(Threads(), longest*l.b, 64, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			t, b := r/l.b, r%l.b
			row, from := out[r*l.width:][:l.width], src[r*l.width:][:l.width]
			if t >= lens[b] {
				clear(row)
				continue
			}
			if l.cfg.PerUtterance {
				t = 0
			}
			first := (b*l.t + t) * pairs
			for j := range row {
				h := uint32(l.key.At(first+j/2) >> (32 * (j & 1)))
				if row[j] = 0; h >= threshold {
					row[j] = from[j] * keep
				}
			}
		}
	})
	return nil
}

func (l *dropoutLayer[F]) symDiff(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
	l.dx = newBuffer[F](l.width, l.t, l.b, l.width)
	d, err := backward[F]("DropoutGrad", G.Nodes{grad, in[1]}, func(v []G.Value) error {
		if l.trained {
			return l.mask(l.dx, v[0], v[1])
		}
		copy(l.dx.rows(l.t*l.b), data[F](v[0]))
		return nil
	}, l.dx.tensor)
	if err != nil {
		return nil, err
	}
	return G.Nodes{d[0], nil}, nil
}
