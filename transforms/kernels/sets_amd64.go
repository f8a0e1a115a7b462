package kernels

import "framewise/transforms/isa"

func sets() map[isa.Level]*Set {
	return map[isa.Level]*Set{isa.Scalar: scalar, isa.AVX2: avx2, isa.AVX512: avx512}
}

// The assembly as the generator declares it.
type (
	loadAsm = func(w, src *float32, taps *int32, twiddles, dc0, dc *float32, q, n int)

	assembly struct {
		load      [9][9]loadAsm
		pass8     func(w, twiddles *float32, sub, blocks int)
		block64   func(w, twiddles *float32, blocks int)
		power     func(p, w *float32, pairs *int32, n int)
		mel       func(dst, p *float32, filters *int32, weights *float32, n int)
		product   func(dst, matrix, x *float32, blocks, n int)
		energy    func(dst, p *float32, n int, scale float32)
		logMax    func(dst *float32, n int, floor float32)
		logZero   func(dst *float32, n int, floor float32)
		scale     func(dst, x *float32, n int, factor float32)
		sqrt      func(dst, x *float32, n int)
		emphasize func(dst, x *float32, n int, factor float32)
		slope     func(dst, n1, p1, n2, p2 *float32, n int)
	}
)

var (
	avx2 = assembly{
		load: [9][9]loadAsm{
			1: {1: load1Of1AVX2},
			2: {1: load1Of2AVX2, 2: load2Of2AVX2},
			4: {1: load1Of4AVX2, 2: load2Of4AVX2, 3: load3Of4AVX2, 4: load4Of4AVX2},
			8: {1: load1Of8AVX2, 2: load2Of8AVX2, 3: load3Of8AVX2, 4: load4Of8AVX2,
				5: load5Of8AVX2, 6: load6Of8AVX2, 7: load7Of8AVX2, 8: load8Of8AVX2},
		},
		pass8: pass8AVX2, block64: block64AVX2, power: powerAVX2, mel: melAVX2, product: productAVX2, energy: energyAVX2,
		logMax: logMaxAVX2, logZero: logZeroAVX2, scale: scaleAVX2, sqrt: sqrtAVX2, emphasize: emphasizeAVX2, slope: slopeAVX2,
	}.set(isa.AVX2, 8)

	avx512 = assembly{
		load: [9][9]loadAsm{
			1: {1: load1Of1AVX512},
			2: {1: load1Of2AVX512, 2: load2Of2AVX512},
			4: {1: load1Of4AVX512, 2: load2Of4AVX512, 3: load3Of4AVX512, 4: load4Of4AVX512},
			8: {1: load1Of8AVX512, 2: load2Of8AVX512, 3: load3Of8AVX512, 4: load4Of8AVX512,
				5: load5Of8AVX512, 6: load6Of8AVX512, 7: load7Of8AVX512, 8: load8Of8AVX512},
		},
		pass8: pass8AVX512, block64: block64AVX512, power: powerAVX512, mel: melAVX512, product: productAVX512, energy: energyAVX512,
		logMax: logMaxAVX512, logZero: logZeroAVX512, scale: scaleAVX512, sqrt: sqrtAVX512, emphasize: emphasizeAVX512, slope: slopeAVX512,
	}.set(isa.AVX512, 16)
)

// need is the first n numbers of s, which a kernel touches, so that a slice too
// short panics here and not in assembly.
func need(s []float32, n int) *float32 { return &s[:n][0] }

