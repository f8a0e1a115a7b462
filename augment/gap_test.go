package augment

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"framewise/corpus"
	"framewise/corpus/draw"
)

func TestGapNoiseHasTheQuieterNeighborsLevel(t *testing.T) {
	l := newLibrary(baseRate, "a", "b") // backgrounds of rms 10 and 20
	for _, ids := range [][]string{{"a", "b"}, {"b", "a"}} {
		out := render(t, recipeOf(Original, 3000, ids...), DefaultConfig(), "h#", l)
		gap := out.Samples[out.Parts[1].Begin-3000 : out.Parts[1].Begin]
		if rms := math.Sqrt(power(gap)); rms < 10/1.3 || rms > 10*1.3 {
			t.Errorf("gap of %q has rms %.2f, want about 10", ids, rms)
		}
		var fx map[string]map[string]any
		if err := json.Unmarshal([]byte(out.Parts[1].Effects), &fx); err != nil || fx["gap"]["fill"] != "noise" {
			t.Errorf("effects %s: %v", out.Parts[1].Effects, err)
		}
		if rms := fx["gap"]["rms"].(float64); math.Abs(rms-math.Sqrt(power(gap))) > 0.05*rms {
			t.Errorf("effects say rms %.2f, the gap has %.2f", rms, math.Sqrt(power(gap)))
		}
	}
}

// Frames measured four at a time have the bits of frames measured one by one.
func TestFramePowersAreThoseOfEachFrame(t *testing.T) {
	k, samples := draw.New(1, "test", "powers", 0), make([]float32, 3000)
	for i := range samples {
		samples[i] = float32(k.IntN(i, 1<<24)-1<<23) / 300
	}
	for n := 1; n <= len(samples); n += 13 {
		for _, size := range [][2]int{{400, 160}, {7, 10}, {1, 1}, {n, 160}} {
			win, hop := min(size[0], n), size[1]
			var want []float64
			for begin := 0; begin+win <= n; begin += hop {
				want = append(want, power(samples[begin:begin+win]))
			}
			if got := framePowers(nil, samples[:n], win, hop); !slices.Equal(got, want) {
				t.Fatalf("%d samples, frames of %d every %d: powers %v, want %v", n, win, hop, got, want)
			}
		}
	}
}

func TestGapFillings(t *testing.T) {
	l := library{"a": {Samples: make([]float32, 900), Rate: baseRate}, "b": {Samples: make([]float32, 50), Rate: baseRate}}
	gap := func(c Config, seed uint64) []float32 {
		out, err := Render(recipeOf(Original, 500, "a", "b"), baseRate, c, seed, "", l.load)
		if err != nil {
			t.Fatal(err)
		}
		return out.Samples[900:1400]
	}
	c := DefaultConfig()
	noise := gap(c, 1)
	if p := power(noise); p < roundingPower/1.3 || p > roundingPower*1.3 {
		t.Errorf("a gap between digital silences has power %.4f, want that of rounding, %.4f", p, roundingPower)
	}
	if !slices.Equal(noise, gap(c, 1)) || slices.Equal(noise, gap(c, 2)) {
		t.Error("the noise of a gap does not follow from the seed")
	}
	x := NewRenderer(baseRate, c, 1, "")
	two, err := x.Render(recipeOf(Original, 500, "a", "b", "b"), l.load)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(two.Samples[900:1400], noise) || slices.Equal(two.Samples[1450:1950], noise) {
		t.Error("the noise of a gap does not follow from its example and place")
	}
	x.config.Concat.GapFill = FillZero
	zero, err := x.Render(recipeOf(Original, 500, "a", "b"), l.load)
	if err != nil || power(zero.Samples) != 0 {
		t.Errorf("gap_fill zero leaves something in the gap (%v)", err)
	}
}

