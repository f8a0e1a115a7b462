//go:build avo

// Gen writes the assembly of package vec, each function for AVX-512 (16 lanes)
// and for AVX2 with FMA (8 lanes) from the same sequence of operations, so that
// the two give the same bits. The last, incomplete vector of a slice is loaded
// and stored under a mask.
package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64")
	for _, wide := range []bool{true, false} {
		add(newWriter(wide))
		tanh(newWriter(wide))
		exp(newWriter(wide))
		lstmForward(newWriter(wide))
		lstmBackward(newWriter(wide))
		adam(newWriter(wide))
		ctc(newWriter(wide))
		gruForward(newWriter(wide))
		gruBackward(newWriter(wide))
	}
	prefetch()
	masks()
	Generate()
}

// writer writes one function for one width of vectors.
type writer struct {
	wide  bool
	lanes int
	tail  bool       // whether loads and stores are masked now
	k     Register   // AVX-512 mask
	m     VecVirtual // AVX2 mask
	held  map[float32]VecVirtual
}

func newWriter(wide bool) *writer {
	if wide {
		return &writer{wide: true, lanes: 16}
	}
	return &writer{lanes: 8}
}

func (w *writer) begin(name, params, doc string) {
	if name += "AVX2"; w.wide {
		name = name[:len(name)-4] + "AVX512"
	}
	TEXT(name, NOSPLIT, "func(n int, "+params+")")
	Doc(name + " " + doc)
	Pragma("noescape")
}

func (w *writer) reg() VecVirtual {
	if w.wide {
		return ZMM()
	}
	return YMM()
}

// loop runs body for whole vectors and then, if elements are left, once more
// under a mask. step is called after each whole vector.
func (w *writer) loop(body func(), pointers ...Register) {
	n := Load(Param("n"), GP64())
	CMPQ(n, Imm(uint64(w.lanes)))
	JLT(LabelRef("tail"))
	Label("loop")
	body()
	for _, p := range pointers {
		ADDQ(Imm(uint64(4*w.lanes)), p)
	}
	SUBQ(Imm(uint64(w.lanes)), n)
	CMPQ(n, Imm(uint64(w.lanes)))
	JGE(LabelRef("loop"))
	Label("tail")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	table := GP64()
	LEAQ(NewDataAddr(Symbol{Name: "vecMasks", Static: true}, 0), table)
	if w.wide {
		bits := GP32()
		w.k = K()
		MOVL(Mem{Base: table, Index: n, Scale: 4, Disp: 64}, bits)
		KMOVW(bits, w.k)
	} else {
		w.m = YMM()
		SHLQ(Imm(2), n)
		SUBQ(n, table)
		VMOVUPS(Mem{Base: table, Disp: 32}, w.m)
	}
	w.tail = true
	body()
	Label("done")
	VZEROUPPER()
	RET()
}

// masks holds 8 words of ones and 8 of zeros, from which a mask for AVX2 is
// cut, and the bits 2^i-1 for AVX-512.
func masks() {
	GLOBL("vecMasks", RODATA|NOPTR)
	for i := range 16 {
		DATA(4*i, U32(map[bool]uint32{true: 0xffffffff}[i < 8]))
	}
	for i := range 17 {
		DATA(64+4*i, U32(1<<i-1))
	}
}

func (w *writer) load(p Register) VecVirtual {
	r, m := w.reg(), Mem{Base: p}
	switch {
	case !w.tail:
		VMOVUPS(m, r)
	case w.wide:
		VMOVUPS_Z(m, w.k, r)
	default:
		VMASKMOVPS(m, w.m, r)
	}
	return r
}

func (w *writer) store(r VecVirtual, p Register) {
	m := Mem{Base: p}
	switch {
	case !w.tail:
		VMOVUPS(r, m)
	case w.wide:
		VMOVUPS(r, w.k, m)
	default:
		VMASKMOVPS(r, w.m, m)
	}
}

// constants are the numbers that lie in the code's read-only data, as bits:
// the assembler would take a float without a fraction for an integer.
var constants = map[float32]Mem{}

// hold keeps constants in registers through a loop, where there are enough of
// these. What constant returns for them must not be written to.
func (w *writer) hold(xs ...float32) {
	if !w.wide {
		return
	}
	held := map[float32]VecVirtual{}
	for _, x := range xs {
		held[x] = w.constant(x)
	}
	w.held = held
}

