//go:build avo

package main

import (
	"bytes"
	"fmt"
	"math"
	"math/bits"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// vectors addresses vectors one after the other behind a pointer.
func vectors(m *machine, base Register, goName string) func(i int) ref {
	return func(i int) ref {
		return ref{key: fmt.Sprintf("%s%d", goName, i), mem: func() Mem { return Mem{Base: base, Disp: i * m.bytes()} }, gox: fmt.Sprintf("%s[%d]", goName, i)}
	}
}

// sums are registers that a loop adds to.
func sums(m *machine, n int) []*slot {
	all := make([]*slot, n)
	for i := range all {
		all[i] = &slot{name: fmt.Sprintf("s%d", i)}
		if m != nil {
			all[i].reg = m.regs[i]
		}
	}
	return all
}

func clearSums(m *machine, all []*slot) {
	for _, s := range all {
		if m.evex {
			VPXORD(s.reg, s.reg, s.reg)
		} else {
			VXORPS(s.reg, s.reg, s.reg)
		}
	}
}

// multiplyAdd adds x*w to a sum.
func (b *block) multiplyAdd(s *slot, x, w vec) { b.keep(s, b.add(b.read(s), b.mul(x, w))) }

// mel applies a filter bank; a filter's bins come in groups.
type mel struct{}

// filterGroup is kernels.FilterGroup.
const filterGroup = 2

const melDoc = "writes the sums of weights times bins, from the lowest bin up"

func (mel) body(b *block, s *slot, bins int, p, w func(i int) ref) {
	sum := b.read(s)
	for i := range bins {
		sum = b.add(sum, b.mul(b.load(p(i)), b.bcast(w(i))))
	}
	b.keep(s, sum)
}

func (k mel) asm(m *machine) {
	function("mel", m, "dst, p *float32, filters *int32, weights *float32, n int", melDoc)
	dst, p, filter, weights := gp("dst"), gp("p"), gp("filters"), gp("weights")
	sum := sums(m, 1)
	loop("filters", gp("n"), func() {
		clearSums(m, sum)
		bins, groups := GP64(), GP64()
		MOVLQSX(Mem{Base: filter}, bins)
		MOVLQSX(Mem{Base: filter, Disp: 4}, groups)
		SHLQ(Imm(uint64(bits.TrailingZeros(uint(m.bytes())))), bins)
		ADDQ(p, bins)
		loop("groups", groups, func() {
			b := &block{}
			k.body(b, sum[0], filterGroup, vectors(m, bins, "p"), table(weights, "w"))
			m.expand(b, nil, sum...)
			ADDQ(I32(int32(filterGroup*m.bytes())), bins)
			ADDQ(I32(4*filterGroup), weights)
		})
		VMOVUPS(sum[0].reg, Mem{Base: dst})
		ADDQ(I32(8), filter)
		ADDQ(I32(int32(m.bytes())), dst)
	})
	VZEROUPPER()
	RET()
}

// golang takes two groups at a time, which halves the loop's share.
func (k mel) golang(s *bytes.Buffer) {
	s.WriteString("// melScalar " + melDoc + ".\nfunc melScalar(dst, bins []float32, filters []Filter, weights []float32, n int) {\n\tdst = dst[:n]\n\tfor j := range dst {\n")
	s.WriteString("\t\tf := filters[j]\n\t\ts0 := float32(0)\n\t\tx := bins[f.First:][:FilterGroup*f.Groups]\n")
	for groups := 2; groups > 0; groups-- {
		n := groups * filterGroup
		fmt.Fprintf(s, "\t\tfor ; len(x) >= %[1]d; x, weights = x[%[1]d:], weights[%[1]d:] {\n\t\t\tp, w := (*[%[1]d]float32)(x), (*[%[1]d]float32)(weights)\n", n)
		b := &block{}
		k.body(b, sums(nil, 1)[0], n, table(nil, "p"), table(nil, "w"))
		s.WriteString(b.goText("\t\t\t") + "\t\t}\n")
	}
	s.WriteString("\t\tdst[j] = s0\n\t}\n}\n\n")
}

// product multiplies a matrix and a vector of vectors.
type product struct{}

const (
	productRows = 8
	productDoc  = "writes the product of a matrix of 8*blocks rows and n columns, stored by blocks of 8 rows and those by columns, and x; each sum goes from left to right"
)

func (product) body(b *block, s []*slot, x ref, w func(i int) ref) {
	v := b.load(x)
	for i := range s {
		b.multiplyAdd(s[i], v, b.bcast(w(i)))
	}
}

func (k product) asm(m *machine) {
	function("product", m, "dst, matrix, x *float32, blocks, n int", productDoc)
	dst, matrix := gp("dst"), gp("matrix")
	sum := sums(m, productRows)
	loop("blocks", gp("blocks"), func() {
		clearSums(m, sum)
		x := gp("x")
		loop("columns", gp("n"), func() {
			b := &block{}
			k.body(b, sum, vectors(m, x, "x")(0), table(matrix, "w"))
			m.expand(b, nil, sum...)
			ADDQ(I32(int32(m.bytes())), x)
			ADDQ(I32(4*productRows), matrix)
		})
		for i, s := range sum {
			VMOVUPS(s.reg, Mem{Base: dst, Disp: i * m.bytes()})
		}
		ADDQ(I32(int32(productRows*m.bytes())), dst)
	})
	VZEROUPPER()
	RET()
}

func (k product) golang(s *bytes.Buffer) {
	s.WriteString("// productScalar " + productDoc + ".\nfunc productScalar(dst, matrix, x []float32, blocks, n int) {\n\tfor ; blocks > 0; blocks, dst = blocks-1, dst[8:] {\n\t\tvar " + names(productRows) + " float32\n\t\tfor _, x := range x[:n] {\n\t\t\tw := (*[8]float32)(matrix)\n\t\t\tmatrix = matrix[8:]\n")
	b := &block{}
	k.body(b, sums(nil, productRows), ref{key: "x", gox: "x"}, table(nil, "w"))
	s.WriteString(b.goText("\t\t\t") + "\t\t}\n\t\t*(*[8]float32)(dst) = [8]float32{" + names(productRows) + "}\n\t}\n}\n\n")
}

func names(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("s%d", i))
	}
	return strings.Join(all, ", ")
}

