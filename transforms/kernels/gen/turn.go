//go:build avo

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// What follows moves numbers between lanes. A vector of AVX-512 is seen as four
// quarters, one of AVX2 as two halves, of four numbers each.

func (b *block) pair(x, y vec, instr func(src, first, dst operand)) vec {
	return b.emit(&node{op: opPair, a: b.plain(x), b: b.plain(y), instr: instr})
}

// halves is a vector whose lower half is at lo and whose upper half at hi.
func (b *block) halves(m *machine, lo, hi Mem) vec {
	return b.emit(&node{op: opHalves, fill: func(dst vecReg) {
		if m.evex {
			VMOVUPS(lo, dst.AsY())
			VINSERTF64X4(Imm(1), hi, dst, dst)
		} else {
			VMOVUPS(lo, dst.AsX())
			VINSERTF128(Imm(1), hi, dst, dst)
		}
	}})
}

// turn4 transposes the 4 x 4 numbers that four vectors have in each quarter.
func (b *block) turn4(v []vec) []vec {
	lo := func(x, y vec) vec { return b.pair(x, y, func(s, f, d operand) { VUNPCKLPS(s, f, d) }) }
	hi := func(x, y vec) vec { return b.pair(x, y, func(s, f, d operand) { VUNPCKHPS(s, f, d) }) }
	lo2 := func(x, y vec) vec { return b.pair(x, y, func(s, f, d operand) { VUNPCKLPD(s, f, d) }) }
	hi2 := func(x, y vec) vec { return b.pair(x, y, func(s, f, d operand) { VUNPCKHPD(s, f, d) }) }
	p, q := lo(v[0], v[1]), lo(v[2], v[3])
	r, s := hi(v[0], v[1]), hi(v[2], v[3])
	return []vec{lo2(p, q), hi2(p, q), lo2(r, s), hi2(r, s)}
}

// Quarters of two vectors of AVX-512, two of the first and then two of the second.
const (
	evenQuarters = 0x88
	oddQuarters  = 0xdd
	lowQuarters  = 0x44
	highQuarters = 0xee
)

func (b *block) quarters(x, y vec, which uint64) vec {
	return b.pair(x, y, func(s, f, d operand) { VSHUFF32X4(Imm(which), s, f, d) })
}

// turn8 transposes 8 x 8 numbers for AVX2 and two times 8 x 8 for AVX-512,
// where the parts of lo quarters of the vectors make the first four results and
// those of hi quarters the others.
func (b *block) turn8(m *machine, v []vec, lo, hi uint64) []vec {
	p, q := b.turn4(v[:4]), b.turn4(v[4:8])
	out := make([]vec, 8)
	for i := range 4 {
		if m.evex {
			out[i], out[i+4] = b.quarters(p[i], q[i], lo), b.quarters(p[i], q[i], hi)
			continue
		}
		out[i] = b.pair(p[i], q[i], func(s, f, d operand) { VPERM2F128(Imm(0x20), s, f, d) })
		out[i+4] = b.pair(p[i], q[i], func(s, f, d operand) { VPERM2F128(Imm(0x31), s, f, d) })
	}
	return out
}

// turnTiles transposes every tile of 4 x 4 numbers of 8 rows.
func (b *block) turnTiles(x []cplx) {
	for g := 0; g < 8; g += 4 {
		re, im := planesOf(x[g : g+4])
		copy(x[g:], complexes(b.turn4(re), b.turn4(im)))
	}
}

// turnIn reads rows of 16 numbers and returns the 16 columns: of 8 rows for
// AVX2, in the order of the lanes. For AVX-512 they are 16 rows whose tiles of 4
// x 4 numbers are transposed already; the lanes hold, by quarters, rows 0-3,
// 8-11, 4-7, 12-15. rows(r, c) is the address of number c of row r.
func (b *block) turnIn(m *machine, rows func(r, c int) Mem) []vec {
	out := make([]vec, 16)
	if m.evex {
		for i := range 4 {
			for c := 0; c < 16; c += 8 {
				p, q := b.halves(m, rows(i, c), rows(i+8, c)), b.halves(m, rows(i+4, c), rows(i+12, c))
				out[c+i], out[c+i+4] = b.quarters(p, q, evenQuarters), b.quarters(p, q, oddQuarters)
			}
		}
		return out
	}
	for c := 0; c < 16; c += 4 {
		for i := range 4 {
			out[c+i] = b.halves(m, rows(i, c), rows(i+4, c))
		}
		copy(out[c:], b.turn4(out[c:c+4]))
	}
	return out
}

// turnOut undoes turnIn.
func (b *block) turnOut(m *machine, v []vec, rows func(r, c int) Mem) {
	put := func(r, c int, x vec) {
		b.store(ref{mem: func() Mem { return rows(r, c) }}, x)
	}
	if m.evex {
		for i := range 4 {
			for g, which := range []uint64{lowQuarters, highQuarters} {
				p, q := b.quarters(v[i], v[i+4], which), b.quarters(v[i+8], v[i+12], which)
				put(4*g+i, 0, b.quarters(p, q, evenQuarters))
				put(4*g+i+8, 0, b.quarters(p, q, oddQuarters))
			}
		}
		return
	}
	for c := 0; c < 16; c += 8 {
		for r, x := range b.turn8(m, v[c:c+8], 0, 0) {
			put(r, c, x)
		}
	}
}
