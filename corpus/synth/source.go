package synth

import "framewise/corpus/draw"

// glottis makes voicing: the derivative of the glottal flow u²-u³ over the open
// share of each period (KLGLOTT88), which falls to -1 and jumps to 0 at the
// closure. The jump is smoothed over the samples beside it by a two-point
// polynomial step (Välimäki and Huovilainen 2007), at the price of a delay of
// one sample.
type glottis struct {
	open            float64 // open quotient
	jitter, shimmer float64
	draws           draw.Key
	pulse           int // number of the pulse
	phase           float64
	period, level   float64 // of this pulse, relative
	held            float64 // the sample that a closure may still correct
}

func newGlottis(sp *speaker, key draw.Key) *glottis {
	g := &glottis{open: sp.openQuotient, jitter: sp.jitter, shimmer: sp.shimmer, draws: key}
	g.begin()
	return g
}

// begin draws period and amplitude of the next pulse.
func (g *glottis) begin() {
	g.period = 1 + float64(g.jitter*2*(float64(g.draws.Float64(2*g.pulse))-0.5))
	g.level = 1 + float64(g.shimmer*2*(float64(g.draws.Float64(2*g.pulse+1))-0.5))
	g.pulse++
}

// next is a sample of voicing at a pitch of f0 periods a sample, and whether
// the glottis is open.
func (g *glottis) next(f0 float64) (sample float64, open bool) {
	step := f0 / g.period
	before := g.phase
	g.phase += step
	out, now := g.held, 0.0
	switch {
	case g.phase < g.open:
		u := g.phase / g.open
		now = float64(g.level * (float64(2*u) - float64(3*float64(u*u))))
	case before < g.open: // the closure was late samples ago
		late := (g.phase - g.open) / step
		early := 1 - late
		now = float64(-0.5 * g.level * float64(early*early))
		out += float64(0.5 * g.level * float64(late*late))
	}
	if g.phase >= 1 {
		g.phase--
		g.begin()
	}
	g.held = now
	return out, g.phase < g.open
}
