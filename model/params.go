package model

import (
	"fmt"
	"math"

	"framewise/corpus/draw"

	"gorgonia.org/tensor"
)

// paramKind says how a weight matrix is drawn.
type paramKind int

const (
	denseParam paramKind = iota // [inputs+1, outputs]; convolutions too
	lstmParam                   // [inputs+units+1, 4*units]: input, recurrent, bias; gates i f g o
	gruParam                    // [inputs+units+2, 3*units]: input, recurrent, two biases; gates r z n
	normParam                   // [2, values]: gains, biases
)

// Param is one weight matrix of a network. Its last row is the bias; that of a
// GRU has two.
type Param struct {
	Name  string // stable: "conv.0", "dense", "forward.1", "backward.0", "norm.0", "output"
	Rows  int
	Cols  int
	Value *tensor.Dense // [Rows, Cols], shared by every graph of the network

	kind   paramKind
	inputs int // values that one output sees
	macs   int // multiply-adds of one frame forward
}

// Data is the matrix in row-major order; writing to it changes the network.
func (p *Param) Data() []float32 { return p.Value.Data().([]float32) }

// Decay is how many numbers, from the first, are subject to L2: neither the
// biases nor the gains of a norm, which say nothing at 0.
func (p *Param) Decay() int {
	switch p.kind {
	case normParam:
		return 0
	case gruParam:
		return (p.Rows - 2) * p.Cols
	}
	return (p.Rows - 1) * p.Cols
}

// MACsPerFrame is the number of multiply-adds by matrix products of one frame
// forward: a convolution's for all places of its kernel over the frame.
func (p *Param) MACsPerFrame() int { return p.macs }

// layout lists the weights of a network over spectra of f values and k
// classes, without values.
func (c Config) layout(f, k int) ([]*Param, error) {
	var ps []*Param
	add := func(name string, inputs, outputs, times int) {
		ps = append(ps, &Param{Name: name, Rows: inputs + 1, Cols: outputs, inputs: inputs, macs: inputs * outputs * times})
	}
	norm := func(name string, width int) {
		if c.Norm {
			ps = append(ps, &Param{Name: name, Rows: 2, Cols: width, kind: normParam})
		}
	}
	width := c.Inputs(f)
	if n := c.Conv.Filters; n > 0 {
		rest := f - c.Conv.F + 1
		if rest < 1 {
			return nil, fmt.Errorf("conv.f: %d values, but a frame has only %d", c.Conv.F, f)
		}
		add("conv.0", (1+c.Deltas)*c.Conv.T*c.Conv.F, n, rest)
		add("conv.1", n*c.Conv.T*rest, 2*n, 1)
		width = 2 * n
	}
	if c.Dense > 0 {
		add("dense", width, c.Dense, 1)
		width = c.Dense
	}
	for l := range c.Layers {
		for _, direction := range []string{"forward", "backward"} {
			p := &Param{Name: fmt.Sprintf("%s.%d", direction, l), Rows: width + c.Hidden + 1, Cols: 4 * c.Hidden, kind: lstmParam, inputs: width}
			if c.Cell == CellGRU {
				p.Rows, p.Cols, p.kind = width+c.Hidden+2, 3*c.Hidden, gruParam
			}
			p.macs = (width + c.Hidden) * p.Cols
			ps = append(ps, p)
		}
		width = c.Hidden
		if c.Topology == TopologyEachLayer {
			width = c.merged()
			norm(fmt.Sprintf("norm.%d", l), width)
			continue
		}
		norm(fmt.Sprintf("norm.forward.%d", l), width)
		norm(fmt.Sprintf("norm.backward.%d", l), width)
	}
	if c.Layers > 0 {
		width = c.merged()
	}
	add("output", width, k, 1)
	return ps, nil
}

// merged is the width of both directions together.
func (c Config) merged() int {
	if c.Merge == MergeSum {
		return c.Hidden
	}
	return 2 * c.Hidden
}

// set makes w, [Rows, Cols], the weight's values.
func (p *Param) set(w []float32) {
	p.Value = tensor.New(tensor.WithShape(p.Rows, p.Cols), tensor.WithBacking(w))
}

// Init draws the weight as Keras does by default: inputs from Glorot's uniform
// distribution, the recurrent matrix of each gate orthogonal, biases 0 but 1
// at the forget gate, gains 1. Every number is a hash of the seed, the weight's name
// and its place.
func (p *Param) init(seed uint64) {
	w := make([]float32, p.Rows*p.Cols)
	p.set(w)
	if p.kind == normParam {
		for i := range p.Cols {
			w[i] = 1
		}
		return
	}
	limit := math.Sqrt(6 / float64(p.inputs+p.Cols))
	key := draw.New(seed, "weights", p.Name, 0)
	for i := range p.inputs * p.Cols {
		w[i] = float32(limit * (2*key.Float64(i) - 1))
	}
	gates := map[paramKind]int{lstmParam: 4, gruParam: 3}[p.kind]
	for gate := range gates {
		h := p.Cols / gates
		q := orthogonal(draw.New(seed, "recurrent weights", p.Name, gate), h)
		for i := range h {
			copy(w[(p.inputs+i)*p.Cols+gate*h:][:h], q[i*h:])
		}
	}
	if p.kind == lstmParam {
		for j := p.Cols / 4; j < p.Cols/2; j++ {
			w[(p.Rows-1)*p.Cols+j] = 1
		}
	}
}

// orthogonal draws an n x n matrix with orthonormal rows: uniform numbers,
// made so by Gram and Schmidt's procedure, done twice a row for accuracy.
func orthogonal(key draw.Key, n int) []float32 {
	q := make([]float64, n*n)
	for i := range q {
		q[i] = 2*key.Float64(i) - 1
	}
	dot := func(a, b []float64) (s float64) {
		for i, v := range a {
			s += v * b[i]
		}
		return s
	}
	for i := range n {
		row := q[i*n : (i+1)*n]
		for pass := range 2 * i {
			other := q[(pass%i)*n:][:n]
			d := dot(row, other)
			for j, v := range other {
				row[j] -= d * v
			}
		}
		scale := 1 / math.Sqrt(dot(row, row))
		for j := range row {
			row[j] *= scale
		}
	}
	out := make([]float32, len(q))
	for i, v := range q {
		out[i] = float32(v)
	}
	return out
}
