package nn

import (
	"testing"

	G "gorgonia.org/gorgonia"
)

// layers are all operations with a gradient, in a graph of capacity T = 6,
// B = 4, I = 6: each returns its output and the inputs to differentiate by.
var layers = map[string]func(n *net[float64], x, lens *G.Node) (*G.Node, []string){
	"LSTM": func(n *net[float64], x, lens *G.Node) (*G.Node, []string) {
		return n.must(LSTM(x, lens, n.floats("w", 6+3+1, 12), LSTMConfig{Hidden: 3, NeedDX: true})), []string{"x", "w"}
	},
	"LSTM reversed": func(n *net[float64], x, lens *G.Node) (*G.Node, []string) {
		return n.must(LSTM(x, lens, n.floats("w", 6+3+1, 12), LSTMConfig{Hidden: 3, Reverse: true, NeedDX: true})), []string{"x", "w"}
	},
	"LSTM first": func(n *net[float64], x, lens *G.Node) (*G.Node, []string) {
		return n.must(LSTM(x, lens, n.floats("w", 6+2+1, 8), LSTMConfig{Hidden: 2})), []string{"w"}
	},
	"BLSTM": func(n *net[float64], x, lens *G.Node) (*G.Node, []string) {
		return n.must(BLSTM(x, lens, n.floats("wf", 6+3+1, 12), n.floats("wb", 6+3+1, 12), LSTMConfig{Hidden: 3, NeedDX: true})), []string{"x", "wf", "wb"}
	},
	"GRU": func(n *net[float64], x, lens *G.Node) (*G.Node, []string) {
		return n.must(GRU(x, lens, n.floats("w", 6+3+2, 9), GRUConfig{Hidden: 3, NeedDX: true})), []string{"x", "w"}
	},
	"GRU reversed": func(n *net[float64], x, lens *G.Node) (*G.Node, []string) {
		return n.must(GRU(x, lens, n.floats("w", 6+3+2, 9), GRUConfig{Hidden: 3, Reverse: true, NeedDX: true})), []string{"x", "w"}
	},
	"GRU first": func(n *net[float64], x, lens *G.Node) (*G.Node, []string) {
		return n.must(GRU(x, lens, n.floats("w", 6+2+2, 6), GRUConfig{Hidden: 2})), []string{"w"}
	},
	"BGRU": func(n *net[float64], x, lens *G.Node) (*G.Node, []string) {
		return n.must(BGRU(x, lens, n.floats("wf", 6+3+2, 9), n.floats("wb", 6+3+2, 9), GRUConfig{Hidden: 3, NeedDX: true})), []string{"x", "wf", "wb"}
	},
	"Dense linear": denseCase(Linear, true), "Dense tanh": denseCase(Tanh, true), "Dense relu": denseCase(ReLU, false),
	"Reverse": func(n *net[float64], x, lens *G.Node) (*G.Node, []string) {
		return n.must(Reverse(x, lens)), []string{"x"}
	},
	"Concat": func(n *net[float64], x, lens *G.Node) (*G.Node, []string) {
		return n.must(Concat(lens, x, n.floats("y", 6, 4, 3))), []string{"x", "y"}
	},
	"Sum": func(n *net[float64], x, lens *G.Node) (*G.Node, []string) {
		return n.must(Sum(lens, x, n.floats("y", 6, 4, 6), x)), []string{"x", "y"}
	},
	"Dropout": func(n *net[float64], x, lens *G.Node) (*G.Node, []string) {
		return n.must(Dropout(x, lens, DropoutConfig{Name: "d", P: 0.4}, &DropoutState{Seed: 3, Step: 2, Train: true})), []string{"x"}
	},
	"Dropout per utterance": func(n *net[float64], x, lens *G.Node) (*G.Node, []string) {
		return n.must(Dropout(x, lens, DropoutConfig{Name: "d", P: 0.4, PerUtterance: true}, &DropoutState{Seed: 3, Train: true})), []string{"x"}
	},
	"LayerNorm": func(n *net[float64], x, lens *G.Node) (*G.Node, []string) {
		return n.must(LayerNorm(x, lens, n.floats("w", 2, 6), LayerNormConfig{Epsilon: 1e-3, NeedDX: true})), []string{"x", "w"}
	},
	"LayerNorm first": func(n *net[float64], x, lens *G.Node) (*G.Node, []string) {
		return n.must(LayerNorm(x, lens, n.floats("w", 2, 6), LayerNormConfig{})), []string{"w"}
	},
	"Conv2D valid":          convCase(ConvConfig{Channels: 1, Freqs: 6, Filters: 3, KT: 3, KF: 2, NeedDX: true}),
	"Conv2D valid channels": convCase(ConvConfig{Channels: 2, Freqs: 3, Filters: 2, KT: 2, KF: 2, Act: Tanh, NeedDX: true}),
	"Conv2D full width":     convCase(ConvConfig{Channels: 2, Freqs: 3, Filters: 4, KT: 2, KF: 3, Act: Tanh, NeedDX: true}),
	"Conv2D narrow":         convCase(ConvConfig{Channels: 1, Freqs: 6, Filters: 2, KT: 2, KF: 5, NeedDX: true}),
	"Conv2D same":           convCase(ConvConfig{Channels: 2, Freqs: 3, Filters: 2, KT: 3, KF: 3, Same: true, Act: Tanh, NeedDX: true}),
	"Conv2D same, even":     convCase(ConvConfig{Channels: 1, Freqs: 6, Filters: 2, KT: 4, KF: 2, Same: true, Act: ReLU}),
	"Conv2D same, wide":     convCase(ConvConfig{Channels: 2, Freqs: 3, Filters: 2, KT: 1, KF: 5, Same: true, NeedDX: true}),
}

