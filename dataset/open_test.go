package dataset

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
)

func openDataset(t testing.TB, dir string) *Dataset {
	t.Helper()
	d, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func openSplit(t testing.TB, d *Dataset, name string) *Split {
	t.Helper()
	s, err := d.Split(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestSplitReadsEveryExampleOnce(t *testing.T) {
	for _, c := range allConfigs() {
		dir := t.TempDir()
		buildDataset(t, dir, c)
		d := openDataset(t, dir)
		for _, want := range testSplits {
			s := openSplit(t, d, want.name)
			if s.Len() != want.examples || s.Name() != want.name || s.Info().Examples != int64(want.examples) {
				t.Fatalf("%s: %d examples, want %d", want.name, s.Len(), want.examples)
			}
			seen := map[string]bool{}
			for i := range s.Len() {
				ex, err := s.Example(i)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(ex, stored(testExample(ex.ID), c)) {
					t.Fatalf("%s: example %d (%s) is not the one written", want.name, i, ex.ID)
				}
				if m := s.Meta(i); m.ID != ex.ID || m.NumFrames != ex.NumFrames {
					t.Fatalf("%s: meta %d is %+v", want.name, i, m)
				}
				if k, ok := s.Find(ex.ID); !ok || k != i {
					t.Fatalf("%s: Find(%q) = %d, %v, want %d", want.name, ex.ID, k, ok, i)
				}
				seen[ex.ID] = true
			}
			if len(seen) != want.examples {
				t.Errorf("%s: %d ids, want %d", want.name, len(seen), want.examples)
			}
			if _, ok := s.Find("nobody"); ok {
				t.Error("found an id that is not there")
			}
		}
	}
}

func TestSplitIsForManyGoroutines(t *testing.T) {
	for _, comp := range []string{CompressionNone, CompressionZstd} {
		c := DefaultShardConfig()
		c.Compression = comp
		dir := t.TempDir()
		buildDataset(t, dir, c)
		s := openSplit(t, openDataset(t, dir), "train")
		var wg sync.WaitGroup
		for g := range 4 {
			wg.Go(func() {
				for i := range s.Len() {
					i = (i*37 + g*51) % s.Len()
					ex, err := s.Example(i)
					if err != nil || ex.Features[0] != testExample(ex.ID).Features[0] {
						t.Errorf("example %d: %v", i, err)
						return
					}
				}
			})
		}
		wg.Wait()
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(t.Context(), dir); !errors.Is(err, ErrUnfinished) {
		t.Errorf("an empty folder: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, ManifestName), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir); err == nil || errors.Is(err, ErrUnfinished) {
		t.Errorf("a folder called %s: %v", ManifestName, err)
	}
	dir = t.TempDir()
	buildDataset(t, dir, DefaultShardConfig())
	if _, err := openDataset(t, dir).Split("nowhere"); err == nil || !strings.Contains(err.Error(), "train dev test") {
		t.Errorf("a split that is not there: %v", err)
	}
}

// TestSplitRefusesOtherShards puts well-formed shards where others belong.
func TestSplitRefusesOtherShards(t *testing.T) {
	dir := t.TempDir()
	buildDataset(t, dir, DefaultShardConfig())
	d := openDataset(t, dir)
	path := filepath.Join(dir, ShardName("train", 1, 3))
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	h := testHeader(t)
	h.Shard, h.Shards, h.Digest = 1, 3, fmt.Sprintf("%064x", 1)
	var ids []string
	for _, id := range testIDs("train", 200) {
		if ShardOf(id, 3) == 1 {
			ids = append(ids, id)
		}
	}
	if same, _ := writeShard(t, h, DefaultShardConfig(), ids); string(same) != string(good) {
		t.Fatal("the test does not know how the shard was written")
	}
	for want, change := range map[string]func(h *Header, c *ShardConfig, ids *[]string){
		`split "dev", want "train"`: func(h *Header, _ *ShardConfig, _ *[]string) { h.Split = "dev" },
		"digest ":                   func(h *Header, _ *ShardConfig, _ *[]string) { h.Digest = "x" },
		"label set ":                func(h *Header, _ *ShardConfig, _ *[]string) { h.LabelSet.Name = "other" },
		"feature config ":           func(h *Header, _ *ShardConfig, _ *[]string) { h.Features.NumFilters++ },
		"layout flat":               func(_ *Header, c *ShardConfig, _ *[]string) { c.Layout = LayoutFlat },
		"rows, want":                func(_ *Header, _ *ShardConfig, ids *[]string) { *ids = (*ids)[1:] },
		"belongs to shard": func(h *Header, _ *ShardConfig, ids *[]string) {
			h.Shards, h.Shard = 0, 0
			*ids = testIDs("train", 200)[:len(*ids)]
		},
	} {
		h, c, ids := h, DefaultShardConfig(), ids
		h.LabelSet = newLabelSetJSON(testLabels).labelSet() // a copy
		change(&h, &c, &ids)
		data, _ := writeShard(t, h, c, ids)
		sh, err := openShard(data)
		if err != nil {
			t.Fatal(err)
		}
		info := *d.Manifest.Split("train")
		if want == "belongs to shard" { // let the sums agree
			info.Shards = append([]ShardInfo{}, info.Shards...)
			info.Shards[1].Frames = 0
			for _, m := range sh.metas {
				info.Shards[1].Frames += int64(m.NumFrames)
			}
		}
		if err := sh.agrees(d.Manifest, &info, 1); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	for name, data := range map[string][]byte{"bytes, want": good[:len(good)-8], "0 bytes": nil} {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Split("train"); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "shard-00001-of-00003") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Split("train"); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a missing shard: %v", err)
	}
}
