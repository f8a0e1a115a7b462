package augment

import (
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

// Utterances that are known to have no phones make an example that has none,
// and not one whose phones are unknown.
func TestNoPhonesAreKnown(t *testing.T) {
	l := library{}
	for id, phones := range map[string][]string{"none": {}, "unknown": nil, "iy": {"iy"}} {
		l[id] = &Source{Samples: make([]float32, 100), Rate: baseRate, Phones: phones}
	}
	l["aligned"] = &Source{Samples: make([]float32, 100), Rate: baseRate, Alignment: corpus.Alignment{}}
	for _, c := range []struct {
		ids  []string
		want []string
	}{
		{[]string{"none"}, []string{}}, {[]string{"none", "none"}, []string{}}, {[]string{"aligned"}, []string{}}, {[]string{"unknown"}, nil},
		{[]string{"none", "unknown"}, nil}, {[]string{"iy", "unknown"}, nil}, {[]string{"none", "iy"}, []string{"iy"}},
	} {
		if out := render(t, recipeOf(Original, 0, c.ids...), DefaultConfig(), "", l); !reflect.DeepEqual(out.Phones, c.want) {
			t.Errorf("%q: phones %#v, want %#v", c.ids, out.Phones, c.want)
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
		{recipeOf("loud", 0, "a"), baseRate, `variant "loud", want original or the steps`},
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
		if out := render(t, r, DefaultConfig(), "h#", l); out.BaseSamples != r.NumSamples(baseRate, lengths(ms)) {
			t.Errorf("%q has %d samples, planned were %d", r.ID, out.BaseSamples, r.NumSamples(baseRate, lengths(ms)))
		}
	}
}
