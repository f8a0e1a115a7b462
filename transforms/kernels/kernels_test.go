package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"framewise/transforms/detmath"
	"framewise/transforms/isa"
)

// vectorSets are the sets of this CPU that have more than one lane.
func vectorSets(t *testing.T) []*Set {
	t.Helper()
	var all []*Set
	for level := isa.AVX2; level <= isa.Best(); level++ {
		all = append(all, sets()[level])
	}
	if len(all) == 0 {
		t.Skip("this CPU has none of the vector instructions that there are kernels for")
	}
	return all
}

// numbers are n values of the sizes that spectra have, with zeros and
// denormals among them.
func numbers(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		switch r.IntN(20) {
		case 0:
		case 1:
			x[i] = math.Float32frombits(r.Uint32N(1 << 23))
		default:
			x[i] = float32(r.NormFloat64() * math.Exp(float64(r.IntN(20))))
		}
	}
	return x
}

// lane takes one lane out of vectors.
func lane(x []float32, lanes, i int) []float32 {
	y := make([]float32, len(x)/lanes)
	for k := range y {
		y[k] = x[k*lanes+i]
	}
	return y
}

// sameLanes holds every lane of got against what the scalar kernel makes of
// that lane's input.
func sameLanes(t *testing.T, s *Set, what string, got []float32, want func(lane int) []float32) {
	t.Helper()
	for i := range s.Lanes {
		g, w := lane(got, s.Lanes, i), want(i)
		for k := range g {
			if math.Float32bits(g[k]) != math.Float32bits(w[k]) {
				t.Errorf("%s, %s: number %d of lane %d is %v, the scalar kernel gives %v", s.Level, what, k, i, g[k], w[k])
				return
			}
		}
	}
}

func TestLoadHasTheScalarBits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, s := range vectorSets(t) {
		for radix, loads := range s.Load {
			for present, load := range loads {
				if load == nil {
					continue
				}
				const q, n, columns = 9, 7, 50
				src, twiddles := numbers(r, 40*columns), numbers(r, 2*max(1, radix-1)*n)
				taps, scalarTaps := make([]Tap, n*present), make([]Tap, n*present)
				for i := range taps {
					for part := range 2 {
						row, column := r.IntN(40), r.IntN(columns-s.Lanes)
						taps[i].At[part] = int32(row*columns + column)
						taps[i].Weight[part] = r.Float32()
					}
				}
				dc0, dc := numbers(r, s.Lanes), numbers(r, s.Lanes)
				w := make([]float32, 2*s.Lanes*radix*q)
				load(w, src, taps, twiddles, dc0, dc, q, n)
				copy(scalarTaps, taps)
				sameLanes(t, s, fmt.Sprintf("load %d of %d", present, radix), w, func(i int) []float32 {
					// Lane i of a vector at a number is the number i further on.
					y := make([]float32, 2*radix*q)
					scalar.Load[radix][present](y, src[i:], scalarTaps, twiddles, dc0[i:], dc[i:], q, n)
					return y
				})
			}
		}
	}
}

func TestPassesHaveTheScalarBits(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for _, s := range vectorSets(t) {
		for _, sub := range []int{1, 8, 13, 64} {
			for blocks := 1; blocks < 4; blocks++ {
				w, tw := numbers(r, 2*s.Lanes*8*sub*blocks), numbers(r, 14*sub)
				in := append([]float32(nil), w...)
				s.Pass8(w, tw, sub, blocks)
				sameLanes(t, s, fmt.Sprintf("pass of %d blocks of %d points", blocks, 8*sub), w, func(i int) []float32 {
					y := lane(in, s.Lanes, i)
					scalar.Pass8(y, tw, sub, blocks)
					return y
				})
			}
		}
		w, tw := numbers(r, 2*s.Lanes*64*3), numbers(r, 8*14)
		in := append([]float32(nil), w...)
		s.Block64(w, tw, 3)
		sameLanes(t, s, "blocks of 64", w, func(i int) []float32 {
			y := lane(in, s.Lanes, i)
			scalar.Block64(y, tw, 3)
			return y
		})
	}
}

