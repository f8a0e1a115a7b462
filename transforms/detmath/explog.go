package detmath

import "math"

// ln 2 in two parts; products of the first with an exponent are exact.
const (
	ln2hi = 0x1.62e42fefp-1
	ln2lo = 0x1.473de6af278edp-34
)

// Log returns the natural logarithm of x: -Inf for 0, NaN for x < 0 and NaN.
func Log(x float64) float64 {
	switch {
	case x != x || x > math.MaxFloat64:
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	const (
		l1 = 6.666666666666735130e-01
		l2 = 3.999999999940941908e-01
		l3 = 2.857142874366239149e-01
		l4 = 2.222219843214978396e-01
		l5 = 1.818357216161805012e-01
		l6 = 1.531383769920937332e-01
		l7 = 1.479819860511658591e-01
	)
	m, e := frexp(x)
	f, k := m-1, float64(e)
	s := f / (2 + f)
	s2 := float64(s * s)
	s4 := float64(s2 * s2)
	t1 := float64(s2 * mulAdd(s4, mulAdd(s4, mulAdd(s4, l7, l5), l3), l1))
	t2 := float64(s4 * mulAdd(s4, mulAdd(s4, l6, l4), l2))
	half := float64(float64(0.5*f) * f)
	r := float64(s*(half+(t1+t2))) + float64(k*ln2lo)
	return float64(k*ln2hi) - ((half - r) - f)
}

// frexp splits x > 0 into m * 2^e with m in [sqrt(1/2), sqrt(2)).
func frexp(x float64) (m float64, e int) {
	m, e = math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	return m, e
}

// Exp returns e**x: 0 where it underflows, +Inf where it overflows.
func Exp(x float64) float64 {
	if x != x {
		return x
	}
	return exp(x, 0)
}

// exp is e**(x+y) for y far below x.
func exp(x, y float64) float64 {
	const (
		overflow  = 7.09782712893383973096e+02
		underflow = -7.45133219101941108420e+02
		p1        = 1.66666666666666657415e-01
		p2        = -2.77777777770155933842e-03
		p3        = 6.61375632143793436117e-05
		p4        = -1.65339022054652515390e-06
		p5        = 4.13813679705723846039e-08
	)
	switch {
	case x > overflow:
		return math.Inf(1)
	case x < underflow:
		return 0
	}
	k := math.Floor(float64(x*math.Log2E) + 0.5)
	hi := x - float64(k*ln2hi)
	lo := float64(k*ln2lo) - y
	r := hi - lo
	t := float64(r * r)
	c := r - float64(t*mulAdd(t, mulAdd(t, mulAdd(t, mulAdd(t, p5, p4), p3), p2), p1))
	v := 1 - ((lo - float64(r*c)/(2-c)) - hi)
	return math.Ldexp(v, int(k))
}
