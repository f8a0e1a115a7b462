package augment

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"framewise/transforms"
)

func TestOtherRatesComeToTheBaseRate(t *testing.T) {
	for _, rate := range []int{8000, 11025, 22050, 44100, 48000} {
		l := newLibrary(rate, "a", "b")
		out := render(t, recipeOf(Original, 100, "a", "b"), DefaultConfig(), "h#", l)
		at := int64(0)
		for _, s := range out.Alignment {
			if s.Begin != at || s.End <= s.Begin {
				t.Fatalf("%d Hz: segment %v behind %d", rate, s, at)
			}
			at = s.End
		}
		if at != out.BaseSamples || int64(len(out.Samples)) != at || out.Rate != baseRate {
			t.Errorf("%d Hz: alignment ends at %d of %d", rate, at, out.BaseSamples)
		}
		for i, p := range out.Parts {
			n := int64(len(l[p.Utterance].Samples))
			if p.Rate != rate || p.NumSamples != n || p.Length != BaseSamples(n, rate, baseRate) {
				t.Errorf("%d Hz: part %+v of %d samples", rate, p, n)
			}
			if !strings.Contains(p.Effects, `"resample":{"to":16000}`) {
				t.Errorf("%d Hz: effects %s", rate, p.Effects)
			}
			for k, s := range l[p.Utterance].Alignment { // boundaries within half a base sample
				exact := float64(s.Begin-p.BeginSample) * baseRate / float64(rate)
				if got := out.Alignment[6*i+k].Begin - p.Begin; math.Abs(float64(got)-exact) > 0.5 {
					t.Errorf("%d Hz: boundary at %d, want %.2f", rate, got, exact)
				}
			}
		}
	}
}

func TestNarrowbandKeepsTheTimeline(t *testing.T) {
	l := newLibrary(baseRate, "a", "b", "c")
	for _, ids := range [][]string{{"a"}, {"b"}, {"a", "b", "c"}} {
		original := render(t, recipeOf(Original, 333, ids...), DefaultConfig(), "h#", l)
		for _, mode := range []string{NarrowbandKeep, NarrowbandRestore} {
			c := DefaultConfig()
			c.Narrowband.Mode = mode
			out := render(t, recipeOf(Narrowband, 333, ids...), c, "h#", l)
			if len(ids) > 1 && !strings.Contains(out.Parts[1].Effects, original.Parts[1].Effects[1:len(original.Parts[1].Effects)-1]) {
				t.Errorf("%s: effects %s, want the original's %s among them", mode, out.Parts[1].Effects, original.Parts[1].Effects)
			}
			if out.BaseSamples != original.BaseSamples || !slices.Equal(out.Alignment, original.Alignment) || !slices.Equal(out.Phones, original.Phones) {
				t.Errorf("%s %q: another timeline than the original's", mode, ids)
			}
			rate := baseRate
			if mode == NarrowbandKeep {
				rate /= 2
			}
			if out.Rate != rate || len(out.Samples) != int(BaseSamples(out.BaseSamples, baseRate, rate)) {
				t.Errorf("%s %q: %d samples at %d Hz", mode, ids, len(out.Samples), out.Rate)
			}
			if mode == NarrowbandKeep { // the very example, gap noise and all
				down, err := transforms.NewResampler(baseRate, rate)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(out.Samples, down.Resample(nil, original.Samples)) {
					t.Errorf("%q: the copy is not its original at half the rate", ids)
				}
			}
			half := framings(t, rate)
			for i, f := range framings(t, baseRate) {
				T := f.NumFrames(int(out.BaseSamples))
				n := half[i].FitLength(len(out.Samples), T)
				if d := n - len(out.Samples); half[i].NumFrames(n) != T || d > half[i].Hop || -d > half[i].Hop {
					t.Errorf("%s %q %s: %d samples fitted to %d for %d frames", mode, ids, f.Rule, len(out.Samples), n, T)
				}
			}
			var fx map[string]map[string]any
			if err := json.Unmarshal([]byte(out.Parts[0].Effects), &fx); err != nil || fx["narrowband"]["mode"] != mode || fx["narrowband"]["rate"] != 8000.0 {
				t.Errorf("effects %s: %v", out.Parts[0].Effects, err)
			}
		}
	}
}

// A tone below the copy's band edge survives in place, one above it is gone.
func TestNarrowbandLimitsTheBand(t *testing.T) {
	tone := func(hz float64) *Source {
		s := &Source{Samples: make([]float32, 8000), Rate: baseRate}
		for i := range s.Samples {
			s.Samples[i] = float32(1000 * math.Sin(2*math.Pi*hz*float64(i)/baseRate))
		}
		return s
	}
	l := library{"low": tone(500), "high": tone(6000)}
	for _, mode := range []string{NarrowbandKeep, NarrowbandRestore} {
		c := DefaultConfig()
		c.Narrowband.Mode = mode
		low := render(t, recipeOf(Narrowband, 0, "low"), c, "", l)
		step := baseRate / low.Rate
		for i := 1000; i < len(low.Samples)-1000; i++ {
			if d := math.Abs(float64(low.Samples[i] - l["low"].Samples[i*step])); d > 10 {
				t.Fatalf("%s: sample %d of a 500 Hz tone is off by %.1f of 1000", mode, i, d)
			}
		}
		high := render(t, recipeOf(Narrowband, 0, "high"), c, "", l)
		if rms := math.Sqrt(power(high.Samples[1000 : len(high.Samples)-1000])); rms > 7 {
			t.Errorf("%s: a 6 kHz tone of rms 707 leaves %.2f", mode, rms)
		}
	}
}

func TestRestoreAtAnOddRate(t *testing.T) {
	l := newLibrary(11025, "a")
	c := DefaultConfig()
	c.Narrowband.Mode = NarrowbandRestore
	out, err := Render(recipeOf(Narrowband, 0, "a"), 11025, c, 1, "", l.load)
	if err != nil || len(out.Samples) != len(l["a"].Samples) || out.Rate != 11025 {
		t.Errorf("%d samples at %d Hz, want %d at 11025 (%v)", len(out.Samples), out.Rate, len(l["a"].Samples), err)
	}
}
