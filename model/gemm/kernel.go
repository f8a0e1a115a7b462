package gemm

import (
	"errors"

	"framewise/transforms/isa"
)

// tile is the work of one kernel call: C[rows, cols] of a larger matrix.
type tile struct {
	transposed bool      // A is stored as [k, rows]
	rows, cols int       // at most kernel.rows and kernel.cols
	k          int       // products to sum
	alpha      float32   // factor of the sum
	a          []float32 // from the tile's first element
	lda        int
	b          []float32 // a packed panel, [k, kernel.cols]
	c          []float32 // from the tile's first element
	ldc        int
	add        bool // add to C instead of storing
}

// kernel computes tiles of up to rows x cols.
type kernel struct {
	level      isa.Level
	rows, cols int
	run        func(t *tile)
	packRows   func(dst, src []float32, ld, depth, cols int)
}

var (
	portable = &kernel{level: isa.Scalar, rows: 2, cols: 4, run: runPortable,
		packRows: func(dst, src []float32, ld, depth, cols int) { packRowsGo(dst, src, ld, depth, cols, 4) }}

	active, settingErr = choose()
)

func choose() (*kernel, error) {
	level, err := isa.Choose()
	if kn := kernels()[level]; kn != nil {
		return kn, err
	}
	return portable, err
}

// Kernel names the float32 kernel in use: scalar, avx2 or avx512.
func Kernel() string { return active.level.String() }

// Setting reports a FRAMEWISE_SIMD or FRAMEWISE_BLAS that could not be
// followed: an unknown name, instructions that this CPU lacks, or a library that
// is not there.
func Setting() error { return errors.Join(settingErr, backendErr) }

// runPortable rounds every product before it is added, so that it gives the
// same bits on every CPU, whether or not the compiler could fuse the two.
func runPortable(t *tile) {
	step, next := 1, t.lda
	if t.transposed {
		step, next = t.lda, 1
	}
	for r := 0; r < t.rows; r += 2 {
		var s [8]float32
		if r+1 < t.rows {
			sumTwo(&s, t.a[r*next:], t.a[(r+1)*next:], step, t.b, t.k)
		} else {
			sumOne(&s, t.a[r*next:], step, t.b, t.k)
		}
		for i := r; i < min(r+2, t.rows); i++ {
			row := t.c[i*t.ldc:][:t.cols]
			for j := range row {
				v := float32(t.alpha * s[(i-r)*4+j])
				if t.add {
					v += row[j]
				}
				row[j] = v
			}
		}
	}
}

// sumTwo sums k products for two rows and four columns.
func sumTwo(s *[8]float32, a, b []float32, step int, panel []float32, k int) {
	var s0, s1, s2, s3, s4, s5, s6, s7 float32
	for p, q := 0, 0; p < k; p, q = p+1, q+step {
		w := (*[4]float32)(panel[p*4:])
		x, y := a[q], b[q]
		s0 += float32(x * w[0])
		s1 += float32(x * w[1])
		s2 += float32(x * w[2])
		s3 += float32(x * w[3])
		s4 += float32(y * w[0])
		s5 += float32(y * w[1])
		s6 += float32(y * w[2])
		s7 += float32(y * w[3])
	}
	*s = [8]float32{s0, s1, s2, s3, s4, s5, s6, s7}
}

// sumOne is sumTwo for a single row.
func sumOne(s *[8]float32, a []float32, step int, panel []float32, k int) {
	var s0, s1, s2, s3 float32
	for p, q := 0, 0; p < k; p, q = p+1, q+step {
		w := (*[4]float32)(panel[p*4:])
		x := a[q]
		s0 += float32(x * w[0])
		s1 += float32(x * w[1])
		s2 += float32(x * w[2])
		s3 += float32(x * w[3])
	}
	s[0], s[1], s[2], s[3] = s0, s1, s2, s3
}
