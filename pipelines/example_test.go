package pipelines

import (
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"framewise/augment"
	"framewise/corpus"
	"framewise/dataset"
	"framewise/transforms"
)

// hum is a deterministic signal in int16 scale.
func hum(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32((i*i*7+i*31)%2001 - 1000)
	}
	return x
}

// bench makes examples of invented sources.
func bench(t *testing.T, cfg BuildConfig, rate int) (*Maker, map[string]*augment.Source) {
	t.Helper()
	set, err := corpus.LoadLabelSet(corpus.TIMIT61, "")
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewMaker(cfg, rate, set)
	if err != nil {
		t.Fatal(err)
	}
	source := func(n, rate int, speaker string, labels ...string) *augment.Source {
		s := &augment.Source{Samples: hum(n), Rate: rate, Begin: 100, Speaker: speaker, Text: "one"}
		for i, l := range labels {
			s.Alignment = append(s.Alignment, corpus.Segment{Begin: 100 + int64(i*n/len(labels)), End: 100 + int64((i+1)*n/len(labels)), Label: l})
		}
		return s
	}
	return m, map[string]*augment.Source{
		"a": source(5000, 16000, "F", "h#", "aa", "h#"), "b": source(7001, 16000, "M", "h#", "iy"),
		"slow": source(4001, 8000, "F", "s", "h#"), "tiny": source(1, 16000, "F", "h#"), "bare": source(3000, 16000, "F"),
	}
}

func recipe(id string, v augment.Variant, parts ...augment.Part) augment.Recipe {
	return augment.Recipe{ID: id, Split: corpus.Train, Variant: v, Parts: parts}
}

// An original's row is what the extractor and the labelling rule give for its
// samples, and nothing else.
func TestMakeOriginal(t *testing.T) {
	m, sources := bench(t, DefaultBuildConfig(), 16000)
	load := func(p augment.Part) (*augment.Source, error) { return sources[p.Utterance], nil }
	ex, err := m.Make(recipe("a", augment.Original, augment.Part{Utterance: "a"}), load)
	if err != nil {
		t.Fatal(err)
	}
	x, err := transforms.NewExtractor(DefaultBuildConfig().Features, 16000)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(ex.Features, x.Compute(nil, hum(5000))) {
		t.Error("the features are not those of the samples")
	}
	want := corpus.FrameLabels(nil, sources["a"].Alignment, 100, x.Framing(), x.NumFrames(5000), m.labels.Index)
	if !slices.Equal(ex.Labels, want) {
		t.Errorf("labels %v, want %v", ex.Labels, want)
	}
	sil, aa := int16(m.labels.Index("h#")), int16(m.labels.Index("aa"))
	if !slices.Equal(ex.Phones, []int16{sil, aa, sil}) {
		t.Errorf("phones %v", ex.Phones)
	}
	part := dataset.Part{Utterance: "a", Speaker: "F", Variant: "original", Rate: 16000, BeginSample: 100, NumSamples: 5000, NumFrames: ex.NumFrames, Effects: "{}"}
	if len(ex.Parts) != 1 || ex.Parts[0] != part || ex.NumSamples != 5000 || ex.SampleRate != 16000 || ex.Speaker != "F" || ex.Text != "one" {
		t.Errorf("example %+v, want the part %+v", ex.Parts, part)
	}
}

