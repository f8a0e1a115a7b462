package detmath

import (
	"math"
	"math/bits"
)

// Sin returns the sine of x radians, NaN for infinities and NaN.
func Sin(x float64) float64 {
	q, hi, lo, ok := reduce(x)
	switch {
	case !ok:
		return math.NaN()
	case q == 0 && hi == 0:
		return x // keeps the sign of -0
	}
	switch q & 3 {
	case 0:
		return kernelSin(hi, lo)
	case 1:
		return kernelCos(hi, lo)
	case 2:
		return -kernelSin(hi, lo)
	default:
		return -kernelCos(hi, lo)
	}
}

// Cos returns the cosine of x radians, NaN for infinities and NaN.
func Cos(x float64) float64 {
	q, hi, lo, ok := reduce(x)
	if !ok {
		return math.NaN()
	}
	switch q & 3 {
	case 0:
		return kernelCos(hi, lo)
	case 1:
		return -kernelSin(hi, lo)
	case 2:
		return -kernelCos(hi, lo)
	default:
		return kernelSin(hi, lo)
	}
}

// pi/2 in three parts. The first two have 33 bits, so that their products with
// a quotient below 2^20 are exact.
const (
	pio2a = 0x1.921fb544p+0
	pio2b = 0x1.0b4611a6p-34
	pio2c = 0x1.3198a2e037073p-69

	twoOverPi = 0x1.45f306dc9c883p-1
	maxMedium = 1 << 20
)

// reduce splits x into q quarter turns and a rest hi+lo, about within
// [-pi/4, pi/4]; only q modulo 4 has a meaning. ok is false if x is not finite.
func reduce(x float64) (q int, hi, lo float64, ok bool) {
	ax := math.Abs(x)
	switch {
	case ax <= math.Pi/4:
		return 0, x, 0, true
	case !(ax <= math.MaxFloat64):
		return 0, 0, 0, false
	case ax > maxMedium:
		q, hi, lo = reduceLarge(ax)
		if x < 0 {
			q, hi, lo = -q, -hi, -lo
		}
		return q, hi, lo, true
	}
	n := math.Floor(float64(x*twoOverPi) + 0.5)
	r := x - float64(n*pio2a)
	b := float64(n * pio2b)
	s := r - b
	t := s - r
	tail := (r - (s - t)) - (b + t) // what s lacks of r-b
	tail -= float64(n * pio2c)
	hi = s + tail
	lo = (s - hi) + tail
	return int(n), hi, lo, true
}

// twoOverPiBits are the first 1280 bits after the point of 2/pi.
var twoOverPiBits = [20]uint64{
	0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561,
	0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484,
	0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b, 0x1ff897ffde05980f,
	0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d, 0x7527bac7ebe5f17b,
	0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab, 0xf0cfbc209af4361d,
}

// reduceLarge is Payne and Hanek's reduction for x > 2^20: of the product of
// x's mantissa with 2/pi it computes only the bits that matter, two before the
// point and 190 after it.
func reduceLarge(x float64) (q int, hi, lo float64) {
	fr, e := math.Frexp(x)
	m := uint64(fr * (1 << 53)) // x = m * 2^(e-53)
	at := e - 55                // bits of 2/pi before this one make whole turns
	h1, l1 := bits.Mul64(m, twoOverPiAt(at+64))
	h2, p2 := bits.Mul64(m, twoOverPiAt(at+128))
	p1, carry := bits.Add64(l1, h2, 0)
	p0 := m*twoOverPiAt(at) + h1 + carry
	q = int(p0 >> 62)
	p0, p1, p2 = p0<<2|p1>>62, p1<<2|p2>>62, p2<<2
	sign := 1.0
	if p0>>63 == 1 { // past one half: the next quarter turn is nearer
		q, sign = q+1, -1
		var borrow uint64
		p2, borrow = bits.Sub64(0, p2, 0)
		p1, borrow = bits.Sub64(0, p1, borrow)
		p0, _ = bits.Sub64(0, p0, borrow)
	}
	// No float64 comes nearer than 2^-62 to a quarter turn, so p0 and p1 hold
	// all the bits that count.
	z := bits.LeadingZeros64(p0)
	p0, p1 = p0<<z|p1>>(64-z), p1<<z|p2>>(64-z)
	fh := math.Ldexp(float64(p0>>11), -53-z)
	fl := math.Ldexp(float64(p0<<53|p1>>11), -117-z)
	const pio2h, pio2l = 0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54
	hi = float64(fh * pio2h)
	lo = math.FMA(fh, pio2h, -hi) + float64(fh*pio2l) + float64(fl*pio2h)
	s := hi + lo
	return q, sign * s, sign * ((hi - s) + lo)
}

// twoOverPiAt is the word of 2/pi that begins at bit p; bits before the point are 0.
func twoOverPiAt(p int) uint64 {
	if p < 0 {
		return twoOverPiBits[0] >> uint(-p) // 0 for a shift of 64 or more
	}
	i, s := p/64, uint(p%64)
	return twoOverPiBits[i]<<s | twoOverPiBits[i+1]>>(64-s)
}

// kernelSin is sin(x+y) for |x| <= about pi/4 and y far below x.
func kernelSin(x, y float64) float64 {
	const (
		s1 = -1.66666666666666324348e-01
		s2 = 8.33333333332248946124e-03
		s3 = -1.98412698298579493134e-04
		s4 = 2.75573137070700676789e-06
		s5 = -2.50507602534068634195e-08
		s6 = 1.58969099521155010221e-10
	)
	z := float64(x * x)
	r := mulAdd(z, mulAdd(z, mulAdd(z, mulAdd(z, s6, s5), s4), s3), s2)
	v := float64(z * x)
	t := float64(0.5*y) - float64(v*r)
	return x - ((float64(z*t) - y) - float64(v*s1))
}

// kernelCos is cos(x+y) for |x| <= about pi/4 and y far below x.
func kernelCos(x, y float64) float64 {
	const (
		c1 = 4.16666666666666019037e-02
		c2 = -1.38888888888741095749e-03
		c3 = 2.48015872894767294178e-05
		c4 = -2.75573143513906633035e-07
		c5 = 2.08757232129817482790e-09
		c6 = -1.13596475577881948265e-11
	)
	z := float64(x * x)
	r := z * mulAdd(z, mulAdd(z, mulAdd(z, mulAdd(z, mulAdd(z, c6, c5), c4), c3), c2), c1)
	half := float64(0.5 * z)
	w := 1 - half
	return w + (((1 - w) - half) + (float64(z*r) - float64(x*y)))
}

// mulAdd is a*b + c with both roundings.
func mulAdd(a, b, c float64) float64 { return float64(a*b) + c }
