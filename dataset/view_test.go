package dataset

import (
	"math"
	"strings"
	"sync"
	"testing"

	"framewise/transforms"
)

// slowNormalize is CMVN from its definition, in float64: x [n][F] by the mean
// and variance of ref.
func slowNormalize(x, ref [][]float64) {
	for f := range x[0] {
		mean, variance := 0.0, 0.0
		for _, r := range ref {
			mean += r[f] / float64(len(ref))
		}
		for _, r := range ref {
			variance += (r[f] - mean) * (r[f] - mean) / float64(len(ref))
		}
		for _, r := range x {
			r[f] = (r[f] - mean) / math.Sqrt(max(variance, varianceFloor))
		}
	}
}

// slowDelta is the regression over two frames to either side.
func slowDelta(x [][]float64) [][]float64 {
	at := func(t, f int) float64 { return x[min(max(t, 0), len(x)-1)][f] }
	out := make([][]float64, len(x))
	for t := range x {
		for f := range x[t] {
			d := 0.0
			for n := 1; n <= 2; n++ {
				d += float64(n) * (at(t+n, f) - at(t-n, f)) / 10
			}
			out[t] = append(out[t], d)
		}
	}
	return out
}

func rowsOf(x []float32) [][]float64 {
	var out [][]float64
	for ; len(x) > 0; x = x[testF:] {
		row := make([]float64, testF)
		for i := range row {
			row[i] = float64(x[i])
		}
		out = append(out, row)
	}
	return out
}

// plainRows are the frames of all examples of a split that are no
// concatenations and of this speaker and variant ("" for any).
func plainRows(t *testing.T, s *Split, speaker, variant string) [][]float64 {
	var out [][]float64
	for i := range s.Len() {
		m := s.Meta(i)
		if m.Parts == 1 && (speaker == "" || m.Speaker == speaker && m.Variant == variant) {
			ex, err := s.Example(i)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, rowsOf(ex.Features)...)
		}
	}
	return out
}

func slowView(t *testing.T, cfg ViewConfig, train *Split, ex *Example) [][][]float64 {
	x := rowsOf(ex.Features)
	switch cfg.CMVN {
	case CMVNUtterance:
		slowNormalize(x, rowsOf(ex.Features))
	case CMVNGlobal:
		slowNormalize(x, plainRows(t, train, "", ""))
	case CMVNSpeaker:
		for _, p := range ex.Parts {
			slowNormalize(x[p.BeginFrame:p.BeginFrame+p.NumFrames], plainRows(t, train, p.Speaker, p.Variant))
		}
	}
	planes := [][][]float64{x}
	for range cfg.Deltas {
		planes = append(planes, slowDelta(planes[len(planes)-1]))
	}
	return planes
}

func TestViewMatchesDefinition(t *testing.T) {
	dir := t.TempDir()
	buildDataset(t, dir, DefaultShardConfig())
	d := openDataset(t, dir)
	train := openSplit(t, d, "train")
	var examples []*Example // a plain one, a narrowband copy, two concatenations
	kinds := map[string]int{}
	for i := range train.Len() {
		m := train.Meta(i)
		kind := m.Variant + strings.Repeat("+", m.Parts-1)
		if kinds[kind]++; kinds[kind] == 1 {
			ex, err := train.Example(i)
			if err != nil {
				t.Fatal(err)
			}
			examples = append(examples, ex)
		}
	}
	if len(examples) < 4 {
		t.Fatalf("only the kinds %v", kinds)
	}
	var dst []float32
	for _, cmvn := range []string{"", CMVNNone, CMVNUtterance, CMVNSpeaker, CMVNGlobal} {
		for deltas := range 3 {
			for _, channels := range []bool{false, true} {
				cfg := ViewConfig{CMVN: cmvn, Deltas: deltas, Channels: channels, Split: "train"}
				v, err := d.View(cfg)
				if err != nil {
					t.Fatal(err)
				}
				if v.Dim() != testF*(1+deltas) {
					t.Fatalf("%+v: Dim %d", cfg, v.Dim())
				}
				for _, ex := range examples {
					dst = v.Apply(dst, ex)
					checkView(t, cfg, dst, int(ex.NumFrames), slowView(t, cfg, train, ex))
				}
			}
		}
	}
}

func checkView(t *testing.T, cfg ViewConfig, got []float32, frames int, want [][][]float64) {
	t.Helper()
	if len(got) != frames*testF*len(want) {
		t.Fatalf("%+v: %d values, want %d", cfg, len(got), frames*testF*len(want))
	}
	for c := range want {
		for i := range frames {
			for f := range testF {
				at := i*testF*len(want) + c*testF + f
				if cfg.Channels {
					at = (c*frames+i)*testF + f
				}
				if math.Abs(float64(got[at])-want[c][i][f]) > 2e-4 {
					t.Fatalf("%+v: plane %d, frame %d, feature %d is %g, want %g", cfg, c, i, f, got[at], want[c][i][f])
				}
			}
		}
	}
}

