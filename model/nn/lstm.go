package nn

import (
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
	return lstm("LSTM", x, lens, G.Nodes{w}, []bool{cfg.Reverse}, cfg)
}

// BLSTM adds a bidirectional LSTM layer (Graves and Schmidhuber 2005): LSTM
// with weights wf, and with weights wb from each utterance's last frame to its
// first, side by side: [T, B, 2H]. The directions run on two goroutines.
func BLSTM(x, lens, wf, wb *G.Node, cfg LSTMConfig) (*G.Node, error) {
	return lstm("BLSTM", x, lens, G.Nodes{wf, wb}, []bool{false, true}, cfg)
}

func lstm(name string, x, lens *G.Node, w G.Nodes, reverse []bool, cfg LSTMConfig) (*G.Node, error) {
	if x.Dtype() == tensor.Float64 {
		return recurrent(name, x, lens, w, reverse, cfg, newDirection[float64])
	}
	return recurrent(name, x, lens, w, reverse, cfg, newDirection[float32])
}
