package train

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"framewise/dataset"
	"framewise/model"
	"framewise/model/decode"
	"framewise/model/results"
)

// trainTones trains on beeps and gives the run and the dataset.
func trainTones(t *testing.T, change func(*Config)) (run, data string) {
	t.Helper()
	data, run = toneDataset(t), filepath.Join(t.TempDir(), "run")
	cfg := toneConfig(t, "blstm-late")
	change(&cfg)
	if _, err := Run(context.Background(), Options{Data: data, Out: run, Config: cfg}); err != nil {
		t.Fatal(err)
	}
	return run, data
}

// evaluateBy evaluates with each decoding, and checks that what was found is
// near to what greedy decoding finds.
func evaluateBy(t *testing.T, run, data string, greedy *results.Eval, ways ...decode.Config) {
	t.Helper()
	for _, way := range ways {
		e, err := Evaluate(context.Background(), EvalOptions{Run: run, Data: data, Decode: &way})
		if err != nil {
			t.Fatalf("%+v: %v", way, err)
		}
		t.Logf("%+v: PER %.4f, greedy %.4f", way, *e.PER, *greedy.PER)
		if e.Decode != way || e.FrameAccuracy != greedy.FrameAccuracy || *e.PER > *greedy.PER+0.05 {
			t.Errorf("%+v: %+v, PER %v, greedy %v", way, e.Decode, *e.PER, *greedy.PER)
		}
		p, err := LoadPredictor(run, &way)
		if err != nil {
			t.Fatal(err)
		}
		samples, a := beeps(rand.New(rand.NewPCG(9, 1)))
		got, err := p.Predict(samples, toneRate)
		if err != nil {
			t.Fatal(err)
		}
		var phones []string
		for _, s := range got.Segments {
			if s.Label != BlankLabel {
				phones = append(phones, s.Label)
			}
		}
		if n := len(a); len(phones) < n-2 || len(phones) > n+2 || got.Segments[len(got.Segments)-1].End != int64(len(samples)) {
			t.Errorf("%+v: %v, want about %v", way, got.Segments, a)
		}
	}
}