// A narrowband copy has the frames, labels, phones and part boundaries of its
// original, at every framing rule, mode and parity of its length.
func TestMakeNarrowband(t *testing.T) {
	for _, rule := range []transforms.FramingRule{transforms.FramingPSF, transforms.FramingKaldi, transforms.FramingKaldiSnip} {
		for _, mode := range []string{augment.NarrowbandKeep, augment.NarrowbandRestore} {
			cfg := DefaultBuildConfig()
			cfg.Features.FramingRule, cfg.Augment.Narrowband.Mode = rule, mode
			m, sources := bench(t, cfg, 16000)
			load := func(p augment.Part) (*augment.Source, error) { return sources[p.Utterance], nil }
			for _, gap := range []int64{0, 1, 159, 160, 333} {
				parts := []augment.Part{{Utterance: "a"}, {Utterance: "b", Gap: gap}, {Utterance: "slow", Gap: gap}}
				wide, err := m.Make(recipe("w", augment.Original, parts...), load)
				if err != nil {
					t.Fatal(err)
				}
				narrow, err := m.Make(recipe("n", augment.Narrowband, parts...), load)
				if err != nil {
					t.Fatalf("%s %s gap %d: %v", rule, mode, gap, err)
				}
				if wide.NumFrames != narrow.NumFrames || !slices.Equal(wide.Labels, narrow.Labels) || !slices.Equal(wide.Phones, narrow.Phones) {
					t.Errorf("%s %s gap %d: %d frames and %d labels, want %d and the same", rule, mode, gap, narrow.NumFrames, len(narrow.Labels), wide.NumFrames)
				}
				if len(wide.Features) != len(narrow.Features) || slices.Equal(wide.Features, narrow.Features) {
					t.Errorf("%s %s gap %d: %d features, want %d others", rule, mode, gap, len(narrow.Features), len(wide.Features))
				}
				next := int32(0)
				for i, p := range wide.Parts {
					q := narrow.Parts[i]
					if p.BeginFrame != next || q.BeginFrame != next || p.NumFrames != q.NumFrames {
						t.Errorf("%s %s gap %d part %d: frames %d+%d and %d+%d, want both from %d", rule, mode, gap, i, p.BeginFrame, p.NumFrames, q.BeginFrame, q.NumFrames, next)
					}
					next += p.NumFrames
				}
				if next != wide.NumFrames || wide.Speaker != "*" {
					t.Errorf("%s %s gap %d: parts of %d frames, want %d; speaker %q", rule, mode, gap, next, wide.NumFrames, wide.Speaker)
				}
			}
		}
	}
}

func TestMakeProblems(t *testing.T) {
	cfg := DefaultBuildConfig()
	cfg.Features.FramingRule = transforms.FramingKaldiSnip
	m, sources := bench(t, cfg, 16000)
	load := func(p augment.Part) (*augment.Source, error) { return sources[p.Utterance], nil }
	sources["odd"] = &augment.Source{Samples: hum(3000), Rate: 16000, Speaker: "F", Phones: []string{"h#", "zzz"}}
	for id, want := range map[string]corpus.Reason{"tiny": corpus.TooShort, "odd": corpus.UnknownLabel} {
		_, err := m.Make(recipe(id, augment.Original, augment.Part{Utterance: id}), load)
		var p *corpus.Problem
		if !errors.As(err, &p) || p.Reason != want {
			t.Errorf("%s: %v, want %s", id, err, want)
		}
	}
	cfg.Features.Kind = transforms.Power
	power, _ := bench(t, cfg, 16000)
	sources["bare"].Samples[1500] = math.MaxFloat32
	_, err := power.Make(recipe("bare", augment.Original, augment.Part{Utterance: "bare"}), load)
	var p *corpus.Problem
	if !errors.As(err, &p) || p.Reason != corpus.UnreadableAudio {
		t.Errorf("an infinite feature: %v, want %s", err, corpus.UnreadableAudio)
	}
	sources["bare"].Samples[1500] = 0
	ex, err := m.Make(recipe("bare", augment.Original, augment.Part{Utterance: "bare"}), load)
	if err != nil || ex.Labels != nil || ex.Phones != nil {
		t.Errorf("without alignment: labels %v, phones %v (%v), want none", ex.Labels, ex.Phones, err)
	}
}

func TestNewMakerErrors(t *testing.T) {
	for what, c := range map[string]struct {
		rate   int
		change func(*BuildConfig)
	}{
		"a rate without a half": {22051, func(*BuildConfig) {}},
		"an FFT too small":      {16000, func(c *BuildConfig) { c.Features.NFFT = 256 }},
	} {
		cfg := DefaultBuildConfig()
		c.change(&cfg)
		var config *ConfigError
		if _, err := NewMaker(cfg, c.rate, nil); !errors.As(err, &config) {
			t.Errorf("%s: %v, want a *ConfigError", what, err)
		}
	}
}

