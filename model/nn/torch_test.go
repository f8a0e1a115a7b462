package nn

import (
	"fmt"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
)

// cast makes an input of golden numbers.
func (n *net[F]) cast(name string, x []float64, shape ...int) *G.Node {
	y := make([]F, len(x))
	for i, v := range x {
		y[i] = F(v)
	}
	return n.input(name, tensorOf(y, shape...))
}

func (n *net[F]) full(T, B int) *G.Node {
	lens := make([]int, B)
	for b := range lens {
		lens[b] = T
	}
	return n.ints("lens", lens...)
}

// same compares numbers, each to a share of itself and as much of 1.
func same[F float](t *testing.T, what string, got []F, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i, w := range want {
		near(t, fmt.Sprintf("%s: number %d", what, i), float64(got[i]), w, tolerance*(1+max(w, -w)))
	}
}

func TestLayerNormGolden(t *testing.T) {
	t.Run("float64", func(t *testing.T) { layerNormGolden[float64](t, 1e-10) })
	t.Run("float32", func(t *testing.T) { layerNormGolden[float32](t, 3e-6) })
}

func layerNormGolden[F float](t *testing.T, tolerance float64) {
	var cases []struct {
		T, B, I            int
		Epsilon            float64
		X, K, W, Y, DX, DW []float64
	}
	readGolden(t, "layernorm.json", &cases)
	for _, c := range cases {
		n := newNet[F](t)
		y := n.must(LayerNorm(n.cast("x", c.X, c.T, c.B, c.I), n.full(c.T, c.B), n.cast("w", c.W, 2, c.I), LayerNormConfig{Epsilon: c.Epsilon, NeedDX: true}))
		n.compile(y, n.weighBy(y, c.K), "x", "w")
		n.run()
		same(t, "y", n.output(), c.Y, tolerance)
		same(t, "dx", n.grad("x"), c.DX, tolerance)
		same(t, "dw", n.grad("w"), c.DW, tolerance)
	}
}

func TestGRUGolden(t *testing.T) {
	t.Run("float64", func(t *testing.T) { gruGolden[float64](t, 1e-10) })
	t.Run("float32", func(t *testing.T) { gruGolden[float32](t, 3e-6) })
}

func gruGolden[F float](t *testing.T, tolerance float64) {
	var c struct {
		Lens                          []int
		I, H                          int
		X, K, Y, DX, WF, WB, DWF, DWB []float64
	}
	readGolden(t, "gru.json", &c)
	T, B := slices.Max(c.Lens), len(c.Lens)
	n := newNet[F](t)
	wf, wb := n.cast("wf", c.WF, c.I+c.H+2, 3*c.H), n.cast("wb", c.WB, c.I+c.H+2, 3*c.H)
	y := n.must(BGRU(n.cast("x", c.X, T, B, c.I), n.ints("lens", c.Lens...), wf, wb, GRUConfig{Hidden: c.H, NeedDX: true}))
	n.compile(y, n.weighBy(y, c.K), "x", "wf", "wb")
	n.run()
	same(t, "y", n.output(), c.Y, tolerance)
	same(t, "dx", n.grad("x"), c.DX, tolerance)
	same(t, "dwf", n.grad("wf"), c.DWF, tolerance)
	same(t, "dwb", n.grad("wb"), c.DWB, tolerance)
}

func TestConvGolden(t *testing.T) {
	t.Run("float64", func(t *testing.T) { convGolden[float64](t, 1e-10) })
	t.Run("float32", func(t *testing.T) { convGolden[float32](t, 1e-5) })
}

func convGolden[F float](t *testing.T, tolerance float64) {
	var cases []struct {
		T, B, C, F, N, KT, KF int
		Same                  bool
		X, K, W, Y, DX, DW    []float64
	}
	readGolden(t, "conv.json", &cases)
	for _, c := range cases {
		n := newNet[F](t)
		cfg := ConvConfig{Channels: c.C, Freqs: c.F, Filters: c.N, KT: c.KT, KF: c.KF, Same: c.Same, NeedDX: true}
		rows, cols := cfg.WeightShape()
		y := n.must(Conv2D(n.cast("x", c.X, c.T, c.B, c.C*c.F), n.full(c.T, c.B), n.cast("w", c.W, rows, cols), cfg))
		n.compile(y, n.weighBy(y, c.K), "x", "w")
		n.run()
		what := fmt.Sprintf("%d x %d, same %v", c.KT, c.KF, c.Same)
		same(t, what+": y", n.output(), c.Y, tolerance)
		same(t, what+": dx", n.grad("x"), c.DX, tolerance)
		same(t, what+": dw", n.grad("w"), c.DW, tolerance)
	}
}

// Our mean is PyTorch's: over the weights of the labelled frames. Its sum is
// our mean times XentState.Weight.
func TestCrossEntropyGolden(t *testing.T) {
	t.Run("float64", func(t *testing.T) { crossEntropyGolden[float64](t, 1e-10) })
	t.Run("float32", func(t *testing.T) { crossEntropyGolden[float32](t, 2e-6) })
}

func crossEntropyGolden[F float](t *testing.T, tolerance float64) {
	var cases []struct {
		T, B, K              int
		Z, DMean, DSum       []float64
		Labels               []int
		Smoothing, Mean, Sum float64
		Weights              []float64
	}
	readGolden(t, "xent.json", &cases)
	for _, c := range cases {
		n := newNet[F](t)
		state := &XentState{LabelSmoothing: c.Smoothing, ClassWeights: c.Weights}
		loss := n.must(CrossEntropy(n.cast("z", c.Z, c.T, c.B, c.K), n.ints("labels", c.Labels...), state))
		n.compile(loss, loss, "z")
		got := n.run()
		what := fmt.Sprintf("smoothing %v, weights %v", c.Smoothing, c.Weights != nil)
		near(t, what+": mean", got, c.Mean, tolerance*c.Mean)
		near(t, what+": sum", got*state.Weight, c.Sum, tolerance*c.Sum)
		same(t, what+": gradient of the mean", n.grad("z"), c.DMean, tolerance)
		g := n.grad("z")
		for i := range g {
			g[i] *= F(state.Weight)
		}
		same(t, what+": gradient of the sum", g, c.DSum, 10*tolerance)
	}
}
