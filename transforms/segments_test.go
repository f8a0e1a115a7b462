package transforms

import (
	"fmt"
	"testing"
)

// segmentExtractors are the presets under each framing, and what may go
// another way through the kernels: sizes of FFT, kinds, hops, no pre-emphasis.
func segmentExtractors(t *testing.T) map[string]*Extractor {
	all := testExtractors(t)
	for _, rate := range []int{4000, 8000, 22050, 44100, 96000} {
		for _, preset := range []string{"psf-logfbank", "kaldi-mfcc"} {
			all[fmt.Sprint(preset, " ", rate)] = newTestExtractor(t, preset, rate, func(c *FeatureConfig) { c.NFFT, c.FramingRule = 0, FramingKaldi })
		}
	}
	for name, change := range map[string]func(*FeatureConfig){
		"odd hop":   func(c *FeatureConfig) { c.FrameLengthMs, c.FrameShiftMs = 19.95, 7.3 },
		"whole hop": func(c *FeatureConfig) { c.FrameShiftMs = 25 },
		"power":     func(c *FeatureConfig) { c.Kind, c.Window = Power, Hann },
		"magnitude": func(c *FeatureConfig) { c.Kind, c.NFFT = Magnitude, 1024 },
		"plain":     func(c *FeatureConfig) { c.Preemph, c.UseEnergy, c.Energy = 0, true, EnergyRaw },
	} {
		for _, preset := range []string{"psf-logfbank", "kaldi-fbank"} {
			all[name+" "+preset] = newTestExtractor(t, preset, 16000, change)
		}
	}
	return all
}

// segmentSignals are a signal of whole numbers and one of fractions.
func segmentSignals(n int) (whole []int16, fractions []float32) {
	whole = testSignal(n)
	fractions = floats(whole)
	for i := range fractions {
		fractions[i] /= 3
	}
	return whole, fractions
}

// cutFor is the shortest cut [from, to) of n samples, on the hop grid, that
// has all that frame t of the whole is made of, and the frame's row in it.
func cutFor(x *Extractor, t, n int) (from, to, row int) {
	f := x.Framing()
	begin := f.Begin(t)
	first := begin
	if begin+f.Win > n { // what lies past the end may be a mirror of what lies before
		first = min(first, 2*n-begin-f.Win)
	}
	if x.Config().PreemphScope == PreemphSignal {
		first-- // y[0] is x[0] at the signal's begin alone
	}
	from = max(0, first) / f.Hop * f.Hop
	return from, min(n, max(begin+f.Win, 1)), t - from/f.Hop
}

// Frame by frame gives the bits of the whole signal at once.
func TestFrameByFrameGivesTheBitsOfTheWhole(t *testing.T) {
	const n = 12345
	whole, fractions := segmentSignals(n)
	for name, x := range segmentExtractors(t) {
		rows, fracRows := x.ComputeI16(nil, whole), x.Compute(nil, fractions)
		var one, fracOne []float32
		dim := x.Dim()
		for frame := range x.NumFrames(n) {
			from, to, r := cutFor(x, frame, n)
			one, fracOne = x.ComputeI16(one, whole[from:to]), x.Compute(fracOne, fractions[from:to])
			if len(one) < (r+1)*dim {
				t.Fatalf("%s: the cut [%d, %d) has %d rows, want row %d for frame %d", name, from, to, len(one)/dim, r, frame)
			}
			if !equalBits(one[r*dim:][:dim], rows[frame*dim:][:dim]) || !equalBits(fracOne[r*dim:][:dim], fracRows[frame*dim:][:dim]) {
				t.Fatalf("%s: frame %d alone, of samples [%d, %d), differs from that of the whole", name, frame, from, to)
			}
		}
	}
}

// A signal cut anywhere on the hop grid gives the rows of the whole signal:
// all that do not reach past an end of the cut, and under pre-emphasis over
// the signal all that do not hold its first sample.
func TestSegmentsGiveTheBitsOfTheWhole(t *testing.T) {
	whole, fractions := segmentSignals(100*960 + 2*4096 + 5000)
	for name, x := range segmentExtractors(t) {
		f, dim := x.Framing(), x.Dim()
		rows, fracRows := x.ComputeI16(nil, whole), x.Compute(nil, fractions)
		state := lcg(9)
		for range 12 {
			from := int(state.next()%100) * f.Hop
			n := f.Win + int(state.next()%5000)
			cut := x.ComputeI16(nil, whole[from:][:n])
			fracCut := x.Compute(nil, fractions[from:][:n])
			for r := range x.NumFrames(n) {
				begin := f.Begin(r)
				if begin < 0 || begin+f.Win > n || x.Config().PreemphScope == PreemphSignal && begin == 0 && from > 0 {
					continue
				}
				at := from/f.Hop + r
				if !equalBits(cut[r*dim:][:dim], rows[at*dim:][:dim]) || !equalBits(fracCut[r*dim:][:dim], fracRows[at*dim:][:dim]) {
					t.Fatalf("%s: row %d of a cut at %d differs from row %d of the whole", name, r, from, at)
				}
			}
		}
	}
}
