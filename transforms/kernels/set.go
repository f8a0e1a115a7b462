package kernels

import (
	"unsafe"

	"framewise/transforms/isa"
)

// Set is the kernels of one level. Counts are in points, bins or rows; slices
// hold Lanes numbers for each.
type Set struct {
	Level isa.Level
	Lanes int

	// Load windows frames and makes the first pass of their FFT, for each radix
	// and number of its parts that hold samples, nil where there is none: at n
	// points, x = (src[tap.At] - dc) * tap.Weight, the first sample with dc0 in
	// place of dc. The parts lie q points apart in w.
	Load [9][9]func(w, src []float32, taps []Tap, twiddles, dc0, dc []float32, q, n int)
	// Pass8 makes a pass of radix 8 over blocks of 8*sub points.
	Pass8 func(w, twiddles []float32, sub, blocks int)
	// Block64 makes the last two passes of radix 8 over blocks of 64 points.
	Block64 func(w, twiddles []float32, blocks int)
	// Power writes the 2n+1 powers of 2*2n real points, whose even + i odd
	// ones have the FFT w, to p.
	Power func(p, w []float32, pairs []Pair)
	// Mel writes a sum of weights times bins a filter, from the lowest bin up.
	Mel func(dst, bins []float32, filters []Filter, weights []float32)
	// Product multiplies a matrix from [Matrix] with n columns and x.
	Product func(dst, matrix, x []float32, n int)
	// Energy writes the sum of 4n+1 bins times scale.
	Energy func(dst, bins []float32, n int, scale float32)

	flat  flatKernels
	touch func(x *float32, lines int) // nil if the level has none

	// Widen converts samples. len(dst) == len(src).
	Widen func(dst []float32, src []int16)
	// Transpose writes the transpose of 8*rows x 8*columns numbers to dst, whose
	// rows are ldd apart, from src, whose rows are lds apart. Sets of one lane
	// have none.
	Transpose func(dst []float32, ldd int, src []float32, lds, rows, columns int)
	// Sums4 adds n stretches of 4*groups numbers, stride apart, up in four
	// interleaved sums each; Squares4 their squares.
	Sums4, Squares4 func(dst [][4]float64, src []float32, stride, groups int)
}

// flatKernels take n vectors.
type flatKernels struct {
	logMax, logZero func(x []float32, n int, floor float32)
	scale           func(dst, x []float32, n int, factor float32)
	sqrt            func(dst, x []float32, n int)
	emphasize       func(dst, x []float32, n int, factor float32)
	slope           func(dst, n1, p1, n2, p2 []float32, n int)
}

// LogMax replaces each x by the natural logarithm of max(x, floor), floor for
// NaN. The floor is a normal number.
func (s *Set) LogMax(x []float32, floor float32) {
	n := s.whole(len(x))
	s.flat.logMax(x, n/s.Lanes, floor)
	logMaxScalar(x[n:], len(x)-n, floor)
}

// LogZero replaces each x by its natural logarithm; an exact 0 counts as floor,
// and what is else below the least normal number, or NaN, as that.
func (s *Set) LogZero(x []float32, floor float32) {
	n := s.whole(len(x))
	s.flat.logZero(x, n/s.Lanes, floor)
	logZeroScalar(x[n:], len(x)-n, floor)
}

// Scale writes x times factor to dst.
func (s *Set) Scale(dst, x []float32, factor float32) {
	n := s.whole(len(dst))
	s.flat.scale(dst, x, n/s.Lanes, factor)
	scaleScalar(dst[n:], x[n:], len(dst)-n, factor)
}

// Sqrt writes the square roots of x to dst.
func (s *Set) Sqrt(dst, x []float32) {
	n := s.whole(len(dst))
	s.flat.sqrt(dst, x, n/s.Lanes)
	sqrtScalar(dst[n:], x[n:], len(dst)-n)
}

// Emphasize writes x[i+1] - factor*x[i] to dst[i]; x is longer by one.
func (s *Set) Emphasize(dst, x []float32, factor float32) {
	n := s.whole(len(dst))
	s.flat.emphasize(dst, x, n/s.Lanes, factor)
	emphasizeScalar(dst[n:], x[n:], len(dst)-n, factor)
}

// Slope writes ((n1 - p1) + 2 (n2 - p2)) / 10 to dst.
func (s *Set) Slope(dst, n1, p1, n2, p2 []float32) {
	n := s.whole(len(dst))
	s.flat.slope(dst, n1, p1, n2, p2, n/s.Lanes)
	slopeScalar(dst[n:], n1[n:], p1[n:], n2[n:], p2[n:], len(dst)-n)
}

// Touch brings x into the level-2 cache, which will soon be read or written.
func Touch[T int16 | float32](s *Set, x []T) {
	const line = 64
	if s.touch != nil && len(x) > 0 {
		s.touch((*float32)(unsafe.Pointer(&x[0])), (len(x)*int(unsafe.Sizeof(x[0]))+line-1)/line)
	}
}

// whole is how many of n numbers fill vectors.
func (s *Set) whole(n int) int { return n - n%s.Lanes }

var active, settingErr = choose()

func choose() (*Set, error) {
	level, err := isa.Choose()
	return sets()[level], err
}

// Active is the set that this CPU and FRAMEWISE_SIMD give.
func Active() *Set { return active }

// Setting reports a FRAMEWISE_SIMD that could not be followed.
func Setting() error { return settingErr }

// ProductRows is what the rows of a matrix for Product are rounded up to.
const ProductRows = 8

// Matrix stores a matrix of rows x n, given by rows, as Product wants it:
// by blocks of 8 rows and those by columns, missing rows being zeros.
func Matrix(byRows []float32, n int) []float32 {
	rows := len(byRows) / n
	blocks := (rows + ProductRows - 1) / ProductRows
	m := make([]float32, blocks*ProductRows*n)
	for i := range rows {
		for j := range n {
			m[(i/ProductRows*n+j)*ProductRows+i%ProductRows] = byRows[i*n+j]
		}
	}
	return m
}
