//go:build avo

package main

import "math"

// cplx is a complex value.
type cplx struct{ re, im vec }

func (b *block) cadd(x, y cplx) cplx { return cplx{b.add(x.re, y.re), b.add(x.im, y.im)} }
func (b *block) csub(x, y cplx) cplx { return cplx{b.sub(x.re, y.re), b.sub(x.im, y.im)} }

// overI is (x - y) / i.
func (b *block) overI(x, y cplx) cplx { return cplx{b.sub(x.im, y.im), b.sub(y.re, x.re)} }

// rotate is x times w.
func (b *block) rotate(x, w cplx) cplx {
	return cplx{b.sub(b.mul(x.re, w.re), b.mul(x.im, w.im)), b.add(b.mul(x.re, w.im), b.mul(x.im, w.re))}
}

// eighth is x times the first eighth root of unity, (1-i)/sqrt(2).
func (b *block) eighth(x cplx) cplx {
	h := b.constant(math.Float32bits(float32(math.Sqrt2 / 2)))
	return cplx{b.mul(b.add(x.re, x.im), h), b.mul(b.sub(x.im, x.re), h)}
}

// quad is the DFT of four points.
func (b *block) quad(x0, x1, x2, x3 cplx, put func(j int, x cplx)) {
	e, f := b.cadd(x0, x2), b.csub(x0, x2)
	g, h := b.cadd(x1, x3), b.overI(x1, x3)
	put(0, b.cadd(e, g))
	put(1, b.cadd(f, h))
	put(2, b.csub(e, g))
	put(3, b.csub(f, h))
}

// dft is the DFT of 1, 2, 4 or 8 points, exp(-2 pi i jk/n), with the points
// handed to put as they are ready.
func (b *block) dft(x []cplx, put func(j int, x cplx)) {
	switch len(x) {
	case 1:
		put(0, x[0])
	case 2:
		put(0, b.cadd(x[0], x[1]))
		put(1, b.csub(x[0], x[1]))
	case 4:
		b.quad(x[0], x[1], x[2], x[3], put)
	case 8:
		var s, d [4]cplx
		for _, j := range []int{0, 2, 1, 3} {
			s[j] = b.cadd(x[j], x[j+4])
			if j < 2 {
				d[j] = b.csub(x[j], x[j+4])
			} else {
				d[j] = b.overI(x[j], x[j+4])
			}
		}
		b.quad(s[0], s[1], s[2], s[3], func(j int, v cplx) { put(2*j, v) })
		d[1], d[3] = b.eighth(d[1]), b.eighth(d[3])
		b.quad(d[0], d[1], d[2], d[3], func(j int, v cplx) { put(2*j+1, v) })
	default:
		panic("no DFT of this size")
	}
}

// pass is one pass of decimation in frequency: the DFT of points that lie a
// block apart, each but the first rotated by its twiddle.
func (b *block) pass(x []cplx, at func(j, part int) ref, twiddle func(i int) ref) {
	b.dft(x, func(j int, v cplx) {
		if j > 0 && twiddle != nil {
			v = b.rotate(v, cplx{b.bcast(twiddle(2*j - 2)), b.bcast(twiddle(2*j - 1))})
		}
		b.store(at(j, 0), v.re)
		b.store(at(j, 1), v.im)
	})
}

// loadAll loads the points of a pass.
func (b *block) loadAll(n int, at func(j, part int) ref) []cplx {
	x := make([]cplx, n)
	for j := range x {
		x[j] = cplx{b.load(at(j, 0)), b.load(at(j, 1))}
	}
	return x
}