func TestBackgroundIgnoresTheMean(t *testing.T) {
	l := newLibrary(baseRate, "a", "b")
	for i := range l["a"].Samples {
		l["a"].Samples[i] += 300
	}
	out := render(t, recipeOf(Original, 3000, "a", "b"), DefaultConfig(), "", l)
	if rms := math.Sqrt(power(out.Samples[out.Parts[1].Begin-3000 : out.Parts[1].Begin])); rms > 13 {
		t.Errorf("an offset of 300 gives a gap of rms %.1f, want about 10", rms)
	}
}

func TestNoiseIsNearGaussian(t *testing.T) {
	x := make([]float32, 1<<18)
	noise(x, 100, draw.New(5, "test", "", 0))
	var m [5]float64 // moments in units of the root mean square
	for _, v := range x {
		for k := range m {
			m[k] += math.Pow(float64(v)/100, float64(k)) / float64(len(x))
		}
	}
	// The sum of four uniforms has kurtosis 3 - 6/5/4 = 2.7.
	if math.Abs(m[1]) > 0.01 || math.Abs(m[2]-1) > 0.01 || math.Abs(m[3]) > 0.02 || math.Abs(m[4]-2.7) > 0.05 {
		t.Errorf("moments %.4f, want 1, 0, 1, 0, 2.7", m)
	}
}

func TestGapLabels(t *testing.T) {
	l := newLibrary(baseRate, "a", "b")
	with := render(t, recipeOf(Original, 160, "a", "b"), DefaultConfig(), "h#", l)
	if len(with.Alignment) != 11 || with.Alignment[5].Label != "h#" || with.Alignment[5].End-with.Alignment[5].Begin != 160 {
		t.Errorf("alignment %v, want the gap as the sixth segment", with.Alignment)
	}
	if n := len(with.Phones); n != 9 {
		t.Errorf("%d phones, want 9: three silences at the joint are one", n)
	}
	without := render(t, recipeOf(Original, 160, "a", "b"), DefaultConfig(), "", l)
	if gap := without.Parts[1].Begin - 1; without.Alignment.At(gap, 0) != -1 || len(without.Phones) != 10 {
		t.Errorf("a set without silence labels the gap or merges: %v", without.Phones)
	}
	l["b"].Alignment[0].Label = "s"
	if out := render(t, recipeOf(Original, 0, "a", "b"), DefaultConfig(), "h#", l); len(out.Phones) != 10 {
		t.Errorf("phones %q, want no merge of h# and s", out.Phones)
	}
	l["a"].Alignment[4].Label = "s"
	if out := render(t, recipeOf(Original, 0, "a", "b"), DefaultConfig(), "h#", l); len(out.Phones) != 10 {
		t.Errorf("phones %q, want no merge of s and s", out.Phones)
	}
}

func TestPhonesWithoutAlignment(t *testing.T) {
	l := newLibrary(baseRate, "a", "b", "c")
	for _, s := range l {
		s.Alignment, s.Phones = nil, []string{"h#", "k", "h#"}
	}
	out := render(t, recipeOf(Original, 80, "a", "b"), DefaultConfig(), "h#", l)
	if want := []string{"h#", "k", "h#", "k", "h#"}; out.Alignment != nil || !slices.Equal(out.Phones, want) {
		t.Errorf("alignment %v, phones %q, want none and %q", out.Alignment, out.Phones, want)
	}
	l["c"].Phones = nil
	if out := render(t, recipeOf(Original, 80, "a", "c"), DefaultConfig(), "h#", l); out.Phones != nil {
		t.Errorf("phones %q, want nil: a part's are unknown", out.Phones)
	}
	l["c"].Alignment = corpus.Alignment{{Begin: l["c"].Begin, End: l["c"].Begin + 50, Label: "k"}}
	out = render(t, recipeOf(Original, 80, "a", "c"), DefaultConfig(), "h#", l)
	if len(out.Alignment) != 2 || out.Alignment[1].Begin != out.Parts[1].Begin {
		t.Errorf("alignment %v, want the gap and the second part's segment", out.Alignment)
	}
}