// energy adds a power spectrum up.
type energy struct{}

const energyDoc = "writes the sum of 4n+1 bins times scale, made of four interleaved sums"

func (energy) body(b *block, s []*slot, p func(i int) ref) {
	for i := range s {
		b.keep(s[i], b.add(b.read(s[i]), b.load(p(i))))
	}
}

func (energy) total(b *block, s []*slot, last ref, scale vec, dst ref) {
	a := b.add(b.read(s[0]), b.load(last))
	sum := b.add(b.add(a, b.read(s[1])), b.add(b.read(s[2]), b.read(s[3])))
	b.store(dst, b.mul(sum, scale))
}

func (k energy) asm(m *machine) {
	function("energy", m, "dst, p *float32, n int, scale float32", energyDoc)
	p, dst := gp("p"), gp("dst")
	sum := sums(m, 5)
	scale := sum[4]
	clearSums(m, sum[:4])
	broadcastParam("scale", scale)
	loop("loop", gp("n"), func() {
		b := &block{}
		k.body(b, sum[:4], vectors(m, p, "p"))
		m.expand(b, nil, sum...)
		ADDQ(I32(int32(4*m.bytes())), p)
	})
	b := &block{}
	k.total(b, sum, vectors(m, p, "p")(0), b.read(scale), vectors(m, dst, "dst")(0))
	m.expand(b, nil, sum...)
	VZEROUPPER()
	RET()
}

func (k energy) golang(s *bytes.Buffer) {
	s.WriteString("// energyScalar " + energyDoc + ".\nfunc energyScalar(dst, x []float32, n int, scale float32) {\n\tvar s0, s1, s2, s3 float32\n\tfor ; n > 0; n, x = n-1, x[4:] {\n\t\tp := (*[4]float32)(x)\n")
	b := &block{}
	sum := sums(nil, 4)
	k.body(b, sum, table(nil, "p"))
	s.WriteString(b.goText("\t\t") + "\t}\n")
	b = &block{}
	k.total(b, sum, ref{gox: "x[0]"}, b.read(&slot{name: "scale"}), ref{gox: "dst[0]"})
	s.WriteString(b.goText("\t") + "}\n\n")
}

// broadcastParam fills a register with a float32 parameter.
func broadcastParam(name string, s *slot) {
	c, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(c.Addr, s.reg)
}

// flat is a kernel that treats every number of its slices alike.
type flat struct {
	name, doc string
	scalars   []string
	sources   []string // none: in place
	body      func(b *block, io flatIO)
}

// flatIO is what the body of a flat kernel reads and writes.
type flatIO struct {
	dst    ref
	src    func(source, ahead int) ref // ahead elements on
	scalar func(i int) vec
}

func (k flat) params(pointer string) string {
	p := strings.Join(append([]string{"dst"}, k.sources...), ", ") + " " + pointer + ", n int"
	if len(k.scalars) > 0 {
		p += ", " + strings.Join(k.scalars, ", ") + " float32"
	}
	return p
}

