package dataset

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"framewise/corpus"
)

// v1 is the content of testdata/v1, a dataset of format version 1 as the first
// release wrote it. It stays readable for as long as there is a version 1; it
// is never written again, other than by FRAMEWISE_UPDATE_GOLDEN=1 before that
// release.
var v1 = []*Example{
	{ID: "concat/0/0badcafe", Speaker: "*", Text: "eins zwei", SampleRate: 8000, NumSamples: 400, NumFrames: 3,
		Features: []float32{-1.5, 0, 0.25, 3.4028235e38, 1e-45, -0}, Labels: []int16{0, -1, 1}, Phones: []int16{0, 1},
		Parts: []Part{
			{Utterance: "a", Speaker: "S1", Variant: "original", Rate: 8000, BeginSample: 10, NumSamples: 200, NumFrames: 2, Effects: "{}"},
			{Utterance: "b", Speaker: "S2", Variant: "original", Rate: 8000, NumSamples: 180, GapBefore: 20, BeginFrame: 2, NumFrames: 1,
				Effects: `{"gap_fill":"noise"}`}}},
	{ID: "a", Speaker: "S1", Text: "eins", SampleRate: 8000, NumSamples: 200, NumFrames: 2, Features: []float32{1, 2, 3, 4},
		Labels: []int16{1, 1}, Parts: []Part{{Utterance: "a", Speaker: "S1", Variant: "original", Rate: 8000, BeginSample: 10,
			NumSamples: 200, NumFrames: 2, Effects: "{}"}}},
	{ID: "ü+nb", Speaker: "S2", Text: "", SampleRate: 4000, NumSamples: 100, NumFrames: 1, Features: []float32{5, 6}, Phones: []int16{},
		Parts: []Part{{Utterance: "ü", Speaker: "S2", Variant: "narrowband", Rate: 8000, NumSamples: 200, NumFrames: 1, Effects: "{}"}}},
}

func TestReadsVersion1(t *testing.T) {
	dir := filepath.Join("testdata", "v1")
	if os.Getenv("FRAMEWISE_UPDATE_GOLDEN") != "" {
		writeV1(t, dir)
	}
	if r, err := Verify(t.Context(), dir, nil); err != nil {
		t.Fatalf("%v: %+v", err, r)
	}
	d := openDataset(t, dir)
	s := openSplit(t, d, "train")
	if s.Len() != len(v1) {
		t.Fatalf("%d examples, want %d", s.Len(), len(v1))
	}
	for _, want := range v1 {
		i, ok := s.Find(want.ID)
		if !ok {
			t.Fatalf("no example %q", want.ID)
		}
		if got, err := s.Example(i); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v (%v), want %+v", got, err, want)
		}
	}
	if l := d.Manifest.LabelSet; l.Name != "fsdd10" || len(l.Labels) != 10 || d.Manifest.Features.NumFilters != 2 {
		t.Errorf("label set %+v, features %+v", l, d.Manifest.Features)
	}
}

func writeV1(t *testing.T, dir string) {
	ctx, store := context.Background(), NewLocal(dir)
	labels, err := corpus.LoadLabelSet(corpus.FSDD10, "")
	if err != nil {
		t.Fatal(err)
	}
	a := Assembly{AlgorithmVersion: 1, Seed: 1, SampleRate: 8000, FeatureDim: 2, LabelSet: labels, Features: testFeatures(t),
		Shard: DefaultShardConfig(), Utterances: 3, Used: 3, Splits: []SplitPlan{{"train", 1, 3}}}
	a.Features.NumFilters = 2
	w, err := CreateShard(ctx, store, Header{Split: "train", Shards: 1, LabelSet: labels, Features: a.Features, F: 2, Digest: strings.Repeat("0123", 16)}, a.Shard)
	if err != nil {
		t.Fatal(err)
	}
	for _, ex := range v1 {
		if err := w.Write(ex); err != nil {
			t.Fatal(err)
		}
	}
	r, err := w.Commit(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	a.Results = []ShardResult{*r}
	m, rejects, err := Assemble(a)
	if err != nil {
		t.Fatal(err)
	}
	finishDataset(ctx, t, store, m, rejects)
	if err := os.RemoveAll(filepath.Join(dir, sidecarDir)); err != nil {
		t.Fatal(err)
	}
}
