package vec

import "math"

// Cephes expf: exp(x) = 2^n * exp(r), r = x - n*ln2 with ln2 in two parts.
const (
	expLow, expHigh = -87, 88
	log2e           = 1.44269504088896341
	ln2High         = 0.693359375
	ln2Low          = -2.12194440e-4
	expP0           = 1.9875691500e-4
	expP1           = 1.3981999507e-3
	expP2           = 8.3334519073e-3
	expP3           = 4.1665795894e-2
	expP4           = 1.6666665459e-1
	expP5           = 5.0000001201e-1
)

// Cephes tanhf: x + x^3*P(x^2) below tanhSmall.
const (
	tanhSmall = 0.625
	tanhP0    = -5.70498872745e-3
	tanhP1    = 2.06390887954e-2
	tanhP2    = -5.37397155531e-2
	tanhP3    = 1.33314422036e-1
	tanhP4    = -3.33332819422e-1
)

// fma32 is x*y+z with the product rounded: the same bits on every CPU.
func fma32(x, y, z float32) float32 { return float32(x*y) + z }

func exp32(x float32) float32 {
	x = max(expLow, min(expHigh, x))
	n := float32(math.RoundToEven(float64(x * log2e)))
	r := fma32(n, -ln2High, x)
	r = fma32(n, -ln2Low, r)
	p := fma32(expP0, r, expP1)
	p = fma32(p, r, expP2)
	p = fma32(p, r, expP3)
	p = fma32(p, r, expP4)
	p = fma32(p, r, expP5)
	p = fma32(p, float32(r*r), r) + 1
	return math.Float32frombits(math.Float32bits(p) + uint32(int32(n))<<23)
}

func sigmoid32(x float32) float32 { return 1 / (1 + exp32(-x)) }

func tanh32(x float32) float32 {
	if x > -tanhSmall && x < tanhSmall {
		z := float32(x * x)
		p := fma32(tanhP0, z, tanhP1)
		p = fma32(p, z, tanhP2)
		p = fma32(p, z, tanhP3)
		p = fma32(p, z, tanhP4)
		return fma32(float32(p*z), x, x)
	}
	return 1 - 2/(exp32(x+x)+1)
}

func lstmForwardGo(g, bias, cp, c, y []float32) {
	h := len(c)
	gi, gf, gg, gq := g[:h], g[h:][:h], g[2*h:][:h], g[3*h:][:h]
	for j := range c {
		i, f := sigmoid32(gi[j]+bias[j]), sigmoid32(gf[j]+bias[h+j])
		q, o := tanh32(gg[j]+bias[2*h+j]), sigmoid32(gq[j]+bias[3*h+j])
		v := fma32(f, cp[j], float32(i*q))
		gi[j], gf[j], gg[j], gq[j] = i, f, q, o
		c[j], y[j] = v, o*tanh32(v)
	}
}

func lstmBackwardGo(g, cp, y, dy, dh, dc []float32) {
	h := len(dc)
	gi, gf, gg, gq := g[:h], g[h:][:h], g[2*h:][:h], g[3*h:][:h]
	for j, out := range y {
		i, f, q, o := gi[j], gf[j], gg[j], gq[j]
		t := out / o // o is above 0, because exp32 is bounded
		d := dh[j] + dy[j]
		v := fma32(float32(d*o), 1-float32(t*t), dc[j])
		gi[j] = float32(float32(float32(v*q)*i) * (1 - i))
		gf[j] = float32(float32(float32(v*cp[j])*f) * (1 - f))
		gg[j] = float32(float32(v*i) * (1 - float32(q*q)))
		gq[j] = float32(float32(float32(d*t)*o) * (1 - o))
		dc[j] = float32(v * f)
	}
}

func addGo(dst, src []float32) {
	for i, v := range src {
		dst[i] += v
	}
}

func tanhGo(dst, src []float32) {
	for i, v := range src {
		dst[i] = tanh32(v)
	}
}

func expGo(dst, src []float32, shift float32) {
	for i, v := range src {
		dst[i] = exp32(v - shift)
	}
}

func adamGo(w, g, m, v []float32, s *AdamStep) {
	for i := range w {
		d := fma32(s.Decay, w[i], float32(s.Scale*g[i]))
		mi := fma32(s.Beta1, m[i], float32(s.OneMinusBeta1*d))
		vi := fma32(s.Beta2, v[i], float32(float32(s.OneMinusBeta2*d)*d))
		m[i], v[i] = mi, vi
		w[i] -= float32(s.Rate*mi) / (float32(math.Sqrt(float64(s.Correction*vi))) + s.Epsilon)
	}
}