func (k flat) asm(m *machine) {
	function(k.name, m, k.params("*float32"), k.doc+", n times the vector's width")
	dst := gp("dst")
	var src []Register
	for _, s := range k.sources {
		src = append(src, gp(s))
	}
	consts := sums(m, len(k.scalars))
	for i, s := range k.scalars {
		broadcastParam(s, consts[i])
	}
	// Two vectors in step hide the latency of chains; what is left over goes alone.
	step := func(vectors int) {
		b := &block{}
		for v := range vectors {
			one := &block{}
			at := v * m.bytes()
			k.body(one, flatIO{
				dst: ref{key: fmt.Sprint("dst", v), mem: func() Mem { return Mem{Base: dst, Disp: at} }},
				src: func(i, ahead int) ref {
					return ref{key: fmt.Sprint(i, ahead, v), mem: func() Mem { return Mem{Base: src[i], Disp: at + 4*ahead} }}
				},
				scalar: func(i int) vec { return one.read(consts[i]) },
			})
			b.interleave(one)
		}
		m.expand(b, nil, consts...)
		for _, p := range append(src, dst) {
			ADDQ(I32(int32(vectors*m.bytes())), p)
		}
	}
	n, odd := gp("n"), GP64()
	MOVQ(n, odd)
	ANDQ(Imm(1), odd)
	SHRQ(Imm(1), n)
	loop("two", n, func() { step(2) })
	loop("one", odd, func() { step(1) })
	VZEROUPPER()
	RET()
}

// golang takes four numbers a turn, which leaves loops and bounds little to
// cost, and then those left over.
func (k flat) golang(s *bytes.Buffer) {
	fmt.Fprintf(s, "// %sScalar %s, n times.\nfunc %sScalar(%s) {\n", k.name, k.doc, k.name, k.params("[]float32"))
	for _, step := range []int{4, 1} {
		b, ahead := &block{}, 0
		for v := range step {
			k.body(b, flatIO{
				dst: ref{key: fmt.Sprint("dst", v), gox: fmt.Sprintf("d[%d]", v)},
				src: func(i, more int) ref {
					ahead = max(ahead, more)
					return ref{key: fmt.Sprint(i, v+more), gox: fmt.Sprintf("x%d[%d]", i, v+more)}
				},
				scalar: func(i int) vec { return b.read(&slot{name: k.scalars[i]}) },
			})
		}
		slices := append([]string{"dst"}, k.sources...)
		var rests []string
		for _, name := range slices {
			rests = append(rests, fmt.Sprintf("%s[%d:]", name, step))
		}
		fmt.Fprintf(s, "\tfor ; n >= %d; n, %s = n-%d, %s {\n\t\td := (*[%d]float32)(dst)\n", step, strings.Join(slices, ", "), step, strings.Join(rests, ", "), step)
		for i, name := range k.sources {
			fmt.Fprintf(s, "\t\tx%d := (*[%d]float32)(%s)\n", i, step+ahead, name)
		}
		s.WriteString(b.goText("\t\t") + "\t}\n")
	}
	s.WriteString("}\n\n")
}

func logMax(b *block, io flatIO) {
	b.store(io.dst, b.log(b.max(b.load(io.dst), io.scalar(0))))
}

func logZero(b *block, io flatIO) {
	x := b.load(io.dst)
	least := b.max(x, b.constant(math.Float32bits(0x1p-126)))
	b.store(io.dst, b.log(b.selZero(x, io.scalar(0), least)))
}

// log is the logarithm of a positive, normal number: detmath.Log32's steps.
func (b *block) log(x vec) vec {
	c := func(v float32) vec { return b.constant(math.Float32bits(v)) }
	e := b.sra(b.isub(x, b.constant(0x3f3504f3)), 23)
	z := b.sub(b.isub(x, b.shl(e, 23)), c(1))
	fe := b.float(e)
	zz := b.mul(z, z)
	z4 := b.mul(zz, zz)
	pair := func(k1, k0 float32) vec { return b.add(b.mul(z, c(k1)), c(k0)) } // Estrin's scheme: short chains
	low := b.add(b.mul(pair(-1.6668057665e-1, 2.0000714765e-1), zz), pair(-2.4999993993e-1, 3.3333331174e-1))
	high := b.add(b.mul(pair(-1.1514610310e-1, 1.1676998740e-1), zz), pair(-1.2420140846e-1, 1.4249322787e-1))
	high = b.add(high, b.mul(z4, c(7.0376836292e-2)))
	y := b.add(b.mul(high, z4), low)
	y = b.mul(y, b.mul(z, zz))
	y = b.add(y, b.mul(fe, c(-2.12194440e-4)))
	y = b.sub(y, b.mul(zz, c(0.5)))
	return b.add(b.add(z, y), b.mul(fe, c(0.693359375)))
}
