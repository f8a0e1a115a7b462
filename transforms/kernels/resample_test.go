package kernels

import (
	"math"
	"testing"
)

// noise is n numbers of very different sizes, zeros of both signs among them.
func noise(n int, seed uint64) []float32 {
	x := make([]float32, n)
	for i := range x {
		seed = seed*6364136223846793005 + 1442695040888963407
		x[i] = float32(int32(seed>>32)) * float32(math.Ldexp(1, -int(seed>>24%40)))
		if seed>>29%16 == 0 {
			x[i] *= 0
		}
	}
	return x
}

func noisePlanes(n int, seed uint64) Planes {
	x := noise(2*n, seed)
	return Planes{x[:n], x[n:]}
}

func sameBits(t *testing.T, what string, set *Set, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%s, %s: number %d is %v, the scalar code makes %v", what, set.Level, i, got[i], want[i])
		}
	}
}

func TestResamplingPasses(t *testing.T) {
	for _, set := range Sets() {
		for sub, passes := range map[int]func(r *Resampling) []pass{
			128: func(r *Resampling) []pass { return []pass{r.Dif128, r.Dit128} },
			64:  func(r *Resampling) []pass { return []pass{r.Dif64, r.Dit64} },
		} {
			for i, pass := range passes(set.Resampling()) {
				n, tw := 1024, noise(14*sub, 5)
				if sub == 64 {
					n = 512
				}
				src := noisePlanes(n, 7)
				want, got := noisePlanes(n, 1), noisePlanes(n, 2)
				passes(scalarResampling)[i](want, src, tw)
				pass(got, src, tw)
				sameBits(t, "out of place", set, got.Re, want.Re)
				sameBits(t, "out of place", set, got.Im, want.Im)
				pass(src, src, tw)
				sameBits(t, "in place", set, src.Re, want.Re)
				sameBits(t, "in place", set, src.Im, want.Im)
			}
		}
	}
}

// mixInOrder and twiddlesInOrder bring the scalar code's tables of the middle
// kernels, [q1][q3, factor][q2] and [q2, part][column], into the order of a level.
func mixInOrder(r *Resampling, v []float32) []float32 {
	t := make([]float32, 0, len(v))
	for g := range 64 / r.Rows {
		for i := range 24 {
			for lane := range r.Rows {
				q1, q2 := r.MixRow(lane)
				t = append(t, v[((g*r.Rows/8+q1)*24+i)*8+q2])
			}
		}
	}
	return t
}

func twiddlesInOrder(r *Resampling, doubling bool, v []float32) []float32 {
	var t []float32
	for i := range 14 {
		for lane := range r.Rows {
			t = append(t, v[i*8+r.TwiddleColumn(lane, doubling)])
		}
	}
	return t
}

// Passes of 16 and middles are tested together: what is between them has an
// order that is a level's own.
func TestResamplingMiddles(t *testing.T) {
	mix, tw, tw16 := noise(8*8*3*8, 3), noise(14*8, 4), noise(14*16, 5)
	for _, set := range Sets() {
		r := set.Resampling()
		for _, doubling := range []bool{false, true} {
			run := func(r *Resampling, src Planes) Planes {
				mix, tw := mixInOrder(r, mix), twiddlesInOrder(r, doubling, tw)
				long, short := noisePlanes(1024, 1), noisePlanes(512, 2)
				if doubling {
					r.DoubleMiddle(long, src, mix, tw)
					r.Dit16(long, long, tw16)
					return long
				}
				r.Dif16(long, src, tw16)
				r.HalveMiddle(short, long, mix, tw)
				return short
			}
			src := noisePlanes(1024, 7)
			if doubling {
				src = noisePlanes(512, 7)
			}
			got, want := run(r, src), run(scalarResampling, src)
			sameBits(t, "middle", set, got.Re, want.Re)
			sameBits(t, "middle", set, got.Im, want.Im)
		}
	}
}

func TestResamplingSums(t *testing.T) {
	for _, set := range Sets() {
		r := set.Resampling()
		for taps := 1; taps <= 16; taps++ {
			for step := 1; step <= 8; step++ { // quarters of an input
				const blocks = 5
				var first []int
				var offset []int32
				group := 32
				for b := range blocks {
					first = append(first, b*4*step-3)
					for lane := range 16 {
						offset = append(offset, int32(lane*step/4))
						group = min(group, 32-lane*step/4)
					}
				}
				x, coef := noise(blocks*4*step+31+taps, uint64(taps)), noise(blocks*16*taps, uint64(step))
				want, got := make([]float32, 16*blocks), make([]float32, 16*blocks)
				scalarResampling.Wide(want, x, 3, first, offset, coef, taps, group)
				r.Wide(got, x, 3, first, offset, coef, taps, group)
				sameBits(t, "wide", set, got, want)
			}
			x, coef := noise(200+8*taps, uint64(taps)), noise(7*8*taps, 9)
			first := []int{-5, 0, 1, 50, 51, 100, 195}
			want, got := make([]float32, 7), make([]float32, 7)
			scalarResampling.Dots(want, x, 5, first, coef, taps)
			r.Dots(got, x, 5, first, coef, taps)
			sameBits(t, "dots", set, got, want)
		}
	}
}
