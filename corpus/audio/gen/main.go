//go:build avo

// Gen writes the assembly that turns 16-bit samples into floats, 8 lanes of
// AVX2: what memory gives is the limit, so that wider vectors gain nothing.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

const lanes, unroll = 8, 4

func main() {
	ConstraintExpr("amd64")
	TEXT("widenAVX2", NOSPLIT, "func(n int, dst *float32, src *int16)")
	Doc("widenAVX2 stores n samples as floats; n is a multiple of 32.")
	Pragma("noescape")
	n, dst, src := Load(Param("n"), GP64()), Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	TESTQ(n, n)
	JZ(LabelRef("done"))
	Label("loop")
	for i := range unroll {
		v := YMM()
		VPMOVSXWD(Mem{Base: src, Disp: 2 * lanes * i}, v)
		VCVTDQ2PS(v, v)
		VMOVUPS(v, Mem{Base: dst, Disp: 4 * lanes * i})
	}
	ADDQ(Imm(2*lanes*unroll), src)
	ADDQ(Imm(4*lanes*unroll), dst)
	SUBQ(Imm(lanes*unroll), n)
	JNZ(LabelRef("loop"))
	Label("done")
	VZEROUPPER()
	RET()
	Generate()
}
