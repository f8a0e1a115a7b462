package nn

import (
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
)

// Graphs that make no sense are refused when they are built, saying what was
// found and what was expected.
func TestBuildRefuses(t *testing.T) {
	for want, build := range map[string]func(n *net[float32], x, lens *G.Node) (*G.Node, error){
		"LSTM: weights are (3, 8) of float32, want [6, 8]": func(n *net[float32], x, lens *G.Node) (*G.Node, error) {
			return LSTM(x, lens, n.floats("w", 3, 8), LSTMConfig{Hidden: 2})
		},
		"0 hidden units": func(n *net[float32], x, lens *G.Node) (*G.Node, error) {
			return LSTM(x, lens, n.floats("w", 3, 8), LSTMConfig{})
		},
		"BLSTM: weights": func(n *net[float32], x, lens *G.Node) (*G.Node, error) {
			return BLSTM(x, lens, n.floats("wf", 6, 8), n.floats("wb", 6, 7), LSTMConfig{Hidden: 2})
		},
		"lengths are (3) of int, want [2]": func(n *net[float32], x, lens *G.Node) (*G.Node, error) {
			return Reverse(x, n.ints("other", 1, 2, 3))
		},
		"Dense: input is (4, 3)": func(n *net[float32], x, lens *G.Node) (*G.Node, error) {
			return Dense(n.floats("m", 4, 3), lens, n.floats("w", 4, 2), Linear, false)
		},
		"Dense: weights are (5, 2) of float32, want [4, 2]": func(n *net[float32], x, lens *G.Node) (*G.Node, error) {
			return Dense(x, lens, n.floats("w", 5, 2), Linear, false)
		},
		"GRU: weights are (6, 6) of float32, want [7, 6]": func(n *net[float32], x, lens *G.Node) (*G.Node, error) {
			return GRU(x, lens, n.floats("w", 6, 6), GRUConfig{Hidden: 2})
		},
		"BGRU: 0 hidden units": func(n *net[float32], x, lens *G.Node) (*G.Node, error) {
			return BGRU(x, lens, x, x, GRUConfig{})
		},
		"LayerNorm: weights are (1, 3) of float32, want [2, 3]": func(n *net[float32], x, lens *G.Node) (*G.Node, error) {
			return LayerNorm(x, lens, n.floats("w", 1, 3), LayerNormConfig{})
		},
		"LayerNorm: epsilon -1, want 0 or more": func(n *net[float32], x, lens *G.Node) (*G.Node, error) {
			return LayerNorm(x, lens, n.floats("w", 2, 3), LayerNormConfig{Epsilon: -1})
		},
		"nothing to merge": func(n *net[float32], x, lens *G.Node) (*G.Node, error) { return Concat(lens) },
		"Sum: input 1 is (5, 2, 4)": func(n *net[float32], x, lens *G.Node) (*G.Node, error) {
			return Sum(lens, x, n.floats("y", 5, 2, 4))
		},
		"probability 1, want 0 <= p < 1": func(n *net[float32], x, lens *G.Node) (*G.Node, error) {
			return Dropout(x, lens, DropoutConfig{P: 1}, &DropoutState{})
		},
		"no state": func(n *net[float32], x, lens *G.Node) (*G.Node, error) { return Dropout(x, lens, DropoutConfig{}, nil) },
		"Conv2D: input (5, 2, 3) has 3 numbers a frame, want 2 channels x 2": func(n *net[float32], x, lens *G.Node) (*G.Node, error) {
			return Conv2D(x, lens, x, ConvConfig{Channels: 2, Freqs: 2, Filters: 1, KT: 1, KF: 1})
		},
		"does not fit into 3": func(n *net[float32], x, lens *G.Node) (*G.Node, error) {
			return Conv2D(x, lens, x, ConvConfig{Channels: 1, Freqs: 3, Filters: 1, KT: 1, KF: 4})
		},
		"does not fit into a capacity of 5": func(n *net[float32], x, lens *G.Node) (*G.Node, error) {
			return Conv2D(x, lens, x, ConvConfig{Channels: 1, Freqs: 3, Filters: 1, KT: 6, KF: 1})
		},
		"0 filters": func(n *net[float32], x, lens *G.Node) (*G.Node, error) {
			return Conv2D(x, lens, x, ConvConfig{Channels: 1, Freqs: 3, KT: 1, KF: 1})
		},
		"CrossEntropy: labels are (2) of int, want [10]": func(n *net[float32], x, lens *G.Node) (*G.Node, error) {
			return CrossEntropy(x, lens, &XentState{})
		},
	} {
		n := newNet[float32](t)
		if _, err := build(n, n.floats("x", 5, 2, 3), n.ints("lens", 5, 5)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
}

func TestRunRefusesLengths(t *testing.T) {
	for _, length := range []int{-1, 6} {
		n := newNet[float32](t)
		y := n.must(Reverse(n.floats("x", 5, 2, 3), n.ints("lens", 5, length)))
		n.compile(y, n.weigh(y))
		if err := n.vm.RunAll(); err == nil || !strings.Contains(err.Error(), "utterance 1 of the batch has length") {
			t.Errorf("length %d: %v", length, err)
		}
	}
}

func TestSoftmaxHasNoGradient(t *testing.T) {
	n := newNet[float32](t)
	p := n.must(Softmax(n.floats("x", 5, 2, 3), n.ints("lens", 5, 5)))
	if _, err := G.Grad(n.weigh(p), n.nodes["x"]); err == nil {
		t.Error("a gradient through Softmax")
	}
}

func TestActivationNames(t *testing.T) {
	for a := Linear; a <= ReLU; a++ {
		if b, err := ParseActivation(a.String()); err != nil || b != a {
			t.Errorf("%v: %v, %v", a, b, err)
		}
	}
	if _, err := ParseActivation("gelu"); err == nil || !strings.Contains(err.Error(), "want linear, tanh or relu") {
		t.Error(err)
	}
	if Activation(9).String() != "Activation(9)" {
		t.Error(Activation(9))
	}
}
