package train

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"framewise/corpus"
	"framewise/dataset"
	"framewise/model"
	"framewise/model/results"
	"framewise/transforms"
)

const toneRate = 8000

// tones are the phones of a corpus of beeps: Hz by TIMIT label. "ix" and "ih"
// differ, but are one class of 39; "q" is none.
var tones = map[string]float64{"h#": 0, "aa": 500, "iy": 1000, "s": 2800, "ix": 1500, "ih": 1900, "q": 3500}

// beeps draws a recording and its alignment.
func beeps(r *rand.Rand) ([]float32, corpus.Alignment) {
	names := []string{"aa", "iy", "s", "ix", "ih", "q"}
	var a corpus.Alignment
	at, last := int64(0), ""
	for range 8 {
		label := "h#"
		for len(a) > 0 && (label == "h#" || label == last) {
			label = names[r.IntN(len(names))]
		}
		end := at + int64(480+r.IntN(800))
		a, at, last = append(a, corpus.Segment{Begin: at, End: end, Label: label}), end, label
	}
	x := make([]float32, at)
	for _, s := range a {
		for i := s.Begin; i < s.End; i++ {
			x[i] = float32(30 * r.NormFloat64())
			if hz := tones[s.Label]; hz > 0 {
				x[i] += float32(3000 * math.Sin(2*math.Pi*hz*float64(i)/toneRate))
			}
		}
	}
	return x, a
}

func toneFeatures(t *testing.T) transforms.FeatureConfig {
	t.Helper()
	c, err := transforms.Preset("psf-logfbank")
	if err != nil {
		t.Fatal(err)
	}
	c.NFFT, c.NumFilters = 256, 20
	return c
}

// toneExample is what a build would make of a recording.
func toneExample(t *testing.T, id, speaker string, r *rand.Rand, set *corpus.LabelSet) *dataset.Example {
	t.Helper()
	x, err := transforms.NewExtractor(toneFeatures(t), toneRate)
	if err != nil {
		t.Fatal(err)
	}
	samples, a := beeps(r)
	frames := x.NumFrames(len(samples))
	ex := &dataset.Example{ID: id, Speaker: speaker, SampleRate: toneRate, NumSamples: int64(len(samples)), NumFrames: int32(frames),
		Features: x.Compute(nil, samples), Labels: corpus.FrameLabels(nil, a, 0, x.Framing(), frames, set.Index),
		Parts: []dataset.Part{{Utterance: id, Speaker: speaker, Variant: "original", Rate: toneRate, NumSamples: int64(len(samples)), NumFrames: int32(frames), Effects: "{}"}}}
	for _, s := range a {
		ex.Phones = append(ex.Phones, int16(set.Index(s.Label)))
	}
	return ex
}

