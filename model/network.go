package model

import (
	"fmt"
	"slices"

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
	n, err := design(cfg, f, k)
	if err != nil {
		return nil, err
	}
	n.seed = seed
	for _, p := range n.params {
		p.init(seed)
	}
	return n, nil
}

// Restore makes a network with the weights of a file that was written from
// Tensors(prefix). No memory is taken for weights that the file does not have,
// whatever the configuration says of their number.
func Restore(cfg Config, f, k int, file weights.File, prefix string) (*Network, error) {
	n, err := design(cfg, f, k)
	if err != nil {
		return nil, err
	}
	loaded, err := n.find(file, prefix)
	if err != nil {
		return nil, err
	}
	for i, p := range n.params {
		p.set(slices.Clone(loaded[i].Data))
	}
	return n, nil
}

// design lays a network out without weights.
func design(cfg Config, f, k int) (*Network, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	if f < 1 || f > maxValues || k < 1 || k > maxValues {
		return nil, fmt.Errorf("network: %d values a frame and %d classes, want 1 to %d of each", f, k, maxValues)
	}
	params, err := cfg.layout(f, k)
	if err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	return &Network{cfg: cfg, f: f, k: k, loss: Loss{Name: LossFrames}, params: params, reserve: 1, graphs: map[shape]*graph{}}, nil
}

// maxValues bounds the values of a frame and the classes, so that products of
// sizes do not overflow.
const maxValues = 1 << 20

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
	loaded, err := n.find(f, prefix)
	if err != nil {
		return err
	}
	for i, p := range n.params {
		copy(p.Data(), loaded[i].Data)
	}
	return nil
}

// find is the tensors of a file that hold the weights, in the order of Params.
func (n *Network) find(f weights.File, prefix string) ([]weights.Tensor, error) {
	found := make([]weights.Tensor, len(n.params))
	for i, p := range n.params {
		t, err := f.Get(prefix+p.Name, p.Rows, p.Cols)
		if err != nil {
			return nil, fmt.Errorf("load network %s: %w", n.cfg.Preset, err)
		}
		found[i] = t
	}
	return found, nil
}
