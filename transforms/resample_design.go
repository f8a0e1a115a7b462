package transforms

import (
	"math"
	"sync"

	"framewise/transforms/detmath"
)

// The filters of the resampler. Frequencies are fractions of the lower of the
// two sample rates; the sharp filter runs at twice that rate.
const (
	resamplePass = 0.455 // flat up to here: 0.91 of the lower Nyquist frequency
	resampleStop = 0.5   // silent from here
	// sharpReach is how many samples of the doubled rate on each side of an
	// output count, sharpDegree of which are for the correction.
	sharpReach  = 192
	sharpDegree = 8
	// The wide filter is a Kaiser window of this width in periods of the lower
	// rate and this shape. Between them they put its stop band, from 2-resampleStop
	// up, below -123 dB: searched in steps of 0.025 and 0.1.
	wideWidth = 3.6
	wideShape = 17.0
)

// kaiser is I0(shape sqrt(1-u*u)), Kaiser's window of some height, at u from -1
// to 1; zero outside.
func kaiser(shape, u float64) float64 {
	if u <= -1 || u >= 1 {
		return 0
	}
	return besselI0(shape * math.Sqrt(1-float64(u*u)))
}

// besselI0 is the modified Bessel function of order zero, by its power series.
func besselI0(x float64) float64 {
	q := float64(x*x) / 4
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*0x1p-60; k++ {
		term = float64(term * (q / float64(k*k)))
		sum += term
	}
	return sum
}

// sharpTaps is the sharp filter, taps 0 to sharpReach-sharpDegree of a
// symmetrical one: a sinc that cuts halfway between pass and stop, under the
// Kaiser window that is as long as the transition is narrow. They add up to 1.
func sharpTaps() []float64 {
	const reach = sharpReach - sharpDegree
	width := math.Pi * (resampleStop - resamplePass) // radians a sample of the doubled rate
	decay := 7.95 + float64(2.285*float64(2*reach)*width)
	shape := 0.1102 * (decay - 8.7)
	h := make([]float64, reach)
	cut := math.Pi * (resamplePass + resampleStop) / 2
	sum := 0.0
	for j := range h {
		h[j] = 1
		if x := float64(cut * float64(j)); j > 0 {
			h[j] = detmath.Sin(x) / x
		}
		h[j] = float64(h[j] * kaiser(shape, float64(j)/reach))
		sum += h[j]
		if j > 0 {
			sum += h[j]
		}
	}
	for j := range h {
		h[j] /= sum
	}
	return h
}

// wideTap is the wide filter at t of its width; its integral over t from -1/2
// to 1/2 is 1.
func wideTap(t float64) float64 { return kaiser(wideShape, 2*t) / sinhc(wideShape) }

// wideGain is the gain of the wide filter at a frequency below its stop band,
// the Fourier transform of Kaiser's window.
func wideGain(f float64) float64 {
	x := float64(math.Pi*wideWidth) * f
	y := math.Sqrt(float64(wideShape*wideShape) - float64(x*x))
	return sinhc(y) / sinhc(wideShape)
}

// sinhc is sinh(x)/x for x well above 0.
func sinhc(x float64) float64 { return (detmath.Exp(x) - detmath.Exp(-x)) / (2 * x) }

// correction is 1/wideGain as a polynomial of degree sharpDegree in
// z = 2 cos(pi f) - 1, hence a filter of sharpDegree taps on each side: the
// coefficients of Chebyshev's polynomials, from the values at the roots of the
// next of them. It is within 3e-7 for f up to resamplePass, and beyond grows
// slower than the wide filter falls.
func correction() []float64 {
	const n = sharpDegree + 1
	c := make([]float64, n)
	for j := range n {
		a := math.Pi * (float64(j) + 0.5) / n
		z := detmath.Cos(a)
		v := 2.0 / n / wideGain(arccos((z+1)/2)/math.Pi)
		for k := range c {
			c[k] += float64(v * detmath.Cos(float64(a*float64(k))))
		}
	}
	c[0] /= 2
	return c
}

// arccos inverts the cosine on [0, pi/2] by halving intervals.
func arccos(c float64) float64 {
	lo, hi := 0.0, math.Pi/2
	for range 60 {
		if mid := (lo + hi) / 2; detmath.Cos(mid) > c {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}

// chebyshev is the sum of c[k] T_k(z), by Clenshaw's recurrence.
func chebyshev(c []float64, z float64) float64 {
	a, b := 0.0, 0.0
	for k := len(c) - 1; k > 0; k-- {
		a, b = float64(2*z*a)-b+c[k], a
	}
	return float64(z*a) - b + c[0]
}

// sharpResponse is the gain of the sharp filter at k/fftLong of the doubled
// rate for k from 0 to fftLong/2; corrected, it makes good the wide filter's slope.
func sharpResponse(corrected bool) []float64 {
	h := sharpTaps()
	cosine := make([]float64, fftLong)
	for i := range cosine {
		cosine[i], _ = unitRoot(i, fftLong)
	}
	c := []float64{1}
	if corrected {
		c = correction()
	}
	gain := make([]float64, fftLong/2+1)
	for k := range gain {
		g := h[0]
		for j := 1; j < len(h); j++ {
			g += float64(2 * h[j] * cosine[j*k%fftLong])
		}
		gain[k] = float64(g * chebyshev(c, float64(2*cosine[k])-1))
	}
	return gain
}

// The responses and the FFT's tables serve every Resampler.
var (
	plainResponse     = sync.OnceValue(func() []float64 { return sharpResponse(false) })
	correctedResponse = sync.OnceValue(func() []float64 { return sharpResponse(true) })
)