func (w *writer) constant(x float32) VecVirtual {
	if r, ok := w.held[x]; ok {
		return r
	}
	if _, there := constants[x]; !there {
		constants[x] = ConstData(fmt.Sprintf("vecConstant%d", len(constants)), U32(math.Float32bits(x)))
	}
	r := w.reg()
	VBROADCASTSS(constants[x], r)
	return r
}

func (w *writer) param(name string) VecVirtual {
	r := w.reg()
	p, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(p.Addr, r)
	return r
}

// Operations with results of their own; operands are in the order of the formula.
func (w *writer) mul(a, b VecVirtual) VecVirtual   { r := w.reg(); VMULPS(b, a, r); return r }
func (w *writer) plus(a, b VecVirtual) VecVirtual  { r := w.reg(); VADDPS(b, a, r); return r }
func (w *writer) minus(a, b VecVirtual) VecVirtual { r := w.reg(); VSUBPS(b, a, r); return r }
func (w *writer) over(a, b VecVirtual) VecVirtual  { r := w.reg(); VDIVPS(b, a, r); return r }

// fma is a*b+c, fnma c-a*b.
func (w *writer) fma(a, b, c VecVirtual) VecVirtual {
	r := w.reg()
	VMOVAPS(c, r)
	VFMADD231PS(b, a, r)
	return r
}

func (w *writer) fnma(a, b, c VecVirtual) VecVirtual {
	r := w.reg()
	VMOVAPS(c, r)
	VFNMADD231PS(b, a, r)
	return r
}

func (w *writer) negative(a VecVirtual) VecVirtual {
	return w.minus(w.constant(0), a)
}

var (
	expPolynomial  = []float32{1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1}
	tanhPolynomial = []float32{-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1}
)

// exp: see exp32 in portable.go. The bounds come first among the operands of
// MAXPS and MINPS, which return the second of them if either is NaN.
func (w *writer) exp(x VecVirtual) VecVirtual {
	c := w.reg()
	VMAXPS(x, w.constant(-87), c)
	VMINPS(c, w.constant(88), c)
	n := w.mul(c, w.constant(1.44269504088896341))
	if w.wide {
		VRNDSCALEPS(Imm(0), n, n)
	} else {
		VROUNDPS(Imm(0), n, n)
	}
	r := w.fnma(n, w.constant(0.693359375), c)
	r = w.fnma(n, w.constant(-2.12194440e-4), r)
	p := w.constant(expPolynomial[0])
	for _, k := range expPolynomial[1:] {
		p = w.fma(p, r, w.constant(k))
	}
	p = w.plus(w.fma(p, w.mul(r, r), r), w.constant(1))
	i := w.reg()
	VCVTPS2DQ(n, i)
	VPSLLD(Imm(23), i, i)
	out := w.reg()
	VPADDD(i, p, out)
	return out
}

func (w *writer) sigmoid(x VecVirtual) VecVirtual {
	one := w.constant(1)
	return w.over(one, w.plus(one, w.exp(w.negative(x))))
}

// tanh: see tanh32 in portable.go.
func (w *writer) tanh(x VecVirtual) VecVirtual {
	z := w.mul(x, x)
	p := w.constant(tanhPolynomial[0])
	for _, k := range tanhPolynomial[1:] {
		p = w.fma(p, z, w.constant(k))
	}
	small := w.fma(w.mul(p, z), x, x)
	one := w.constant(1)
	large := w.minus(one, w.over(w.constant(2), w.plus(w.exp(w.plus(x, x)), one)))
	limit, out := w.constant(float32(0.625*0.625)), w.reg()
	const lessThan = 1
	if w.wide {
		k := K()
		VCMPPS(Imm(lessThan), limit, z, k)
		VBLENDMPS(small, large, k, out)
	} else {
		m := w.reg()
		VCMPPS(Imm(lessThan), limit, z, m)
		VBLENDVPS(m, small, large, out)
	}
	return out
}

func pointers(names ...string) []Register {
	var r []Register
	for _, n := range names {
		r = append(r, Load(Param(n), GP64()))
	}
	return r
}

func add(w *writer) {
	w.begin("add", "dst, src *float32", "adds src to dst.")
	p := pointers("dst", "src")
	w.loop(func() { w.store(w.plus(w.load(p[0]), w.load(p[1])), p[0]) }, p...)
}

// prefetch asks for every line of 64 bytes of x and does not wait.
func prefetch() {
	TEXT("prefetchLines", NOSPLIT, "func(n int, x *float32)")
	Doc("prefetchLines is Prefetch for n numbers.")
	Pragma("noescape")
	n, x := Load(Param("n"), GP64()), Load(Param("x"), GP64())
	Label("loop")
	PREFETCHT1(Mem{Base: x})
	ADDQ(Imm(64), x)
	SUBQ(Imm(16), n)
	JG(LabelRef("loop"))
	RET()
}

