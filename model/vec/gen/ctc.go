//go:build avo

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// logAdd is log(exp(a)+exp(b)): see logAdd32 in portable.go. A NaN in either
// comes out, because it is in d whatever the maximum makes of it.
func (w *writer) logAdd(a, b VecVirtual) VecVirtual {
	d, top := w.minus(a, b), w.reg()
	VMINPS(w.negative(d), d, d)
	VMAXPS(d, w.constant(-25), d)
	VMAXPS(b, a, top)
	e := w.exp(d)
	s := w.over(e, w.plus(e, w.constant(2)))
	z := w.mul(s, s)
	p := w.constant(1.34337742142e-1)
	for _, k := range []float32{1.41169780489e-1, 2.00038354260e-1, 3.33333198329e-1} {
		p = w.fma(p, z, w.constant(k))
	}
	s = w.plus(s, s)
	return w.plus(top, w.fma(w.mul(s, z), p, s))
}

// keepMax takes v into the lanes' maxima, but not what a mask leaves out.
func (w *writer) keepMax(top, v VecVirtual) {
	switch {
	case !w.tail:
		VMAXPS(top, v, top)
	case w.wide:
		VMAXPS(top, v, w.k, top)
	default:
		VBLENDVPS(w.m, v, top, v)
		VMAXPS(top, v, top)
	}
}

func ctc(w *writer) {
	w.begin("ctc", "b, neighbor, l, repeat, p, bOut, lOut *float32, blank float32, top *float32",
		"is CTC for n blanks and labels; the maximum of each lane goes to top.")
	p := pointers("b", "neighbor", "l", "repeat", "p", "bOut", "lOut")
	lanes := Load(Param("top"), GP64())
	top := w.constant(-3.40282346638528859811704183484516925440e+38)
	w.loop(func() {
		b := w.load(p[0])
		x := w.logAdd(b, w.load(p[1]))
		v := w.plus(x, w.param("blank"))
		w.store(v, p[5])
		w.keepMax(top, v)
		from := w.reg()
		if repeat := w.load(p[3]); w.wide {
			k := K()
			const lessThan = 1
			VCMPPS(Imm(lessThan), w.constant(0), repeat, k)
			VBLENDMPS(b, x, k, from)
		} else {
			VBLENDVPS(repeat, b, x, from)
		}
		v = w.plus(w.logAdd(w.load(p[2]), from), w.load(p[4]))
		w.store(v, p[6])
		w.keepMax(top, v)
		VMOVUPS(top, Mem{Base: lanes})
	}, p...)
}
