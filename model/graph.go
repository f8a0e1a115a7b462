package model

import (
	"fmt"
	"math/bits"
	"slices"

	"framewise/model/nn"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// shape is what a graph is made for.
type shape struct {
	t, b  int  // capacity
	train bool // with loss and gradients, or posteriors only
}

// keptCells bounds the graphs that are kept, in multiples of the reserved
// cells of a batch: a graph holds its activations.
const keptCells = 10

// capacity is the shape of the graph that serves a batch. It is a function of
// the batch's shape and of the reserve alone, never of what came before: the
// places in a graph number the draws of dropout.
func (n *Network) capacity(frames, utterances int, train bool) shape {
	b := 1
	for b < utterances {
		b *= 2
	}
	t, frames := n.reserve/b, max(frames, 2*n.Crop()+1)
	if frames > t {
		// The next quarter of an octave.
		step := max(1, 1<<bits.Len(uint(frames-1))/8)
		t = (frames + step - 1) / step * step
	}
	return shape{t: t, b: b, train: train}
}

// graph finds the graph for a batch, or makes it.
func (n *Network) graph(frames, utterances int, train bool) (*graph, error) {
	s := n.capacity(frames, utterances, train)
	if i := slices.Index(n.order, s); i >= 0 {
		n.order = append(slices.Delete(n.order, i, i+1), s)
		return n.graphs[s], nil
	}
	cells := s.t * s.b
	for _, old := range n.order {
		cells += old.t * old.b
	}
	for len(n.order) > 0 && cells > keptCells*n.reserve {
		old := n.order[0]
		cells -= old.t * old.b
		n.order = n.order[1:]
		if err := n.graphs[old].vm.Close(); err != nil {
			return nil, fmt.Errorf("close graph: %w", err)
		}
		delete(n.graphs, old)
	}
	g, err := n.build(s)
	if err != nil {
		return nil, fmt.Errorf("make the graph of %s for %d utterances of %d frames: %w", n.cfg.Preset, s.b, s.t, err)
	}
	n.graphs[s], n.order = g, append(n.order, s)
	return g, nil
}

// graph is a network for batches of up to t frames of b utterances.
type graph struct {
	shape
	inputs    int // values of a frame
	x         []float32
	lens      []int
	dropout   *nn.DropoutState
	criterion         // training only
	out       *G.Node // the loss, or the posteriors [T', B, K]
	weights   G.Nodes
	vm        G.VM
}

// builder adds layers to a graph, and keeps the first error.
type builder struct {
	n       *Network
	g       *G.ExprGraph
	to      *graph
	lens    *G.Node // lengths where the builder is; convolutions shorten them
	weights map[string]*G.Node
	err     error
}

func (n *Network) build(s shape) (*graph, error) {
	b := &builder{n: n, g: G.NewGraph(), weights: map[string]*G.Node{},
		to: &graph{shape: s, inputs: n.Inputs(), dropout: &nn.DropoutState{Seed: n.seed, Train: s.train}}}
	to := b.to
	to.x = make([]float32, s.t*s.b*to.inputs)
	x := G.NewTensor(b.g, tensor.Float32, 3, G.WithShape(s.t, s.b, to.inputs), G.WithName("x"),
		G.WithValue(tensor.New(tensor.WithShape(s.t, s.b, to.inputs), tensor.WithBacking(to.x))))
	to.lens = make([]int, s.b)
	b.lens = b.ints("lens", to.lens)
	for _, p := range n.params {
		w := G.NewTensor(b.g, tensor.Float32, 2, G.WithShape(p.Rows, p.Cols), G.WithName(p.Name), G.WithValue(p.Value))
		b.weights[p.Name] = w
		to.weights = append(to.weights, w)
	}
	logits := b.logits(x)
	if s.train {
		to.out = b.loss(logits)
	} else {
		to.out = b.add(func() (*G.Node, error) { return nn.Softmax(logits, b.lens) })
	}
	if b.err != nil {
		return nil, b.err
	}
	if s.train {
		if _, err := G.Grad(to.out, to.weights...); err != nil {
			return nil, err
		}
	}
	to.vm = G.NewTapeMachine(b.g)
	return to, nil
}

func (b *builder) ints(name string, v []int) *G.Node {
	return G.NewTensor(b.g, tensor.Int, 1, G.WithShape(len(v)), G.WithName(name),
		G.WithValue(tensor.New(tensor.WithShape(len(v)), tensor.WithBacking(v))))
}

// add runs f unless a layer before it has failed.
func (b *builder) add(f func() (*G.Node, error)) *G.Node {
	if b.err != nil {
		return nil
	}
	var out *G.Node
	out, b.err = f()
	return out
}

// logits adds every layer below the softmax.
func (b *builder) logits(x *G.Node) *G.Node {
	c := b.n.cfg
	below := false // whether there are weights below, so that dX is wanted
	if c.Conv.Filters > 0 {
		x, below = b.convolutions(x), true
	}
	if c.Dense > 0 {
		x, below = b.dense("dense", x, below), true
	}
	switch {
	case c.Layers == 0:
	case c.Topology == TopologyEachLayer:
		x, below = b.eachLayer(x, below), true
	default:
		x, below = b.late(x, below), true
	}
	return b.dense("output", b.drop("top", c.Dropout, x), below)
}

func (b *builder) convolutions(x *G.Node) *G.Node {
	c := b.n.cfg
	rest := b.n.f - c.Conv.F + 1
	for i, k := range []nn.ConvConfig{
		{Channels: 1 + c.Deltas, Freqs: b.n.f, Filters: c.Conv.Filters, KT: c.Conv.T, KF: c.Conv.F, Act: nn.Tanh},
		{Channels: c.Conv.Filters, Freqs: rest, Filters: 2 * c.Conv.Filters, KT: c.Conv.T, KF: rest, Act: nn.Tanh, NeedDX: true},
	} {
		x = b.add(func() (*G.Node, error) {
			return nn.Conv2D(x, b.lens, b.weights[fmt.Sprintf("conv.%d", i)], k)
		})
		b.lens = b.add(func() (*G.Node, error) { return nn.ConvLens(b.lens, k) })
	}
	return x
}

func (b *builder) dense(name string, x *G.Node, needDX bool) *G.Node {
	return b.add(func() (*G.Node, error) { return nn.Dense(x, b.lens, b.weights[name], nn.Linear, needDX) })
}

func (b *builder) drop(name string, p float64, x *G.Node) *G.Node {
	if p == 0 || !b.to.train {
		return x
	}
	return b.add(func() (*G.Node, error) {
		return nn.Dropout(x, b.lens, nn.DropoutConfig{Name: name, P: p, PerUtterance: b.n.cfg.Mask == DropoutUtterance}, b.to.dropout)
	})
}

func (b *builder) recurrent(direction string, layer int, x *G.Node, reverse, needDX bool) *G.Node {
	cfg := nn.LSTMConfig{Hidden: b.n.cfg.Hidden, Reverse: reverse, NeedDX: needDX}
	return b.add(func() (*G.Node, error) {
		w := b.weights[fmt.Sprintf("%s.%d", direction, layer)]
		if b.n.cfg.Cell == CellGRU {
			return nn.GRU(x, b.lens, w, nn.GRUConfig(cfg))
		}
		return nn.LSTM(x, b.lens, w, cfg)
	})
}

// normEpsilon keeps the variance of a layer norm from 0: PyTorch's default.
const normEpsilon = 1e-5

// norm normalizes frames, if the network does so.
func (b *builder) norm(name string, x *G.Node) *G.Node {
	if !b.n.cfg.Norm {
		return x
	}
	return b.add(func() (*G.Node, error) {
		return nn.LayerNorm(x, b.lens, b.weights[name], nn.LayerNormConfig{Epsilon: normEpsilon, NeedDX: true})
	})
}

func (b *builder) mirror(x *G.Node) *G.Node {
	return b.add(func() (*G.Node, error) { return nn.Reverse(x, b.lens) })
}

func (b *builder) merge(forward, backward *G.Node) *G.Node {
	return b.add(func() (*G.Node, error) {
		if b.n.cfg.Merge == MergeSum {
			return nn.Sum(b.lens, forward, backward)
		}
		return nn.Concat(b.lens, forward, backward)
	})
}

// late stacks each direction by itself and merges once. The package
// documentation derives the backward stacks.
func (b *builder) late(x *G.Node, needDX bool) *G.Node {
	c := b.n.cfg
	forward, backward := x, x
	for l := range c.Layers {
		if l > 0 {
			forward = b.drop(fmt.Sprintf("forward.%d", l), c.Between, forward)
			backward = b.drop(fmt.Sprintf("backward.%d", l), c.Between, backward)
		}
		forward = b.recurrent("forward", l, forward, false, needDX || l > 0)
		fromTheEnd := c.Backward != BackwardDouble || l%2 == 0
		backward = b.recurrent("backward", l, backward, fromTheEnd, needDX || l > 0)
		forward = b.norm(fmt.Sprintf("norm.forward.%d", l), forward)
		backward = b.norm(fmt.Sprintf("norm.backward.%d", l), backward)
	}
	if c.Backward == BackwardUnaligned {
		backward = b.mirror(backward)
	}
	return b.merge(forward, backward)
}

// eachLayer merges after every layer.
func (b *builder) eachLayer(x *G.Node, needDX bool) *G.Node {
	c := b.n.cfg
	for l := range c.Layers {
		if l > 0 {
			x = b.drop(fmt.Sprintf("layer.%d", l), c.Between, x)
		}
		x = b.norm(fmt.Sprintf("norm.%d", l), b.both(l, x, needDX || l > 0))
	}
	return x
}

// both adds the two directions of a layer, merged. Side by side and in the
// same order of time they are one operation, which spares the copies.
func (b *builder) both(layer int, x *G.Node, needDX bool) *G.Node {
	c := b.n.cfg
	if c.Merge == MergeConcat && c.Backward == BackwardAligned {
		cfg := nn.LSTMConfig{Hidden: c.Hidden, NeedDX: needDX}
		forward, backward := b.weights[fmt.Sprintf("forward.%d", layer)], b.weights[fmt.Sprintf("backward.%d", layer)]
		return b.add(func() (*G.Node, error) {
			if c.Cell == CellGRU {
				return nn.BGRU(x, b.lens, forward, backward, nn.GRUConfig(cfg))
			}
			return nn.BLSTM(x, b.lens, forward, backward, cfg)
		})
	}
	forward := b.recurrent("forward", layer, x, false, needDX)
	backward := b.recurrent("backward", layer, x, true, needDX)
	if c.Backward == BackwardUnaligned {
		backward = b.mirror(backward)
	}
	return b.merge(forward, backward)
}
