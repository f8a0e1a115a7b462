//go:build avo

// Gen writes the assembly of package gemm: for AVX-512 tiles of 1 to 12 rows by
// 32 columns, for AVX2 with FMA tiles of 1 to 6 rows by 16, each for A stored by
// rows (N) and by columns (T), and the packing of B's rows into panels.
//
// Every element of a tile has one accumulator, which takes its products in the
// order of k by fused multiply-adds: its bits depend neither on the height of
// the tile nor on the width of the vectors.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64")
	for _, transposed := range []bool{false, true} {
		for rows := 1; rows <= 12; rows++ {
			tile(wide, rows, transposed)
		}
		for rows := 1; rows <= 6; rows++ {
			tile(narrow, rows, transposed)
		}
	}
	pack(wide)
	pack(narrow)
	Generate()
}

// vectors is a register width.
type vectors struct {
	name   string
	bytes  int
	reg    func(i int) VecPhysical
	first  int // of the accumulators; below it are B's two vectors and broadcasts
	masked bool
}

var (
	zmm = []VecPhysical{Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15,
		Z16, Z17, Z18, Z19, Z20, Z21, Z22, Z23, Z24, Z25, Z26, Z27, Z28, Z29, Z30, Z31}
	ymm    = []VecPhysical{Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15}
	wide   = vectors{"avx512", 64, func(i int) VecPhysical { return zmm[i] }, 8, true}
	narrow = vectors{"avx2", 32, func(i int) VecPhysical { return ymm[i] }, 4, false}
)

// masks loads the two halves of the column mask into K1 and K2.
func (v vectors) masks() {
	if !v.masked {
		return
	}
	m := Load(Param("mask"), GP32())
	KMOVW(m, K1)
	SHRL(Imm(16), m)
	KMOVW(m, K2)
}

func (v vectors) load(m Mem, j int, r VecPhysical) {
	if v.masked {
		VMOVUPS_Z(m, []Register{K1, K2}[j], r)
	} else {
		VMOVUPS(m, r)
	}
}

func (v vectors) store(r VecPhysical, j int, m Mem) {
	if v.masked {
		VMOVUPS(r, []Register{K1, K2}[j], m)
	} else {
		VMOVUPS(r, m)
	}
}

// zero clears a register; VXORPS of 512 bits needs AVX-512DQ, VPXORD does not.
func (v vectors) zero(r VecPhysical) {
	if v.masked {
		VPXORD(r, r, r)
	} else {
		VXORPS(r, r, r)
	}
}

func tile(v vectors, rows int, transposed bool) {
	letter, layout := "N", "[rows, k]"
	if transposed {
		letter, layout = "T", "[k, rows]"
	}
	maskType := "*int32"
	if v.masked {
		maskType = "uint32"
	}
	name := fmt.Sprintf("%s%s%d", v.name, letter, rows)
	TEXT(name, NOSPLIT, "func(k int, a *float32, lda int, b *float32, alpha float32, c *float32, ldc int, add bool, mask "+maskType+")")
	Doc(fmt.Sprintf(name+" computes %d x %d of C, A being stored as %s.", rows, v.bytes/2, layout))
	Pragma("noescape")
	k, a, lda := Load(Param("k"), GP64()), Load(Param("a"), GP64()), Load(Param("lda"), GP64())
	b, c, ldc := Load(Param("b"), GP64()), Load(Param("c"), GP64()), Load(Param("ldc"), GP64())
	SHLQ(Imm(2), lda)
	SHLQ(Imm(2), ldc)
	v.masks()

	at := addresses(a, lda, rows, transposed)
	acc := func(i, j int) VecPhysical { return v.reg(v.first + 2*i + j) }
	row := GP64()
	MOVQ(c, row)
	for i := range rows {
		v.zero(acc(i, 0))
		v.zero(acc(i, 1))
		PREFETCHT0(Mem{Base: row})
		if v.bytes == 64 {
			PREFETCHT0(Mem{Base: row, Disp: 64})
		}
		if i < rows-1 {
			ADDQ(ldc, row)
		}
	}

	Label("loop")
	VMOVUPS(Mem{Base: b}, v.reg(0))
	VMOVUPS(Mem{Base: b, Disp: v.bytes}, v.reg(1))
	for i := range rows {
		x := v.reg(2 + i%(v.first-2))
		VBROADCASTSS(at.mem(i), x)
		VFMADD231PS(v.reg(0), x, acc(i, 0))
		VFMADD231PS(v.reg(1), x, acc(i, 1))
	}
	ADDQ(Imm(uint64(2*v.bytes)), b)
	at.advance()
	DECQ(k)
	JNZ(LabelRef("loop"))

	alpha, _ := Param("alpha").Resolve()
	VBROADCASTSS(alpha.Addr, v.reg(2))
	for i := range rows {
		for j := range 2 {
			VMULPS(v.reg(2), acc(i, j), acc(i, j))
		}
	}
	add := Load(Param("add"), GP8())
	if v.masked {
		v.finish(rows, c, ldc, add, acc, wholeOrMasked{v.load, v.store}, "")
		return
	}
	mask := Load(Param("mask"), GP64())
	TESTQ(mask, mask)
	JNZ(LabelRef("edge"))
	v.finish(rows, c, ldc, add, acc, wholeOrMasked{v.load, v.store}, "")
	Label("edge")
	VMOVUPS(Mem{Base: mask}, Y2)
	VMOVUPS(Mem{Base: mask, Disp: 32}, Y3)
	halves := []VecPhysical{Y2, Y3}
	v.finish(rows, c, ldc, add, acc, wholeOrMasked{
		func(m Mem, j int, r VecPhysical) { VMASKMOVPS(m, halves[j], r) },
		func(r VecPhysical, j int, m Mem) { VMASKMOVPS(r, halves[j], m) }}, "Edge")
}

