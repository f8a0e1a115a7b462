package score

import (
	"math"
	"slices"

	"framewise/corpus/draw"
)

// Ratio is one unit's share of a score that is a ratio of sums: a speaker's
// correct frames of its frames, or its edits of its reference phones.
type Ratio struct{ Part, Of int64 }

// Interval is the percentile bootstrap interval (Efron 1979) of the ratio of
// sums over units, which are drawn with replacement, as many as there are, for
// each resample. Units should be what varies independently: speakers, not
// frames or utterances (for speech: Bisani and Ney 2004). level is the share of
// resamples inside, such as 0.95; percentiles between two resamples are
// interpolated linearly. Draw i of resample r is the hash of (seed, "bootstrap",
// r), so that the interval is a function of its arguments. It is false with
// fewer than two units with anything in them.
func Interval(units []Ratio, level float64, resamples int, seed uint64) (lo, hi float64, ok bool) {
	units = slices.DeleteFunc(slices.Clone(units), func(u Ratio) bool { return u.Of == 0 })
	if len(units) < 2 || resamples < 1 {
		return 0, 0, false
	}
	rates := make([]float64, resamples)
	for r := range rates {
		key := draw.New(seed, "bootstrap", "", r)
		var sum Ratio
		for i := range units {
			u := units[key.IntN(i, len(units))]
			sum.Part, sum.Of = sum.Part+u.Part, sum.Of+u.Of
		}
		rates[r] = float64(sum.Part) / float64(sum.Of)
	}
	slices.Sort(rates)
	return percentile(rates, (1-level)/2), percentile(rates, (1+level)/2), true
}

// percentile is the value below which a share of the sorted values lies.
func percentile(sorted []float64, share float64) float64 {
	at := share * float64(len(sorted)-1)
	i := min(max(int(math.Floor(at)), 0), len(sorted)-1)
	j := min(i+1, len(sorted)-1)
	return sorted[i] + (at-float64(i))*(sorted[j]-sorted[i])
}