// What half precision does not hold is the fault of one example and ends no
// build.
func TestFloat16OutOfRange(t *testing.T) {
	dir := t.TempDir()
	manifest, us := tiny{speakers: [3]int{3, 1, 1}, sentences: 4, rate: 16000, samples: 3000}.write(t, dir)
	for i := range us {
		x := make([]int16, us[i].Samples)
		for j, v := range hum(len(x)) {
			x[j] = int16(v / 50)
			if i == 1 {
				x[j] = int16(v * 10)
			}
		}
		x[0] = int16(i) // no two alike
		us[i].SHA256 = writeWAV(t, filepath.Join(dir, filepath.FromSlash(us[i].URI)), x, 16000)
	}
	writeManifest(t, manifest, us)
	cfg := config()
	cfg.Features.Kind = transforms.Power
	out := t.TempDir()
	mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: cfg})
	loud := 0
	eachExample(t, out, func(_ string, ex *dataset.Example) {
		if slices.ContainsFunc(ex.Features, func(v float32) bool { return v >= 65520 }) {
			loud++
		}
	})
	cfg.Shard.DType = dataset.DTypeFloat16
	out = t.TempDir()
	r := mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: cfg})
	rejects := readRejects(t, out)
	if len(rejects) != loud || loud == 0 || r.Counts.Dropped != int64(loud) || r.Counts.Examples == 0 {
		t.Errorf("%d rejects, %+v; want %d examples dropped", len(rejects), r.Counts, loud)
	}
	for _, rej := range rejects {
		if rej.Kind != dataset.RejectExample || rej.Stage != stageFeatures || rej.Reason != corpus.UnreadableAudio || !strings.Contains(rej.Detail, "float16") || rej.At == "" {
			t.Errorf("reject %+v, want one of the stage %s that names float16", rej, stageFeatures)
		}
	}
}

// Where two lines have one id, an example is rendered from the one that it was
// made of, whatever their order.
func TestRerenderOfADuplicate(t *testing.T) {
	dir := t.TempDir()
	manifest, us := small.write(t, dir)
	shorter, wrong := us[0], us[0]
	shorter.End -= 600
	shorter.Alignment = corpus.Alignment{{Begin: 0, End: 1000, Label: "h#"}}
	wrong.URI = "0.wav" // the smallest in bytes, but no line of the build
	wrong.Alignment = corpus.Alignment{{Begin: 0, End: 700, Label: "zzz"}}
	cfg := config()
	cfg.MaxRejects = MaxRejects{Count: 2}
	for _, lines := range [][]corpus.Utterance{{us[0], shorter, wrong}, {wrong, shorter, us[0]}} {
		out := t.TempDir()
		writeManifest(t, manifest, append(slices.Clone(us[1:]), lines...))
		mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: cfg})
		record, err := ReadRecord(t.Context(), out)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		eachExample(t, out, func(_ string, ex *dataset.Example) {
			if ex.ID != us[0].ID {
				return
			}
			found = true
			d, err := dataset.Open(t.Context(), out)
			if err != nil {
				t.Fatal(err)
			}
			r, err := Rerender(t.Context(), ex, record, d.Manifest.SampleRate, d.Manifest.LabelSet)
			if err != nil {
				t.Fatal(err)
			}
			if r.Parts[0].NumSamples != ex.Parts[0].NumSamples {
				t.Errorf("rendered from %d samples, made of %d", r.Parts[0].NumSamples, ex.Parts[0].NumSamples)
			}
		})
		if !found {
			t.Errorf("no example %s", us[0].ID)
		}
	}
}

// Rendering an example again from its provenance gives the samples that its
// features were computed from.
func TestRerender(t *testing.T) {
	manifest, _ := small.write(t, t.TempDir())
	out := t.TempDir()
	mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: config()})
	record, err := ReadRecord(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	d, err := dataset.Open(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	split, err := d.Split(corpus.Train)
	if err != nil {
		t.Fatal(err)
	}
	defer split.Close()
	x, err := newExtractors(record.BuildConfig, d.Manifest.SampleRate)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i := range split.Len() {
		ex, err := split.Example(i)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Rerender(t.Context(), ex, record, d.Manifest.SampleRate, d.Manifest.LabelSet)
		if err != nil {
			t.Fatalf("%s: %v", ex.ID, err)
		}
		e := x.full
		if ex.SampleRate == 8000 {
			e = x.half
		}
		n := min(int(ex.NumSamples), len(r.Samples))
		got := e.Compute(nil, r.Samples[:n])
		if whole := (n - 400) / 160 * e.Dim(); whole > 0 && !slices.Equal(got[:whole], ex.Features[:whole]) {
			t.Errorf("%s: other features", ex.ID)
		}
		seen[ex.Parts[0].Variant] = true
	}
	if len(seen) != 2 {
		t.Errorf("variants %v, want both", seen)
	}
}
