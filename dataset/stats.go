package dataset

import (
	"cmp"
	"slices"

	"framewise/transforms"
)

// PaddingBatch is the number of examples of a batch in the padding figures.
const PaddingBatch = 64

// LengthEdges are the lower edges, in frames, of the bins of the length
// histograms: bin i counts LengthEdges[i] <= T < LengthEdges[i+1], and the
// last has no upper edge.
var LengthEdges = []int32{0, 25, 50, 75, 100, 150, 200, 250, 300, 350, 400, 450, 500, 600, 700, 800, 900,
	1000, 1250, 1500, 1750, 2000, 2500, 3000, 4000, 5000, 7500, 10000, 20000, 50000, 100000}

// ShardStats is what a Writer counts while it writes. All of it can be
// computed again from the shard.
type ShardStats struct {
	Examples     int64          `json:"examples"`
	Frames       int64          `json:"frames"`
	AudioSamples int64          `json:"audio_samples"` // sum of num_samples, whatever their rates
	Rates        []RateCount    `json:"rates"`         // the same by sample rate, ascending
	Variants     []VariantCount `json:"variants"`      // by variant, examples of one part first
	Lengths      []LengthCount  `json:"lengths"`       // examples by number of frames, ascending
	PaddedFrames int64          `json:"padded_frames"` // of batches of PaddingBatch rows in row order, each padded to its longest
	Labels       []int64        `json:"labels"`        // frames by label index
	Unlabeled    int64          `json:"unlabeled"`     // frames without a label
	CMVN         []CMVN         `json:"cmvn"`          // by speaker, then variant
}

// RateCount is the audio of one sample rate.
type RateCount struct {
	Rate     int32 `json:"rate"` // Hz
	Examples int64 `json:"examples"`
	Samples  int64 `json:"samples"`
}

// VariantCount is the examples of one variant that are concatenations, or
// those that are not.
type VariantCount struct {
	Variant      string `json:"variant"`
	Concatenated bool   `json:"concatenated"`
	Examples     int64  `json:"examples"`
	Frames       int64  `json:"frames"`
}

// variantKey is what a VariantCount counts.
type variantKey struct {
	variant      string
	concatenated bool
}

func (v VariantCount) key() variantKey { return variantKey{v.Variant, v.Concatenated} }

// LengthCount is the number of examples of one length.
type LengthCount struct {
	Frames   int32 `json:"frames"`
	Examples int64 `json:"examples"`
}

// CMVN holds the sums that mean and variance come from, over the examples of
// one speaker and variant that are not concatenations.
type CMVN struct {
	Split            string `json:"split"`
	Speaker          string `json:"speaker"`
	Variant          string `json:"variant"`
	transforms.Stats        // frames, sum [F], sumsq [F]
}

func compareCMVN(a, b CMVN) int {
	return cmp.Or(cmp.Compare(a.Split, b.Split), cmp.Compare(a.Speaker, b.Speaker), cmp.Compare(a.Variant, b.Variant))
}

// gatherer computes ShardStats from the examples of a shard in row order.
type gatherer struct {
	split    string
	f        int
	stats    ShardStats
	lengths  map[int32]int64
	rates    map[int32]RateCount
	variants map[variantKey]VariantCount
	cmvn     map[[2]string]*CMVN
	longest  int32 // of the batch that is being counted
	inBatch  int64
}

func newGatherer(split string, f, labels int) *gatherer {
	return &gatherer{split: split, f: f, stats: ShardStats{Labels: make([]int64, labels)},
		lengths: map[int32]int64{}, rates: map[int32]RateCount{}, variants: map[variantKey]VariantCount{}, cmvn: map[[2]string]*CMVN{}}
}

// add counts an example that has passed checkExample.
func (g *gatherer) add(ex *Example) {
	s := &g.stats
	s.Examples++
	s.Frames += int64(ex.NumFrames)
	s.AudioSamples += ex.NumSamples
	rate := g.rates[ex.SampleRate]
	g.rates[ex.SampleRate] = RateCount{Rate: ex.SampleRate, Examples: rate.Examples + 1, Samples: rate.Samples + ex.NumSamples}
	v := VariantCount{Variant: ex.Parts[0].Variant, Concatenated: len(ex.Parts) > 1, Examples: 1, Frames: int64(ex.NumFrames)}
	addVariant(g.variants, v)
	g.lengths[ex.NumFrames]++
	if g.inBatch == PaddingBatch {
		g.endBatch()
	}
	g.inBatch++
	g.longest = max(g.longest, ex.NumFrames)
	if ex.Labels == nil {
		s.Unlabeled += int64(ex.NumFrames)
	}
	for _, l := range ex.Labels {
		if l < 0 {
			s.Unlabeled++
		} else {
			s.Labels[l]++
		}
	}
	if len(ex.Parts) == 1 {
		// The only error is rows of another width, which checkExample excludes.
		_ = g.cmvnOf(ex.Speaker, ex.Parts[0].Variant).Add(ex.Features, g.f)
	}
}

func (g *gatherer) cmvnOf(speaker, variant string) *CMVN {
	key := [2]string{speaker, variant}
	c := g.cmvn[key]
	if c == nil {
		c = &CMVN{Split: g.split, Speaker: speaker, Variant: variant}
		g.cmvn[key] = c
	}
	return c
}

func (g *gatherer) endBatch() {
	g.stats.PaddedFrames += int64(g.longest) * g.inBatch
	g.longest, g.inBatch = 0, 0
}

// finish returns the statistics. Nothing may be added after it.
func (g *gatherer) finish() ShardStats {
	g.endBatch()
	s := g.stats
	s.Rates, s.Variants = sortedRates(g.rates), sortedVariants(g.variants)
	s.Lengths, s.CMVN = sortedLengths(g.lengths), sortedCMVN(g.cmvn)
	return s
}

// The maps are only ever read through these, in a fixed order.

func sortedRates(m map[int32]RateCount) []RateCount {
	return sorted(m, func(_ int32, v RateCount) RateCount { return v }, func(a, b RateCount) int { return cmp.Compare(a.Rate, b.Rate) })
}

func sortedLengths(m map[int32]int64) []LengthCount {
	return sorted(m, func(t int32, n int64) LengthCount { return LengthCount{t, n} },
		func(a, b LengthCount) int { return cmp.Compare(a.Frames, b.Frames) })
}

func sortedVariants(m map[variantKey]VariantCount) []VariantCount {
	return sorted(m, func(_ variantKey, v VariantCount) VariantCount { return v }, func(a, b VariantCount) int {
		if a.Variant == b.Variant && a.Concatenated != b.Concatenated {
			if b.Concatenated {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Variant, b.Variant)
	})
}

// addVariant adds v to what m has of its kind.
func addVariant(m map[variantKey]VariantCount, v VariantCount) {
	sum := m[v.key()]
	v.Examples += sum.Examples
	v.Frames += sum.Frames
	m[v.key()] = v
}

func sortedCMVN(m map[[2]string]*CMVN) []CMVN {
	return sorted(m, func(_ [2]string, c *CMVN) CMVN { return *c }, compareCMVN)
}

func sorted[K comparable, V, T any](m map[K]V, item func(K, V) T, compare func(a, b T) int) []T {
	out := make([]T, 0, len(m))
	for k, v := range m {
		out = append(out, item(k, v))
	}
	slices.SortFunc(out, compare)
	return out
}
