//go:build avo

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// wide writes the polyphase filter, 16 outputs a block, and the filter with
// one output a block, whose scalar twins are in portable Go, and a prefetch.
func wide() {
	wideAVX512()
	wideAVX2()
	dots()
	touch()
}

// touch asks for numbers that will be read or written soon. Passes of the
// resampler read 16 places of a signal in turn, which hardware does not foresee,
// and nor does it where next frames and their rows are; for those the level-1
// cache, which their work array fills, is the wrong place.
func touch() {
	for _, t := range []struct {
		name     string
		prefetch func(Op)
		where    string
	}{{"touch", PREFETCHT0, "near"}, {"touchL2", PREFETCHT1, "into the level-2 cache"}} {
		TEXT(t.name, 0, "func(x *float32, lines int)")
		Doc(t.name + " brings cache lines of 16 numbers " + t.where + ".")
		Pragma("noescape")
		x := gp("x")
		loop("lines", gp("lines"), func() {
			t.prefetch(Mem{Base: x})
			ADDQ(I32(64), x)
		})
		RET()
	}
}

const (
	wideParams = "dst, x *float32, first *int, offset *int32, coef *float32, taps, group, blocks int"
	wideDoc    = "computes blocks of 16 outputs: number l of a block is the sum over k, from 0 up, of x[first+offset[l]+k] coef[k][l]; x is where the first block begins, and group plus the greatest offset is at most 32"
)

// wideBlocks is the loop over blocks; body gets the address of a block's inputs.
func wideBlocks(m *machine, body func(dst, x, offset, coef, taps Register)) {
	function("wide", m, wideParams, wideDoc)
	dst, x, first, offset, coef := gp("dst"), gp("x"), gp("first"), gp("offset"), gp("coef")
	begin := GP64()
	MOVQ(Mem{Base: first}, begin)
	loop("blocks", gp("blocks"), func() {
		at := GP64()
		MOVQ(Mem{Base: first}, at)
		SUBQ(begin, at)
		LEAQ(Mem{Base: x, Index: at, Scale: 4}, at)
		body(dst, at, offset, coef, gp("taps"))
		ADDQ(I32(8), first)
		ADDQ(I32(64), offset)
		ADDQ(I32(64), dst)
	})
	VZEROUPPER()
	RET()
}

// wideAVX512 picks each lane's input out of 32, which serve a group of taps.
func wideAVX512() {
	wideBlocks(avx512, func(dst, x, offset, coef, taps Register) {
		one, sum, low, high := ZMM(), ZMM(), ZMM(), ZMM()
		VPBROADCASTD(constant(1), one)
		VPXORD(sum, sum, sum)
		Label("groups")
		n := gp("group")
		CMPQ(taps, n)
		CMOVQLT(taps, n)
		SUBQ(n, taps)
		lane, in := ZMM(), ZMM()
		VMOVDQU32(Mem{Base: offset}, lane)
		VMOVUPS(Mem{Base: x}, low)
		VMOVUPS(Mem{Base: x, Disp: 64}, high)
		LEAQ(Mem{Base: x, Index: n, Scale: 4}, x)
		loop("taps", n, func() {
			VMOVDQA32(lane, in)
			VPERMI2PS(high, low, in)
			VPADDD(one, lane, lane)
			VMULPS(Mem{Base: coef}, in, in)
			VADDPS(in, sum, sum)
			ADDQ(I32(64), coef)
		})
		TESTQ(taps, taps)
		JNZ(LabelRef("groups"))
		VMOVUPS(sum, Mem{Base: dst})
	})
}

// wideAVX2 does two times 8 lanes, each out of 16 inputs: two permutations, of
// which a lane takes one.
func wideAVX2() {
	seven := constant(7)
	wideBlocks(avx2, func(dst, x, offset, coef, taps Register) {
		var at [2]Register
		var lane, upper, sum [2]VecVirtual
		for h := range 2 {
			at[h], lane[h], upper[h], sum[h] = GP64(), YMM(), YMM(), YMM()
			MOVLQSX(Mem{Base: offset, Disp: 32 * h}, at[h])
			LEAQ(Mem{Base: x, Index: at[h], Scale: 4}, at[h])
			VPBROADCASTD(Mem{Base: offset, Disp: 32 * h}, upper[h])
			VMOVDQU(Mem{Base: offset, Disp: 32 * h}, lane[h])
			VPSUBD(upper[h], lane[h], lane[h])
			VPCMPGTD(seven, lane[h], upper[h])
			VXORPS(sum[h], sum[h], sum[h])
		}
		loop("taps", taps, func() {
			for h := range 2 {
				lo, hi := YMM(), YMM()
				VPERMPS(Mem{Base: at[h]}, lane[h], lo)
				VPERMPS(Mem{Base: at[h], Disp: 32}, lane[h], hi)
				VBLENDVPS(upper[h], hi, lo, lo)
				VMULPS(Mem{Base: coef, Disp: 32 * h}, lo, lo)
				VADDPS(lo, sum[h], sum[h])
				ADDQ(I32(4), at[h])
			}
			ADDQ(I32(64), coef)
		})
		VMOVUPS(sum[0], Mem{Base: dst})
		VMOVUPS(sum[1], Mem{Base: dst, Disp: 32})
	})
}

// dots serves all levels: eight interleaved sums, then those in a tree.
func dots() {
	function("dots", avx2, "dst, x *float32, first *int, coef *float32, groups, n int",
		"computes n outputs, each the sum of 8*groups products of coefficients and inputs from its first on, as eight interleaved sums; x is where the first output's inputs begin")
	dst, x, first, coef := gp("dst"), gp("x"), gp("first"), gp("coef")
	begin := GP64()
	MOVQ(Mem{Base: first}, begin)
	loop("outputs", gp("n"), func() {
		at, sum, in := GP64(), YMM(), YMM()
		MOVQ(Mem{Base: first}, at)
		SUBQ(begin, at)
		LEAQ(Mem{Base: x, Index: at, Scale: 4}, at)
		VXORPS(sum, sum, sum)
		loop("groups", gp("groups"), func() {
			VMOVUPS(Mem{Base: at}, in)
			VMULPS(Mem{Base: coef}, in, in)
			VADDPS(in, sum, sum)
			ADDQ(I32(32), at)
			ADDQ(I32(32), coef)
		})
		low, high := XMM(), XMM()
		VEXTRACTF128(Imm(1), sum, high)
		VADDPS(high, sum.AsX(), low)
		VMOVHLPS(low, low, high)
		VADDPS(high, low, low)
		VMOVSHDUP(low, high)
		VADDSS(high, low, low)
		VMOVSS(low, Mem{Base: dst})
		ADDQ(I32(8), first)
		ADDQ(I32(4), dst)
	})
	VZEROUPPER()
	RET()
}
