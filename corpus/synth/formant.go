package synth

import (
	"math"

	"framewise/transforms/detmath"
)

// resonator is Klatt's second-order section with unit gain at 0 Hz:
// y[n] = a x[n] + b y[n-1] + c y[n-2].
type resonator struct{ a, b, c, y1, y2 float64 }

// poles is b and c of a pair of poles at f Hz with a bandwidth of bw Hz.
func poles(f, bw float64) (b, c float64) {
	r := detmath.Exp(float64(bw * (-math.Pi / Rate)))
	return float64(2 * r * detmath.Cos(float64(f*(2*math.Pi/Rate)))), float64(-r * r)
}

func (r *resonator) tune(f, bw float64) {
	r.b, r.c = poles(f, bw)
	r.a = 1 - r.b - r.c
}

func (r *resonator) next(x float64) float64 {
	y := float64(r.a*x) + (float64(r.b*r.y1) + float64(r.c*r.y2))
	r.y2, r.y1 = r.y1, y
	return y
}

// slide is the change of three coefficients a sample. Stepping from one setting
// of a filter to the next would click where formants move fast; a straight line
// between two stable sections is stable.
type slide struct{ a, b, c float64 }

func slideOver(n int, fromA, fromB, fromC, toA, toB, toC float64) slide {
	k := 1 / float64(n)
	return slide{float64((toA - fromA) * k), float64((toB - fromB) * k), float64((toC - fromC) * k)}
}

// aim is the slide from r's setting to f and bw over n samples.
func (r *resonator) aim(f, bw float64, n int) slide {
	var to resonator
	to.tune(f, bw)
	return slideOver(n, r.a, r.b, r.c, to.a, to.b, to.c)
}

func (r *resonator) move(s *slide) { r.a, r.b, r.c = r.a+s.a, r.b+s.b, r.c+s.c }

// antiresonator is a pair of zeros with unit gain at 0 Hz, the inverse of a
// resonator.
type antiresonator struct{ a, b, c, x1, x2 float64 }

func (r *antiresonator) tune(f, bw float64) {
	b, c := poles(f, bw)
	r.a = 1 / (1 - b - c)
	r.b, r.c = float64(-b*r.a), float64(-c*r.a)
}

func (r *antiresonator) next(x float64) float64 {
	y := float64(r.a*x) + (float64(r.b*r.x1) + float64(r.c*r.x2))
	r.x2, r.x1 = r.x1, x
	return y
}

// aim is the slide from r's setting to f and bw over n samples.
func (r *antiresonator) aim(f, bw float64, n int) slide {
	var to antiresonator
	to.tune(f, bw)
	return slideOver(n, r.a, r.b, r.c, to.a, to.b, to.c)
}

func (r *antiresonator) move(s *slide) { r.a, r.b, r.c = r.a+s.a, r.b+s.b, r.c+s.c }

// bandpass is a pair of poles with zeros at 0 Hz and at half the rate; its gain
// at the peak is about one, so that noise through it has a power that grows
// with the bandwidth.
type bandpass struct{ g, b, c, x1, x2, y1, y2 float64 }

func (p *bandpass) tune(f, bw, gain float64) {
	p.b, p.c = poles(f, bw)
	p.g = float64(gain * (1 + p.c) * 0.5)
}

func (p *bandpass) next(x float64) float64 {
	y := float64(p.g*(x-p.x2)) + (float64(p.b*p.y1) + float64(p.c*p.y2))
	p.x2, p.x1 = p.x1, x
	p.y2, p.y1 = p.y1, y
	return y
}

// lowpass is one pole with unit gain at 0 Hz.
type lowpass struct{ a, y float64 }

// tune sets the corner in Hz.
func (p *lowpass) tune(f float64) { p.a = detmath.Exp(float64(f * (-2 * math.Pi / Rate))) }

func (p *lowpass) next(x float64) float64 {
	p.y = x + float64(p.a*(p.y-x))
	return p.y
}