func TestPowerHasTheScalarBits(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for _, s := range vectorSets(t) {
		for _, n := range []int{1, 2, 32} {
			w := numbers(r, 2*s.Lanes*2*n)
			pairs := make([]Pair, n)
			for k := range pairs {
				pairs[k] = Pair{A: int32(r.IntN(2 * n)), B: int32(r.IntN(2 * n)), Re: r.Float32(), Im: r.Float32()}
			}
			p := make([]float32, s.Lanes*(2*n+1))
			s.Power(p, w, pairs)
			sameLanes(t, s, "power", p, func(i int) []float32 {
				y := make([]float32, 2*n+1)
				scalar.Power(y, lane(w, s.Lanes, i), pairs)
				return y
			})
		}
	}
}

func TestRowsHaveTheScalarBits(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	for _, s := range vectorSets(t) {
		bins := numbers(r, 41*s.Lanes)
		filters := []Filter{{0, 1}, {3, 0}, {5, 3}, {37, 1}, {1, 10}}
		weights := numbers(r, 4*15)
		dst := make([]float32, len(filters)*s.Lanes)
		s.Mel(dst, bins, filters, weights)
		sameLanes(t, s, "mel", dst, func(i int) []float32 {
			y := make([]float32, len(filters))
			scalar.Mel(y, lane(bins, s.Lanes, i), filters, weights)
			return y
		})
		for _, size := range [][2]int{{1, 1}, {13, 26}, {16, 40}} {
			rows, n := size[0], size[1]
			m, x := Matrix(numbers(r, rows*n), n), numbers(r, n*s.Lanes)
			out := make([]float32, len(m)/n*s.Lanes)
			s.Product(out, m, x, n)
			sameLanes(t, s, fmt.Sprintf("product of %d rows", rows), out, func(i int) []float32 {
				y := make([]float32, len(m)/n)
				scalar.Product(y, m, lane(x, s.Lanes, i), n)
				return y
			})
		}
		e := make([]float32, s.Lanes)
		s.Energy(e, bins, 10, 0.25)
		sameLanes(t, s, "energy", e, func(i int) []float32 {
			y := make([]float32, 1)
			scalar.Energy(y, lane(bins, s.Lanes, i), 10, 0.25)
			return y
		})
	}
}

// Kernels that treat all numbers alike are tried at every length around the
// vectors' width, from unaligned slices, and must leave their neighbors alone.
func TestFlatHasTheScalarBits(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	kernels := map[string]func(s *Set, dst []float32, x [][]float32){
		"logMax":    func(s *Set, dst []float32, x [][]float32) { copy(dst, x[0]); s.LogMax(dst, 1e-7) },
		"logZero":   func(s *Set, dst []float32, x [][]float32) { copy(dst, x[0]); s.LogZero(dst, 1e-7) },
		"scale":     func(s *Set, dst []float32, x [][]float32) { s.Scale(dst, x[0], 0.3) },
		"sqrt":      func(s *Set, dst []float32, x [][]float32) { s.Sqrt(dst, x[0]) },
		"emphasize": func(s *Set, dst []float32, x [][]float32) { s.Emphasize(dst, x[0], 0.97) },
		"slope":     func(s *Set, dst []float32, x [][]float32) { s.Slope(dst, x[0], x[1], x[2], x[3]) },
	}
	for _, s := range vectorSets(t) {
		for name, kernel := range kernels {
			for n := range 70 {
				var x [][]float32
				for range 4 {
					y := numbers(r, n+1)
					for i := range y {
						y[i] = max(y[i], -y[i])
					}
					x = append(x, y)
				}
				got, want := make([]float32, n+2), make([]float32, n+2)
				got[n+1], want[n+1] = 7, 7
				kernel(s, got[1:n+1], x)
				kernel(scalar, want[1:n+1], x)
				for i := range got {
					if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
						t.Fatalf("%s, %s of %d numbers: number %d is %v, the scalar kernel gives %v", s.Level, name, n, i, got[i], want[i])
					}
				}
			}
		}
	}
}

