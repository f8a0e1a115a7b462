package transforms

// fftPlan is the tables of complex FFTs of a power of two of at least 8 points
// in float64, of radix 4 and, for odd powers, a last 2. The forward one
// (decimation in frequency) leaves its results in the order of their bits
// reversed, which the backward one (decimation in time) takes: between them
// spectra can be multiplied, and nothing is sorted.
type fftPlan struct {
	n      int
	passes []fftPass // of blocks of n points, n/4, ... 4 or 8
}

// fftPass is a pass of radix 4 over blocks of four quarters. w[k-1][j] is
// exp(-2 pi i k j/(4 quarter)), for k from 1 to 3 and j < quarter.
type fftPass struct {
	quarter int
	w       [3]planes
}

func newFFTPlan(n int) *fftPlan {
	p := &fftPlan{n: n}
	whole := planes{make([]float64, n), make([]float64, n)}
	for j := range whole.re {
		whole.re[j], whole.im[j] = unitRoot(j, n)
	}
	for m := n; m >= 4; m /= 4 {
		pass := fftPass{quarter: m / 4}
		for k := range pass.w {
			t := planes{make([]float64, m/4), make([]float64, m/4)}
			for j := range t.re {
				at := (k + 1) * j * (n / m)
				t.re[j], t.im[j] = whole.re[at], whole.im[at]
			}
			pass.w[k] = t
		}
		p.passes = append(p.passes, pass)
	}
	return p
}

// odd reports whether a pass of radix 2 is left over.
func (p *fftPlan) odd() bool { return p.passes[len(p.passes)-1].quarter == 2 }

// forward is the transform with exp(-2 pi i jk/n), in place.
func (p *fftPlan) forward(x planes) {
	for i := range p.passes {
		pass := &p.passes[i]
		for at := 0; at < p.n; at += 4 * pass.quarter {
			pass.forward(x.re[at:at+4*pass.quarter], x.im[at:at+4*pass.quarter])
		}
	}
	if p.odd() {
		x.pairs()
	}
}

// backward is the inverse of forward times n, in place.
func (p *fftPlan) backward(x planes) {
	if p.odd() {
		x.pairs()
	}
	for i := len(p.passes) - 1; i >= 0; i-- {
		pass := &p.passes[i]
		for at := 0; at < p.n; at += 4 * pass.quarter {
			pass.backward(x.re[at:at+4*pass.quarter], x.im[at:at+4*pass.quarter])
		}
	}
}

// pairs is the pass of radix 2 between neighbors, which is its own inverse but
// for a factor 2.
func (x planes) pairs() {
	for _, v := range [][]float64{x.re, x.im} {
		for i := 0; i+1 < len(v); i += 2 {
			v[i], v[i+1] = v[i]+v[i+1], v[i]-v[i+1]
		}
	}
}

// quarters cuts a block.
func quarters(x []float64) (a, b, c, d []float64) {
	q := len(x) / 4
	return x[:q:q], x[q:][:q:q], x[2*q:][:q:q], x[3*q:][:q:q]
}

func (p *fftPass) forward(re, im []float64) {
	ar, br, cr, dr := quarters(re)
	ai, bi, ci, di := quarters(im)
	w1, w2, w3 := p.w[0], p.w[1], p.w[2]
	for j := range ar {
		sr, si, tr, ti := ar[j]+cr[j], ai[j]+ci[j], br[j]+dr[j], bi[j]+di[j] // a+c, b+d
		ur, ui, vr, vi := ar[j]-cr[j], ai[j]-ci[j], bi[j]-di[j], dr[j]-br[j] // a-c, -i(b-d)
		ar[j], ai[j] = sr+tr, si+ti
		br[j], bi[j] = times(sr-tr, si-ti, w2.re[j], w2.im[j])
		cr[j], ci[j] = times(ur+vr, ui+vi, w1.re[j], w1.im[j])
		dr[j], di[j] = times(ur-vr, ui-vi, w3.re[j], w3.im[j])
	}
}

func (p *fftPass) backward(re, im []float64) {
	ar, br, cr, dr := quarters(re)
	ai, bi, ci, di := quarters(im)
	w1, w2, w3 := p.w[0], p.w[1], p.w[2]
	for j := range ar {
		br2, bi2 := times(br[j], bi[j], w2.re[j], -w2.im[j])
		cr1, ci1 := times(cr[j], ci[j], w1.re[j], -w1.im[j])
		dr3, di3 := times(dr[j], di[j], w3.re[j], -w3.im[j])
		sr, si, tr, ti := ar[j]+br2, ai[j]+bi2, cr1+dr3, ci1+di3
		ur, ui, vr, vi := ar[j]-br2, ai[j]-bi2, di3-ci1, cr1-dr3 // i(c-d)
		ar[j], ai[j] = sr+tr, si+ti
		cr[j], ci[j] = sr-tr, si-ti
		br[j], bi[j] = ur+vr, ui+vi
		dr[j], di[j] = ur-vr, ui-vi
	}
}

// times is the product of two complex numbers.
func times(ar, ai, br, bi float64) (re, im float64) {
	return float64(ar*br) - float64(ai*bi), float64(ar*bi) + float64(ai*br)
}
