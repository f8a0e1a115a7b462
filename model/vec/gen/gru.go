//go:build avo

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// threes are the places of three stretches of n numbers, one behind the other.
func threes(name string) []Register {
	p, n := Load(Param(name), GP64()), Load(Param("n"), GP64())
	r := []Register{p}
	for range 2 {
		next := GP64()
		LEAQ(Mem{Base: r[len(r)-1], Index: n, Scale: 4}, next)
		r = append(r, next)
	}
	return r
}

func gruForward(w *writer) {
	w.begin("gruForward", "gate, state, hp, y *float32", "is GRUForward for n units.")
	g, s := threes("gate"), threes("state")
	p := pointers("hp", "y")
	w.loop(func() {
		r := w.sigmoid(w.plus(w.load(g[0]), w.load(s[0])))
		w.store(r, g[0])
		c := w.tanh(w.fma(r, w.load(s[2]), w.load(g[2])))
		w.store(c, g[2])
		z := w.sigmoid(w.plus(w.load(g[1]), w.load(s[1])))
		w.store(z, g[1])
		w.store(w.fma(z, w.minus(w.load(p[0]), c), c), p[1])
	}, append(append(g, s...), p...)...)
}

func gruBackward(w *writer) {
	w.begin("gruBackward", "gate, state, hp, dy, dh *float32", "is GRUBackward for n units.")
	g, s := threes("gate"), threes("state")
	p := pointers("hp", "dy", "dh")
	w.loop(func() {
		one := w.constant(1)
		r, z, c := w.load(g[0]), w.load(g[1]), w.load(g[2])
		d := w.plus(w.load(p[2]), w.load(p[1]))
		w.store(w.mul(d, z), p[2])
		dz := w.mul(w.mul(w.mul(d, w.minus(w.load(p[0]), c)), z), w.minus(one, z))
		w.store(dz, g[1])
		w.store(dz, s[1])
		dc := w.mul(w.mul(d, w.minus(one, z)), w.fnma(c, c, one))
		w.store(dc, g[2])
		dr := w.mul(w.mul(w.mul(dc, w.load(s[2])), r), w.minus(one, r))
		w.store(dr, g[0])
		w.store(dr, s[0])
		w.store(w.mul(dc, r), s[2])
	}, append(append(g, s...), p...)...)
}
