package transforms

import "sync"

// The FFT stage works on two blocks at once, the real and the imaginary part
// of one complex signal. A block has fftLong samples of the doubled rate, or
// fftShort of the lower one, and blockHop of the former are its results.
const (
	fftLong  = 1024
	fftShort = fftLong / 2
	blockHop = fftLong - 2*sharpReach
)

// sharpStage halves or doubles a sample rate with the sharp filter, by
// overlap-save. Both transforms are of radix 8, forward by decimation in
// frequency and back by decimation in time, so that none sorts its points:
// frequency q1 + 8 q2 + 64 q3 is q3 in the group of 8 or 16 points at q1, q2.
// The last factor 2 of the long transform is in the response, see mixTable.
type sharpStage struct {
	mix         []float32
	long, short planes // scratch
}

// sharpTables are the twiddles of the passes; see twiddleTable.
type sharpTables struct{ long1, long2, short1, short2 []float32 }

var sharpTwiddles = sync.OnceValue(func() *sharpTables {
	return &sharpTables{long1: twiddleTable(128, 128), long2: twiddleTable(16, 16), short1: twiddleTable(64, 64), short2: twiddleTable(8, 16)}
})

func newSharpStage(response []float64, doubling bool) *sharpStage {
	work := make([]float32, 3*fftLong)
	return &sharpStage{
		mix:   mixTable(response, doubling),
		long:  planes{work[:fftLong], work[fftLong : 2*fftLong]},
		short: planes{work[2*fftLong:][:fftShort], work[2*fftLong+fftShort:]},
	}
}

// mixTable is the response H in the order of the middle kernels. Halving adds
// up what aliases, frequencies k and k+512 of 1024 for k below 512; with the
// transforms E and O of the even and the odd samples that is
//
//	H[k] (E + w O) + H[k+512] (E - w O) = (H[k]+H[k+512]) E + (H[k]-H[k+512]) w O
//
// and doubling repeats the spectrum, H[k] and H[k+512] times the same X, whose
// inverse transform has these two factors of X for its even and odd samples,
// with w conjugate. For q1/2, q3: [factor of E, real and imaginary part of that
// of O][q1%2, q2].
func mixTable(response []float64, doubling bool) []float32 {
	t := make([]float32, 4*8*3*16)
	for q1 := range 8 {
		for q2 := range 8 {
			for q3 := range 8 {
				k := q1 + 8*q2 + 64*q3
				a, b := response[k], response[fftShort-k]
				re, im := unitRoot(q3, 16)
				scale := 1.0 / fftLong
				if doubling {
					im, scale = -im, 2.0/fftLong
				}
				at := (q1/2*8+q3)*48 + q1%2*8 + q2
				t[at] = float32((a + b) * scale)
				t[at+16] = float32((a - b) * scale * re)
				t[at+32] = float32((a - b) * scale * im)
			}
		}
	}
	return t
}

// halve makes blockHop samples of the lower rate, each in the middle of what
// its filter reaches, from blockHop*2+sharpReach*2 samples of twice that rate.
func (s *sharpStage) halve(dst, x []float32) {
	tw := sharpTwiddles()
	difPass(s.long, planes{x[:fftLong], x[blockHop:][:fftLong]}, 128, tw.long1)
	difPass(s.long, s.long, 16, tw.long2)
	halveMiddle(s.short, s.long, s.mix, tw.short2)
	y := s.long.at(0, fftShort)
	ditPass(y, s.short, 64, tw.short1)
	copy(dst[:blockHop/2], y.im[sharpReach/2:])
	copy(dst[blockHop/2:blockHop], y.re[sharpReach/2:])
}

// double makes 2*blockHop samples of the doubled rate from blockHop+sharpReach
// samples, the first of which lies sharpReach before the first result.
func (s *sharpStage) double(dst, x []float32) {
	tw := sharpTwiddles()
	difPass(s.short, planes{x[:fftShort], x[blockHop/2:][:fftShort]}, 64, tw.short1)
	doubleMiddle(s.long, s.short, s.mix, tw.short2)
	ditPass(s.long, s.long, 16, tw.long2)
	ditPass(s.long, s.long, 128, tw.long1)
	copy(dst[:blockHop], s.long.im[sharpReach:])
	copy(dst[blockHop:2*blockHop], s.long.re[sharpReach:])
}

// halveMiddle ends the forward transform of fftLong points, mixes, and begins
// the inverse one of fftShort points, whose parts come out swapped.
func halveMiddle(dst, src planes, mix, tw []float32) {
	for q1 := range 8 {
		var a, b [8][8]float32 // of q2 and the inverse's n3
		for q2 := range 8 {
			x := src.at(q1*128+q2*16, 16)
			var er, ei, or, oi [8]float32
			for j := range 8 {
				er[j], ei[j], or[j], oi[j] = x.re[2*j], x.im[2*j], x.re[2*j+1], x.im[2*j+1]
			}
			dft8(&er, &ei)
			dft8(&or, &oi)
			for q3 := range 8 {
				m := mix[(q1/2*8+q3)*48+q1%2*8+q2:]
				re, im := rotate(or[q3], oi[q3], m[16], m[32])
				a[q2][q3] = float32(ei[q3]*m[0]) + im
				b[q2][q3] = float32(er[q3]*m[0]) + re
			}
			dft8(&a[q2], &b[q2])
		}
		for n3 := range 8 {
			r, i := [8]float32{a[0][n3]}, [8]float32{b[0][n3]}
			for q2 := 1; q2 < 8; q2++ {
				w := tw[(2*q2-2)*16+n3:]
				r[q2], i[q2] = rotate(a[q2][n3], b[q2][n3], w[0], w[16])
			}
			dft8(&r, &i)
			for n2 := range 8 {
				dst.re[q1*64+n2*8+n3], dst.im[q1*64+n2*8+n3] = r[n2], i[n2]
			}
		}
	}
}

// doubleMiddle mirrors halveMiddle.
func doubleMiddle(dst, src planes, mix, tw []float32) {
	for q1 := range 8 {
		var a, b [8][8]float32 // of q2 and n3
		for n3 := range 8 {
			var r, i [8]float32
			for n2 := range 8 {
				r[n2], i[n2] = src.re[q1*64+n2*8+n3], src.im[q1*64+n2*8+n3]
			}
			dft8(&r, &i)
			a[0][n3], b[0][n3] = r[0], i[0]
			for q2 := 1; q2 < 8; q2++ {
				w := tw[(2*q2-2)*16+n3:]
				a[q2][n3], b[q2][n3] = rotate(r[q2], i[q2], w[0], w[16])
			}
		}
		for q2 := range 8 {
			dft8(&a[q2], &b[q2])
			var er, ei, or, oi [8]float32
			for q3 := range 8 {
				m := mix[(q1/2*8+q3)*48+q1%2*8+q2:]
				er[q3], ei[q3] = float32(b[q2][q3]*m[0]), float32(a[q2][q3]*m[0])
				oi[q3], or[q3] = rotate(a[q2][q3], b[q2][q3], m[16], m[32])
			}
			dft8(&er, &ei)
			dft8(&or, &oi)
			x := dst.at(q1*128+q2*16, 16)
			for j := range 8 {
				x.re[2*j], x.im[2*j], x.re[2*j+1], x.im[2*j+1] = er[j], ei[j], or[j], oi[j]
			}
		}
	}
}