// wholeOrMasked moves half j of a row of C.
type wholeOrMasked struct {
	load  func(m Mem, j int, r VecPhysical)
	store func(r VecPhysical, j int, m Mem)
}

// finish adds C to the sums if add is set, stores them and returns.
func (v vectors) finish(rows int, c, ldc, add Register, acc func(i, j int) VecPhysical, move wholeOrMasked, suffix string) {
	TESTB(add, add)
	JZ(LabelRef("store" + suffix))
	row := GP64()
	MOVQ(c, row)
	for i := range rows {
		for j := range 2 {
			move.load(Mem{Base: row, Disp: j * v.bytes}, j, v.reg(j))
			VADDPS(v.reg(j), acc(i, j), acc(i, j))
		}
		if i < rows-1 {
			ADDQ(ldc, row)
		}
	}
	Label("store" + suffix)
	for i := range rows {
		for j := range 2 {
			move.store(acc(i, j), j, Mem{Base: c, Disp: j * v.bytes})
		}
		if i < rows-1 {
			ADDQ(ldc, c)
		}
	}
	VZEROUPPER()
	RET()
}

// operands says where the numbers of A for one k are.
type operands struct {
	bases      []Register // every fourth row of A
	lda, lda3  Register
	transposed bool
}

func addresses(a, lda Register, rows int, transposed bool) operands {
	o := operands{bases: []Register{a}, lda: lda, transposed: transposed}
	if transposed {
		return o
	}
	if rows > 3 {
		o.lda3 = GP64()
		LEAQ(Mem{Base: lda, Index: lda, Scale: 2}, o.lda3)
	}
	for i := 4; i < rows; i += 4 {
		next := GP64()
		LEAQ(Mem{Base: o.bases[len(o.bases)-1], Index: lda, Scale: 4}, next)
		o.bases = append(o.bases, next)
	}
	return o
}

func (o operands) mem(i int) Mem {
	if o.transposed {
		return Mem{Base: o.bases[0], Disp: 4 * i}
	}
	switch base := o.bases[i/4]; i % 4 {
	case 1:
		return Mem{Base: base, Index: o.lda, Scale: 1}
	case 2:
		return Mem{Base: base, Index: o.lda, Scale: 2}
	case 3:
		return Mem{Base: base, Index: o.lda3, Scale: 1}
	default:
		return Mem{Base: base}
	}
}

func (o operands) advance() {
	if o.transposed {
		ADDQ(o.lda, o.bases[0])
		return
	}
	for _, b := range o.bases {
		ADDQ(Imm(4), b)
	}
}

// pack copies rows into a panel.
func pack(v vectors) {
	mask := ""
	if v.masked {
		mask = ", mask uint32"
	}
	TEXT(v.name+"Pack", NOSPLIT, "func(dst, src *float32, ld, depth int"+mask+")")
	Doc(fmt.Sprintf(v.name+"Pack copies depth rows, ld numbers apart, into a panel of %d columns.", v.bytes/2))
	Pragma("noescape")
	dst, src, ld, depth := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("ld"), GP64()), Load(Param("depth"), GP64())
	SHLQ(Imm(2), ld)
	v.masks()
	Label("loop")
	for j := range 2 {
		v.load(Mem{Base: src, Disp: j * v.bytes}, j, v.reg(j))
	}
	for j := range 2 {
		VMOVUPS(v.reg(j), Mem{Base: dst, Disp: j * v.bytes})
	}
	ADDQ(ld, src)
	ADDQ(Imm(uint64(2*v.bytes)), dst)
	DECQ(depth)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
