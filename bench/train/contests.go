package main

import (
	"fmt"

	"framewise/bench/result"
	"framewise/model"
	"framewise/model/gemm"
)

// ours and peer say how a server is started.
type (
	ours struct {
		threads    int
		blas, simd string // FRAMEWISE_BLAS and FRAMEWISE_SIMD
	}
	peer struct {
		name    string // torch | keras | framewise
		threads int
	}
)

// contest is a comparison: a row.
type contest struct {
	title   string // of the work
	work    string // its id
	ours    ours
	peer    peer
	theirs  string // the peer's id; empty: work
	checked string // id of the work whose results are compared; empty: the same
	memory  bool
	target  float64
}

// rival is the id that the peer is asked for.
func (c contest) rival() string {
	if c.theirs != "" {
		return c.theirs
	}
	return c.work
}

// setting is the column of the table.
func (c contest) setting() string {
	s := fmt.Sprintf("%d thread", c.ours.threads)
	if c.ours.threads > 1 {
		s += "s"
	}
	if c.ours.blas != "" {
		s += ", " + c.ours.blas
	}
	if c.ours.simd != "" {
		s += ", " + c.ours.simd
	}
	return s
}

func (c contest) row(against string) result.Row {
	return result.Row{Work: c.title, Against: against, Setting: c.setting(), Unit: "frames", Size: float64(specs()[c.work].frames()), Target: c.target}
}

// contests lists what is compared, in the order of the table.
func contests() []contest {
	one, two := ours{threads: 1}, ours{threads: 2}
	openBLAS, avx2 := ours{threads: 1, blas: gemm.OpenBLAS}, ours{threads: 1, simd: "avx2"}
	torch, torch2, keras := peer{"torch", 1}, peer{"torch", 2}, peer{"keras", 1}
	const (
		blstm  = "2 x BLSTM(128), dense, B=16, T=300, F=40: step"
		ragged = "the same, lengths 200 to 300: step"
		large  = "3 x BLSTM(250), dense, B=32, T=300, F=40: step"
		conv   = "Conv2D 3 -> 32 -> 64, B=16, T=300, F=40: forward, backward"
		post   = "preset post, n=32, B=16, T=300, F=40: step"
		ctc    = "CTC, B=32, T=300..400, U=38..50, C=62: loss, gradient"
		same   = 0.97 // within 3 %
	)
	plain, double := "post32-"+model.BackwardAligned, "post32-"+model.BackwardDouble
	return []contest{
		{title: blstm, work: "blstm128", ours: one, peer: torch, target: 1.7},
		{title: blstm, work: "blstm128", ours: openBLAS, peer: torch, target: 1.9},
		{title: blstm, work: "blstm128", ours: two, peer: torch2, target: 1.6},
		{title: blstm, work: "blstm128", ours: avx2, peer: torch},
		{title: ragged, work: "blstm128-ragged", ours: one, peer: torch},
		{title: large, work: "blstm250", ours: one, peer: torch, target: 1.4},
		{title: large, work: "blstm250", ours: two, peer: torch2},
		{title: conv, work: "conv32", ours: one, peer: torch, target: 1.2},
		{title: conv, work: "conv32", ours: two, peer: torch2},
		{title: post, work: double, checked: "post32-still", ours: one, peer: torch, target: 1.4},
		{title: post, work: double, checked: "post32-still", ours: two, peer: torch2},
		{title: post, work: double, checked: "post32-still", ours: one, peer: keras, target: 2},
		{title: ctc, work: "ctc", ours: one, peer: torch, target: 2},
		{title: ctc, work: "ctc", ours: two, peer: torch2},
		{title: post + ", double", work: double, ours: one, peer: peer{"framewise", 1}, theirs: plain, target: same},
		{title: post + ", unaligned", work: "post32-" + model.BackwardUnaligned, ours: one, peer: peer{"framewise", 1}, theirs: plain, target: same},
		{title: blstm + ", peak memory above that before", work: "blstm128", ours: one, peer: torch, memory: true, target: 1.4},
	}
}
