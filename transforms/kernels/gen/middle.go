//go:build avo

package main

import (
	"bytes"
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The middle kernels end one transform, apply the response and begin the other,
// for all q2 of one q1 at a time (AVX-512: of two), see the resampler for the
// names. They are made of two texts each: one for a row, the points of one q2,
// and one for a column, a point of all q2. Vectors hold rows for the former and
// columns for the latter and are turned in between.

const middleParams = "dstRe, dstIm, srcRe, srcIm, mix, twiddles *float32"

// mixed is the response's factors at q3: of the even points, and the two parts
// of that of the odd ones.
type mixed func(q3, i int) ref

func (b *block) odd(x cplx, q3 int, mix mixed) cplx {
	return b.rotate(x, cplx{b.load(mix(q3, 1)), b.load(mix(q3, 2))})
}

// halveRow takes 16 points of the long transform to 8 of the short one, whose
// parts are swapped from here on.
func (b *block) halveRow(x []cplx, mix mixed, put func(j int, x cplx)) {
	var parts [2][]cplx
	for j, v := range x {
		parts[j%2] = append(parts[j%2], v)
	}
	even, y := make([]cplx, 8), make([]cplx, 8)
	b.dft(parts[0], func(q3 int, v cplx) { even[q3] = v })
	b.dft(parts[1], func(q3 int, v cplx) {
		m, o := b.load(mix(q3, 0)), b.odd(v, q3, mix)
		y[q3] = cplx{b.add(b.mul(even[q3].im, m), o.im), b.add(b.mul(even[q3].re, m), o.re)}
	})
	b.dft(y, put)
}

// doubleRow takes 8 points of the short transform to 16 of the long one, whose
// parts are swapped from here on.
func (b *block) doubleRow(x []cplx, mix mixed, put func(j int, x cplx)) {
	even, odd := make([]cplx, 8), make([]cplx, 8)
	b.dft(x, func(q3 int, v cplx) {
		m, o := b.load(mix(q3, 0)), b.odd(v, q3, mix)
		even[q3], odd[q3] = cplx{b.mul(v.im, m), b.mul(v.re, m)}, cplx{o.im, o.re}
	})
	b.dft(even, func(j int, v cplx) { put(2*j, v) })
	b.dft(odd, func(j int, v cplx) { put(2*j+1, v) })
}

// column is the DFT over q2, with twiddles before it or after it.
func (b *block) column(x []cplx, before bool, twiddle func(i int) ref, put func(j int, x cplx)) {
	rotate := func(j int, v cplx) cplx {
		if j == 0 {
			return v
		}
		return b.rotate(v, cplx{b.load(twiddle(2*j - 2)), b.load(twiddle(2*j - 1))})
	}
	if before {
		y := make([]cplx, 8)
		for j := range x {
			y[j] = rotate(j, x[j])
		}
		b.dft(y, put)
		return
	}
	b.dft(x, func(j int, v cplx) { put(j, rotate(j, v)) })
}

// middle is the registers and the loop that both kernels share.
type middle struct {
	m              *machine
	dr, di, sr, si Register
	mixAt, tw      Register
}

func middleAsm(m *machine, name, doc string, srcBytes, dstBytes int, body func(k middle, b *block)) {
	function(name, m, middleParams, doc)
	stack := m.alignedStack(96)
	k := middle{m, gp("dstRe"), gp("dstIm"), gp("srcRe"), gp("srcIm"), gp("mix"), gp("twiddles")}
	n := GP64()
	groups := m.lanes / 8 // of q1
	MOVQ(I32(int32(8/groups)), n)
	loop("loop", n, func() {
		b := &block{}
		body(k, b)
		m.expand(b, stack)
		for _, p := range []Register{k.dr, k.di} {
			ADDQ(I32(int32(dstBytes*groups)), p)
		}
		for _, p := range []Register{k.sr, k.si} {
			ADDQ(I32(int32(srcBytes*groups)), p)
		}
		ADDQ(I32(int32(24*m.bytes())), k.mixAt)
	})
	VZEROUPPER()
	RET()
}

func (k middle) mix(q3, i int) ref { return apart(k.mixAt, k.m.bytes())(3*q3 + i) }

// rows addresses rows of 16 numbers, columns vectors of 8 numbers by q1.
func rows(base Register) func(r, c int) Mem {
	return func(r, c int) Mem { return Mem{Base: base, Disp: 64*r + 4*c} }
}

func columns(base Register) func(q1, n int) Mem {
	return func(q1, n int) Mem { return Mem{Base: base, Disp: 256*q1 + 32*n} }
}

func complexes(re, im []vec) []cplx {
	x := make([]cplx, len(re))
	for i := range x {
		x[i] = cplx{re[i], im[i]}
	}
	return x
}

func planesOf(x []cplx) (re, im []vec) {
	for _, v := range x {
		re, im = append(re, v.re), append(im, v.im)
	}
	return re, im
}

const (
	halveDoc  = "ends a forward transform of 1024 points, folds it with the response and begins the inverse one of 512"
	doubleDoc = "ends a forward transform of 512 points, repeats it with the response and begins the inverse one of 1024"
)

type halveMiddle struct{}

func (halveMiddle) asm(m *machine) {
	middleAsm(m, "halveMiddle", halveDoc, 8*64, 256, func(k middle, b *block) {
		x := complexes(b.turnIn(m, rows(k.sr)), b.turnIn(m, rows(k.si)))
		row, y := make([]cplx, 8), make([]cplx, 8)
		b.halveRow(x, k.mix, func(j int, v cplx) { row[j] = v })
		re, im := planesOf(row)
		turned := complexes(b.turn8(m, re, lowQuarters, highQuarters), b.turn8(m, im, lowQuarters, highQuarters))
		b.column(turned, true, apart(k.tw, m.bytes()), func(j int, v cplx) { y[j] = v })
		re, im = planesOf(y)
		for part, v := range [][]vec{re, im} {
			at := columns([]Register{k.dr, k.di}[part])
			put := func(q1, n int, x vec) { b.store(ref{mem: func() Mem { return at(q1, n) }}, x) }
			for n := 0; n < 8; n += m.lanes / 8 {
				if !m.evex {
					put(0, n, v[n])
					continue
				}
				put(0, n, b.quarters(v[n], v[n+1], evenQuarters))
				put(1, n, b.quarters(v[n], v[n+1], oddQuarters))
			}
		}
	})
}

type doubleMiddle struct{}

func (doubleMiddle) asm(m *machine) {
	middleAsm(m, "doubleMiddle", doubleDoc, 256, 8*64, func(k middle, b *block) {
		var planes [2][]vec
		for part := range planes {
			at := columns([]Register{k.sr, k.si}[part])
			for n := range 8 {
				if m.evex {
					planes[part] = append(planes[part], b.halves(m, at(0, n), at(1, n)))
				} else {
					planes[part] = append(planes[part], b.load(ref{mem: func() Mem { return at(0, n) }, key: fmt.Sprint(part, n)}))
				}
			}
		}
		col, out := make([]cplx, 8), make([]cplx, 16)
		b.column(complexes(planes[0], planes[1]), false, apart(k.tw, m.bytes()), func(j int, v cplx) { col[j] = v })
		re, im := planesOf(col)
		turned := complexes(b.turn8(m, re, evenQuarters, oddQuarters), b.turn8(m, im, evenQuarters, oddQuarters))
		b.doubleRow(turned, k.mix, func(j int, v cplx) { out[j] = v })
		re, im = planesOf(out)
		b.turnOut(m, re, rows(k.dr))
		b.turnOut(m, im, rows(k.di))
	})
}

// In Go a row and a column are loops, and a and b hold what is in between.

func goRef(format string) func(j, part int) ref {
	return func(j, part int) ref {
		e := fmt.Sprintf(format, "ri"[part], j)
		return ref{key: e, gox: e}
	}
}

func goMix(q3, i int) ref {
	e := fmt.Sprintf("m[%d]", 8*(3*q3+i))
	return ref{key: e, gox: e}
}

func goTwiddle(i int) ref {
	e := fmt.Sprintf("w[%d]", 8*i)
	return ref{key: e, gox: e}
}

func goBody(write func(b *block, put func(to func(j, part int) ref) func(j int, v cplx))) string {
	b := &block{}
	write(b, func(to func(j, part int) ref) func(j int, v cplx) {
		return func(j int, v cplx) {
			b.store(to(j, 0), v.re)
			b.store(to(j, 1), v.im)
		}
	})
	return b.goText("\t\t\t")
}

const goMiddle = `// %[1]s %[2]s.
func %[1]s(dstRe, dstIm, srcRe, srcIm, mix, twiddles []float32) {
	for q1 := range 8 {
		var ar, ai [8][8]float32 // of q2 and the column
%[3]s	}
}

`

const goRows = `		for q2 := range 8 {
			m := (*[185]float32)(mix[q1*192+q2:])
			xr, xi := (*[16]float32)(%[1]sRe[q1*128+q2*16:]), (*[16]float32)(%[1]sIm[q1*128+q2*16:])
%[2]s		}
`

const goColumns = `		for n := range 8 {
			w := (*[105]float32)(twiddles[n:])
			yr, yi := (*[57]float32)(%[1]sRe[q1*64+n:]), (*[57]float32)(%[1]sIm[q1*64+n:])
%[2]s		}
`

func (halveMiddle) golang(s *bytes.Buffer) {
	row := goBody(func(b *block, put func(func(j, part int) ref) func(int, cplx)) {
		b.halveRow(b.loadAll(16, goRef("x%c[%d]")), goMix, put(goRef("a%c[q2][%d]")))
	})
	column := goBody(func(b *block, put func(func(j, part int) ref) func(int, cplx)) {
		b.column(b.loadAll(8, goRef("a%c[%d][n]")), true, goTwiddle, put(func(j, part int) ref { return goRef("y%c[%d]")(8*j, part) }))
	})
	fmt.Fprintf(s, goMiddle, "halveMiddleScalar", halveDoc, fmt.Sprintf(goRows, "src", row)+fmt.Sprintf(goColumns, "dst", column))
}

func (doubleMiddle) golang(s *bytes.Buffer) {
	column := goBody(func(b *block, put func(func(j, part int) ref) func(int, cplx)) {
		b.column(b.loadAll(8, func(j, part int) ref { return goRef("y%c[%d]")(8*j, part) }), false, goTwiddle, put(goRef("a%c[%d][n]")))
	})
	row := goBody(func(b *block, put func(func(j, part int) ref) func(int, cplx)) {
		b.doubleRow(b.loadAll(8, goRef("a%c[q2][%d]")), goMix, put(goRef("x%c[%d]")))
	})
	fmt.Fprintf(s, goMiddle, "doubleMiddleScalar", doubleDoc, fmt.Sprintf(goColumns, "src", column)+fmt.Sprintf(goRows, "dst", row))
}
