package transforms

import (
	"sync"

	"framewise/transforms/kernels"
)

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
	k           *kernels.Resampling
	mix, middle []float32 // tables of the middle kernel
	long, short kernels.Planes
}

// sharpTables are the twiddles of the passes.
type sharpTables struct{ by128, by64, by16 []float32 }

var sharpTwiddles = sync.OnceValue(func() *sharpTables {
	table := func(sub int) []float32 { return twiddleTable(sub, sub, func(lane int) int { return lane }) }
	return &sharpTables{by128: table(128), by64: table(64), by16: table(16)}
})

// twiddleTable is exp(-2 pi i q n/(8*sub)) for q from 1 to 7 and the n of each
// lane: [7][re, im][lanes].
func twiddleTable(sub, lanes int, n func(lane int) int) []float32 {
	t := make([]float32, 14*lanes)
	for q := range 7 {
		for lane := range lanes {
			re, im := unitRoot((q+1)*n(lane), 8*sub)
			t[2*q*lanes+lane], t[(2*q+1)*lanes+lane] = float32(re), float32(im)
		}
	}
	return t
}

func newSharpStage(response []float64, doubling bool, k *kernels.Resampling) *sharpStage {
	work := make([]float32, 3*fftLong) // 12 KiB, which stay in the nearest cache
	return &sharpStage{
		k:      k,
		mix:    mixTable(response, doubling, k),
		middle: twiddleTable(8, k.Rows, func(lane int) int { return k.TwiddleColumn(lane, doubling) }),
		long:   kernels.Planes{Re: work[:fftLong], Im: work[fftLong : 2*fftLong]},
		short:  kernels.Planes{Re: work[2*fftLong:][:fftShort], Im: work[2*fftLong+fftShort:]},
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
// with w conjugate. The table has, for each group of k.Rows pairs q1, q2 and
// each q3, the factor of E and the parts of that of O.
func mixTable(response []float64, doubling bool, k *kernels.Resampling) []float32 {
	t := make([]float32, 0, 8*8*8*3)
	scale := 1.0 / fftLong
	if doubling {
		scale *= 2
	}
	for group := range 64 / k.Rows {
		for q3 := range 8 {
			re, im := unitRoot(q3, 16)
			if doubling {
				im = -im
			}
			factor := func(f func(a, b float64) float64) {
				for lane := range k.Rows {
					q1, q2 := k.MixRow(lane)
					at := group*k.Rows/8 + q1 + 8*q2 + 64*q3
					t = append(t, float32(f(response[at], response[fftShort-at])*scale))
				}
			}
			factor(func(a, b float64) float64 { return a + b })
			factor(func(a, b float64) float64 { return (a - b) * re })
			factor(func(a, b float64) float64 { return (a - b) * im })
		}
	}
	return t
}

// halve makes blockHop samples of the lower rate, each in the middle of what
// its filter reaches, from blockHop*2+sharpReach*2 samples of twice that rate.
// Meanwhile it brings soon near, which will be wanted next.
func (s *sharpStage) halve(dst, x, soon []float32) {
	tw, n := sharpTwiddles(), len(soon)/4
	s.k.Dif128(s.long, kernels.Planes{Re: x[:fftLong], Im: x[blockHop:][:fftLong]}, tw.by128)
	s.k.Touch(soon[:n])
	s.k.Dif16(s.long, s.long, tw.by16)
	s.k.Touch(soon[n : 2*n])
	s.k.HalveMiddle(s.short, s.long, s.mix, s.middle)
	s.k.Touch(soon[2*n : 3*n])
	y := s.long.Sub(0, fftShort)
	s.k.Dit64(y, s.short, tw.by64)
	s.k.Touch(soon[3*n:])
	copy(dst[:blockHop/2], y.Im[sharpReach/2:])
	copy(dst[blockHop/2:blockHop], y.Re[sharpReach/2:])
}

// double makes 2*blockHop samples of the doubled rate from blockHop+sharpReach
// samples, the first of which lies sharpReach before the first result.
func (s *sharpStage) double(dst, x, soon []float32) {
	tw, n := sharpTwiddles(), len(soon)/4
	s.k.Dif64(s.short, kernels.Planes{Re: x[:fftShort], Im: x[blockHop/2:][:fftShort]}, tw.by64)
	s.k.Touch(soon[:n])
	s.k.DoubleMiddle(s.long, s.short, s.mix, s.middle)
	s.k.Touch(soon[n : 2*n])
	s.k.Dit16(s.long, s.long, tw.by16)
	s.k.Touch(soon[2*n : 3*n])
	s.k.Dit128(s.long, s.long, tw.by128)
	s.k.Touch(soon[3*n:])
	copy(dst[:blockHop], s.long.Im[sharpReach:])
	copy(dst[blockHop:2*blockHop], s.long.Re[sharpReach:])
}