// toneDataset writes a dataset of beeps with train, dev and test.
func toneDataset(t *testing.T) string {
	t.Helper()
	set, err := corpus.LoadLabelSet(corpus.TIMIT61, "")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	splits := map[string][]*dataset.Example{}
	for i := range 24 {
		splits["train"] = append(splits["train"], toneExample(t, fmt.Sprintf("TRAIN/S%d/SX%d", i%4, i), fmt.Sprint("S", i%4), r, set))
	}
	for i := range 4 {
		splits["dev"] = append(splits["dev"], toneExample(t, fmt.Sprintf("DEV/SX%d", i), "D", r, set))
	}
	for i := range 6 {
		kind := []string{"SX", "SI"}[i%2]
		splits["test"] = append(splits["test"], toneExample(t, fmt.Sprintf("TEST/T%d/%s%d", i%3, kind, i), fmt.Sprint("T", i%3), r, set))
	}
	copied := toneExample(t, "TEST/T0/SI0+nb", "T0", r, set)
	copied.Parts[0].Variant = "narrowband"
	splits["test"] = append(splits["test"], copied)

	dir, ctx := t.TempDir(), context.Background()
	store := dataset.NewLocal(dir)
	a := dataset.Assembly{AlgorithmVersion: 1, SampleRate: toneRate, FeatureDim: 20, LabelSet: set, Features: toneFeatures(t), Shard: dataset.DefaultShardConfig()}
	for _, name := range []string{"train", "dev", "test"} {
		examples := splits[name]
		slices.SortFunc(examples, func(a, b *dataset.Example) int {
			if dataset.RowLess(a.ID, b.ID) {
				return -1
			}
			return 1
		})
		w, err := dataset.CreateShard(ctx, store, dataset.Header{Split: name, Shards: 1, LabelSet: set, Features: a.Features, F: 20, Digest: strings.Repeat("01", 32)}, a.Shard)
		if err != nil {
			t.Fatal(err)
		}
		for _, ex := range examples {
			if err := w.Write(ex); err != nil {
				t.Fatal(err)
			}
		}
		res, err := w.Commit(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		n := int64(len(examples))
		a.Results, a.Splits = append(a.Results, *res), append(a.Splits, dataset.SplitPlan{Name: name, Shards: 1, Planned: n})
		a.Utterances, a.Used = a.Utterances+n, a.Used+n
	}
	m, _, err := dataset.Assemble(a)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if err := store.WriteFile(ctx, dataset.ManifestName, doc); err != nil {
		t.Fatal(err)
	}
	return dir
}

func toneConfig(t *testing.T, preset string) Config {
	t.Helper()
	c := toyConfig(t, preset)
	c.Network.Deltas, c.InputNoise, c.Epochs = 1, 0, 15
	c.Batch.Frames = 600
	return c
}

func TestTrainEvaluatePredict(t *testing.T) {
	data := toneDataset(t)
	for _, c := range []struct{ preset, cmvn, folding string }{
		{"blstm-late", "global", "none"}, {"post", "utterance", "48"}, {"blstm-each-layer", "speaker", "39"},
	} {
		cfg := toneConfig(t, c.preset)
		cfg.CMVN, cfg.Folding = c.cmvn, c.folding
		out := filepath.Join(t.TempDir(), "run")
		run, err := Run(context.Background(), Options{Data: data, Out: out, Config: cfg})
		if err != nil {
			t.Fatal(err)
		}
		if run.TrainExamples != 24 || run.Selection != "dev-accuracy" || run.Majority == "" {
			t.Errorf("%s: %+v", c.preset, run)
		}
		e, err := Evaluate(context.Background(), EvalOptions{Run: out, Data: data, CheckBatchInvariance: true})
		if err != nil {
			t.Fatal(err)
		}
		checkEval(t, c.preset, e, c.folding)
		saved, err := results.ReadEval(filepath.Join(out, "eval-test.json"))
		if err != nil || !reflect.DeepEqual(saved, e) {
			t.Errorf("%s: eval-test.json is %+v (%v), want %+v", c.preset, saved, err, e)
		}
		checkPredict(t, out, cfg.Folding)
	}
}

func checkEval(t *testing.T, preset string, e *results.Eval, folding string) {
	t.Helper()
	if e.Examples != 6 || e.FrameAccuracy < 0.9 || e.MajorityAccuracy > 0.4 || e.LinearAccuracy == nil {
		t.Errorf("%s: %d examples, accuracy %.3f, majority %.3f", preset, e.Examples, e.FrameAccuracy, e.MajorityAccuracy)
	}
	most := 0.1
	if folding != "none" {
		most = 0.25 // q was never learned, and what stands in its place is an insertion
	}
	if e.PER == nil || *e.PER > most || e.PERFolding != "39" {
		t.Errorf("%s: PER %v over %s", preset, *e.PER, e.PERFolding)
	}
	if (folding == "none") != (e.FramesIgnored == 0) {
		t.Errorf("%s: %d frames ignored with folding %s, which masks q", preset, e.FramesIgnored, folding)
	}
	var speakers, labels, cells int64
	for _, s := range e.PerSpeaker {
		speakers += s.Frames
	}
	for _, l := range e.PerLabel {
		labels += l.Frames
	}
	for _, row := range e.Confusion {
		for _, n := range row {
			cells += n
		}
	}
	if speakers != e.Frames || labels != e.Frames || cells != e.Frames || len(e.PerSpeaker) != 3 {
		t.Errorf("%s: %d frames, by speaker %d, by label %d, in the confusion matrix %d", preset, e.Frames, speakers, labels, cells)
	}
	if si := e.Groups["si"]; si.Frames <= 0 || si.Frames >= e.Frames {
		t.Errorf("%s: group si %+v", preset, si)
	}
	if e.BatchInvariance == nil || !e.BatchInvariance.Holds || e.BatchInvariance.Examples != 6 {
		t.Errorf("%s: batch invariance %+v", preset, e.BatchInvariance)
	}
}

func checkPredict(t *testing.T, run, folding string) {
	t.Helper()
	p, err := LoadPredictor(run, nil)
	if err != nil {
		t.Fatal(err)
	}
	samples, a := beeps(rand.New(rand.NewPCG(9, 1)))
	up, err := transforms.NewResampler(toneRate, 2*toneRate)
	if err != nil {
		t.Fatal(err)
	}
	for rate, x := range map[int][]float32{toneRate: samples, 2 * toneRate: up.Resample(nil, samples)} {
		got, err := p.Predict(x, rate)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Posteriors) != len(got.Frames)*len(got.Labels) || got.Framing.NumFrames(len(samples)) != len(got.Frames) {
			t.Errorf("%d Hz: %d frames, %d posteriors", rate, len(got.Frames), len(got.Posteriors))
		}
		at, near := int64(0), 0
		for _, s := range got.Segments {
			if s.Begin != at || s.End <= s.Begin {
				t.Fatalf("%d Hz: segments %v have a hole", rate, got.Segments)
			}
			at = s.End
			for _, want := range a {
				if d := s.Begin*toneRate/int64(rate) - want.Begin; folding == "none" && s.Label == want.Label && d*d <= 160*160 {
					near++ // within two frame shifts
					break
				}
			}
		}
		if at != int64(len(x)) || folding == "none" && near < len(a)-1 {
			t.Errorf("%d Hz: %v, want %v (%d near)", rate, got.Segments, a, near)
		}
	}
	if _, err := p.Predict(nil, toneRate); err == nil {
		t.Error("an empty recording is labelled")
	}
	if _, err := p.Predict(samples, 0); err == nil {
		t.Error("a recording at 0 Hz is labelled")
	}
}

