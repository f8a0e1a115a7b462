package transforms

// fftPlan is the tables of complex FFTs of a power of two of at least 8 points
// in float64. The forward one (decimation in frequency) leaves its results in
// the order of their bits reversed, which the backward one (decimation in
// time) takes: between them spectra can be multiplied, and nothing is sorted.
type fftPlan struct {
	n int
	// roots[s] are exp(-2 pi i j/m), j < m/2, of the pass on blocks of m = 2<<s.
	roots []planes
}

func newFFTPlan(n int) *fftPlan {
	p := &fftPlan{n: n}
	whole := planes{make([]float64, n/2), make([]float64, n/2)}
	for j := range whole.re {
		whole.re[j], whole.im[j] = unitRoot(j, n)
	}
	for m := 2; m <= n; m *= 2 {
		t := planes{make([]float64, m/2), make([]float64, m/2)}
		for j := range t.re {
			t.re[j], t.im[j] = whole.re[j*(n/m)], whole.im[j*(n/m)]
		}
		p.roots = append(p.roots, t)
	}
	return p
}

// forward is the transform with exp(-2 pi i jk/n), in place.
func (p *fftPlan) forward(x planes) {
	for s := len(p.roots) - 1; s >= 0; s-- {
		w, half := p.roots[s], 1<<s
		for at := 0; at < p.n; at += 2 * half {
			ar, ai := x.re[at:at+half], x.im[at:at+half]
			br, bi := x.re[at+half:at+2*half], x.im[at+half:at+2*half]
			wr, wi := w.re[:half], w.im[:half]
			for j := range ar {
				dr, di := ar[j]-br[j], ai[j]-bi[j]
				ar[j], ai[j] = ar[j]+br[j], ai[j]+bi[j]
				br[j] = float64(dr*wr[j]) - float64(di*wi[j])
				bi[j] = float64(dr*wi[j]) + float64(di*wr[j])
			}
		}
	}
}

// backward is the inverse of forward times n, in place.
func (p *fftPlan) backward(x planes) {
	for s := range p.roots {
		w, half := p.roots[s], 1<<s
		for at := 0; at < p.n; at += 2 * half {
			ar, ai := x.re[at:at+half], x.im[at:at+half]
			br, bi := x.re[at+half:at+2*half], x.im[at+half:at+2*half]
			wr, wi := w.re[:half], w.im[:half]
			for j := range ar {
				tr := float64(br[j]*wr[j]) + float64(bi[j]*wi[j])
				ti := float64(bi[j]*wr[j]) - float64(br[j]*wi[j])
				br[j], bi[j] = ar[j]-tr, ai[j]-ti
				ar[j], ai[j] = ar[j]+tr, ai[j]+ti
			}
		}
	}
}
