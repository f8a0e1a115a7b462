package kernels

import (
	"maps"
	"sync"

	"framewise/transforms/isa"
)

// The assembly as the generator declares it.
type (
	passAsm   = func(dstRe, dstIm, srcRe, srcIm, twiddles *float32, blocks int)
	middleAsm = func(dstRe, dstIm, srcRe, srcIm, mix, twiddles *float32)
	wideAsm   = func(dst, x *float32, first *int, offset *int32, coef *float32, taps, group, blocks int)
)

var resamplers = sync.OnceValue(func() map[isa.Level]*Resampling {
	all := maps.Clone(portable)
	all[isa.AVX2] = &Resampling{
		Rows:   8,
		Dif128: vectorPass(dif128AVX2, 128), Dif64: vectorPass(dif64AVX2, 64), Dif16: vectorPass(dif16AVX2, 16),
		Dit16: vectorPass(dit16AVX2, 16), Dit64: vectorPass(dit64AVX2, 64), Dit128: vectorPass(dit128AVX2, 128),
		HalveMiddle:  vectorMiddle(halveMiddleAVX2, 512, 1024, 8),
		DoubleMiddle: vectorMiddle(doubleMiddleAVX2, 1024, 512, 8),
		Wide:         vectorWide(wideAVX2), Dots: vectorDots, Touch: touchLines,
	}
	all[isa.AVX512] = &Resampling{
		Rows:   16,
		Dif128: vectorPass(dif128AVX512, 128), Dif64: vectorPass(dif64AVX512, 64), Dif16: vectorPass(dif16AVX512, 16),
		Dit16: vectorPass(dit16AVX512, 16), Dit64: vectorPass(dit64AVX512, 64), Dit128: vectorPass(dit128AVX512, 128),
		HalveMiddle:  vectorMiddle(halveMiddleAVX512, 512, 1024, 16),
		DoubleMiddle: vectorMiddle(doubleMiddleAVX512, 1024, 512, 16),
		Wide:         vectorWide(wideAVX512), Dots: vectorDots, Touch: touchLines,
	}
	return all
})

func vectorPass(f passAsm, sub int) pass {
	return func(dst, src Planes, twiddles []float32) {
		n := len(dst.Re)
		f(need(dst.Re, n), need(dst.Im, n), need(src.Re, n), need(src.Im, n), need(twiddles, 14*sub), n/(8*sub))
	}
}

func vectorMiddle(f middleAsm, to, from, rows int) func(dst, src Planes, mix, twiddles []float32) {
	return func(dst, src Planes, mix, twiddles []float32) {
		f(need(dst.Re, to), need(dst.Im, to), need(src.Re, from), need(src.Im, from), need(mix, 8*8*3*8), need(twiddles, 14*rows))
	}
}

func vectorWide(f wideAsm) func(dst, x []float32, shift int, first []int, offset []int32, coef []float32, taps, group int) {
	return func(dst, x []float32, shift int, first []int, offset []int32, coef []float32, taps, group int) {
		n := len(first)
		if n == 0 {
			return
		}
		_ = x[shift+first[n-1]:][:31+taps]
		f(need(dst, 16*n), &x[shift+first[0]], &first[0], &offset[:16*n][0], need(coef, 16*n*taps), taps, group, n)
	}
}

func vectorDots(dst, x []float32, shift int, first []int, coef []float32, groups int) {
	n := len(first)
	if n == 0 {
		return
	}
	_ = x[shift+first[n-1]:][:8*groups]
	dotsAVX2(need(dst, n), &x[shift+first[0]], &first[0], need(coef, 8*n*groups), groups, n)
}

func touchLines(x []float32) {
	if len(x) > 0 {
		touch(&x[0], (len(x)+15)/16)
	}
}
