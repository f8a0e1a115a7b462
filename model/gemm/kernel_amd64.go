package gemm

import "framewise/transforms/isa"

// A function of the generated assembly for one height of tile. The mask says
// which columns of C there are: bits for AVX-512; for AVX2 16 words, -1 or 0,
// or nil for all.
type (
	tile512 = func(k int, a *float32, lda int, b *float32, alpha float32, c *float32, ldc int, add bool, mask uint32)
	tile2   = func(k int, a *float32, lda int, b *float32, alpha float32, c *float32, ldc int, add bool, mask *int32)
)

var (
	tiles512 = [2][12]tile512{
		{avx512N1, avx512N2, avx512N3, avx512N4, avx512N5, avx512N6, avx512N7, avx512N8, avx512N9, avx512N10, avx512N11, avx512N12},
		{avx512T1, avx512T2, avx512T3, avx512T4, avx512T5, avx512T6, avx512T7, avx512T8, avx512T9, avx512T10, avx512T11, avx512T12},
	}
	tiles2 = [2][6]tile2{
		{avx2N1, avx2N2, avx2N3, avx2N4, avx2N5, avx2N6},
		{avx2T1, avx2T2, avx2T3, avx2T4, avx2T5, avx2T6},
	}
	// columns2 ends in 16 zeros: from 16-n on, the first n words are set.
	columns2 = [32]int32{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}
)

func kernels() map[isa.Level]*kernel {
	return map[isa.Level]*kernel{
		isa.Scalar: portable,
		isa.AVX2:   {level: isa.AVX2, rows: 6, cols: 16, run: runAVX2, packRows: packRowsAVX2},
		isa.AVX512: {level: isa.AVX512, rows: 12, cols: 32, run: runAVX512, packRows: packRowsAVX512},
	}
}

func mask512(cols int) uint32 { return uint32(1<<uint(cols) - 1) }

func index(transposed bool) int {
	if transposed {
		return 1
	}
	return 0
}

func runAVX512(t *tile) {
	tiles512[index(t.transposed)][t.rows-1](t.k, &t.a[0], t.lda, &t.b[0], t.alpha, &t.c[0], t.ldc, t.add, mask512(t.cols))
}

func runAVX2(t *tile) {
	var mask *int32
	if t.cols < 16 {
		mask = &columns2[16-t.cols]
	}
	tiles2[index(t.transposed)][t.rows-1](t.k, &t.a[0], t.lda, &t.b[0], t.alpha, &t.c[0], t.ldc, t.add, mask)
}

func packRowsAVX512(dst, src []float32, ld, depth, cols int) {
	avx512Pack(&dst[0], &src[0], ld, depth, mask512(cols))
}

func packRowsAVX2(dst, src []float32, ld, depth, cols int) {
	if cols < 16 {
		packRowsGo(dst, src, ld, depth, cols, 16)
		return
	}
	avx2Pack(&dst[0], &src[0], ld, depth)
}
