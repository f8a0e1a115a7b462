package export

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"framewise/corpus"
	"framewise/corpus/draw"
	"framewise/dataset"
	"framewise/transforms"
)

const testF = 3

var testLabels = &corpus.LabelSet{Name: "abc", Labels: []string{"sil", "a", "ʃ"}, Silence: "sil"}

// testIDs are ids of all kinds, with what file names and Kaldi's lists dislike.
var testIDs = map[string][]string{
	"train": {"TRAIN/DR1/FCJF0/SX127", "TRAIN/DR1/FCJF0/SX127+nb", "a.b.c", "with space", "100%", "concat/1/0badcafe", "/abs/", "ünïcode", "u1", "u2", "u3", "u4"},
	"dev":   {"dev-1"},
	"test":  {},
}

// testExample is an example that its id determines.
func testExample(id string) *dataset.Example {
	k := draw.New(1, "export test", id, 0)
	ex := &dataset.Example{ID: id, Speaker: "S1", Text: `the "text" of ` + id, SampleRate: 16000}
	variant := "original"
	if strings.HasSuffix(id, "+nb") {
		variant, ex.SampleRate = "narrowband", 8000
	}
	speakers := []string{"S1"}
	if strings.HasPrefix(id, "concat/") {
		speakers, ex.Speaker = []string{"S1", "S 2"}, dataset.ManySpeakers
	}
	for i, speaker := range speakers {
		frames := int32(k.Between(i, 1, 9))
		p := dataset.Part{Utterance: fmt.Sprintf("%s/%d", id, i), Speaker: speaker, Variant: variant, Rate: 16000, BeginSample: int64(10 * i),
			NumSamples: int64(frames) * 160, BeginFrame: ex.NumFrames, NumFrames: frames, Effects: `{"gain_db":-3}`}
		ex.Parts = append(ex.Parts, p)
		ex.NumFrames += frames
	}
	ex.NumSamples = int64(ex.NumFrames) * int64(ex.SampleRate) / 100
	for i := range int(ex.NumFrames) * testF {
		ex.Features = append(ex.Features, float32(k.Float64(100+i)*20-10))
	}
	if id != "u2" {
		ex.Labels, ex.Phones = []int16{}, []int16{1, 0, 2}
		for i := range int(ex.NumFrames) {
			ex.Labels = append(ex.Labels, int16(k.IntN(1000+i, len(testLabels.Labels)+1)-1))
		}
	}
	return ex
}

func testFeatures(t testing.TB) transforms.FeatureConfig {
	t.Helper()
	c, err := transforms.Preset("psf-logfbank")
	if err != nil {
		t.Fatal(err)
	}
	c.NumFilters = testF
	return c
}

// buildDataset makes a dataset of testIDs, as a build would, in the order of its
// rows, and returns the examples' ids by split.
func buildDataset(t testing.TB, dir string) map[string][]string {
	t.Helper()
	return buildDatasetOf(t, dir, testLabels)
}

// buildDatasetOf is buildDataset with a label set, or nil for a dataset without
// labels.
func buildDatasetOf(t testing.TB, dir string, labels *corpus.LabelSet) map[string][]string {
	t.Helper()
	ctx, store := context.Background(), dataset.NewLocal(dir)
	a := dataset.Assembly{AlgorithmVersion: 1, SampleRate: 16000, FeatureDim: testF, LabelSet: labels, Features: testFeatures(t), Augment: map[string]any{}, Shard: dataset.DefaultShardConfig()}
	order := map[string][]string{}
	for _, split := range []string{"train", "dev", "test"} {
		const shards = 2
		ids := slices.Clone(testIDs[split])
		slices.SortFunc(ids, func(x, y string) int {
			if dataset.RowLess(x, y) {
				return -1
			}
			return 1
		})
		a.Splits = append(a.Splits, dataset.SplitPlan{Name: split, Shards: shards, Planned: int64(len(ids))})
		a.Used += int64(len(ids))
		order[split] = []string{}
		for i := range shards {
			w, err := dataset.CreateShard(ctx, store, dataset.Header{Split: split, Shard: i, Shards: shards, LabelSet: labels, Features: a.Features, F: testF, Digest: fmt.Sprintf("%064x", i)}, a.Shard)
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range ids {
				if dataset.ShardOf(id, shards) == i {
					ex := testExample(id)
					if labels == nil {
						ex.Labels, ex.Phones = nil, nil
					}
					if err := w.Write(ex); err != nil {
						t.Fatal(err)
					}
					order[split] = append(order[split], id)
				}
			}
			r, err := w.Commit(ctx, nil)
			if err != nil {
				t.Fatal(err)
			}
			a.Results = append(a.Results, *r)
		}
	}
	a.Utterances = a.Used
	m, rejects, err := dataset.Assemble(a)
	if err != nil {
		t.Fatal(err)
	}
	var lines bytes.Buffer
	if err := dataset.WriteRejects(&lines, rejects); err != nil {
		t.Fatal(err)
	}
	doc, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{dataset.RejectsName: lines.Bytes(), dataset.ConfigName: []byte("seed: 0\n"), dataset.ManifestName: doc} {
		if err := store.WriteFile(ctx, name, data); err != nil {
			t.Fatal(err)
		}
	}
	return order
}

// expectation is what read_back.py compares with.
func expectation(t *testing.T, order map[string][]string) []byte {
	t.Helper()
	splits := map[string][]any{}
	for split, ids := range order {
		splits[split] = []any{}
		for _, id := range ids {
			ex := testExample(id)
			rows := [][]float64{}
			for i, v := range ex.Features {
				if i%testF == 0 {
					rows = append(rows, nil)
				}
				rows[len(rows)-1] = append(rows[len(rows)-1], float64(v))
			}
			b, err := json.Marshal(newSample(ex))
			if err != nil {
				t.Fatal(err)
			}
			row := map[string]any{}
			if err := json.Unmarshal(b, &row); err != nil {
				t.Fatal(err)
			}
			row["features"], row["labels"] = rows, ex.Labels
			splits[split] = append(splits[split], row)
		}
	}
	b, err := json.Marshal(map[string]any{"labels": testLabels.Labels, "feature_dim": testF, "splits": splits})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// treeOf is every file below a folder.
func treeOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	m := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		m[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}
