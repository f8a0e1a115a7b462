package gemm

// Packed holds op(B) in the order in which the kernel reads it. Packing costs
// a pass over B; a matrix that multiplies many others, as the recurrent
// weights of an LSTM do at every step, is packed once and multiplied often.
// The zero value is ready to Pack. Several goroutines may Mul by one Packed
// at a time, as long as none is packing it.
//
// op(B) is cut into blocks of 256 rows, a block into panels of as many columns
// as a tile is wide, the last panel padded with zeros; a panel holds its rows
// one after the other.
type Packed struct {
	k, n   int
	kernel *kernel
	other  *backend // multiplies instead of the kernel; buf is then op(B) as it is
	buf    []float32
}

// Pack stores op(B), [k, n], replacing what was there and reusing its space.
// tB says that b is stored as [n, k]; ldb is the distance between stored rows.
func (p *Packed) Pack(tB bool, k, n int, b []float32, ldb int) {
	check("B", tB, k, n, b, ldb)
	p.k, p.n, p.kernel, p.other = k, n, active, forPacked()
	if p.other != nil {
		p.copy(tB, k, n, b, ldb)
		return
	}
	width := p.kernel.cols
	padded := (n + width - 1) / width * width
	if cap(p.buf) < padded*k {
		p.buf = make([]float32, padded*k)
	}
	p.buf = p.buf[:padded*k]
	for q := 0; q < k; q += kBlock {
		depth := min(kBlock, k-q)
		for j := 0; j < n; j += width {
			dst := p.buf[q*padded+j*depth:][:depth*width]
			src := b[offset(tB, q, j, ldb):]
			if tB {
				packColumns(dst, src, ldb, depth, min(width, n-j), width)
			} else {
				p.kernel.packRows(dst, src, ldb, depth, min(width, n-j))
			}
		}
	}
}

// copy stores op(B) row by row.
func (p *Packed) copy(tB bool, k, n int, b []float32, ldb int) {
	if cap(p.buf) < k*n {
		p.buf = make([]float32, k*n)
	}
	p.buf = p.buf[:k*n]
	for i := range k {
		row := p.buf[i*n:][:n]
		if !tB {
			copy(row, b[i*ldb:])
			continue
		}
		for j := range row {
			row[j] = b[j*ldb+i]
		}
	}
}

// Shape is the shape of op(B).
func (p *Packed) Shape() (k, n int) { return p.k, p.n }

// Mul computes C = op(A)*B + beta*C for op(A) of [m, k] and C of [m, n]; tA
// says that a is stored as [k, m].
func (p *Packed) Mul(tA bool, m int, a []float32, lda int, beta float32, c []float32, ldc int) {
	check("A", tA, m, p.k, a, lda)
	check("C", false, m, p.n, c, ldc)
	if m == 0 || p.n == 0 {
		return
	}
	if p.other != nil && p.k > 0 {
		p.other.sgemm(tA, false, m, p.n, p.k, 1, a, lda, p.buf, p.n, beta, c, ldc)
		return
	}
	if p.k == 0 || beta != 0 && beta != 1 {
		scale(m, p.n, beta, c, ldc)
	}
	p.multiply(tA, m, 1, a, lda, beta != 0, c, ldc)
}

// multiply runs the tiles: rows of A in blocks, under them the blocks of k,
// panels, and tiles of nearly equal height.
func (p *Packed) multiply(tA bool, m int, alpha float32, a []float32, lda int, add bool, c []float32, ldc int) {
	kn := p.kernel
	padded := (p.n + kn.cols - 1) / kn.cols * kn.cols
	t := &tile{transposed: tA, alpha: alpha, lda: lda, ldc: ldc}
	for i := 0; i < m; i += mBlock {
		end := min(m, i+mBlock)
		for q := 0; q < p.k; q += kBlock {
			t.k, t.add = min(kBlock, p.k-q), add || q > 0
			for j := 0; j < p.n; j += kn.cols {
				t.cols, t.b = min(kn.cols, p.n-j), p.buf[q*padded+j*t.k:][:t.k*kn.cols]
				for r, left := i, (end-i+kn.rows-1)/kn.rows; left > 0; left-- {
					t.rows = (end - r + left - 1) / left
					t.a, t.c = a[offset(tA, r, q, lda):], c[r*ldc+j:]
					kn.run(t)
					r += t.rows
				}
			}
		}
	}
}

// packRowsGo copies depth rows of cols numbers into a panel of that width.
func packRowsGo(dst, src []float32, ld, depth, cols, width int) {
	for r := range depth {
		row := dst[r*width:][:width]
		copy(row, src[r*ld:][:cols])
		clear(row[cols:])
	}
}

// packColumns fills a panel from the transposed matrix: cols rows of depth
// numbers become the panel's columns.
func packColumns(dst, src []float32, ld, depth, cols, width int) {
	// Eight source rows at a time: each line of the panel is then touched in
	// few passes, and each source row is read along its length.
	j := 0
	for ; j+8 <= cols; j += 8 {
		s0, s1, s2, s3 := src[j*ld:][:depth], src[(j+1)*ld:][:depth], src[(j+2)*ld:][:depth], src[(j+3)*ld:][:depth]
		s4, s5, s6, s7 := src[(j+4)*ld:][:depth], src[(j+5)*ld:][:depth], src[(j+6)*ld:][:depth], src[(j+7)*ld:][:depth]
		for r := range depth {
			d := (*[8]float32)(dst[r*width+j:])
			d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7] = s0[r], s1[r], s2[r], s3[r], s4[r], s5[r], s6[r], s7[r]
		}
	}
	for ; j < cols; j++ {
		for r, v := range src[j*ld:][:depth] {
			dst[r*width+j] = v
		}
	}
	if cols < width {
		for r := range depth {
			clear(dst[r*width+cols:][:width-cols])
		}
	}
}
