package detmath

import "math"

// Pow returns x**y. The special cases are those of [math.Pow].
func Pow(x, y float64) float64 {
	switch {
	case y == 0 || x == 1:
		return 1
	case x != x || y != y:
		return math.NaN()
	case x == 0 || math.Abs(x) > math.MaxFloat64 || math.Abs(y) > math.MaxFloat64:
		return math.Pow(x, y) // 0, 1 or an infinity, by case distinction alone
	}
	sign := 1.0
	if x < 0 {
		if y != math.Floor(y) {
			return math.NaN()
		}
		if math.Abs(y) < 1<<53 && int64(y)&1 == 1 {
			sign = -1
		}
		x = -x
	}
	lh, ll := logDD(x)
	ph := float64(y * lh)
	if math.Abs(ph) > 1000 { // also where the product overflows
		return sign * exp(ph, 0)
	}
	pl := math.FMA(y, lh, -ph) + float64(y*ll)
	return sign * exp(ph, pl)
}

// logDD is log(x) for x > 0 as a sum hi+lo, good to about 100 bits:
// with s = (m-1)/(m+1), log m = 2 (s + s^3/3 + s^5/5 + ...).
func logDD(x float64) (hi, lo float64) {
	const (
		ln2a = 0x1.62e42fefa38p-1 // 42 bits
		ln2b = 0x1.ef35793c7673p-45
		ln2c = 0x1.f97b57a079a19p-103
	)
	m, e := frexp(x)
	f := m - 1 // exact
	dh, dl := fastTwoSum(max(m, 1), min(m, 1))
	sh := f / dh
	sl := (math.FMA(-sh, dh, f) - float64(sh*dl)) / dh
	uh, ul := mulDD(sh, sl, sh, sl)

	// The far terms in one float64, the near ones in two.
	q := 1.0 / 27
	for i := 25; i >= 9; i -= 2 {
		q = mulAdd(q, uh, 1/float64(i))
	}
	qh, ql := q, 0.0
	for _, c := range [...][2]float64{
		{1.0 / 7, 7.93016446160826e-18}, {1.0 / 5, -1.1102230246251565e-17}, {1.0 / 3, 1.850371707708594e-17}, {1, 0},
	} {
		qh, ql = mulDD(qh, ql, uh, ul)
		h, l := fastTwoSum(c[0], qh)
		qh, ql = fastTwoSum(h, l+(ql+c[1]))
	}
	qh, ql = mulDD(qh, ql, 2*sh, 2*sl)
	k := float64(e)
	if e == 0 {
		return qh, ql
	}
	kh, kl := fastTwoSum(float64(k*ln2a), float64(k*ln2b))
	h, l := fastTwoSum(kh, qh)
	return fastTwoSum(h, l+(kl+(ql+float64(k*ln2c))))
}

// fastTwoSum is a+b and its rounding error, for |a| >= |b|.
func fastTwoSum(a, b float64) (hi, lo float64) {
	hi = a + b
	return hi, b - (hi - a)
}

// mulDD is the product of two double-doubles.
func mulDD(ah, al, bh, bl float64) (hi, lo float64) {
	p := float64(ah * bh)
	e := math.FMA(ah, bh, -p) + (float64(ah*bl) + float64(al*bh))
	return fastTwoSum(p, e)
}
