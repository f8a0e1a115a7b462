package detmath_test

import (
	"math"
	"math/big"
	"testing"

	"framewise/transforms/detmath"
)

// The definitions, in arithmetic of prec bits.
const prec = 300

func bf(x float64) *big.Float { return new(big.Float).SetPrec(prec).SetFloat64(x) }
func newf() *big.Float        { return new(big.Float).SetPrec(prec) }

// bigExp is the Taylor series of x/2^k, squared k times.
func bigExp(x *big.Float) *big.Float {
	k := max(0, x.MantExp(nil)+8)
	r := newf().SetMantExp(x, -k)
	sum, term := bf(1), bf(1)
	for i := 1; i < 60; i++ {
		term.Mul(term, r)
		term.Quo(term, bf(float64(i)))
		sum.Add(sum, term)
	}
	for range k {
		sum.Mul(sum, sum)
	}
	return sum
}

// bigLog inverts bigExp by Newton's method.
func bigLog(x *big.Float) *big.Float {
	m := newf()
	e := x.MantExp(m)
	f, _ := m.Float64()
	y := bf(math.Log(f) + float64(e)*math.Ln2)
	for range 4 {
		neg := newf().Neg(y)
		d := newf().Mul(x, bigExp(neg))
		y.Add(y, d.Sub(d, bf(1)))
	}
	return y
}

// bigAtanInv is atan(1/n).
func bigAtanInv(n float64, p uint) *big.Float {
	one := new(big.Float).SetPrec(p).SetFloat64(1)
	nn := new(big.Float).SetPrec(p).SetFloat64(n * n)
	t := new(big.Float).SetPrec(p).Quo(one, new(big.Float).SetPrec(p).SetFloat64(n))
	sum := new(big.Float).SetPrec(p)
	for k := 1; t.MantExp(nil) > -int(p); k += 2 {
		d := new(big.Float).SetPrec(p).Quo(t, new(big.Float).SetPrec(p).SetFloat64(float64(k)))
		if k%4 == 1 {
			sum.Add(sum, d)
		} else {
			sum.Sub(sum, d)
		}
		t.Quo(t, nn)
	}
	return sum
}

// bigPi is Machin's formula, precise enough to reduce any float64.
var bigPi = func() *big.Float {
	const p = 1500
	a := bigAtanInv(5, p)
	a.Mul(a, new(big.Float).SetFloat64(16))
	b := bigAtanInv(239, p)
	b.Mul(b, new(big.Float).SetFloat64(4))
	return a.Sub(a, b)
}()

// bigSin is the Taylor series of sin(x + quarter*pi/2) after exact reduction by whole turns.
func bigSin(x float64, quarter int) *big.Float {
	r := new(big.Float).SetPrec(1500).SetFloat64(x)
	half := new(big.Float).SetPrec(1500).Quo(bigPi, new(big.Float).SetFloat64(2))
	r.Add(r, new(big.Float).SetPrec(1500).Mul(half, new(big.Float).SetFloat64(float64(quarter))))
	turn := new(big.Float).SetPrec(1500).Mul(bigPi, new(big.Float).SetFloat64(2))
	n, _ := new(big.Float).SetPrec(1500).Quo(r, turn).Int(nil)
	r.Sub(r, new(big.Float).SetPrec(1500).Mul(turn, new(big.Float).SetPrec(1500).SetInt(n)))
	z := newf().Set(r)
	zz := newf().Mul(z, z)
	sum, term := newf().Set(z), newf().Set(z)
	for i := 2; i < 120; i += 2 {
		term.Mul(term, zz)
		term.Quo(term, bf(-float64(i*(i+1))))
		sum.Add(sum, term)
	}
	return sum
}

// ulps is the distance of got from the true value in units of its last place.
func ulps(got float64, want *big.Float) float64 {
	w, _ := want.Float64()
	_, e := math.Frexp(w)
	d := newf().Sub(bf(got), want)
	f, _ := d.Float64()
	return math.Abs(f) / math.Ldexp(1, max(e, -1021)-53)
}

