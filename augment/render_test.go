package augment

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"framewise/corpus"
	"framewise/corpus/draw"
	"framewise/transforms"
)

// library is a made-up corpus in memory: what a recipe's parts are loaded from.
type library map[string]*Source

func (l library) load(p Part) (*Source, error) {
	if s := l[p.Utterance]; s != nil {
		return s, nil
	}
	return nil, &corpus.Problem{Reason: corpus.MissingAudio, Detail: p.Utterance}
}

// randomSource draws an utterance: a loud middle in a quieter background, cut
// out of a recording, aligned from end to end with silence at both ends.
func randomSource(id string, rate int, background float64) *Source {
	k := draw.New(1, "test-source", id, 0)
	n := k.Between(0, rate/4, rate)
	s := &Source{Samples: make([]float32, n), Rate: rate, Begin: int64(k.Between(1, 0, 999)), Speaker: "F" + id[:1], Text: "say " + id}
	for i := range s.Samples {
		level := background
		if i > n/4 && i < 3*n/4 {
			level *= 20
		}
		u := k.Float64(10+i) + k.Float64(9999999+i) - 1 // variance 1/6
		s.Samples[i] = float32(math.Round(u * level * math.Sqrt(6)))
	}
	labels := []string{"h#", "s", "iy", "iy", "h#"}
	for i, label := range labels {
		s.Alignment = append(s.Alignment, corpus.Segment{
			Begin: s.Begin + int64(i*n/len(labels)), End: s.Begin + int64((i+1)*n/len(labels)), Label: label})
	}
	return s
}

func newLibrary(rate int, ids ...string) library {
	l := library{}
	for i, id := range ids {
		l[id] = randomSource(id, rate, 10*float64(i+1))
	}
	return l
}

func recipeOf(v Variant, gap int64, ids ...string) Recipe {
	r := Recipe{ID: "concat/0/0123456789abcdef", Split: "train", Variant: v}
	if v == Narrowband {
		r.ID += "+nb"
	}
	for i, id := range ids {
		p := Part{Utterance: id}
		if i > 0 {
			p.Gap = gap
		}
		r.Parts = append(r.Parts, p)
	}
	return r
}

