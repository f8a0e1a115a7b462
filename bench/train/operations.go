package main

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"framewise/bench/turns"
	"framewise/model/nn"
)

// convMaterial is what the convolutions are run on.
type convMaterial struct {
	x  []float32    // [T, B, 3*F]
	w  [2][]float32 // of the layers
	dy []float32    // [T', B, N], gradient of the outputs
}

func (s spec) convMaterial() convMaterial {
	r, c := s.generator(), s.convs()
	m := convMaterial{x: normal(r, s.T*s.B*c[0].Channels*s.F, 1)}
	for i, k := range c {
		rows, cols := k.WeightShape()
		m.w[i] = normal(r, rows*cols, 0.03)
	}
	m.dy = normal(r, s.convFrames()*s.B*c[1].Width(), 1)
	return m
}

// convFrames is the number of frames that come out of both convolutions.
func (s spec) convFrames() int {
	c := s.convs()
	return c[1].OutLen(c[0].OutLen(s.T))
}

// ctcMaterial is what CTC is run on.
type ctcMaterial struct {
	logits  []float32 // [T, B, K]
	targets []int     // [B, U], the blank being the last class
	sizes   []int     // [B], half of U and more
}

func (s spec) ctcMaterial() ctcMaterial {
	r := s.generator()
	m := ctcMaterial{logits: normal(r, s.T*s.B*s.K, 2)}
	for b := range s.B {
		m.sizes = append(m.sizes, s.Labels-b%(s.Labels/4))
		for range s.Labels {
			m.targets = append(m.targets, r.IntN(s.K-1))
		}
	}
	return m
}

// graph is a Gorgonia graph with inputs.
type graph struct{ *G.ExprGraph }

func (g graph) floats(name string, x []float32, shape ...int) *G.Node {
	return G.NewTensor(g.ExprGraph, tensor.Float32, len(shape), G.WithShape(shape...), G.WithName(name),
		G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x))))
}

func (g graph) ints(name string, x []int, shape ...int) *G.Node {
	return G.NewTensor(g.ExprGraph, tensor.Int, len(shape), G.WithShape(shape...), G.WithName(name),
		G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x))))
}

// differentiate makes a work of a graph that ends in loss: it computes the
// loss and the gradients with respect to the nodes.
func (g graph) differentiate(loss *G.Node, with ...*G.Node) (turns.Work, error) {
	if _, err := G.Grad(loss, with...); err != nil {
		return turns.Work{}, err
	}
	vm := G.NewTapeMachine(g.ExprGraph)
	run := func() error {
		vm.Reset()
		return vm.RunAll()
	}
	return turns.Work{Run: run, Save: func() []float32 {
		out := []float32{loss.Value().Data().(float32)}
		for _, n := range with {
			d, err := n.Grad()
			if err != nil {
				panic(err) // Run has computed it
			}
			out = append(out, d.Data().([]float32)...)
		}
		return out
	}}, nil
}

// makeConv is sum(y * dy) of the convolutions and the gradients of their weights.
func makeConv(s spec) (turns.Work, error) {
	m, c, g := s.convMaterial(), s.convs(), graph{G.NewGraph()}
	x, lens := g.floats("x", m.x, s.T, s.B, c[0].Channels*s.F), g.ints("lens", s.lengths(), s.B)
	var weights G.Nodes
	for i, k := range c {
		rows, cols := k.WeightShape()
		w := g.floats(fmt.Sprintf("conv.%d", i), m.w[i], rows, cols)
		weights = append(weights, w)
		var err error
		if x, err = nn.Conv2D(x, lens, w, k); err != nil {
			return turns.Work{}, err
		}
		if lens, err = nn.ConvLens(lens, k); err != nil {
			return turns.Work{}, err
		}
	}
	y, err := G.HadamardProd(x, g.floats("dy", m.dy, s.convFrames(), s.B, c[1].Width()))
	if err != nil {
		return turns.Work{}, err
	}
	loss, err := G.Sum(y)
	if err != nil {
		return turns.Work{}, err
	}
	return g.differentiate(loss, weights...)
}

// makeCTC is the mean loss and the gradient of the logits, softmax included.
func makeCTC(s spec) (turns.Work, error) {
	m, g := s.ctcMaterial(), graph{G.NewGraph()}
	logits := g.floats("logits", m.logits, s.T, s.B, s.K)
	loss, err := nn.CTC(logits, g.ints("lens", s.lengths(), s.B), g.ints("targets", m.targets, s.B, s.Labels),
		g.ints("sizes", m.sizes, s.B), &nn.CTCState{})
	if err != nil {
		return turns.Work{}, err
	}
	return g.differentiate(loss, logits)
}