func TestMovesAreExact(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	for _, s := range vectorSets(t) {
		for n := range 140 {
			src := make([]int16, n)
			for i := range src {
				src[i] = int16(r.Uint32())
			}
			got := make([]float32, n)
			s.Widen(got, src)
			for i, v := range src {
				if got[i] != float32(v) {
					t.Fatalf("%s: sample %d of %d is %v, want %v", s.Level, i, n, got[i], v)
				}
			}
		}
		const rows, columns, lds, ldd = 16, 24, 30, 19
		src, dst := numbers(r, rows*lds), make([]float32, columns*ldd)
		s.Transpose(dst, ldd, src, lds, rows/8, columns/8)
		for i := range rows {
			for j := range columns {
				if dst[j*ldd+i] != src[i*lds+j] {
					t.Fatalf("%s: transposed number %d, %d is %v, want %v", s.Level, j, i, dst[j*ldd+i], src[i*lds+j])
				}
			}
		}
	}
}

func TestSumsHaveTheScalarBits(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 1))
	for _, s := range vectorSets(t) {
		for n := 1; n < 11; n++ {
			for _, stride := range []int{3, 20, 31} {
				src := numbers(r, 10*stride+20)
				for name, pair := range map[string][2]func([][4]float64, []float32, int, int){
					"sums": {s.Sums4, scalar.Sums4}, "squares": {s.Squares4, scalar.Squares4}} {
					got, want := make([][4]float64, n), make([][4]float64, n)
					groups := n % 6 // none too: a frame may be shorter than four samples
					pair[0](got, src, stride, groups)
					pair[1](want, src, stride, groups)
					for i := range got {
						if got[i] != want[i] {
							t.Fatalf("%s: %s of stretch %d of %d are %v, want %v", s.Level, name, i, n, got[i], want[i])
						}
					}
				}
			}
		}
	}
}

// An extreme input may give infinities, but the same ones.
func TestExtremesHaveTheScalarBits(t *testing.T) {
	odd := []float32{0, float32(math.Copysign(0, -1)), math.SmallestNonzeroFloat32, 0x1p-126, math.MaxFloat32, float32(math.Inf(1)), float32(math.NaN()), -1, 1, 3, 5, 7, 9, 11, 13, 15}
	for _, s := range vectorSets(t) {
		for name, log := range map[string]func(s *Set, x []float32){
			"logMax": func(s *Set, x []float32) { s.LogMax(x, 1e-10) }, "logZero": func(s *Set, x []float32) { s.LogZero(x, 1e-10) }} {
			got, want := append([]float32(nil), odd...), append([]float32(nil), odd...)
			log(s, got)
			log(scalar, want)
			for i := range got {
				if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
					t.Errorf("%s: %s of %v is %v, the scalar kernel gives %v", s.Level, name, odd[i], got[i], want[i])
				}
			}
		}
	}
}

// The kernels' logarithm is detmath's, to the bit, at every level.
func TestLogIsDetmaths(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 1))
	for _, s := range append(vectorSets(t), scalar) {
		x := make([]float32, 10007)
		for i := range x {
			x[i] = math.Float32frombits(0x00800000 + r.Uint32N(0x7f800000-0x00800000)) // positive and normal
		}
		got := append([]float32(nil), x...)
		s.LogMax(got, 0x1p-126)
		for i, v := range x {
			if want := detmath.Log32(v); got[i] != want {
				t.Fatalf("%s: the logarithm of %v is %v, want %v", s.Level, v, got[i], want)
			}
		}
	}
}
