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
	for i, p := range parts {
		if p.GapBefore == 0 {
			continue
		}
		effect := map[string]any{"fill": x.config.Concat.GapFill}
		if x.config.Concat.GapFill != FillZero {
			rms := math.Sqrt(max(roundingPower, min(x.backgroundPower(parts[i-1]), x.backgroundPower(p))))
			noise(x.joined[p.Begin-p.GapBefore:p.Begin], rms, draw.New(x.seed, "gap-noise", id, i))
			effect["rms"] = rms
		}
		done[i]["gap"] = effect
	}
}

// backgroundPower is the 5th percentile (nearest rank) of a part's frame
// powers in x.joined. A part shorter than a frame is one frame.
func (x *Renderer) backgroundPower(p RenderedPart) float64 {
	samples := x.joined[p.Begin : p.Begin+p.Length]
	win, hop := min(max(levelFrameMs*x.rate/1000, 1), len(samples)), max(levelHopMs*x.rate/1000, 1)
	x.powers = x.powers[:0]
	for begin := 0; begin+win <= len(samples); begin += hop {
		x.powers = append(x.powers, power(samples[begin:begin+win]))
	}
	slices.Sort(x.powers)
	rank := (levelPercentile*len(x.powers) + 99) / 100
	return x.powers[rank-1]
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
