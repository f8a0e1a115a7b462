package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"framewise/bench/turns"
	"framewise/model"
	"framewise/model/nn"
)

// seed is that of all weights.
const seed = 1

// generator draws the data of a work, the same in every process.
func (s spec) generator() *rand.Rand { return rand.New(rand.NewPCG(2016, uint64(len(s.ID)))) }

func normal(r *rand.Rand, n int, scale float32) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = scale * float32(r.NormFloat64())
	}
	return x
}

// batch draws frames and labels; a label says which of some values is largest,
// so that there is something to learn.
func (s spec) batch(inputs int) *model.Batch {
	r := s.generator()
	b := &model.Batch{}
	b.Resize(s.T, s.B, inputs)
	clear(b.X)
	for j, n := range s.lengths() {
		x, y := normal(r, n*inputs, 1), make([]int16, n)
		for t := range y {
			row := x[t*inputs:][:min(inputs, s.K)]
			for i, v := range row {
				if v > row[y[t]] {
					y[t] = int16(i)
				}
			}
		}
		b.Set(j, fmt.Sprint(j), x, inputs, y)
	}
	return b
}

// convs are the two convolutions of the preset post.
func (s spec) convs() [2]nn.ConvConfig {
	const k, channels = 5, 3
	rest := s.F - k + 1
	return [2]nn.ConvConfig{
		{Channels: channels, Freqs: s.F, Filters: s.Filters, KT: k, KF: k, Act: nn.Tanh},
		{Channels: s.Filters, Freqs: rest, Filters: 2 * s.Filters, KT: k, KF: rest, Act: nn.Tanh, NeedDX: true},
	}
}

// arrays are what a peer needs to do a work, by name.
func (s spec) arrays() (map[string][]float32, error) {
	switch s.Kind {
	case kindConv:
		m := s.convMaterial()
		return map[string][]float32{"x": m.x, "dy": m.dy, "conv.0": m.w[0], "conv.1": m.w[1]}, nil
	case kindCTC:
		m := s.ctcMaterial()
		return map[string][]float32{"x": m.logits, "y": floats(m.targets), "sizes": floats(m.sizes), "lens": floats(s.lengths())}, nil
	}
	c, err := s.network()
	if err != nil {
		return nil, err
	}
	n, err := model.New(c, s.F, s.K, seed)
	if err != nil {
		return nil, err
	}
	b := s.batch(n.Inputs())
	all := map[string][]float32{"x": b.X, "y": floats(b.Labels), "lens": floats(b.Lens)}
	for _, p := range n.Params() {
		all[p.Name] = p.Data()
	}
	return all, nil
}

func floats(x []int) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

// prepare writes what the peers read: a folder a work with spec.json and arrays.
func prepare(data string) error {
	for id, s := range specs() {
		dir := filepath.Join(data, id)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		text, err := json.Marshal(s)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, "spec.json"), text, 0o644); err != nil {
			return err
		}
		arrays, err := s.arrays()
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		for name, x := range arrays {
			if err := turns.WriteFloats(filepath.Join(dir, name+".f32"), x); err != nil {
				return err
			}
		}
	}
	return nil
}
