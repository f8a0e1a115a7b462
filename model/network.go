package model

import (
	"fmt"

	"framewise/model/weights"
)

// Network is a network with its weights. It makes the Gorgonia graphs that it
// needs for the batches that it meets. It is not safe for concurrent use.
type Network struct {
	cfg     Config
	f, k    int // values of a frame before deltas; classes
	seed    uint64
	loss    Loss
	weights []float64 // of classes in the loss; nil: all 1
	params  []*Param
	reserve int // cells of a batch that graphs are made for
	graphs  map[shape]*graph
	order   []shape // of graphs, least recently used first
}

// New makes a network over spectra of f values a frame and k classes, and
// draws its weights.
func New(cfg Config, f, k int, seed uint64) (*Network, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	if f < 1 || k < 1 {
		return nil, fmt.Errorf("network: %d values a frame and %d classes, want at least 1 of each", f, k)
	}
	params, err := cfg.layout(f, k)
	if err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	for _, p := range params {
		p.init(seed)
	}
	return &Network{cfg: cfg, f: f, k: k, seed: seed, loss: Loss{Name: LossFrames}, params: params, reserve: 1, graphs: map[shape]*graph{}}, nil
}

// Config is what the network was made from.
func (n *Network) Config() Config { return n.cfg }

// Inputs is the number of values of a frame of a batch, deltas included.
func (n *Network) Inputs() int { return n.cfg.Inputs(n.f) }

// Classes is the number of classes.
func (n *Network) Classes() int { return n.k }

// Crop is the number of frames that are lost at each end of an utterance.
func (n *Network) Crop() int { return n.cfg.Crop() }

// Params are the weights in a fixed order.
func (n *Network) Params() []*Param { return n.params }

// Parameters is the number of weights.
func (n *Network) Parameters() int {
	sum := 0
	for _, p := range n.params {
		sum += p.Rows * p.Cols
	}
	return sum
}

// MACsPerFrame is the number of multiply-adds of one frame forward, by matrix
// products alone.
func (n *Network) MACsPerFrame() int {
	sum := 0
	for _, p := range n.params {
		sum += p.macs
	}
	return sum
}

// Reserve tells the network that batches have up to that many cells (frames
// times utterances, padding included), so that the graph made for a batch
// size serves every batch of that size.
func (n *Network) Reserve(cells int) { n.reserve = max(1, cells) }

// Tensors are the weights under their names, each with prefix before it. They
// share the network's memory.
func (n *Network) Tensors(prefix string) []weights.Tensor {
	ts := make([]weights.Tensor, len(n.params))
	for i, p := range n.params {
		ts[i] = weights.Tensor{Name: prefix + p.Name, Shape: []int{p.Rows, p.Cols}, Data: p.Data()}
	}
	return ts
}

// Load takes the weights of a file that was written from Tensors(prefix).
// Weights know nothing of lengths: a network trained on short utterances runs
// on long ones.
func (n *Network) Load(f weights.File, prefix string) error {
	loaded := make([]weights.Tensor, len(n.params))
	for i, p := range n.params {
		t, err := f.Get(prefix+p.Name, p.Rows, p.Cols)
		if err != nil {
			return fmt.Errorf("load network %s: %w", n.cfg.Preset, err)
		}
		loaded[i] = t
	}
	for i, p := range n.params {
		copy(p.Data(), loaded[i].Data)
	}
	return nil
}
