package export

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"framewise/dataset"
)

// TestExportIsDeterministic exports twice, from two folders, and pins the bytes
// of the formats that no compressor stands between.
func TestExportIsDeterministic(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	buildDataset(t, "a")
	buildDataset(t, "b")
	pinned := map[string]string{"tfrecord": "a1f98da1328f9e0a", "webdataset": "58ef86c7ddb6a5c7", "kaldi": "d4070249ad72f277"}
	for _, format := range Formats() {
		var trees []map[string]string
		for _, data := range []string{"a", "b"} {
			last := int64(0)
			r, err := Export(context.Background(), data, "out", Options{Format: format, Progress: func(done, total int64) {
				if done != last+1 || total != 13 {
					t.Errorf("%s: %d of %d after %d", format, done, total, last)
				}
				last = done
			}})
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Splits) != 3 || r.Splits[0].Examples != 12 || r.Splits[2].Examples != 0 || !slices.Equal(r.Labels, testLabels.Labels) {
				t.Errorf("%s: %+v", format, r)
			}
			tree := treeOf(t, "out")
			var again Report
			if err := json.Unmarshal([]byte(tree["export.json"]), &again); err != nil || !reflect.DeepEqual(&again, r) {
				t.Errorf("%s: export.json is %s", format, tree["export.json"])
			}
			trees = append(trees, tree)
			if err := os.RemoveAll("out"); err != nil {
				t.Fatal(err)
			}
		}
		if !maps.Equal(trees[0], trees[1]) {
			t.Errorf("%s: the folder of the dataset shows in the export", format)
		}
		h := sha256.New()
		for _, name := range slices.Sorted(maps.Keys(trees[0])) {
			fmt.Fprintf(h, "%s %d\n%s", name, len(trees[0][name]), trees[0][name])
		}
		if got, want := fmt.Sprintf("%x", h.Sum(nil))[:16], pinned[format]; want != "" && got != want {
			t.Errorf("%s: hash of all files %s, want %s: readers would see other bytes than before", format, got, want)
		}
	}
	if left, _ := os.ReadDir("."); len(left) != 2 {
		t.Errorf("left behind: %v", left)
	}
}

// TestExportWithoutLabels exports a dataset whose corpus has no alignments.
func TestExportWithoutLabels(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	buildDatasetOf(t, data, nil)
	for _, format := range Formats() {
		out := filepath.Join(dir, format)
		r, err := Export(context.Background(), data, out, Options{Format: format})
		if err != nil || r.Labels != nil || r.Splits[0].Examples != 12 {
			t.Errorf("%s: %+v, %v", format, r, err)
		}
		for name, content := range treeOf(t, out) {
			if strings.Contains(name, "labels") || strings.Contains(name, "ali.") || strings.Contains(name, "phones") || strings.Contains(content, "labels.npy") {
				t.Errorf("%s: %s has labels", format, name)
			}
		}
	}
}

func TestExportRefuses(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	buildDataset(t, at("data"))
	buildDataset(t, at("bad"))
	shard := filepath.Join(at("bad"), filepath.FromSlash(dataset.ShardName("train", 0, 2)))
	b, err := os.ReadFile(shard)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	for name, content := range map[string][]byte{shard: b, at("full/x"): nil, at("file"): nil} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, content, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(at("empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		ctx       context.Context
		data, out string
		opt       Options
		is        error
		want      string
	}{
		{context.Background(), "data", "full", Options{Format: "tfrecord"}, fs.ErrExist, "the folder holds x, want one that is new or empty"},
		{context.Background(), "data", "file", Options{Format: "tfrecord"}, nil, "not a directory"},
		{context.Background(), "data", "file/below", Options{Format: "tfrecord"}, nil, "not a directory"},
		{context.Background(), "bad", "new", Options{Format: "tfrecord"}, dataset.ErrCorrupt, "train/shard-00000-of-00002.arrow"},
		{context.Background(), "none", "new", Options{Format: "tfrecord"}, dataset.ErrUnfinished, "none"},
		{context.Background(), "data", "new", Options{Format: "csv"}, nil, `format "csv", want one of ` + strings.Join(Formats(), ", ")},
		{canceled, "data", "new", Options{Format: "tfrecord", Gzip: true}, context.Canceled, "data"},
	} {
		_, err := Export(c.ctx, at(c.data), at(c.out), c.opt)
		if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s to %s: %v, want %s", c.data, c.out, err, c.want)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 5 { // data, bad, full, file, empty
		t.Errorf("left behind: %v", entries)
	}
	if _, err := Export(context.Background(), at("data"), at("empty"), Options{Format: "tfrecord"}); err != nil {
		t.Errorf("into an empty folder: %v", err)
	}
}

// TestCountsReconcile gives a split fewer examples than dataset.json tells of.
func TestCountsReconcile(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	buildDataset(t, data)
	d, err := dataset.Open(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	d.Manifest.Splits[0].Frames++
	root, err := newRoot(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	x := &exporter{opt: Options{Format: "tfrecord"}, labels: testLabels, features: testFeatures(t), f: testF}
	if err := x.splits(context.Background(), d, root, newTFRecord, &Report{}); !errors.Is(err, dataset.ErrReconcile) {
		t.Errorf("%v, want ErrReconcile", err)
	}
}
