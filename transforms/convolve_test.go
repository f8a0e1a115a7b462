package transforms

import (
	"math"
	"math/bits"
	"slices"
	"testing"
)

// direct is the definition of Convolve.
func direct(src, h []float32, delay int) []float64 {
	out := make([]float64, len(src))
	for n := range out {
		for m := range h {
			if i := n + delay - m; i >= 0 && i < len(src) {
				out[n] += float64(h[m]) * float64(src[i])
			}
		}
	}
	return out
}

// madeUp is a made-up signal in int16 scale.
func madeUp(n int, seed uint64) []float32 {
	x := make([]float32, n)
	for i := range x {
		seed = seed*6364136223846793005 + 1442695040888963407
		x[i] = float32(int16(seed >> 48))
	}
	return x
}

// Every length of signal, response and delay agrees with the definition, with
// a Convolver that was used for others before.
func TestConvolveIsItsDefinition(t *testing.T) {
	c := NewConvolver()
	var dst []float32
	for _, n := range []int{1, 2, 7, 64, 500, 3001} {
		for _, m := range []int{1, 2, 8, 9, 63, 700} {
			for _, delay := range []int{0, m / 3, m - 1, m + 5} {
				src, h := madeUp(n, uint64(n+m)), madeUp(m, uint64(m))
				dst = c.Convolve(dst, src, h, delay)
				want := direct(src, h, delay)
				most := 32768 * 32768 * math.Sqrt(float64(m)) // the scale of the results
				for i := range want {
					if d := math.Abs(float64(dst[i]) - want[i]); d > 6e-8*math.Abs(want[i])+1e-14*most {
						t.Fatalf("%d samples, response of %d, delay %d: sample %d is %g, want %g", n, m, delay, i, dst[i], want[i])
					}
				}
			}
		}
	}
	if out := c.Convolve(nil, []float32{1, 2}, nil, 0); !slices.Equal(out, []float32{0, 0}) {
		t.Errorf("an empty response gives %v", out)
	}
	if out := c.Convolve(nil, nil, []float32{1}, 0); len(out) != 0 {
		t.Errorf("an empty signal gives %v", out)
	}
}

// A response that is one click moves the signal, to the rounding of float32,
// and a block's size never shows.
func TestConvolveWithAClickShifts(t *testing.T) {
	src := madeUp(20000, 3)
	for _, at := range []int{0, 1, 800, 5000} {
		h := make([]float32, 5001)
		h[at] = 1
		if out := NewConvolver().Convolve(nil, src, h, at); !slices.Equal(out, src) {
			t.Errorf("a click at %d with delay %d changes the signal", at, at)
		}
	}
}

func BenchmarkConvolve(b *testing.B) {
	src, h := madeUp(48000, 1), madeUp(8000, 2)
	c, dst := NewConvolver(), []float32(nil)
	dst = c.Convolve(dst, src, h, 0)
	b.ReportAllocs()
	for b.Loop() {
		dst = c.Convolve(dst, src, h, 0)
	}
	b.ReportMetric(3*float64(b.N)/b.Elapsed().Seconds(), "audio-s/s")
}

// The passes are the transform by its definition, in bit-reversed order, and
// undo each other.
func TestFFTIsTheTransform(t *testing.T) {
	for n := 8; n <= 256; n *= 2 {
		p, x := newFFTPlan(n), planes{make([]float64, n), make([]float64, n)}
		for i, v := range madeUp(2*n, uint64(n)) {
			[2][]float64{x.re, x.im}[i%2][i/2] = float64(v)
		}
		y := planes{slices.Clone(x.re), slices.Clone(x.im)}
		p.forward(y)
		for k := range n {
			var re, im float64
			for i := range n {
				s, c := math.Sincos(-2 * math.Pi * float64(i*k%n) / float64(n))
				re, im = re+x.re[i]*c-x.im[i]*s, im+x.re[i]*s+x.im[i]*c
			}
			at := int(bits.Reverse32(uint32(k)) >> (32 - bits.Len(uint(n-1))))
			if math.Hypot(y.re[at]-re, y.im[at]-im) > 1e-8 {
				t.Fatalf("%d points: frequency %d is %g%+gi, want %g%+gi", n, k, y.re[at], y.im[at], re, im)
			}
		}
		p.backward(y)
		for i := range n {
			if math.Hypot(y.re[i]/float64(n)-x.re[i], y.im[i]/float64(n)-x.im[i]) > 1e-10 {
				t.Fatalf("%d points: sample %d does not come back", n, i)
			}
		}
	}
}
