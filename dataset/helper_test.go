package dataset

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"framewise/corpus"
	"framewise/corpus/draw"
	"framewise/transforms"
)

const testF = 5

var testLabels = &corpus.LabelSet{Name: "abc", Labels: []string{"sil", "a", "b"}, Silence: "sil"}

func testFeatures(t testing.TB) transforms.FeatureConfig {
	t.Helper()
	c, err := transforms.Preset("psf-logfbank")
	if err != nil {
		t.Fatal(err)
	}
	c.NumFilters = testF
	return c
}

func testHeader(t testing.TB) Header {
	return Header{Split: "train", Shard: 0, Shards: 1, LabelSet: testLabels, Features: testFeatures(t), F: testF, Digest: strings.Repeat("ab", 32)}
}

// testExample is an example that its id determines: of one part, or of more if
// the id begins with "concat/".
// stored is an example as it comes back from a shard.
func stored(ex *Example, c ShardConfig) *Example {
	if c.DType == DTypeFloat16 {
		for i, v := range ex.Features {
			ex.Features[i] = fromHalf(toHalf(v))
		}
	}
	return ex
}

func testExample(id string) *Example {
	k := draw.New(1, "test", id, 0)
	parts := 1
	if strings.HasPrefix(id, "concat/") {
		parts = k.Between(0, 2, 3)
	}
	variant := "original"
	if strings.HasSuffix(id, "+nb") {
		variant = "narrowband"
	}
	ex := &Example{ID: id, Text: "the text of " + id, SampleRate: 16000}
	for i := range parts {
		frames := int32(k.Between(i+1, 1, 120))
		p := Part{Utterance: fmt.Sprintf("%s/%d", id, i), Speaker: fmt.Sprintf("S%d", k.IntN(i+10, 3)), Variant: variant, Rate: 16000,
			BeginSample: int64(100 * i), NumSamples: int64(frames) * 160, BeginFrame: ex.NumFrames, NumFrames: frames, Effects: "{}"}
		if i > 0 {
			p.GapBefore, p.Effects = 480, `{"gap_fill":"noise"}`
		}
		if i == 0 {
			ex.Speaker = p.Speaker
		} else if ex.Speaker != p.Speaker {
			ex.Speaker = "*"
		}
		ex.Parts = append(ex.Parts, p)
		ex.NumFrames += frames
	}
	ex.NumSamples = int64(ex.NumFrames) * 160
	for i := range int(ex.NumFrames) * testF {
		ex.Features = append(ex.Features, float32(k.Float64(100+i)*20-10))
	}
	if k.IntN(20, 5) > 0 {
		for i := range int(ex.NumFrames) {
			ex.Labels = append(ex.Labels, int16(k.IntN(5000+i, 4)-1))
		}
	}
	switch k.IntN(21, 3) {
	case 0:
		ex.Phones = []int16{}
	case 1:
		ex.Phones = []int16{0, 1, 2, 0}
	}
	return ex
}

// testIDs are n ids of all kinds, in row order.
func testIDs(prefix string, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%s/utt%04d", prefix, i)
		switch i % 4 {
		case 1:
			ids[i] += "+nb"
		case 2:
			ids[i] = "concat/" + ids[i]
		}
	}
	slices.SortFunc(ids, func(a, b string) int {
		if RowLess(a, b) {
			return -1
		}
		return 1
	})
	return ids
}

// writeShard writes the examples into memory.
func writeShard(t testing.TB, h Header, c ShardConfig, ids []string) ([]byte, ShardStats) {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, h, c)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if err := w.Write(testExample(id)); err != nil {
			t.Fatal(err)
		}
	}
	stats, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), stats
}

// testSplits are the splits of buildDataset and their sizes.
var testSplits = []struct {
	name             string
	examples, shards int
}{{"train", 200, 3}, {"dev", 10, 1}, {"test", 1, 2}}

// buildDataset makes a dataset in dir, as a build would. One utterance and one
// example of dev are rejects.
func buildDataset(t testing.TB, dir string, c ShardConfig) *Manifest {
	t.Helper()
	ctx, store := context.Background(), NewLocal(dir)
	a := Assembly{AlgorithmVersion: 1, Seed: 7, SampleRate: 16000, FeatureDim: testF, LabelSet: testLabels,
		Features: testFeatures(t), Augment: map[string]any{"splits": []string{"train"}}, Shard: c}
	for _, s := range testSplits {
		byShard := make([][]string, s.shards)
		for _, id := range testIDs(s.name, s.examples) {
			k := ShardOf(id, s.shards)
			byShard[k] = append(byShard[k], id)
		}
		a.Splits = append(a.Splits, SplitPlan{Name: s.name, Shards: s.shards, Planned: int64(s.examples)})
		a.Used += int64(s.examples)
		for i, ids := range byShard {
			r := buildShard(t, store, Header{Split: s.name, Shard: i, Shards: s.shards, LabelSet: testLabels, Features: a.Features,
				F: testF, Digest: fmt.Sprintf("%064x", i)}, c, ids)
			a.Results = append(a.Results, *r)
		}
	}
	reject := Reject{Kind: RejectExample, ID: "dev/lost", Stage: "read", Reason: corpus.MissingAudio, Detail: "no such file"}
	a.Results[3].Rejects = append(a.Results[3].Rejects, reject)
	a.Splits[1].Planned++
	a.Rejects = []Reject{{Kind: RejectUtterance, ID: "dev/lost", Stage: "read", Reason: corpus.MissingAudio}}
	a.Utterances = a.Used + 1
	slices.Reverse(a.Results) // Assemble puts them in order
	m, rejects, err := Assemble(a)
	if err != nil {
		t.Fatal(err)
	}
	finishDataset(ctx, t, store, m, rejects)
	return m
}

func buildShard(t testing.TB, store Store, h Header, c ShardConfig, ids []string) *ShardResult {
	t.Helper()
	ctx := context.Background()
	w, err := CreateShard(ctx, store, h, c)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for _, id := range ids {
		if err := w.Write(testExample(id)); err != nil {
			t.Fatal(err)
		}
	}
	r, err := w.Commit(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func finishDataset(ctx context.Context, t testing.TB, store Store, m *Manifest, rejects []Reject) {
	t.Helper()
	var lines bytes.Buffer
	if err := WriteRejects(&lines, rejects); err != nil {
		t.Fatal(err)
	}
	doc, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{RejectsName: lines.Bytes(), ConfigName: []byte("seed: 7\n"), ManifestName: doc} {
		if err := store.WriteFile(ctx, name, data); err != nil {
			t.Fatal(err)
		}
	}
}

// repoRoot is the folder of go.mod.
func repoRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	t.Fatal("no go.mod above the test")
	return ""
}
