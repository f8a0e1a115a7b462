//go:build avo

package main

import (
	"bytes"
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The resampler's FFT is of one signal, with the points in the lanes. Real and
// imaginary parts are arrays of their own.

func resampling() []kernel {
	return []kernel{
		along{128, false}, along{64, false}, along{16, false},
		along{16, true}, along{64, true}, along{128, true},
		halveMiddle{}, doubleMiddle{},
	}
}

// along is a pass of radix 8 whose eight points lie sub apart: by decimation in
// frequency or, mirrored, in time. For AVX-512, what is between a pass of sub 16
// and a middle kernel has every tile of 4 x 4 numbers turned, of the 8 rows of 16
// that a block is. That is half of the way from rows to columns, which such a
// pass has time for, being bound by its sums. (AVX2 would have to spill.)
type along struct {
	sub    int
	inTime bool
}

func (k along) name() string {
	if k.inTime {
		return fmt.Sprintf("dit%d", k.sub)
	}
	return fmt.Sprintf("dif%d", k.sub)
}

func (k along) doc() string {
	if k.inTime {
		return fmt.Sprintf("makes a pass of radix 8 by decimation in time over blocks of 8*%d points", k.sub)
	}
	return fmt.Sprintf("makes a pass of radix 8 by decimation in frequency over blocks of 8*%d points", k.sub)
}

func (k along) body(b *block, src, dst func(j, part int) ref, twiddle func(i int) ref, turned bool) {
	x := b.loadAll(8, src)
	if turned && k.inTime {
		b.turnTiles(x)
	}
	rotate := func(j int, v cplx) cplx {
		if j == 0 {
			return v
		}
		return b.rotate(v, cplx{b.load(twiddle(2*j - 2)), b.load(twiddle(2*j - 1))})
	}
	if k.inTime {
		for j := range x {
			x[j] = rotate(j, x[j])
		}
	}
	put := func(j int, v cplx) {
		b.store(dst(j, 0), v.re)
		b.store(dst(j, 1), v.im)
	}
	y := make([]cplx, 8)
	b.dft(x, func(j int, v cplx) {
		if !k.inTime {
			v = rotate(j, v)
		}
		if y[j] = v; !turned || k.inTime {
			put(j, v)
		}
	})
	if turned && !k.inTime {
		b.turnTiles(y)
		for j, v := range y {
			put(j, v)
		}
	}
}

const alongParams = "dstRe, dstIm, srcRe, srcIm, twiddles *float32, blocks int"

// strides addresses numbers some stride apart behind two pointers. The key is
// the same for all of them: dst may be src.
func strides(re, im Register, bytes int) func(j, part int) ref {
	return func(j, part int) ref {
		base := []Register{re, im}[part]
		return ref{key: fmt.Sprintf("x%d.%d", j, part), mem: func() Mem { return Mem{Base: base, Disp: j * bytes} }}
	}
}

func (k along) asm(m *machine) {
	function(k.name(), m, alongParams, k.doc())
	stack := m.alignedStack(20)
	dr, di, sr, si := gp("dstRe"), gp("dstIm"), gp("srcRe"), gp("srcIm")
	loop("blocks", gp("blocks"), func() {
		n := GP64()
		tw := gp("twiddles")
		MOVQ(I32(int32(k.sub/m.lanes)), n)
		loop("points", n, func() {
			b := &block{}
			k.body(b, strides(sr, si, 4*k.sub), strides(dr, di, 4*k.sub), apart(tw, 4*k.sub), m.evex && k.sub == 16)
			m.expand(b, stack)
			for _, p := range []Register{dr, di, sr, si, tw} {
				ADDQ(I32(int32(m.bytes())), p)
			}
		})
		for _, p := range []Register{dr, di, sr, si} {
			ADDQ(I32(int32(4*7*k.sub)), p)
		}
	})
	VZEROUPPER()
	RET()
}

// apart addresses numbers some bytes apart behind a pointer.
func apart(base Register, bytes int) func(i int) ref {
	return func(i int) ref {
		return ref{key: fmt.Sprintf("t%d", i), mem: func() Mem { return Mem{Base: base, Disp: i * bytes} }}
	}
}

func (k along) golang(s *bytes.Buffer) {
	fmt.Fprintf(s, "// %sScalar %s.\nfunc %sScalar(dstRe, dstIm, srcRe, srcIm, twiddles []float32, blocks int) {\n", k.name(), k.doc(), k.name())
	for i := range 14 {
		fmt.Fprintf(s, "\tt%d := (*[%d]float32)(twiddles[%d:])\n", i, k.sub, i*k.sub)
	}
	fmt.Fprintf(s, "\tfor at := 0; at < blocks*%d; at += %d {\n", 8*k.sub, 8*k.sub)
	for j := range 8 {
		for _, a := range [][2]string{{"d%dr", "dstRe"}, {"d%di", "dstIm"}, {"s%dr", "srcRe"}, {"s%di", "srcIm"}} {
			fmt.Fprintf(s, "\t\t"+a[0]+" := (*[%d]float32)(%s[at+%d:])\n", j, k.sub, a[1], j*k.sub)
		}
	}
	fmt.Fprintf(s, "\t\tfor n := range %d {\n", k.sub)
	part := func(name string) func(j, part int) ref {
		return func(j, part int) ref {
			return ref{key: fmt.Sprintf("x%d.%d", j, part), gox: fmt.Sprintf("%s%d%c[n]", name, j, "ri"[part])}
		}
	}
	b := &block{}
	k.body(b, part("s"), part("d"), func(i int) ref { return ref{key: fmt.Sprintf("t%d", i), gox: fmt.Sprintf("t%d[n]", i)} }, false)
	s.WriteString(b.goText("\t\t\t") + "\t\t}\n\t}\n}\n\n")
}