func denseCase(act Activation, needDX bool) func(n *net[float64], x, lens *G.Node) (*G.Node, []string) {
	return func(n *net[float64], x, lens *G.Node) (*G.Node, []string) {
		wrt := []string{"w"}
		if needDX {
			wrt = append(wrt, "x")
		}
		return n.must(Dense(x, lens, n.floats("w", 7, 5), act, needDX)), wrt
	}
}

func convCase(cfg ConvConfig) func(n *net[float64], x, lens *G.Node) (*G.Node, []string) {
	return func(n *net[float64], x, lens *G.Node) (*G.Node, []string) {
		rows, cols := cfg.WeightShape()
		wrt := []string{"w"}
		if cfg.NeedDX {
			wrt = append(wrt, "x")
		}
		return n.must(Conv2D(x, lens, n.floats("w", rows, cols), cfg)), wrt
	}
}

// Every gradient agrees with central differences, for utterances of several
// lengths, one of them absent, with numbers in the padding that must not
// matter; results and gradients are zero there.
func TestGradients(t *testing.T) {
	for name, layer := range layers {
		t.Run(name, func(t *testing.T) {
			n := newNet[float64](t)
			lens := []int{5, 0, 3, 4} // shorter than the capacity of 6
			x := n.floats("x", 6, 4, 6)
			ln := n.ints("lens", lens...)
			spoil(data[float64](n.values["x"]), lens, 6, 1e3)
			out, wrt := layer(n, x, ln)
			n.compile(out, n.weigh(out), wrt...)
			n.check(wrt...)
			outLens := make([]int, len(lens))
			for b, l := range lens {
				outLens[b] = max(0, l-(6-out.Shape()[0]))
			}
			n.run()
			zeroPadding(t, "output", n.output(), outLens, out.Shape()[0])
			for _, w := range wrt {
				if w == "x" {
					zeroPadding(t, "dx", n.grad("x"), lens, 6)
				}
			}
		})
	}
}

func TestCrossEntropyGradient(t *testing.T) {
	for name, state := range map[string]*XentState{
		"plain":     {},
		"weighted":  {ClassWeights: []float64{1, 0.5, 2, 0}},
		"smoothed":  {LabelSmoothing: 0.2},
		"both":      {ClassWeights: []float64{1, 0.5, 2, 1}, LabelSmoothing: 0.1},
		"zero case": {LabelSmoothing: 0},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNet[float64](t)
			z := n.floats("z", 4, 2, 4)
			labels := n.ints("labels", 0, 3, 2, -1, 1, -1, -1, -1)
			loss := n.must(CrossEntropy(z, labels, state))
			n.compile(loss, loss, "z")
			n.check("z")
			n.run()
			zeroPadding(t, "gradient", n.grad("z"), []int{3, 1}, 4)
		})
	}
}

// A whole network: gradients flow through shared inputs and stacked layers.
func TestNetworkGradient(t *testing.T) {
	n := newNet[float64](t)
	const T, B, H = 7, 3, 2
	lens := n.ints("lens", 7, 4, 6)
	cfg := ConvConfig{Channels: 1, Freqs: 5, Filters: 2, KT: 3, KF: 2, Act: Tanh}
	c := n.must(Conv2D(n.floats("x", T, B, 5), lens, n.floats("wc", 7, 2), cfg))
	l := n.must(ConvLens(lens, cfg))
	d := n.must(Dense(c, l, n.floats("wd", 9, 3), Tanh, true))
	f := n.must(LSTM(d, l, n.floats("wf", 3+H+1, 4*H), LSTMConfig{Hidden: H, NeedDX: true}))
	b := n.must(LSTM(d, l, n.floats("wb", 3+H+1, 4*H), LSTMConfig{Hidden: H, NeedDX: true, Reverse: true}))
	m := n.must(Concat(l, f, n.must(Reverse(b, l))))
	m = n.must(Dropout(m, l, DropoutConfig{Name: "d", P: 0.25}, &DropoutState{Train: true}))
	z := n.must(Dense(m, l, n.floats("wo", 2*H+1, 4), Linear, true))
	loss := n.must(CrossEntropy(z, n.ints("labels", 0, 1, 2, 3, 0, 1, 2, -1, 0, 1, -1, 2, 3, -1, -1), &XentState{}))
	n.compile(loss, loss, "wc", "wd", "wf", "wb", "wo")
	n.check("wc", "wd", "wf", "wb", "wo")
}