// set wraps the assembly: slices for pointers, and nothing to do where there
// is nothing.
func (a assembly) set(level isa.Level, lanes int) *Set {
	s := &Set{
		Level: level, Lanes: lanes,
		Pass8: func(w, twiddles []float32, sub, blocks int) {
			a.pass8(need(w, 2*lanes*8*sub*blocks), need(twiddles, 14*sub), sub, blocks)
		},
		Block64: func(w, twiddles []float32, blocks int) {
			a.block64(need(w, 2*lanes*64*blocks), need(twiddles, 8*14), blocks)
		},
		Power: func(p, w []float32, pairs []Pair) {
			n := len(pairs)
			a.power(need(p, lanes*(2*n+1)), need(w, 2*lanes*2*n), &pairs[0].A, n)
		},
		Mel: func(dst, bins []float32, filters []Filter, weights []float32) {
			if len(weights) == 0 { // no filter has bins
				clear(dst[:lanes*len(filters)])
				return
			}
			a.mel(need(dst, lanes*len(filters)), &bins[0], &filters[0].First, &weights[0], len(filters))
		},
		Product: func(dst, matrix, x []float32, n int) {
			blocks := len(matrix) / (ProductRows * n)
			a.product(need(dst, lanes*ProductRows*blocks), &matrix[0], need(x, lanes*n), blocks, n)
		},
		Energy: func(dst, bins []float32, n int, scale float32) {
			a.energy(need(dst, lanes), need(bins, lanes*(4*n+1)), n, scale)
		},
		Widen: func(dst []float32, src []int16) {
			dst = dst[:len(src)]
			n := len(src) / 32
			if n > 0 {
				widenAVX2(&dst[0], &src[0], n)
			}
			scalar.Widen(dst[32*n:], src[32*n:])
		},
		Transpose: func(dst []float32, ldd int, src []float32, lds, rows, columns int) {
			transposeAVX2(need(dst, (8*columns-1)*ldd+8*rows), ldd, need(src, (8*rows-1)*lds+8*columns), lds, rows, columns)
		},
		Sums4:    interleaved(sums4AVX2),
		Squares4: interleaved(squares4AVX2),
	}
	for radix := range a.load {
		for present, load := range a.load[radix] {
			if load == nil {
				continue
			}
			s.Load[radix][present] = func(w, src []float32, taps []Tap, twiddles, dc0, dc []float32, q, n int) {
				tw := &w[0] // not used by radix 1
				if radix > 1 {
					tw = need(twiddles, 2*(radix-1)*n)
				}
				load(need(w, 2*lanes*((radix-1)*q+n)), &src[0], &taps[:present*n][0].At[0], tw, need(dc0, lanes), need(dc, lanes), q, n)
			}
		}
	}
	s.flat, s.touch = a.flat(lanes), touchL2
	return s
}

// interleaved wraps the sums of stretches.
func interleaved(sum func(dst *float64, src *float32, stride, groups, n int)) func([][4]float64, []float32, int, int) {
	return func(dst [][4]float64, src []float32, stride, groups int) {
		if groups == 0 {
			clear(dst)
			return
		}
		sum(&dst[0][0], need(src, (len(dst)-1)*stride+4*groups), stride, groups, len(dst))
	}
}

func (a assembly) flat(lanes int) flatKernels {
	return flatKernels{
		logMax: func(x []float32, n int, floor float32) {
			if n > 0 {
				a.logMax(need(x, n*lanes), n, floor)
			}
		},
		logZero: func(x []float32, n int, floor float32) {
			if n > 0 {
				a.logZero(need(x, n*lanes), n, floor)
			}
		},
		scale: func(dst, x []float32, n int, factor float32) {
			if n > 0 {
				a.scale(need(dst, n*lanes), need(x, n*lanes), n, factor)
			}
		},
		sqrt: func(dst, x []float32, n int) {
			if n > 0 {
				a.sqrt(need(dst, n*lanes), need(x, n*lanes), n)
			}
		},
		emphasize: func(dst, x []float32, n int, factor float32) {
			if n > 0 {
				a.emphasize(need(dst, n*lanes), need(x, n*lanes+1), n, factor)
			}
		},
		slope: func(dst, n1, p1, n2, p2 []float32, n int) {
			if n > 0 {
				a.slope(need(dst, n*lanes), need(n1, n*lanes), need(p1, n*lanes), need(n2, n*lanes), need(p2, n*lanes), n)
			}
		},
	}
}
