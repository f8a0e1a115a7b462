package nn

import (
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// GRUConfig describes a GRU layer.
type GRUConfig struct {
	Hidden  int  // H, units a direction
	Reverse bool // run from each utterance's last frame to its first (GRU only)
	NeedDX  bool // whether the gradient of the input is wanted; not so for a network's first layer
}

// GRU adds one direction of a layer of gated recurrent units (Cho et al. 2014)
// with the reset gate after the product, as PyTorch and Keras (reset_after)
// have it:
//
//	r, z = sigmoid(x*Wx + bx + h*Wh + bh)    n = tanh(x*Wx + bx + r*(h*Wh + bh))
//	h    = (1-z)*n + z*h
//
// x is [T, B, I], lens [B], the result [T, B, H]. Weights w are [I+H+2, 3H]: the
// rows of Wx, those of Wh, the biases bx and the biases bh, gates in PyTorch's
// order r, z, n (Keras: z, r, n). Reverse is that of LSTM.
func GRU(x, lens, w *G.Node, cfg GRUConfig) (*G.Node, error) {
	return gru("GRU", x, lens, G.Nodes{w}, []bool{cfg.Reverse}, cfg)
}

// BGRU adds a bidirectional GRU layer: GRU with weights wf, and with weights wb
// from each utterance's last frame to its first, side by side: [T, B, 2H]. The
// directions run on two goroutines.
func BGRU(x, lens, wf, wb *G.Node, cfg GRUConfig) (*G.Node, error) {
	return gru("BGRU", x, lens, G.Nodes{wf, wb}, []bool{false, true}, cfg)
}

func gru(name string, x, lens *G.Node, w G.Nodes, reverse []bool, cfg GRUConfig) (*G.Node, error) {
	if x.Dtype() == tensor.Float64 {
		return recurrent(name, x, lens, w, reverse, LSTMConfig(cfg), newGRUDirection[float64])
	}
	return recurrent(name, x, lens, w, reverse, LSTMConfig(cfg), newGRUDirection[float32])
}