func render(t *testing.T, r Recipe, c Config, silence string, l library) *Rendered {
	t.Helper()
	out, err := Render(r, baseRate, c, 7, silence, l.load)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func framings(t *testing.T, rate int) []transforms.Framing {
	t.Helper()
	var fs []transforms.Framing
	for _, rule := range []transforms.FramingRule{transforms.FramingPSF, transforms.FramingKaldiSnip, transforms.FramingKaldi} {
		f, err := transforms.NewFraming(rule, rate, 25, 10)
		if err != nil {
			t.Fatal(err)
		}
		fs = append(fs, f)
	}
	return fs
}

func TestPlainOriginalIsItsRecording(t *testing.T) {
	l := newLibrary(baseRate, "a")
	src := l["a"]
	out := render(t, recipeOf(Original, 0, "a"), DefaultConfig(), "h#", l)
	if !slices.Equal(out.Samples, src.Samples) || out.Rate != baseRate || out.BaseSamples != int64(len(src.Samples)) {
		t.Error("the samples of an original are not the recording's")
	}
	for i, s := range out.Alignment {
		if want := src.Alignment[i]; s.Begin != want.Begin-src.Begin || s.End != want.End-src.Begin || s.Label != want.Label {
			t.Errorf("segment %d is %v, want %v from sample %d", i, s, want, src.Begin)
		}
	}
	if want := []string{"h#", "s", "iy", "iy", "h#"}; !slices.Equal(out.Phones, want) {
		t.Errorf("phones %q, want %q", out.Phones, want)
	}
	want := RenderedPart{Utterance: "a", Speaker: "Fa", Variant: Original, Rate: baseRate, BeginSample: src.Begin,
		NumSamples: int64(len(src.Samples)), Length: int64(len(src.Samples)), Effects: "{}"}
	if out.Speaker != "Fa" || out.Text != "say a" || out.Parts[0] != want {
		t.Errorf("%q said %q in %+v, want %+v", out.Speaker, out.Text, out.Parts[0], want)
	}
}

func TestJoinWithoutGapsIsExact(t *testing.T) {
	l := newLibrary(baseRate, "a", "b", "c")
	out := render(t, recipeOf(Original, 0, "a", "b", "c"), DefaultConfig(), "h#", l)
	var want []float32
	for i, id := range []string{"a", "b", "c"} {
		if p := out.Parts[i]; p.Begin != int64(len(want)) || p.Length != int64(len(l[id].Samples)) {
			t.Errorf("part %d is [%d, +%d), want it behind %d", i, p.Begin, p.Length, len(want))
		}
		want = append(want, l[id].Samples...)
	}
	if !slices.Equal(out.Samples, want) {
		t.Error("the joined samples are not the parts'")
	}
	// Silences merge where parts meet; "iy iy" within a part stays.
	one := []string{"s", "iy", "iy", "h#"}
	if want := append([]string{"h#"}, slices.Concat(one, one, one)...); !slices.Equal(out.Phones, want) {
		t.Errorf("phones %q, want %q", out.Phones, want)
	}
	if out.Speaker != "*" || out.Text != "say a say b say c" {
		t.Errorf("speaker %q, text %q", out.Speaker, out.Text)
	}
}

// Label and frame of a joined example are its part's, framed alone from the
// right phase, and the alignment leaves no sample out.
func TestLabelsAreExactAcrossJoints(t *testing.T) {
	l := newLibrary(baseRate, "a", "b", "c")
	for gap := int64(0); gap < 1200; gap += 149 {
		out := render(t, recipeOf(Original, gap, "a", "b", "c"), DefaultConfig(), "h#", l)
		at := int64(0)
		for _, s := range out.Alignment {
			if s.Begin != at {
				t.Fatalf("gap %d: segment %v begins behind %d", gap, s, at)
			}
			at = s.End
		}
		if at != out.BaseSamples || out.BaseSamples != int64(len(out.Samples)) {
			t.Fatalf("gap %d: the alignment ends at %d of %d samples", gap, at, out.BaseSamples)
		}
		for _, f := range framings(t, baseRate) {
			checkFrames(t, out, f, l)
		}
	}
}

func checkFrames(t *testing.T, out *Rendered, f transforms.Framing, l library) {
	t.Helper()
	T := f.NumFrames(int(out.BaseSamples))
	spans := FrameSpans(out.Parts, f)
	next := 0
	for i, span := range spans {
		p := out.Parts[i]
		if span.Begin != next {
			t.Fatalf("%s: part %d begins at frame %d, want %d", f.Rule, i, span.Begin, next)
		}
		next += span.Count
		if c := int64(f.Center(span.Begin)); i > 0 && (c < p.Begin || int64(f.Center(span.Begin-1)) >= p.Begin) {
			t.Fatalf("%s: part %d begins at sample %d, and its first frame's centre is %d", f.Rule, i, p.Begin, c)
		}
		src := l[p.Utterance]
		for k := span.Begin; k < next; k++ {
			center := int64(f.Center(k))
			if center >= out.BaseSamples {
				continue // the zero-padded tail of psf
			}
			got := out.Alignment[out.Alignment.At(center, 0)].Label
			want := "h#" // of the gap behind the part
			if at := src.Alignment.At(center-p.Begin+src.Begin, 0); at >= 0 {
				want = src.Alignment[at].Label
			}
			if got != want {
				t.Fatalf("%s: frame %d of part %d is %q, want %q", f.Rule, k, i, got, want)
			}
			if lo, hi := int64(f.Begin(k))-p.Begin, int64(f.Begin(k)+f.Win)-p.Begin; lo >= 0 && hi <= p.Length &&
				!slices.Equal(out.Samples[lo+p.Begin:hi+p.Begin], src.Samples[lo:hi]) {
				t.Fatalf("%s: frame %d is not its part's", f.Rule, k)
			}
		}
	}
	if next != T {
		t.Fatalf("%s: the parts have %d frames, want %d", f.Rule, next, T)
	}
}

func TestFrameSpansOfShortParts(t *testing.T) {
	f := transforms.Framing{Rule: transforms.FramingKaldiSnip, Win: 400, Hop: 160}
	parts := []RenderedPart{{Length: 100}, {Begin: 100, Length: 60}, {Begin: 160, Length: 500}, {Begin: 660, Length: 3}}
	want := []FrameSpan{{0, 0}, {0, 0}, {0, 2}, {2, 0}}
	if got := FrameSpans(parts, f); !reflect.DeepEqual(got, want) {
		t.Errorf("spans %v, want %v", got, want)
	}
	if got := FrameSpans(nil, f); got != nil {
		t.Errorf("spans of no parts: %v", got)
	}
}

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

func TestAlignmentIsClippedToTheUtterance(t *testing.T) {
	s := &Source{Samples: make([]float32, 100), Rate: baseRate, Begin: 1000, Alignment: corpus.Alignment{
		{Begin: 0, End: 900, Label: "before"}, {Begin: 900, End: 1040, Label: "s"}, {Begin: 1040, End: 1040, Label: "empty"},
		{Begin: 1060, End: 2000, Label: "iy"}, {Begin: 2000, End: 2100, Label: "after"}}}
	out := render(t, recipeOf(Original, 0, "a"), DefaultConfig(), "", library{"a": s})
	if want := (corpus.Alignment{{Begin: 0, End: 40, Label: "s"}, {Begin: 60, End: 100, Label: "iy"}}); !slices.Equal(out.Alignment, want) {
		t.Errorf("alignment %v, want %v", out.Alignment, want)
	}
	if s.Alignment[1].Begin != 900 {
		t.Error("rendering changed its source")
	}
}

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

func TestRendererIsReusable(t *testing.T) {
	l := newLibrary(baseRate, "a", "b", "c")
	x := NewRenderer(baseRate, DefaultConfig(), 7, "h#")
	for _, r := range []Recipe{recipeOf(Original, 50, "c", "b", "a"), recipeOf(Narrowband, 0, "a"), recipeOf(Narrowband, 99, "b", "c"), recipeOf(Original, 0, "b"), recipeOf(Original, 700, "a", "b")} {
		got, err := x.Render(r, l.load)
		if err != nil {
			t.Fatal(err)
		}
		if want := render(t, r, DefaultConfig(), "h#", l); !reflect.DeepEqual(got, want) {
			t.Errorf("%q of %d parts depends on what was rendered before", r.ID, len(r.Parts))
		}
	}
}

func TestRenderRefuses(t *testing.T) {
	l := newLibrary(baseRate, "a", "b")
	l["empty"] = &Source{Rate: baseRate}
	l["odd"] = &Source{Samples: make([]float32, 9), Rate: -1}
	off := DefaultConfig()
	off.Narrowband.Mode = NarrowbandOff
	first := recipeOf(Original, 0, "a")
	first.Parts[0].Gap = 1
	for _, c := range []struct {
		r    Recipe
		rate int
		want string
	}{
		{recipeOf(Original, 0, "a"), 0, "base rate 0 Hz, want > 0"},
		{recipeOf(Original, 0), baseRate, "recipe without parts"},
		{recipeOf("loud", 0, "a"), baseRate, `variant "loud", want original or narrowband`},
		{recipeOf(Narrowband, 0, "a"), baseRate, `mode "off", want keep or restore`},
		{first, baseRate, "gap of 1 samples before the first part, want 0"},
		{recipeOf(Original, -5, "a", "b"), baseRate, "gap of -5 samples before part 2, want 0 to 960000"},
		{recipeOf(Original, 1<<40, "a", "b"), baseRate, "want 0 to 960000"},
		{recipeOf(Original, 0, "a", "gone"), baseRate, `part 2, utterance "gone": missing-audio`},
		{recipeOf(Original, 0, "empty"), baseRate, "too-short"},
		{recipeOf(Original, 0, "odd"), baseRate, "resample from -1 to 16000 Hz"},
	} {
		_, err := Render(c.r, c.rate, off, 1, "", l.load)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want %q", c.r, err, c.want)
		}
	}
	if _, err := Render(recipeOf(Narrowband, 0, "a"), 11025, DefaultConfig(), 1, "", l.load); err == nil || !strings.Contains(err.Error(), "narrowband copy of 11025 Hz, want an even rate") {
		t.Errorf("half of 11025 Hz: %v", err)
	}
	var problem *corpus.Problem
	if _, err := Render(recipeOf(Original, 0, "gone"), baseRate, off, 1, "", l.load); !errors.As(err, &problem) || problem.Reason != corpus.MissingAudio {
		t.Errorf("error %v does not wrap the loader's problem", err)
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

// The planned length is the rendered one.
func TestPlannedLengthIsRendered(t *testing.T) {
	l := library{}
	var ms []Member
	for i := range 12 {
		id := fmt.Sprint(i)
		l[id] = randomSource(id, []int{16000, 11025, 48000}[i%3], 10)
		ms = append(ms, Member{ID: id, Split: "train", Rate: l[id].Rate, Samples: int64(len(l[id].Samples))})
	}
	for _, r := range Plan(ms, DefaultConfig(), 3, baseRate) {
		if out := render(t, r, DefaultConfig(), "h#", l); out.BaseSamples != r.NumSamples(lengths(ms)) {
			t.Errorf("%q has %d samples, planned were %d", r.ID, out.BaseSamples, r.NumSamples(lengths(ms)))
		}
	}
}