func TestViewLeavesTheExampleAlone(t *testing.T) {
	ex := testExample("concat/x")
	v, err := NewView(ViewConfig{CMVN: CMVNUtterance, Deltas: 2}, testF, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := v.Apply(nil, ex)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				got := v.Apply(nil, ex)
				for i := range want {
					if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
						t.Error("another result on another goroutine")
						return
					}
				}
			}
		})
	}
	wg.Wait()
	fresh := testExample("concat/x")
	for i := range fresh.Features {
		if ex.Features[i] != fresh.Features[i] {
			t.Fatal("the example was changed")
		}
	}
}

// TestUnknownSpeakerIsNormalizedByItself covers predict, which has no sums.
func TestUnknownSpeakerIsNormalizedByItself(t *testing.T) {
	ex := testExample("some/utt")
	speaker, err := NewView(ViewConfig{CMVN: CMVNSpeaker}, testF, nil)
	if err != nil {
		t.Fatal(err)
	}
	own, err := NewView(ViewConfig{CMVN: CMVNUtterance}, testF, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, b := speaker.Apply(nil, ex), own.Apply(nil, ex)
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("value %d is %g, want %g", i, a[i], b[i])
		}
	}
	// A part may be so short that no frame has its centre there.
	ex.Parts = append(ex.Parts, Part{Speaker: "X", Variant: "original", BeginFrame: ex.NumFrames})
	speaker.Apply(nil, ex)
}

func TestGlobalStatsAreTrains(t *testing.T) {
	dir := t.TempDir()
	buildDataset(t, dir, DefaultShardConfig())
	d := openDataset(t, dir)
	train := openSplit(t, d, "train")
	rows := plainRows(t, train, "", "")
	g := d.GlobalStats()
	sum := 0.0
	for _, r := range rows {
		sum += r[0]
	}
	if g.Frames != int64(len(rows)) || math.Abs(g.Sum[0]-sum) > 1e-6 {
		t.Errorf("%d frames with sum %g, want %d, %g", g.Frames, g.Sum[0], len(rows), sum)
	}
	var merged transforms.Stats
	for _, c := range d.Manifest.CMVN {
		if got, ok := d.CMVN(c.Split, c.Speaker, c.Variant); !ok || got.Frames != c.Frames {
			t.Errorf("CMVN(%s, %s, %s) = %+v, %v", c.Split, c.Speaker, c.Variant, got, ok)
		}
		if c.Split == "train" {
			if err := merged.Merge(c.Stats); err != nil {
				t.Fatal(err)
			}
		}
	}
	if merged.Sum[testF-1] != g.Sum[testF-1] {
		t.Error("the global sums are not those of the list, in its order")
	}
	if _, ok := d.CMVN("train", "nobody", "original"); ok {
		t.Error("sums of a speaker that is not there")
	}
}

func TestViewRefuses(t *testing.T) {
	dir := t.TempDir()
	buildDataset(t, dir, DefaultShardConfig())
	d := openDataset(t, dir)
	for want, cfg := range map[string]ViewConfig{
		`cmvn "both"`:        {CMVN: "both"},
		"deltas 3":           {Deltas: 3},
		`no split "nowhere"`: {Split: "nowhere"},
		"train split":        {CMVN: CMVNGlobal, Global: &transforms.Stats{}},
	} {
		if _, err := d.View(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want one with %q", cfg, err, want)
		}
	}
	if _, err := NewView(ViewConfig{CMVN: CMVNSpeaker}, testF+1, d.Manifest.CMVN); err == nil {
		t.Error("sums of another width: no error")
	}
	if _, err := NewView(ViewConfig{}, 0, nil); err == nil {
		t.Error("width 0: no error")
	}
	v, err := NewView(ViewConfig{}, testF+1, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("features of another width: no panic")
		}
	}()
	v.Apply(nil, testExample("x/y"))
}

func BenchmarkView(b *testing.B) {
	const f, frames = 40, 300
	ex := &Example{NumFrames: frames, Features: make([]float32, f*frames), Parts: []Part{{NumFrames: frames}}}
	for name, cfg := range map[string]ViewConfig{"none": {}, "utterance+deltas": {CMVN: CMVNUtterance, Deltas: 2}} {
		b.Run(name, func(b *testing.B) {
			v, err := NewView(cfg, f, nil)
			if err != nil {
				b.Fatal(err)
			}
			var dst []float32
			b.SetBytes(4 * f * frames)
			for b.Loop() {
				dst = v.Apply(dst, ex)
			}
		})
	}
}
