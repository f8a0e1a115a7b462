//go:build avo

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// moves writes what moves and converts numbers: exact whatever the lanes, and
// bound by memory, so that one version for AVX2 serves AVX-512 too.
func moves() {
	widen()
	transpose()
	sums4("sums4", "the sums", func(x VecVirtual) {})
	sums4("squares4", "the sums of squares", func(x VecVirtual) { VMULPD(x, x, x) })
}

func widen() {
	function("widen", avx2, "dst *float32, src *int16, n int", "converts 32n samples")
	dst, src := gp("dst"), gp("src")
	loop("loop", gp("n"), func() {
		for i := range 4 {
			y := YMM()
			VPMOVSXWD(Mem{Base: src, Disp: 16 * i}, y)
			VCVTDQ2PS(y, y)
			VMOVUPS(y, Mem{Base: dst, Disp: 32 * i})
		}
		ADDQ(I32(64), src)
		ADDQ(I32(128), dst)
	})
	VZEROUPPER()
	RET()
}

// transpose turns tiles of 8 x 8.
func transpose() {
	function("transpose", avx2, "dst *float32, ldd int, src *float32, lds, rows, columns int",
		"writes the transpose of 8*rows x 8*columns numbers; rows of src are lds apart, those of dst ldd")
	ldd, lds := gp("ldd"), gp("lds")
	SHLQ(Imm(2), ldd)
	SHLQ(Imm(2), lds)
	times3 := func(x Register) Register {
		r := GP64()
		LEAQ(Mem{Base: x, Index: x, Scale: 2}, r)
		return r
	}
	ldd3, lds3 := times3(ldd), times3(lds)
	srcRow, dstCol := gp("src"), gp("dst")
	loop("rows", gp("rows"), func() {
		src, dst := GP64(), GP64()
		MOVQ(srcRow, src)
		MOVQ(dstCol, dst)
		loop("columns", gp("columns"), func() {
			tile(src, lds, lds3, dst, ldd, ldd3)
			ADDQ(I32(32), src)
			LEAQ(Mem{Base: dst, Index: ldd, Scale: 8}, dst)
		})
		LEAQ(Mem{Base: srcRow, Index: lds, Scale: 8}, srcRow)
		ADDQ(I32(32), dstCol)
	})
	VZEROUPPER()
	RET()
}

// tile transposes 8 x 8 numbers: pairs of rows, pairs of pairs, then halves.
func tile(src, lds, lds3, dst, ldd, ldd3 Register) {
	row := func(base, half, ld, ld3 Register, i int) Mem {
		if i >= 4 {
			base = half
		}
		switch i % 4 {
		case 1:
			return Mem{Base: base, Index: ld, Scale: 1}
		case 2:
			return Mem{Base: base, Index: ld, Scale: 2}
		case 3:
			return Mem{Base: base, Index: ld3, Scale: 1}
		}
		return Mem{Base: base}
	}
	low := GP64()
	LEAQ(Mem{Base: src, Index: lds, Scale: 4}, low)
	// Halves are put together while loading, which spares shuffles later: vector
	// i holds columns 0-3 of rows i and i+4, vector i+4 their columns 4-7.
	var r [8]VecVirtual
	for i := range 4 {
		r[i], r[i+4] = YMM(), YMM()
		VMOVUPS(row(src, low, lds, lds3, i), r[i].AsX())
		VINSERTF128(Imm(1), row(src, low, lds, lds3, i+4), r[i], r[i])
		m, n := row(src, low, lds, lds3, i), row(src, low, lds, lds3, i+4)
		m.Disp, n.Disp = 16, 16
		VMOVUPS(m, r[i+4].AsX())
		VINSERTF128(Imm(1), n, r[i+4], r[i+4])
	}
	half := GP64()
	LEAQ(Mem{Base: dst, Index: ldd, Scale: 4}, half)
	for h := 0; h < 8; h += 4 {
		a, b, c, d := YMM(), YMM(), YMM(), YMM()
		VUNPCKLPS(r[h+1], r[h], a)
		VUNPCKHPS(r[h+1], r[h], b)
		VUNPCKLPS(r[h+3], r[h+2], c)
		VUNPCKHPS(r[h+3], r[h+2], d)
		for i, p := range [][2]VecVirtual{{a, c}, {a, c}, {b, d}, {b, d}} {
			t := YMM()
			if i%2 == 0 {
				VUNPCKLPD(p[1], p[0], t)
			} else {
				VUNPCKHPD(p[1], p[0], t)
			}
			VMOVUPS(t, row(dst, half, ldd, ldd3, h+i))
		}
	}
}

// sums4 adds stretches up in float64, in four interleaved sums each.
func sums4(name, what string, square func(x VecVirtual)) {
	function(name, avx2, "dst *float64, src *float32, stride, groups, n int",
		"writes "+what+" of n stretches of 4*groups numbers, stride apart, as four interleaved sums each")
	dst, begin, stride, groups := gp("dst"), gp("src"), gp("stride"), gp("groups")
	SHLQ(Imm(2), stride)
	n, stride3 := gp("n"), GP64()
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, stride3)
	several := func(label string, count int) {
		Label(label)
		CMPQ(n, I32(int32(count)))
		JLT(LabelRef(label + "End"))
		src, k := GP64(), GP64()
		MOVQ(begin, src)
		MOVQ(groups, k)
		sum := make([]VecVirtual, count)
		at := []Mem{{Base: src}, {Base: src, Index: stride, Scale: 1}, {Base: src, Index: stride, Scale: 2}, {Base: src, Index: stride3, Scale: 1}}
		for i := range sum {
			sum[i] = YMM()
			VXORPD(sum[i], sum[i], sum[i])
		}
		loop(label+"Groups", k, func() {
			for i := range sum {
				x := YMM()
				VCVTPS2PD(at[i], x)
				square(x)
				VADDPD(x, sum[i], sum[i])
			}
			ADDQ(I32(16), src)
		})
		for i := range sum {
			VMOVUPD(sum[i], Mem{Base: dst, Disp: 32 * i})
		}
		ADDQ(I32(int32(32*count)), dst)
		step := GP64()
		MOVQ(stride, step)
		SHLQ(Imm(uint64(count/2)), step) // 1, 2 or 4 strides
		ADDQ(step, begin)
		SUBQ(I32(int32(count)), n)
		JMP(LabelRef(label))
		Label(label + "End")
	}
	several("four", 4)
	several("one", 1)
	VZEROUPPER()
	RET()
}
