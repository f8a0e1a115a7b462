//go:build avo

package main

import (
	"bytes"
	"fmt"
	"math"
	"math/bits"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// A spectrum is computed in lanes: element k of a complex work array is two
// vectors, the real parts of all lanes' points k and their imaginary parts.

func spectra() []kernel {
	var all []kernel
	for _, radix := range []int{1, 2, 4, 8} {
		for present := 1; present <= radix; present++ {
			all = append(all, loadPass{radix, present})
		}
	}
	return append(all, pass8{}, block64{}, power{}, mel{}, product{}, energy{},
		flat{name: "logMax", doc: "replaces x by the logarithm of max(x, floor)", scalars: []string{"floor"}, body: logMax},
		flat{name: "logZero", doc: "replaces x by its logarithm, an exact 0 counting as floor and what is below the least normal number as that", scalars: []string{"floor"}, body: logZero},
		flat{name: "scale", doc: "writes x times factor to dst", scalars: []string{"factor"}, sources: []string{"x"}, body: func(b *block, io flatIO) {
			b.store(io.dst, b.mul(b.load(io.src(0, 0)), io.scalar(0)))
		}},
		flat{name: "sqrt", doc: "writes the square root of x to dst", sources: []string{"x"}, body: func(b *block, io flatIO) {
			b.store(io.dst, b.sqrt(b.load(io.src(0, 0))))
		}},
		flat{name: "emphasize", doc: "writes x[i+1] - factor*x[i] to dst[i]", scalars: []string{"factor"}, sources: []string{"x"}, body: func(b *block, io flatIO) {
			b.store(io.dst, b.sub(b.load(io.src(0, 1)), b.mul(b.load(io.src(0, 0)), io.scalar(0))))
		}},
		flat{name: "slope", doc: "writes ((n1 - p1) + 2 (n2 - p2)) / 10 to dst", sources: []string{"n1", "p1", "n2", "p2"}, body: func(b *block, io flatIO) {
			near := b.sub(b.load(io.src(0, 0)), b.load(io.src(1, 0)))
			far := b.sub(b.load(io.src(2, 0)), b.load(io.src(3, 0)))
			sum := b.add(near, b.mul(far, b.constant(math.Float32bits(2))))
			b.store(io.dst, b.div(sum, b.constant(math.Float32bits(10))))
		}},
	)
}

// function begins an assembly function.
func function(name string, m *machine, params, doc string) {
	TEXT(name+m.name, 0, "func("+params+")")
	Doc(name + m.name + " " + doc + ".")
	Pragma("noescape")
	VBROADCASTSS(constant(math.Float32bits(1)), m.one())
}

func gp(name string) Register { return Load(Param(name), GP64()) }

// loop runs body n times, n in a register that is used up and may be 0.
func loop(label string, n Register, body func()) {
	TESTQ(n, n)
	JZ(LabelRef(label + "Done"))
	Label(label)
	body()
	DECQ(n)
	JNZ(LabelRef(label))
	Label(label + "Done")
}

// points addresses complex elements a number of strides from a pointer.
type points struct {
	base       Register
	s, s3      Register // the stride in bytes and its odd multiples
	s5, s7     Register
	m          *machine
	constant   int // or the stride, where it is known
	goBase     string
	goIndex    string
	goConstant bool
}

// newPoints makes the multiples of a stride of q elements that radix needs.
func newPoints(m *machine, base, q Register, radix int) points {
	p := points{base: base, m: m, s: GP64()}
	MOVQ(q, p.s)
	IMUL3Q(I32(int32(2*m.bytes())), p.s, p.s)
	triple := func(a, b Register, scale uint8) Register {
		r := GP64()
		LEAQ(Mem{Base: a, Index: b, Scale: scale}, r)
		return r
	}
	if radix > 3 {
		p.s3 = triple(p.s, p.s, 2)
	}
	if radix > 5 {
		p.s5 = triple(p.s, p.s, 4)
		p.s7 = triple(p.s3, p.s, 4)
	}
	return p
}

// at is part 0 (real) or 1 (imaginary) of the element j strides away.
func (p points) at(j, part int) ref {
	r := ref{key: fmt.Sprintf("x%d.%d", j, part), gox: fmt.Sprintf("x%d[i][%d]", j, part)}
	r.mem = func() Mem {
		m := Mem{Base: p.base, Disp: part * p.m.bytes()}
		switch j {
		case 0:
		case 1:
			m.Index, m.Scale = p.s, 1
		case 2:
			m.Index, m.Scale = p.s, 2
		case 3:
			m.Index, m.Scale = p.s3, 1
		case 4:
			m.Index, m.Scale = p.s, 4
		case 5:
			m.Index, m.Scale = p.s5, 1
		case 6:
			m.Index, m.Scale = p.s3, 2
		case 7:
			m.Index, m.Scale = p.s7, 1
		}
		return m
	}
	return r
}

// table addresses scalars behind a pointer, 4 bytes each.
func table(base Register, goName string) func(i int) ref {
	return func(i int) ref {
		return ref{key: fmt.Sprintf("%s%d", goName, i), mem: func() Mem { return Mem{Base: base, Disp: 4 * i} }, gox: fmt.Sprintf("%s[%d]", goName, i)}
	}
}

// goPoints declares the slices that points.at names in Go.
func goPoints(s *bytes.Buffer, radix int, from, q, n string) {
	for j := range radix {
		fmt.Fprintf(s, "\tx%d := %s[%d*%s:][:%s]\n", j, from, j, q, n)
	}
}

// loadPass windows frames while it makes the first pass over them.
type loadPass struct{ radix, present int }

func (k loadPass) name() string { return fmt.Sprintf("load%dOf%d", k.present, k.radix) }

const loadDoc = "makes the first pass of radix %d at n points, of whose %d parts the first %d hold samples and the others zeros: x = (sample - dc) * weight"

func (k loadPass) body(b *block, at func(j, part int) ref, sample func(j, part int) ref, weight func(j, part int) ref, twiddle func(i int) ref, d0, d *slot) {
	x := make([]cplx, k.radix)
	for j := range k.present {
		one := func(part int) vec {
			dc := b.read(d)
			if j == 0 && part == 0 {
				dc = b.read(d0)
			}
			return b.mul(b.sub(b.load(sample(j, part)), dc), b.bcast(weight(j, part)))
		}
		x[j] = cplx{one(0), one(1)}
	}
	if k.radix == 1 {
		twiddle = nil
	}
	b.pass(x, at, twiddle)
	b.keep(d0, b.read(d))
}

func (k loadPass) asm(m *machine) {
	function(k.name(), m, "w, src *float32, taps *int32, twiddles, dc0, dc *float32, q, n int", fmt.Sprintf(loadDoc, k.radix, k.radix, k.present))
	stack := m.alignedStack(m.spills(map[int]int{1: 0, 2: 0, 4: 8, 8: 16}[k.radix]))
	p := newPoints(m, gp("w"), gp("q"), k.radix)
	src, taps, tw := gp("src"), gp("taps"), gp("twiddles")
	d0, d := &slot{reg: m.regs[0]}, &slot{reg: m.regs[1]}
	VMOVUPS(Mem{Base: gp("dc0")}, d0.reg)
	VMOVUPS(Mem{Base: gp("dc")}, d.reg)
	sample := func(j, part int) ref {
		return ref{key: fmt.Sprintf("s%d.%d", j, part), mem: func() Mem {
			at := GP64()
			MOVLQSX(Mem{Base: taps, Disp: 16*j + 4*part}, at)
			return Mem{Base: src, Index: at, Scale: 4}
		}}
	}
	weight := func(j, part int) ref {
		return ref{mem: func() Mem { return Mem{Base: taps, Disp: 16*j + 8 + 4*part} }}
	}
	loop("loop", gp("n"), func() {
		b := &block{}
		k.body(b, p.at, sample, weight, table(tw, "t"), d0, d)
		m.expand(b, stack, d0, d)
		ADDQ(I32(int32(2*m.bytes())), p.base)
		ADDQ(I32(int32(16*k.present)), taps)
		if k.radix > 1 {
			ADDQ(I32(int32(8*(k.radix-1))), tw)
		}
	})
	VZEROUPPER()
	RET()
}

func (k loadPass) golang(s *bytes.Buffer) {
	fmt.Fprintf(s, "// %sScalar %s.\n", k.name(), fmt.Sprintf(loadDoc, k.radix, k.radix, k.present))
	fmt.Fprintf(s, "func %sScalar(w, src []float32, taps []Tap, twiddles, dc0, dc []float32, q, n int) {\n\tx := pairs(w)\n", k.name())
	goPoints(s, k.radix, "x", "q", "n")
	fmt.Fprintf(s, "\td0, d := dc0[0], dc[0]\n\tfor i := range x0 {\n\t\ttap := (*[%d]Tap)(taps[%d*i:])\n", k.present, k.present)
	if k.radix > 1 {
		fmt.Fprintf(s, "\t\tt := (*[%d]float32)(twiddles[%d*i:])\n", 2*(k.radix-1), 2*(k.radix-1))
	}
	b := &block{}
	tap := func(field string) func(j, part int) ref {
		return func(j, part int) ref {
			e := fmt.Sprintf("tap[%d].%s[%d]", j, field, part)
			if field == "At" {
				e = "src[" + e + "]"
			}
			return ref{key: e, gox: e}
		}
	}
	k.body(b, points{}.at, tap("At"), tap("Weight"), table(nil, "t"), &slot{name: "d0"}, &slot{name: "d"})
	s.WriteString(b.goText("\t\t") + "\t}\n}\n\n")
}

// pass8 is a pass of radix 8 over all blocks of 8*sub points.
type pass8 struct{}

const pass8Doc = "makes a pass of radix 8 over blocks of 8*sub points"

func (pass8) asm(m *machine) {
	function("pass8", m, "w, twiddles *float32, sub, blocks int", pass8Doc)
	stack := m.alignedStack(m.spills(16))
	sub := gp("sub")
	p := newPoints(m, gp("w"), sub, 8)
	loop("blocks", gp("blocks"), func() {
		tw, n := gp("twiddles"), GP64()
		MOVQ(sub, n)
		loop("points", n, func() {
			b := &block{}
			b.pass(b.loadAll(8, p.at), p.at, table(tw, "t"))
			m.expand(b, stack)
			ADDQ(I32(int32(2*m.bytes())), p.base)
			ADDQ(Imm(56), tw)
		})
		ADDQ(p.s7, p.base)
	})
	VZEROUPPER()
	RET()
}

func (pass8) golang(s *bytes.Buffer) {
	s.WriteString("// pass8Scalar " + pass8Doc + ".\nfunc pass8Scalar(w, twiddles []float32, sub, blocks int) {\n\tfor x := pairs(w)[:8*sub*blocks]; len(x) > 0; x = x[8*sub:] {\n")
	goPoints(s, 8, "x", "sub", "sub")
	s.WriteString("\tfor i := range x0 {\n\t\tt := (*[14]float32)(twiddles[14*i:])\n")
	b := &block{}
	b.pass(b.loadAll(8, points{}.at), points{}.at, table(nil, "t"))
	s.WriteString(b.goText("\t\t") + "\t}\n\t}\n}\n\n")
}

// block64 is the last two passes of radix 8.
type block64 struct{}

const block64Doc = "makes the last two passes of radix 8 over blocks of 64 points"

// elements addresses complex elements a constant stride apart.
func elements(m *machine, base Register, stride int, goFormat string) func(j, part int) ref {
	return func(j, part int) ref {
		return ref{
			key: fmt.Sprintf("%d.%d", j, part),
			mem: func() Mem { return Mem{Base: base, Disp: (2*j*stride + part) * m.bytes()} },
			gox: fmt.Sprintf(goFormat, j*stride, part),
		}
	}
}

func (block64) asm(m *machine) {
	function("block64", m, "w, twiddles *float32, blocks int", block64Doc)
	stack := m.alignedStack(m.spills(16))
	w := gp("w")
	step := int32(2 * m.bytes())
	loop("blocks", gp("blocks"), func() {
		tw, n := gp("twiddles"), GP64()
		MOVQ(I32(8), n)
		loop("first", n, func() {
			b := &block{}
			at := elements(m, w, 8, "")
			b.pass(b.loadAll(8, at), at, table(tw, ""))
			m.expand(b, stack)
			ADDQ(I32(step), w)
			ADDQ(Imm(56), tw)
		})
		SUBQ(I32(8*step), w)
		MOVQ(I32(8), n)
		loop("second", n, func() {
			b := &block{}
			at := elements(m, w, 1, "")
			b.pass(b.loadAll(8, at), at, nil)
			m.expand(b, stack)
			ADDQ(I32(8*step), w)
		})
	})
	VZEROUPPER()
	RET()
}

// golang moves a slice along: offsets from its begin are constants, where an
// index would be added up for every access.
func (block64) golang(s *bytes.Buffer) {
	s.WriteString("// block64Scalar " + block64Doc + ".\nfunc block64Scalar(w, twiddles []float32, blocks int) {\n")
	s.WriteString("\tfor all := pairs(w)[:64*blocks]; len(all) > 0; all = all[64:] {\n")
	s.WriteString("\tfor y, tw := all, twiddles[:8*14]; len(tw) >= 14; y, tw = y[1:], tw[14:] {\n\t\tx, t := (*[57][2]float32)(y), (*[14]float32)(tw)\n")
	b := &block{}
	at := elements(nil, nil, 8, "x[%d][%d]")
	b.pass(b.loadAll(8, at), at, table(nil, "t"))
	s.WriteString(b.goText("\t\t") + "\t}\n\tfor y := all[:64]; len(y) >= 8; y = y[8:] {\n\t\tx := (*[8][2]float32)(y)\n")
	b = &block{}
	at = elements(nil, nil, 1, "x[%d][%d]")
	b.pass(b.loadAll(8, at), at, nil)
	s.WriteString(b.goText("\t\t") + "\t}\n\t}\n}\n\n")
}

// power splits the FFT of even + i odd samples into the spectrum of the real
// frame and takes its power.
type power struct{}

const powerDoc = "writes the power spectrum of 2*len(pairs) real points, made of the FFT w of their even + i odd ones"

func (power) ends(b *block, z func(part int) ref, first, last ref) {
	re, im := b.load(z(0)), b.load(z(1))
	two := b.constant(math.Float32bits(2))
	lo, hi := b.mul(two, b.add(re, im)), b.mul(two, b.sub(re, im))
	b.store(first, b.mul(lo, lo))
	b.store(last, b.mul(hi, hi))
}

func (power) body(b *block, x, y func(part int) ref, w cplx, low, high ref) {
	a, c := cplx{b.load(x(0)), b.load(x(1))}, cplx{b.load(y(0)), b.load(y(1))}
	e := cplx{b.add(a.re, c.re), b.sub(a.im, c.im)}
	o := cplx{b.add(a.im, c.im), b.sub(c.re, a.re)}
	t := b.rotate(o, w)
	for i, v := range []cplx{b.cadd(e, t), b.csub(e, t)} {
		b.store([]ref{low, high}[i], b.add(b.mul(v.re, v.re), b.mul(v.im, v.im)))
	}
}

func (k power) asm(m *machine) {
	function("power", m, "p, w *float32, pairs *int32, n int", powerDoc)
	low, w, pair, n, high := gp("p"), gp("w"), gp("pairs"), gp("n"), GP64()
	MOVQ(n, high)
	IMUL3Q(I32(int32(2*m.bytes())), high, high)
	ADDQ(low, high)
	at := func(key string, base Register) ref { return ref{key: key, mem: func() Mem { return Mem{Base: base} }} }
	b := &block{}
	k.ends(b, func(part int) ref {
		return ref{key: fmt.Sprint("z", part), mem: func() Mem { return Mem{Base: w, Disp: part * m.bytes()} }}
	}, at("low", low), at("high", high))
	m.expand(b, nil)
	bin := func(name string, disp int) func(part int) ref {
		var offset Register
		return func(part int) ref {
			return ref{key: fmt.Sprint(name, part), mem: func() Mem {
				if offset == nil {
					offset = GP64()
					MOVLQSX(Mem{Base: pair, Disp: disp}, offset)
					SHLQ(Imm(uint64(bits.TrailingZeros(uint(2*m.bytes())))), offset)
				}
				return Mem{Base: w, Index: offset, Scale: 1, Disp: part * m.bytes()}
			}}
		}
	}
	loop("loop", n, func() {
		ADDQ(I32(int32(m.bytes())), low)
		SUBQ(I32(int32(m.bytes())), high)
		b := &block{}
		t := table(pair, "")
		k.body(b, bin("x", 0), bin("y", 4), cplx{b.bcast(t(2)), b.bcast(t(3))}, at("low", low), at("high", high))
		m.expand(b, nil)
		ADDQ(I32(16), pair)
	})
	VZEROUPPER()
	RET()
}

func (k power) golang(s *bytes.Buffer) {
	s.WriteString("// powerScalar " + powerDoc + ".\nfunc powerScalar(p, w []float32, twos []Pair, n int) {\n\tx := pairs(w)\n\tp, twos = p[:2*n+1], twos[:n]\n\tlo, hi := p[1:][:len(twos)], p[n:][:len(twos)]\n")
	b := &block{}
	part := func(e string) func(int) ref {
		return func(i int) ref { return ref{key: e + fmt.Sprint(i), gox: fmt.Sprintf("%s[%d]", e, i)} }
	}
	k.ends(b, part("x[0]"), ref{key: "low", gox: "p[0]"}, ref{key: "high", gox: "p[2*n]"})
	s.WriteString(b.goText("\t") + "\tfor i := range twos {\n\t\tt := &twos[i]\n\t\ta, c := &x[t.A], &x[t.B]\n")
	b = &block{}
	w := cplx{b.bcast(ref{gox: "t.Re"}), b.bcast(ref{gox: "t.Im"})}
	k.body(b, part("a"), part("c"), w, ref{key: "low", gox: "lo[i]"}, ref{key: "high", gox: "hi[len(twos)-1-i]"})
	s.WriteString(b.goText("\t\t") + "\t}\n}\n\n")
}
