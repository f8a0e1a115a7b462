package augment

import (
	"math"
	"slices"
	"strings"

	"framewise/corpus/draw"
)

// How the level of a stretch of background is measured: the power of frames of
// 25 ms every 10 ms about their mean, of which the 5th percentile counts.
const (
	levelFrameMs    = 25
	levelHopMs      = 10
	levelPercentile = 5
)

// roundingPower is the power of the rounding of 16-bit samples, which is the
// least background that a gap is given: below it would be digital silence.
const roundingPower = 1.0 / 12

// fillGaps fills the gaps between parts in x.joined with noise, or leaves their
// zeros if the configuration says so.
func (x *Renderer) fillGaps(r Recipe, parts []RenderedPart, done []effects) {
	id := strings.TrimSuffix(r.ID, narrowbandSuffix)
	before, known := 0.0, false // of the part before, if it was measured
	for i, p := range parts {
		if p.GapBefore == 0 {
			known = false
			continue
		}
		effect := map[string]any{"fill": x.config.Concat.GapFill}
		done[i]["gap"] = effect
		if x.config.Concat.GapFill == FillZero {
			continue
		}
		if !known {
			before = x.backgroundPower(parts[i-1])
		}
		own := x.backgroundPower(p)
		rms := math.Sqrt(max(roundingPower, min(before, own)))
		noise(x.joined[p.Begin-p.GapBefore:p.Begin], rms, draw.New(x.seed, "gap-noise", id, i))
		effect["rms"] = rms
		before, known = own, true
	}
}

// backgroundPower is the 5th percentile (nearest rank) of a part's frame
// powers in x.joined. A part shorter than a frame is one frame.
func (x *Renderer) backgroundPower(p RenderedPart) float64 {
	samples := x.joined[p.Begin : p.Begin+p.Length]
	win, hop := min(max(levelFrameMs*x.rate/1000, 1), len(samples)), max(levelHopMs*x.rate/1000, 1)
	x.powers = framePowers(x.powers[:0], samples, win, hop)
	slices.Sort(x.powers)
	rank := (levelPercentile*len(x.powers) + 99) / 100
	return x.powers[rank-1]
}

// framePowers appends the powers of frames of win samples every hop.
func framePowers(dst []float64, samples []float32, win, hop int) []float64 {
	begin := 0
	for ; begin+3*hop+win <= len(samples); begin += 4 * hop {
		p := powers(samples[begin:], win, hop)
		dst = append(dst, p[:]...)
	}
	for ; begin+win <= len(samples); begin += hop {
		dst = append(dst, power(samples[begin:begin+win]))
	}
	return dst
}

// powers is power of four frames, hop samples apart: each sum in its own order,
// so that the bits are power's, and four of them in flight while a processor
// waits for one.
func powers(x []float32, win, hop int) [4]float64 {
	a, b, c, d := x[:win], x[hop:][:win], x[2*hop:][:win], x[3*hop:][:win]
	var sa, sb, sc, sd float64
	for i, v := range a {
		sa += float64(v)
		sb += float64(b[i])
		sc += float64(c[i])
		sd += float64(d[i])
	}
	n := float64(win)
	ma, mb, mc, md := sa/n, sb/n, sc/n, sd/n
	sa, sb, sc, sd = 0, 0, 0, 0
	for i, v := range a {
		da, db, dc, dd := float64(v)-ma, float64(b[i])-mb, float64(c[i])-mc, float64(d[i])-md
		sa += float64(da * da)
		sb += float64(db * db)
		sc += float64(dc * dc)
		sd += float64(dd * dd)
	}
	return [4]float64{sa / n, sb / n, sc / n, sd / n}
}

// power is the mean square of samples about their mean.
func power(samples []float32) float64 {
	var sum, squares float64
	for _, s := range samples {
		sum += float64(s)
	}
	mean := sum / float64(len(samples))
	for _, s := range samples {
		d := float64(s) - mean
		squares += float64(d * d)
	}
	return squares / float64(len(samples))
}

// noise writes white noise of a root mean square. Each sample is the sum of
// four 16-bit uniforms of one draw: near enough to a Gaussian for a background,
// and made of integers until its one rounding.
func noise(dst []float32, rms float64, key draw.Key) {
	const mean, deviation = 2 * 65535, 37837.2271 // of the sum: sqrt(4*(65536^2-1)/12)
	gain := rms / deviation
	for i := range dst {
		u := key.At(i)
		sum := u&0xffff + u>>16&0xffff + u>>32&0xffff + u>>48
		dst[i] = float32(float64(int64(sum)-mean) * gain)
	}
}