func tanh(w *writer) {
	w.begin("tanh", "dst, src *float32", "stores tanh(src) in dst.")
	p := pointers("dst", "src")
	w.loop(func() { w.store(w.tanh(w.load(p[1])), p[0]) }, p...)
}

func exp(w *writer) {
	w.begin("exp", "dst, src *float32, shift float32", "stores exp(src-shift) in dst.")
	p := pointers("dst", "src")
	w.loop(func() { w.store(w.exp(w.minus(w.load(p[1]), w.param("shift"))), p[0]) }, p...)
}

// gates are the four gates' places in a parameter.
func gates(name string) []Register {
	g, n := Load(Param(name), GP64()), Load(Param("n"), GP64())
	r := []Register{g}
	for range 3 {
		next := GP64()
		LEAQ(Mem{Base: r[len(r)-1], Index: n, Scale: 4}, next)
		r = append(r, next)
	}
	return r
}

func lstmForward(w *writer) {
	w.begin("lstmForward", "gate, bias, cp, c, y *float32", "is LSTMForward for n cells.")
	g, b := gates("gate"), gates("bias")
	p := pointers("cp", "c", "y")
	w.hold(append(append([]float32{-87, 88, 1.44269504088896341, 0.693359375, -2.12194440e-4, 0, 1, 2}, expPolynomial...), tanhPolynomial...)...)
	w.loop(func() {
		in := func(gate int) VecVirtual { return w.plus(w.load(g[gate]), w.load(b[gate])) }
		i := w.sigmoid(in(0))
		w.store(i, g[0])
		q := w.tanh(in(2))
		w.store(q, g[2])
		f := w.sigmoid(in(1))
		w.store(f, g[1])
		c := w.fma(f, w.load(p[0]), w.mul(i, q))
		w.store(c, p[1])
		t := w.tanh(c)
		o := w.sigmoid(in(3))
		w.store(o, g[3])
		w.store(w.mul(o, t), p[2])
	}, append(append(g, b...), p...)...)
}

func lstmBackward(w *writer) {
	w.begin("lstmBackward", "gate, cp, y, dy, dh, dc *float32", "is LSTMBackward for n cells.")
	g := gates("gate")
	p := pointers("cp", "y", "dy", "dh", "dc")
	w.loop(func() {
		one := w.constant(1)
		i, f, q, o := w.load(g[0]), w.load(g[1]), w.load(g[2]), w.load(g[3])
		t := w.over(w.load(p[1]), o)
		d := w.plus(w.load(p[3]), w.load(p[2]))
		v := w.fma(w.mul(d, o), w.fnma(t, t, one), w.load(p[4]))
		w.store(w.mul(w.mul(w.mul(v, q), i), w.minus(one, i)), g[0])
		w.store(w.mul(w.mul(w.mul(v, w.load(p[0])), f), w.minus(one, f)), g[1])
		w.store(w.mul(w.mul(v, i), w.fnma(q, q, one)), g[2])
		w.store(w.mul(w.mul(w.mul(d, t), o), w.minus(one, o)), g[3])
		w.store(w.mul(v, f), p[4])
	}, append(g, p...)...)
}

func adam(w *writer) {
	w.begin("adam", "w, grad, m, v, s *float32", "is Adam for n weights; s is an AdamStep.")
	p := pointers("w", "grad", "m", "v")
	s := Load(Param("s"), GP64())
	factor := func(i int) VecVirtual {
		r := w.reg()
		VBROADCASTSS(Mem{Base: s, Disp: 4 * i}, r)
		return r
	}
	const scale, decay, beta1, beta2, rest1, rest2, rate, correction, epsilon = 0, 1, 2, 3, 4, 5, 6, 7, 8
	w.loop(func() {
		x := w.load(p[0])
		d := w.fma(factor(decay), x, w.mul(factor(scale), w.load(p[1])))
		m := w.fma(factor(beta1), w.load(p[2]), w.mul(factor(rest1), d))
		v := w.fma(factor(beta2), w.load(p[3]), w.mul(w.mul(factor(rest2), d), d))
		w.store(m, p[2])
		w.store(v, p[3])
		root := w.reg()
		VSQRTPS(w.mul(factor(correction), v), root)
		step := w.over(w.mul(factor(rate), m), w.plus(root, factor(epsilon)))
		w.store(w.minus(x, step), p[0])
	}, p...)
}
