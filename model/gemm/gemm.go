package gemm

import (
	"fmt"
	"sync"

	"gonum.org/v1/gonum/blas"
	gonumblas "gonum.org/v1/gonum/blas/gonum"
)

const (
	// kBlock is how many products are summed in registers before they are
	// added to C: a panel of B and the rows of A under it fit the first-level
	// cache. Results depend on it, so it is the same for every kernel.
	kBlock = 256
	// nBlock columns of B are packed at a time, which keeps a block of B in
	// the second-level cache. It is a multiple of every panel width.
	nBlock = 512
	// mBlock rows of A stay in the second-level cache while the panels of B
	// pass over them. It is a multiple of every tile height.
	mBlock = 240
)

// packs lends the packing space of Sgemm.
var packs = sync.Pool{New: func() any { return new(Packed) }}

// Sgemm computes C = alpha*op(A)*op(B) + beta*C on one goroutine, by our kernels
// or by what Use has chosen, where op(A)
// is [m, k], op(B) is [k, n], C is [m, n], all row-major with the distances
// lda, ldb and ldc between rows as they are stored; tA and tB say that A is
// stored as [k, m], or B as [n, k]. With beta = 0, C need not be initialized.
// It panics if a slice is too short for its shape, as BLAS does.
func Sgemm(tA, tB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	check("A", tA, m, k, a, lda)
	check("B", tB, k, n, b, ldb)
	check("C", false, m, n, c, ldc)
	if m == 0 || n == 0 {
		return
	}
	if k == 0 || alpha == 0 {
		scale(m, n, beta, c, ldc)
		return
	}
	if other := chosen.Load(); other != nil {
		other.sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
		return
	}
	p := packs.Get().(*Packed)
	defer packs.Put(p)
	for j := 0; j < n; j += nBlock {
		cols := min(nBlock, n-j)
		if beta != 0 && beta != 1 {
			scale(m, cols, beta, c[j:], ldc)
		}
		for q := 0; q < k; q += kBlock {
			depth := min(kBlock, k-q)
			p.Pack(tB, depth, cols, b[offset(tB, q, j, ldb):], ldb)
			p.multiply(tA, m, alpha, a[offset(tA, 0, q, lda):], lda, beta != 0 || q > 0, c[j:], ldc)
		}
	}
}

// Parallel is Sgemm with its rows or columns divided over that many
// goroutines. With our kernels the result has the same bits for every number
// of them.
func Parallel(threads int, tA, tB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	// Below this many products, starting goroutines costs more than it saves.
	const worthwhile = 1 << 18
	if threads <= 1 || m*n*k < worthwhile {
		Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
		return
	}
	if m >= n {
		divide(threads, m, active.rows, func(lo, hi int) {
			Sgemm(tA, tB, hi-lo, n, k, alpha, a[offset(tA, lo, 0, lda):], lda, b, ldb, beta, c[lo*ldc:], ldc)
		})
		return
	}
	// Wide and low, as gradients of weights are: dividing columns divides the packing of B too.
	divide(threads, n, active.cols, func(lo, hi int) {
		Sgemm(tA, tB, m, hi-lo, k, alpha, a, lda, b[offset(tB, 0, lo, ldb):], ldb, beta, c[lo:], ldc)
	})
}

// Gemm is Parallel for float32 and gonum's Dgemm for float64, with alpha = 1.
func Gemm[F float32 | float64](threads int, tA, tB bool, m, n, k int, a []F, lda int, b []F, ldb int, beta F, c []F, ldc int) {
	if a32, ok := any(a).([]float32); ok {
		Parallel(threads, tA, tB, m, n, k, 1, a32, lda, any(b).([]float32), ldb, float32(beta), any(c).([]float32), ldc)
		return
	}
	if m == 0 || n == 0 {
		return
	}
	a64, b64, c64 := any(a).([]float64), any(b).([]float64), any(c).([]float64)
	gonumblas.Implementation{}.Dgemm(transpose(tA), transpose(tB), m, n, k, 1, a64, lda, b64, ldb, float64(beta), c64, ldc)
}

func transpose(t bool) blas.Transpose {
	if t {
		return blas.Trans
	}
	return blas.NoTrans
}

// offset is where element (i, j) of op(X) is stored.
func offset(t bool, i, j, ld int) int {
	if t {
		return j*ld + i
	}
	return i*ld + j
}

// check panics unless op(X) of that shape lies within x.
func check(name string, t bool, rows, cols int, x []float32, ld int) {
	if t {
		rows, cols = cols, rows
	}
	if rows < 0 || cols < 0 || ld < max(1, cols) {
		panic(fmt.Sprintf("gemm: %s of %d x %d with %d between rows", name, rows, cols, ld))
	}
	if rows > 0 && cols > 0 && len(x) < (rows-1)*ld+cols {
		panic(fmt.Sprintf("gemm: %s of %d x %d with %d between rows needs %d numbers, has %d", name, rows, cols, ld, (rows-1)*ld+cols, len(x)))
	}
}

// scale multiplies C by beta; a beta of 0 clears it, whatever it held.
func scale(m, n int, beta float32, c []float32, ldc int) {
	for i := range m {
		row := c[i*ldc:][:n]
		if beta == 0 {
			clear(row)
			continue
		}
		for j := range row {
			row[j] *= beta
		}
	}
}

// divide runs f over [0, n) in up to `parts` ranges at multiples of unit, one
// goroutine each.
func divide(parts, n, unit int, f func(lo, hi int)) {
	units := (n + unit - 1) / unit
	parts = min(parts, units)
	var wg sync.WaitGroup
	for i := 1; i < parts; i++ {
		wg.Go(func() { f(i*units/parts*unit, min(n, (i+1)*units/parts*unit)) })
	}
	f(0, min(n, units/parts*unit))
	wg.Wait()
}