func TestWhatIsNotThere(t *testing.T) {
	data, ctx := toneDataset(t), context.Background()
	cfg := toneConfig(t, "linear")
	cfg.Epochs = 1
	if _, err := Run(ctx, Options{Data: t.TempDir(), Out: t.TempDir(), Config: cfg}); err == nil {
		t.Error("an empty folder is trained on")
	}
	bad := cfg
	bad.Folding = "40"
	if _, err := Run(ctx, Options{Data: data, Out: t.TempDir(), Config: bad}); err == nil {
		t.Error("an unknown folding is trained with")
	}
	out := t.TempDir()
	if _, err := Run(ctx, Options{Data: data, Out: out, Config: cfg}); err != nil {
		t.Fatal(err)
	}
	if _, err := Evaluate(ctx, EvalOptions{Run: out, Data: data, Split: "test-rest"}); err == nil || !strings.Contains(err.Error(), "test-rest") {
		t.Errorf("a split that is not there gives %v", err)
	}
	if _, err := Evaluate(ctx, EvalOptions{Run: t.TempDir(), Data: data}); err == nil {
		t.Error("an empty run folder is evaluated")
	}
	var run results.Run
	if r, err := results.ReadRun(filepath.Join(out, results.RunFile)); err != nil {
		t.Fatal(err)
	} else {
		run = *r
	}
	run.FoldingDigest = "other"
	if err := writeJSON(filepath.Join(out, results.RunFile), run); err != nil {
		t.Fatal(err)
	}
	if _, err := Evaluate(ctx, EvalOptions{Run: out, Data: data}); err == nil || !strings.Contains(err.Error(), "digest") {
		t.Errorf("another folding gives %v", err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Run(ended, Options{Data: data, Out: t.TempDir(), Config: cfg}); err == nil {
		t.Error("training goes on after its context has ended")
	}
}

// The network's crop leaves the outer frames to their neighbors.
func TestPredictRepeatsTheEdges(t *testing.T) {
	c, err := model.Preset("post")
	if err != nil {
		t.Fatal(err)
	}
	c.Conv, c.Dense, c.Hidden, c.Deltas = model.ConvConfig{Filters: 2, T: 4, F: 3}, 4, 4, 0
	net, err := model.New(c, 6, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	p, err := posteriorsOf(net, toy(1, 40, 1)[0].Features, int(toy(1, 40, 1)[0].NumFrames))
	if err != nil {
		t.Fatal(err)
	}
	row := func(t int) []float32 { return p[3*t:][:3] }
	last := len(p)/3 - 1
	for i := range 3 {
		if !slices.Equal(row(i), row(3)) || !slices.Equal(row(last-i), row(last-3)) {
			t.Errorf("frame %d from an edge is not frame 3", i)
		}
	}
	if slices.Equal(row(3), row(4)) {
		t.Error("frames 3 and 4 are the same")
	}
}

func TestFrontendJSON(t *testing.T) {
	f := Frontend{SampleRate: 8000, Features: toneFeatures(t), F: 20, CMVN: "global", Deltas: 2,
		Global: transforms.Stats{Frames: 3, Sum: []float64{0.1}, SumSq: []float64{1e-300}}}
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var again Frontend
	if err := json.Unmarshal(b, &again); err != nil || !reflect.DeepEqual(f, again) {
		t.Errorf("%+v became %+v (%v)", f, again, err)
	}
}
