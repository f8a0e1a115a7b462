package interchange

import (
	"fmt"
	"strconv"
	"strings"

	"framewise/model"
)

// A piece is an array of another program, and which part of one of ours it
// holds.
type piece struct {
	name  string
	shape []int

	rows      []int // our rows, in the order of the other's
	cols      []int // our columns, in the order of the other's
	transpose bool  // the other has columns before rows
	split     bool  // a second bias: zeros when written, added to the first when read
}

// span is the numbers from a to b-1.
func span(a, b int) []int {
	s := make([]int, 0, b-a)
	for i := a; i < b; i++ {
		s = append(s, i)
	}
	return s
}

// gates are the columns of blocks of width h in the order given.
func gates(h int, order ...int) []int {
	var cols []int
	for _, g := range order {
		cols = append(cols, span(g*h, (g+1)*h)...)
	}
	return cols
}

// layer is what a weight's name says: its kind ("forward", "norm.backward",
// "conv", "dense", "output", ...) and its number, -1 without one.
func layer(name string) (kind string, n int) {
	kind, last, ok := cutLast(name)
	if n, err := strconv.Atoi(last); ok && err == nil {
		return kind, n
	}
	return name, -1
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// geometry is what the shapes of a network's weights do not say.
type geometry struct {
	cfg model.Config
	f   int // values of a frame before deltas
}

// conv is the shape [C, KT, KF] that the rows of a convolution stand for.
func (g geometry) conv(n int) (c, kt, kf int) {
	k := g.cfg.Conv
	if n == 0 {
		return 1 + g.cfg.Deltas, k.T, k.F
	}
	return k.Filters, k.T, g.f - k.F + 1
}

// torch are the arrays of a PyTorch state_dict that hold p.
func (g geometry) torch(p *model.Param) []piece {
	kind, n := layer(p.Name)
	all := span(0, p.Cols)
	last := p.Rows - 1
	switch kind {
	case "forward", "backward":
		return g.torchRecurrent(p, kind, n)
	case "norm", "norm.forward", "norm.backward":
		return []piece{
			{name: p.Name + ".weight", shape: []int{p.Cols}, rows: []int{0}, cols: all},
			{name: p.Name + ".bias", shape: []int{p.Cols}, rows: []int{1}, cols: all},
		}
	}
	shape := []int{p.Cols, last}
	if kind == "conv" {
		c, kt, kf := g.conv(n)
		shape = []int{p.Cols, c, kt, kf}
	}
	return []piece{
		{name: p.Name + ".weight", shape: shape, rows: span(0, last), cols: all, transpose: true},
		{name: p.Name + ".bias", shape: []int{p.Cols}, rows: []int{last}, cols: all},
	}
}

// torchRecurrent has the names of nn.LSTM and nn.GRU: with a merge after each
// layer, those of one bidirectional stack, "recurrent"; otherwise those of a
// stack a direction, "forward_rnn" and "backward_rnn".
func (g geometry) torchRecurrent(p *model.Param, direction string, n int) []piece {
	prefix, suffix := direction+"_rnn.", fmt.Sprintf("_l%d", n)
	if g.cfg.Topology == model.TopologyEachLayer {
		prefix = "recurrent."
		if direction == "backward" {
			suffix += "_reverse"
		}
	}
	h := g.cfg.Hidden
	biases := 1
	if g.cfg.Cell == model.CellGRU {
		biases = 2
	}
	inputs := p.Rows - h - biases
	all := span(0, p.Cols)
	one := piece{name: prefix + "bias_ih" + suffix, shape: []int{p.Cols}, rows: []int{inputs + h}, cols: all}
	two := piece{name: prefix + "bias_hh" + suffix, shape: []int{p.Cols}, rows: []int{p.Rows - 1}, cols: all, split: biases == 1}
	return []piece{
		{name: prefix + "weight_ih" + suffix, shape: []int{p.Cols, inputs}, rows: span(0, inputs), cols: all, transpose: true},
		{name: prefix + "weight_hh" + suffix, shape: []int{p.Cols, h}, rows: span(inputs, inputs+h), cols: all, transpose: true},
		one, two,
	}
}

// keras are the arrays of Keras' layers that hold p.
func (g geometry) keras(p *model.Param) []piece {
	kind, n := layer(p.Name)
	all := span(0, p.Cols)
	last := p.Rows - 1
	switch kind {
	case "forward", "backward":
		return g.kerasRecurrent(p)
	case "norm", "norm.forward", "norm.backward":
		return []piece{
			{name: p.Name + ".gamma", shape: []int{p.Cols}, rows: []int{0}, cols: all},
			{name: p.Name + ".beta", shape: []int{p.Cols}, rows: []int{1}, cols: all},
		}
	case "conv":
		c, kt, kf := g.conv(n)
		var rows []int // ours are [C, KT, KF], Keras' [KT, KF, C]
		for t := range kt {
			for f := range kf {
				for ch := range c {
					rows = append(rows, (ch*kt+t)*kf+f)
				}
			}
		}
		return []piece{
			{name: p.Name + ".kernel", shape: []int{kt, kf, c, p.Cols}, rows: rows, cols: all},
			{name: p.Name + ".bias", shape: []int{p.Cols}, rows: []int{last}, cols: all},
		}
	}
	return []piece{
		{name: p.Name + ".kernel", shape: []int{last, p.Cols}, rows: span(0, last), cols: all},
		{name: p.Name + ".bias", shape: []int{p.Cols}, rows: []int{last}, cols: all},
	}
}

func (g geometry) kerasRecurrent(p *model.Param) []piece {
	h := g.cfg.Hidden
	cols := span(0, p.Cols) // i, f, g, o: Keras' i, f, c, o
	inputs := p.Rows - h - 1
	bias := piece{name: p.Name + ".bias", shape: []int{p.Cols}, rows: []int{p.Rows - 1}, cols: cols}
	if g.cfg.Cell == model.CellGRU {
		cols = gates(h, 1, 0, 2) // ours are r, z, n, Keras' z, r, h
		inputs--
		bias = piece{name: p.Name + ".bias", shape: []int{2, p.Cols}, rows: []int{p.Rows - 2, p.Rows - 1}, cols: cols}
	}
	return []piece{
		{name: p.Name + ".kernel", shape: []int{inputs, p.Cols}, rows: span(0, inputs), cols: cols},
		{name: p.Name + ".recurrent_kernel", shape: []int{h, p.Cols}, rows: span(inputs, inputs+h), cols: cols},
		bias,
	}
}