func TestAccuracy(t *testing.T) {
	n := 3000
	if testing.Short() {
		n = 300
	}
	g := lcg(2)
	worst := map[string]float64{}
	note := func(name string, got float64, want *big.Float, args ...float64) {
		if w, _ := want.Float64(); math.IsInf(w, 0) || math.Abs(w) < 0x1p-1022 {
			return // overflow, underflow: TestSpecialCases
		}
		if u := ulps(got, want); u > worst[name] {
			worst[name] = u
			if !(u <= 1) {
				t.Errorf("%s(%v) = %v is %.2f ULP off", name, args, got, u)
			}
		}
	}
	// 6381956970095103 * 2^797 is the float64 nearest to a multiple of pi/2.
	hard := []float64{math.Ldexp(6381956970095103, 797), math.Pi / 2, math.Pi, 355, 0x1p20, 0x1p20 + 1, 1e22, math.MaxFloat64}
	for i := range n {
		x, y := g.spread(20, 20), g.spread(0, 1023)
		if i < len(hard) {
			x, y = hard[i], -hard[i]
		}
		note("sin", detmath.Sin(x), bigSin(x, 0), x)
		note("cos", detmath.Cos(x), bigSin(x, 1), x)
		note("sin large", detmath.Sin(y), bigSin(y, 0), y)
		note("cos large", detmath.Cos(y), bigSin(y, 1), y)
		x = g.spread(40, 9)
		note("exp", detmath.Exp(x), bigExp(bf(x)), x)
		x = math.Abs(g.spread(1000, 1000))
		note("log", detmath.Log(x), bigLog(bf(x)), x)
		x = 1 + g.spread(30, -1)
		note("log near 1", detmath.Log(x), bigLog(bf(x)), x)
		x = math.Abs(g.spread(20, 20))
		y = g.spread(8, 5)
		want := bigLog(bf(x))
		note("pow", detmath.Pow(x, y), bigExp(want.Mul(want, bf(y))), x, y)
		x = 1 + g.spread(30, -2)
		y = 100 * g.spread(5, 5)
		want = bigLog(bf(x))
		note("pow near 1", detmath.Pow(x, y), bigExp(want.Mul(want, bf(y))), x, y)
	}
	t.Logf("largest errors in ULP: %.3v", worst)
}

// TestLog32Accuracy takes every float32 in [1/2, 2), where cancellation shows,
// and by stride 97 all others that are positive and finite, subnormals too: 39
// million values, every exponent with 86,000 mantissas.
func TestLog32Accuracy(t *testing.T) {
	worst, at := 0.0, float32(0)
	check := func(from, to, step uint32) {
		for b := from; b < to; b += step {
			x := math.Float32frombits(b)
			want := math.Log(float64(x)) // its own error is 2^-29 of an ULP of float32
			if want == 0 {
				if got := detmath.Log32(x); got != 0 {
					t.Errorf("Log32(1) = %v, want 0", got)
				}
				continue
			}
			e := int(math.Float64bits(want)>>52&0x7ff) - 1023
			ulp := math.Float64frombits(uint64(e-23+1023) << 52)
			if u := math.Abs(float64(detmath.Log32(x))-want) / ulp; u > worst {
				worst, at = u, x
			}
		}
	}
	stride, step := uint32(97), uint32(1)
	if testing.Short() {
		stride, step = 4099, 17
	}
	check(1, 0x7f800000, stride)
	check(0x3f000000, 0x40000000, step)
	if t.Logf("largest error %.3f ULP, at %v", worst, at); worst > 0.85 {
		t.Errorf("Log32 is %.3f ULP off at %v, want <= 0.85", worst, at)
	}
}

func BenchmarkSin(b *testing.B) {
	s := 0.0
	for i := range b.N {
		s += detmath.Sin(float64(i & 1023))
	}
	sink = s
}

func BenchmarkPow(b *testing.B) {
	s := 0.0
	for i := range b.N {
		s += detmath.Pow(10, float64(i&15))
	}
	sink = s
}

var sink float64
