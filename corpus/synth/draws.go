package synth

import (
	"framewise/corpus/draw"
	"framewise/transforms/detmath"
)

// stream walks through the numbers of one draw key.
type stream struct {
	key draw.Key
	i   int
}

func newStream(seed uint64, purpose, id string, copy int) *stream {
	return &stream{key: draw.New(seed, "synth/"+purpose, id, copy)}
}

// unit is uniform in [0, 1). The conversion keeps the scaling inside Float64
// from being fused with a sum outside; it would be exact, but then no compiler
// leaves a fused instruction in this package for a reader to wonder about.
func (s *stream) unit() float64 {
	s.i++
	return float64(s.key.Float64(s.i - 1))
}

// intN is uniform in [0, n).
func (s *stream) intN(n int) int {
	s.i++
	return s.key.IntN(s.i-1, n)
}

// chance is true with probability p.
func (s *stream) chance(p float64) bool { return s.unit() < p }

// in is uniform in r.
func (s *stream) in(r Range) float64 { return r.Lo + float64((r.Hi-r.Lo)*s.unit()) }

// normal has mean 0 and variance 1: the sum of four uniforms (Irwin and Hall),
// which never leaves ±3.47, so that no formant can be drawn out of hand.
func (s *stream) normal() float64 {
	const root3 = 1.7320508075688772
	return float64(root3 * (s.unit() + s.unit() + s.unit() + s.unit() - 2))
}

// noise is white noise of variance 1, one number a sample. The four 16-bit
// quarters of a hash are summed as integers, so a sample costs one hash.
type noise struct {
	key draw.Key
	i   int
}

func (n *noise) next() float64 {
	z := n.key.At(n.i)
	n.i++
	sum := int(z&0xffff) + int(z>>16&0xffff) + int(z>>32&0xffff) + int(z>>48) - 2*0xffff
	return float64(float64(sum) * (1.7320508075688772 / 65536))
}

// decibels is the amplitude factor of db decibels.
func decibels(db float64) float64 { return detmath.Exp(float64(db * (2.302585092994046 / 20))) }