func TestDecodingsOfFrames(t *testing.T) {
	run, data := trainTones(t, func(c *Config) {})
	greedy, err := Evaluate(context.Background(), EvalOptions{Run: run, Data: data})
	if err != nil {
		t.Fatal(err)
	}
	evaluateBy(t, run, data, greedy, decode.Config{Name: decode.ByFrame, Beam: 1, MinFrames: 3}, decode.Config{Name: decode.ByFrame, Beam: 1, MinFrames: 2, BigramWeight: 1, Insertion: -1})
	checkBigram(t, run)

	wrong := decode.Config{Name: decode.ByBeam, Beam: 4, MinFrames: 1}
	if _, err := Evaluate(context.Background(), EvalOptions{Run: run, Data: data, Decode: &wrong}); err == nil || !strings.Contains(err.Error(), "viterbi") {
		t.Errorf("a beam over frames: %v", err)
	}
	if err := os.Remove(filepath.Join(run, results.BigramFile)); err != nil {
		t.Fatal(err)
	}
	gram := decode.Config{Name: decode.ByFrame, Beam: 4, MinFrames: 1, BigramWeight: 1}
	if _, err := LoadPredictor(run, &gram); err == nil || !strings.Contains(err.Error(), results.BigramFile) {
		t.Errorf("without a bigram: %v", err)
	}
	for name, text := range map[string]string{"labels": `{"labels":["a"],"counts":[[0,0],[0,0]]}`, "damaged": "{"} {
		if err := os.WriteFile(filepath.Join(run, results.BigramFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadPredictor(run, &gram); err == nil || !strings.Contains(err.Error(), results.BigramFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// checkBigram holds bigram.json against the phones of beeps: 24 utterances of 8
// phones that begin with silence, none twice in a row.
func checkBigram(t *testing.T, run string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(run, results.BigramFile))
	if err != nil {
		t.Fatal(err)
	}
	var b results.Bigram
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	var total int64
	silence := slices.Index(b.Labels, "h#")
	for v, row := range b.Counts {
		for w, n := range row {
			total += n
			if n > 0 && (v == w || (w == silence) != (v == len(b.Labels))) {
				t.Errorf("%d times %d after %d", n, w, v)
			}
		}
	}
	if b.Sequences != 24 || total != 24*9 || b.Counts[len(b.Labels)][silence] != 24 {
		t.Errorf("%d sequences, %d pairs, %d begin with silence", b.Sequences, total, b.Counts[len(b.Labels)][silence])
	}
}

func TestDecodingsOfCTC(t *testing.T) {
	run, data := trainTones(t, func(c *Config) {
		c.Loss.Name, c.Epochs, c.Folding, c.EarlyStopping.Patience = model.LossCTC, 60, "48", 0
	})
	greedy, err := Evaluate(context.Background(), EvalOptions{Run: run, Data: data})
	if err != nil {
		t.Fatal(err)
	}
	if *greedy.PER > 0.1 {
		t.Errorf("PER %v, though beeps on both sides of a q are learned as two", *greedy.PER)
	}
	if greedy.Boundaries != nil {
		t.Errorf("boundaries of CTC: %+v", greedy.Boundaries)
	}
	evaluateBy(t, run, data, greedy, decode.Config{Name: decode.ByBeam, Beam: 8, MinFrames: 1}, decode.Config{Name: decode.ByBeam, Beam: 16, MinFrames: 3, BigramWeight: 0.5, Insertion: 0.5})
}

// Every table of an evaluation is about the same frames, phones and segments.
func TestTablesAddUp(t *testing.T) {
	run, data := trainTones(t, func(c *Config) { c.Folding, c.Epochs = "39", 6 })
	e, err := Evaluate(context.Background(), EvalOptions{Run: run, Data: data, CheckBatchInvariance: true})
	if err != nil {
		t.Fatal(err)
	}
	var speakers, utterances, segments int64
	phones, examples, pieces := 0, 0, 0
	for _, s := range e.PerSpeaker {
		speakers, phones = speakers+s.Frames, phones+s.Phones
	}
	for i, d := range e.ByUtterance {
		utterances, examples = utterances+d.Frames, examples+d.Examples
		if i > 0 && d.From < *e.ByUtterance[i-1].To {
			t.Errorf("rows overlap: %+v", e.ByUtterance)
		}
	}
	for _, d := range e.BySegment {
		segments, pieces = segments+d.Frames, pieces+d.Segments
	}
	if speakers != e.Frames || utterances != e.Frames || segments != e.Frames || examples != e.Examples || phones != e.Edits.Reference || pieces == 0 {
		t.Errorf("%d frames: %d, %d, %d; %d examples: %d; %d phones: %d", e.Frames, speakers, utterances, segments, e.Examples, examples, e.Edits.Reference, phones)
	}
	if per := float64(e.Edits.Substitutions+e.Edits.Deletions+e.Edits.Insertions) / float64(e.Edits.Reference); per != *e.PER {
		t.Errorf("PER %v of %+v", *e.PER, e.Edits)
	}
	if i := e.Intervals; i == nil || i.Units != 3 || i.FrameAccuracy[0] > e.FrameAccuracy || i.FrameAccuracy[1] < e.FrameAccuracy || i.PER[0] > *e.PER || i.PER[1] < *e.PER {
		t.Errorf("intervals %+v around %v and %v", e.Intervals, e.FrameAccuracy, *e.PER)
	}
	if len(e.Boundaries) != 2 || e.FrameMs != 10 {
		t.Fatalf("boundaries %+v of frames of %v ms", e.Boundaries, e.FrameMs)
	}
	for i, b := range e.Boundaries {
		if b.Reference == 0 || b.Hits > min(b.Reference, b.Hypothesis) || b.ErrorMs > b.WithinMs || math.Abs(b.BiasMs) > b.ErrorMs || b.Reference != e.Boundaries[0].Reference || b.Hits < e.Boundaries[0].Hits {
			t.Errorf("boundaries, place %d: %+v", i, b)
		}
	}
	if b := e.Boundaries[1]; b.Recall < 0.8 || *b.RValue < 0.7 {
		t.Errorf("clear beeps have clear boundaries: %+v", b)
	}
	checkInvariance(t, e.BatchInvariance)
}

func checkInvariance(t *testing.T, b *results.BatchInvariance) {
	t.Helper()
	if b.Rounds < 2 || b.Batches < b.Rounds || b.BitEqual != (b.MaxDifference == 0) || b.BitEqual != (b.Worst == nil) {
		t.Errorf("%+v", b)
	}
}

// The check sees what depends on the batch: here features of neighbors leak.
func TestBatchInvarianceSeesALeak(t *testing.T) {
	c := toyConfig(t, "blstm-late")
	train := toy(20, 40, 1)
	m := toyMaterial(t, train, nil, c)
	tr, err := newTrainer(m, Options{Config: c, Out: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	fit, _ := items(train, tr.main.net, true)
	trained := &trained{cfg: c, net: tr.main.net}
	r := &reader{src: train, view: m.view, fold: tr.fold, inputs: tr.main.net.Inputs()}
	sound, err := trained.batchInvariance(context.Background(), r, fit)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", sound)
	if !sound.Holds || sound.Examples != 20 {
		t.Errorf("%+v", sound)
	}
	r.view = &leaky{viewer: m.view}
	leaking, err := trained.batchInvariance(context.Background(), r, fit)
	if err != nil {
		t.Fatal(err)
	}
	if w := leaking.Worst; leaking.Holds || leaking.BitEqual || w == nil || w.Difference != leaking.MaxDifference || !slices.Contains(w.Batch, w.Example) {
		t.Errorf("%+v", leaking)
	}
}

// leaky shifts every example's features by how many came before it.
type leaky struct {
	viewer
	n int
}

func (l *leaky) Apply(dst []float32, ex *dataset.Example) []float32 {
	x := l.viewer.Apply(dst, ex)
	for i := range x {
		x[i] += 0.01 * float32(l.n)
	}
	l.n++
	return x
}

func TestDrawnBatches(t *testing.T) {
	sizes := map[int]bool{}
	for round := range 5 {
		var seen []int
		for _, b := range drawBatches(50, 1, round) {
			seen, sizes[len(b)] = append(seen, b...), true
		}
		if round > 0 && slices.IsSorted(seen) {
			t.Error("the order is not drawn")
		}
		slices.Sort(seen)
		for i := range 50 {
			if seen[i] != i {
				t.Fatalf("round %d holds %v", round, seen)
			}
		}
	}
	if len(sizes) < 5 {
		t.Errorf("batches of %v only", sizes)
	}
	if a, b := drawBatches(50, 1, 0), drawBatches(50, 1, 1); reflect.DeepEqual(a, b) {
		t.Error("every round has the same batches")
	}
}

func TestRowsOfTables(t *testing.T) {
	for v, want := range map[float64]int{0: 0, 0.99: 0, 1: 1, 5.9: 4, 6: 5, 1e9: 6} {
		if got := row(utteranceSeconds, v); got != want {
			t.Errorf("%v s is in row %d, want %d", v, got, want)
		}
	}
}
