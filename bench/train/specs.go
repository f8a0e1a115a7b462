package main

import (
	"fmt"

	"framewise/model"
)

// Kinds of works.
const (
	kindBLSTM = "blstm" // a stack of bidirectional LSTM layers and a dense one: a whole step of Adam
	kindPost  = "post"  // the preset post: a whole step of Adam
	kindConv  = "conv"  // two convolutions with tanh: outputs and gradients
	kindCTC   = "ctc"   // loss and gradient of the logits
)

// spec is a work, the same for ours and the peers, who read it as JSON.
type spec struct {
	ID       string  `json:"id"`
	Kind     string  `json:"kind"`
	B        int     `json:"b"` // utterances
	T        int     `json:"t"` // frames
	Shortest int     `json:"shortest"`
	F        int     `json:"f"` // values of a frame, without deltas
	K        int     `json:"k"` // classes
	Layers   int     `json:"layers"`
	Hidden   int     `json:"hidden"`
	Filters  int     `json:"filters"`
	Labels   int     `json:"labels"`   // of an utterance, for CTC
	Backward string  `json:"backward"` // of kindPost
	Dropout  float64 `json:"dropout"`
}

// rate is the learning rate of every step.
const rate = 1e-3

// specs lists the works by id.
func specs() map[string]spec {
	blstm := spec{Kind: kindBLSTM, B: 16, T: 300, Shortest: 300, F: 40, K: 62, Layers: 2, Hidden: 128}
	post := spec{Kind: kindPost, B: 16, T: 300, Shortest: 300, F: 40, K: 62, Layers: 2, Hidden: 128, Filters: 32, Dropout: 0.5}
	all := map[string]spec{}
	add := func(id string, s spec, change func(*spec)) {
		s.ID = id
		if change != nil {
			change(&s)
		}
		all[id] = s
	}
	add("blstm128", blstm, nil)
	add("blstm128-ragged", blstm, func(s *spec) { s.Shortest = 200 })
	add("blstm250", blstm, func(s *spec) { s.B, s.Layers, s.Hidden = 32, 3, 250 })
	for _, b := range []string{model.BackwardAligned, model.BackwardDouble, model.BackwardUnaligned} {
		add("post32-"+b, post, func(s *spec) { s.Backward = b })
	}
	add("post32-still", post, func(s *spec) { s.Backward, s.Dropout = model.BackwardDouble, 0 })
	add("conv32", spec{Kind: kindConv, B: 16, T: 300, Shortest: 300, F: 40, Filters: 32}, nil)
	add("ctc", spec{Kind: kindCTC, B: 32, T: 400, Shortest: 300, K: 62, Labels: 50}, nil)
	return all
}

// find is the work of an id.
func find(id string) (spec, error) {
	s, ok := specs()[id]
	if !ok {
		return s, fmt.Errorf("there is no work %q", id)
	}
	return s, nil
}

// network is the configuration of a work that is a network.
func (s spec) network() (model.Config, error) {
	if s.Kind == kindPost {
		c, err := model.Preset("post")
		c.Backward, c.Dropout, c.Conv.Filters = s.Backward, s.Dropout, s.Filters
		return c, err
	}
	c := model.Config{Cell: model.CellLSTM, Layers: s.Layers, Hidden: s.Hidden, Topology: model.TopologyEachLayer,
		Merge: model.MergeConcat, Backward: model.BackwardAligned, Mask: model.DropoutFrame}
	return c, nil
}

// lengths are spread evenly from Shortest to T, the longest first.
func (s spec) lengths() []int {
	lens := make([]int, s.B)
	for b := range lens {
		lens[b] = s.T - b*(s.T-s.Shortest)/max(1, s.B-1)
	}
	return lens
}

// frames of all utterances together.
func (s spec) frames() int {
	n := 0
	for _, l := range s.lengths() {
		n += l
	}
	return n
}

// gflop is what the matrix products of a pass take, a multiply-add counting
// as two: forward once, and backward once each for the gradients of weights
// and of inputs, where the network's own inputs want none.
func (s spec) gflop() (float64, error) {
	macs, first := 0, 0 // multiply-adds of a frame, and those on the network's input
	switch s.Kind {
	case kindCTC:
		return 0, nil
	case kindConv:
		c := s.convs()
		first = c[0].Channels * c[0].KT * c[0].KF * c[0].Width()
		macs = first + c[1].Channels*c[1].KT*c[1].KF*c[1].Width()
	default:
		c, err := s.network()
		if err != nil {
			return 0, err
		}
		n, err := model.New(c, s.F, s.K, 1)
		if err != nil {
			return 0, err
		}
		macs, first = n.MACsPerFrame(), 2*4*s.Hidden*s.F
		if s.Kind == kindPost {
			k := s.convs()[0]
			first = k.Channels * k.KT * k.KF * k.Width()
		}
	}
	return 2e-9 * float64(3*macs-first) * float64(s.frames()), nil
}
