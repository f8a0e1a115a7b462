package transforms

import (
	"math"

	"framewise/transforms/detmath"
)

// windowTable is the window function at n points, float64.
func windowTable(w Window, n int) []float64 {
	t := make([]float64, n)
	a := 2 * math.Pi / float64(n-1)
	for i := range t {
		switch w {
		case Hamming:
			t[i] = 0.54 - float64(0.46*detmath.Cos(float64(a*float64(i))))
		case Hann:
			t[i] = 0.5 - float64(0.5*detmath.Cos(float64(a*float64(i))))
		case Povey:
			t[i] = detmath.Pow(0.5-float64(0.5*detmath.Cos(float64(a*float64(i)))), 0.85)
		default:
			t[i] = 1
		}
	}
	return t
}

// dctTable is the orthonormal DCT-II with the cepstral lifter, [ceps, filters].
func dctTable(ceps, filters int, lifter float64) []float32 {
	t := make([]float32, 0, ceps*filters)
	for i := range ceps {
		scale := math.Sqrt(2 / float64(filters))
		if i == 0 {
			scale = math.Sqrt(1 / float64(filters))
		}
		if lifter > 0 {
			scale *= 1 + float64(lifter/2*detmath.Sin(float64(math.Pi*float64(i)/lifter)))
		}
		for j := range filters {
			c := detmath.Cos(float64(math.Pi / float64(filters) * (float64(j) + 0.5) * float64(i)))
			t = append(t, float32(scale*c))
		}
	}
	return t
}

// unitRoot is exp(-2 pi i k/n), exact at multiples of an eighth turn but for
// the rounding of sqrt(1/2). n is a multiple of 8.
func unitRoot(k, n int) (re, im float64) {
	k &= n - 1
	octant, r := k/(n/8), k%(n/8)
	if octant&1 == 1 {
		r = n/8 - r
	}
	a := float64(2 * math.Pi * float64(r) / float64(n))
	c, s := detmath.Cos(a), detmath.Sin(a)
	switch octant {
	case 0:
		return c, -s
	case 1:
		return s, -c
	case 2:
		return -s, -c
	case 3:
		return -c, -s
	case 4:
		return -c, s
	case 5:
		return -s, c
	case 6:
		return s, c
	default:
		return c, s
	}
}
