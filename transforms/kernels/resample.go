package kernels

import "framewise/transforms/isa"

// Planes are the real and the imaginary parts of complex points.
type Planes struct{ Re, Im []float32 }

// Swapped exchanges the parts: the DFT of swapped points is their inverse DFT,
// swapped.
func (p Planes) Swapped() Planes { return Planes{p.Im, p.Re} }

// Sub is n points from one on.
func (p Planes) Sub(from, n int) Planes { return Planes{p.Re[from:][:n], p.Im[from:][:n]} }

// pass is a pass of an FFT over all points of dst, which src may be.
type pass = func(dst, src Planes, twiddles []float32)

// Resampling is the kernels of the resampler at one level.
type Resampling struct {
	// Rows is how many rows a vector of the middle kernels holds: 8, those of
	// one q1, or 16.
	Rows int
	// Passes of radix 8 whose points lie 128, 64 or 16 apart, by decimation in
	// frequency (points, DFT, twiddles) and in time (points, twiddles, DFT);
	// twiddles are [7][re, im][16, 64 or 128].
	Dif128, Dif64, Dif16, Dit16, Dit64, Dit128 pass
	// HalveMiddle takes 1024 points after Dif128 and Dif16 to 512, parts swapped,
	// before Dit64; DoubleMiddle 512 points after Dif64 to 1024, parts swapped,
	// before Dit16 and Dit128. The order of points between these and the passes of
	// 16 is the level's own. Rows and columns of mix, [8*8/Rows][8][3][Rows], and
	// of twiddles, [7][re, im][Rows], are in the order of MixRow and TwiddleColumn.
	HalveMiddle, DoubleMiddle func(dst, src Planes, mix, twiddles []float32)
	// Wide computes blocks of 16 outputs: number l of block b is the sum, from k
	// = 0 up, of x[shift+first[b]+offset[b][l]+k] coef[b][k][l], for taps values of
	// k. It may read 31+taps inputs from a block's first one on. Offsets rise from
	// 0 to at most 32-group, in the first 8 and the last 8 lanes by at most 15.
	Wide func(dst, x []float32, shift int, first []int, offset []int32, coef []float32, taps, group int)
	// Dots computes outputs of 8*groups taps: eight interleaved sums of
	// x[shift+first[b]+k] coef[b][k], then those in a tree.
	Dots func(dst, x []float32, shift int, first []int, coef []float32, groups int)
	// Touch brings x near, which will be read soon.
	Touch func(x []float32)
}

// MixRow is the row, q1 modulo 2 or 1 and q2, of a lane of mix.
func (r *Resampling) MixRow(lane int) (q1, q2 int) {
	if r.Rows == 8 {
		return 0, lane
	}
	return lane / 4 % 2, lane%4 + lane/8*4
}

// TwiddleColumn is the column of a lane of the middle kernels' twiddles.
func (r *Resampling) TwiddleColumn(lane int, doubling bool) int {
	if doubling || r.Rows == 8 {
		return lane % 8
	}
	return lane%4 + lane/8*4
}

// Resampling is the resampler's part of a set.
func (s *Set) Resampling() *Resampling { return resamplers()[s.Level] }

var scalarResampling = &Resampling{
	Rows:        8,
	Dif128:      scalarPass(dif128Scalar, 1024),
	Dif64:       scalarPass(dif64Scalar, 512),
	Dif16:       scalarPass(dif16Scalar, 128),
	Dit16:       scalarPass(dit16Scalar, 128),
	Dit64:       scalarPass(dit64Scalar, 512),
	Dit128:      scalarPass(dit128Scalar, 1024),
	HalveMiddle: scalarMiddle(halveMiddleScalar), DoubleMiddle: scalarMiddle(doubleMiddleScalar),
	Wide: wideScalar, Dots: dotsScalar,
	Touch: func([]float32) {},
}

func scalarPass(f func(dstRe, dstIm, srcRe, srcIm, twiddles []float32, blocks int), points int) pass {
	return func(dst, src Planes, twiddles []float32) {
		f(dst.Re, dst.Im, src.Re, src.Im, twiddles, len(dst.Re)/points)
	}
}

func scalarMiddle(f func(dstRe, dstIm, srcRe, srcIm, mix, twiddles []float32)) func(dst, src Planes, mix, twiddles []float32) {
	return func(dst, src Planes, mix, twiddles []float32) { f(dst.Re, dst.Im, src.Re, src.Im, mix, twiddles) }
}

func wideScalar(dst, x []float32, shift int, first []int, offset []int32, coef []float32, taps, _ int) {
	for b, from := range first {
		x, c := x[shift+from:], coef[b*taps*16:][:taps*16]
		for lane, at := range offset[b*16:][:16] {
			x := x[at:][:taps]
			sum := float32(0)
			for k, v := range x {
				sum += float32(v * c[k*16+lane])
			}
			dst[b*16+lane] = sum
		}
	}
}

func dotsScalar(dst, x []float32, shift int, first []int, coef []float32, groups int) {
	for b, from := range first {
		dst[b] = dot8(x[shift+from:], coef[b*8*groups:][:8*groups])
	}
}

// dot8 is the dot product of h, whose length is a multiple of 8, with the
// beginning of x: eight interleaved sums, then those in a tree.
func dot8(x, h []float32) float32 {
	var a, b, c, d, e, f, g, i float32
	x = x[:len(h)]
	for len(h) >= 8 && len(x) >= 8 {
		a += float32(x[0] * h[0])
		b += float32(x[1] * h[1])
		c += float32(x[2] * h[2])
		d += float32(x[3] * h[3])
		e += float32(x[4] * h[4])
		f += float32(x[5] * h[5])
		g += float32(x[6] * h[6])
		i += float32(x[7] * h[7])
		x, h = x[8:], h[8:]
	}
	return ((a + e) + (c + g)) + ((b + f) + (d + i))
}

// portable is the level of any CPU.
var portable = map[isa.Level]*Resampling{isa.Scalar: scalarResampling}
