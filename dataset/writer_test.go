package dataset

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"framewise/corpus"
)

func allConfigs() []ShardConfig {
	var out []ShardConfig
	for _, layout := range []string{LayoutNested, LayoutFlat} {
		for _, comp := range []string{CompressionNone, CompressionZstd} {
			for _, dtype := range []string{DTypeFloat32, DTypeFloat16} {
				c := DefaultShardConfig()
				c.Layout, c.Compression, c.DType = layout, comp, dtype
				out = append(out, c)
			}
		}
	}
	return out
}

func TestShardRoundTrip(t *testing.T) {
	for _, c := range allConfigs() {
		for _, n := range []int{0, 1, BatchRows, BatchRows + 1, 150} {
			t.Run(fmt.Sprintf("%s/%s/%s/%d", c.Layout, c.Compression, c.DType, n), func(t *testing.T) {
				ids := testIDs("rt", n)
				data, stats := writeShard(t, testHeader(t), c, ids)
				s, err := openShard(data)
				if err != nil {
					t.Fatal(err)
				}
				if len(s.metas) != n || s.compressed != (c.Compression == CompressionZstd && n > 0) || s.info.Layout != c.Layout || s.info.DType != c.DType {
					t.Fatalf("%d rows, compressed %v, layout %s", len(s.metas), s.compressed, s.info.Layout)
				}
				if err := s.checkRows(0, 1); err != nil {
					t.Fatal(err)
				}
				for i := n - 1; i >= 0; i-- { // backwards: a compressed shard has to decode again
					got, err := s.example(i)
					if err != nil {
						t.Fatal(err)
					}
					if want := stored(testExample(ids[i]), c); !reflect.DeepEqual(got, want) {
						t.Fatalf("row %d: got %+v, want %+v", i, got, want)
					}
					m := Meta{ID: got.ID, Speaker: got.Speaker, NumFrames: got.NumFrames, Parts: len(got.Parts), Variant: got.Parts[0].Variant}
					if s.metas[i] != m {
						t.Fatalf("row %d: meta %+v, want %+v", i, s.metas[i], m)
					}
				}
				again, err := s.count(nil)
				if err != nil || n > 0 && !reflect.DeepEqual(again, stats) {
					t.Fatalf("counted %+v again (%v), the writer had %+v", again, err, stats)
				}
			})
		}
	}
}

// Phones that are known to be none come back as such, and unknown ones as such,
// also where no row of the batch has any.
func TestNoPhonesAreKnown(t *testing.T) {
	for _, c := range allConfigs() {
		for _, phones := range [][][]int16{{{}}, {nil}, {{}, nil, {}}, {{}, {1, 2}, nil, {}}} {
			var b bytes.Buffer
			w, err := NewWriter(&b, testHeader(t), c)
			if err != nil {
				t.Fatal(err)
			}
			for i, id := range testIDs("none", len(phones)) {
				ex := testExample(id)
				ex.Phones = phones[i]
				if err := w.Write(ex); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := w.Close(); err != nil {
				t.Fatal(err)
			}
			s, err := openShard(b.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range phones {
				if got, err := s.example(i); err != nil || !reflect.DeepEqual(got.Phones, want) {
					t.Errorf("%s/%s/%s: phones %#v of %#v, want %#v (%v)", c.Layout, c.Compression, c.DType, got.Phones, phones, want, err)
				}
			}
		}
	}
}

// TestSameBytes writes the same rows with other garbage in memory, other rows
// in the writer's neighbourhood and other numbers of threads.
func TestSameBytes(t *testing.T) {
	ids := testIDs("det", 130)
	for _, c := range allConfigs() {
		want, _ := writeShard(t, testHeader(t), c, ids)
		for round := range 4 {
			dirty := make([][]byte, 64)
			for i := range dirty {
				dirty[i] = bytes.Repeat([]byte{byte(0x5a + round)}, 1<<(4+i%14))
			}
			runtime.KeepAlive(dirty)
			dirty = nil
			runtime.GC()
			old := runtime.GOMAXPROCS(1 + 3*(round%2))
			got, _ := writeShard(t, testHeader(t), c, ids)
			runtime.GOMAXPROCS(old)
			if !bytes.Equal(got, want) {
				t.Fatalf("%s, %s: round %d gave other bytes", c.Layout, c.Compression, round)
			}
		}
	}
}

func TestBatchesAreOf64Rows(t *testing.T) {
	data, _ := writeShard(t, testHeader(t), DefaultShardConfig(), testIDs("b", 150))
	s, err := openShard(data)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{0, 64, 128, 150}; !reflect.DeepEqual(s.starts, want) {
		t.Errorf("batches begin at %v, want %v", s.starts, want)
	}
}

func TestLongRowsEndABatch(t *testing.T) {
	if testing.Short() {
		t.Skip("needs 200 MB")
	}
	h := testHeader(t)
	var b bytes.Buffer
	w, err := NewWriter(&b, h, DefaultShardConfig())
	if err != nil {
		t.Fatal(err)
	}
	features := make([]float32, 3*maxBatchBytes/20/testF*testF) // 60 % of a batch
	for _, id := range testIDs("long", 2) {
		n := int32(len(features) / testF)
		ex := &Example{ID: id, Speaker: "A", SampleRate: 16000, NumSamples: 1, NumFrames: n, Features: features,
			Parts: []Part{{Speaker: "A", Variant: "original", Rate: 16000, NumSamples: 1, NumFrames: n, Effects: "{}"}}}
		if err := w.Write(ex); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := openShard(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.batches) != 2 {
		t.Errorf("%d batches, want 2", len(s.batches))
	}
}

func TestWriterRefuses(t *testing.T) {
	ids := testIDs("bad", 2)
	for name, spoil := range map[string]func(*Example){
		"empty id":        func(e *Example) { e.ID = "" },
		"not UTF-8":       func(e *Example) { e.Text = "\xff" },
		"sample_rate":     func(e *Example) { e.SampleRate = 0 },
		"num_samples":     func(e *Example) { e.NumSamples = 0 },
		"num_frames":      func(e *Example) { e.NumFrames = 0 },
		"feature values":  func(e *Example) { e.Features = e.Features[1:] },
		"labels, want":    func(e *Example) { e.Labels = make([]int16, e.NumFrames+1) },
		"label 3":         func(e *Example) { e.Labels = make([]int16, e.NumFrames); e.Labels[0] = 3 },
		"phone -1":        func(e *Example) { e.Phones = []int16{-1} },
		"no parts":        func(e *Example) { e.Parts = nil },
		"out of range":    func(e *Example) { e.Parts[0].Rate = 0 },
		"to begin at 0":   func(e *Example) { e.Parts[0].BeginFrame = 1 },
		"parts cover":     func(e *Example) { e.Parts[0].NumFrames-- },
		"not JSON":        func(e *Example) { e.Parts[0].Effects = "{" },
		"as the parts":    func(e *Example) { e.Speaker = "X" },
		"speaker or vari": func(e *Example) { e.Parts[0].Variant = "\xff" },
		"NaN":             func(e *Example) { e.Features[3] = float32(math.NaN()) },
		"Inf":             func(e *Example) { e.Features[3] = float32(math.Inf(1)) },
	} {
		w, err := NewWriter(&bytes.Buffer{}, testHeader(t), DefaultShardConfig())
		if err != nil {
			t.Fatal(err)
		}
		ex := testExample("bad/utt0000")
		spoil(ex)
		if err := w.Write(ex); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
		if _, err := w.Close(); err == nil {
			t.Errorf("%s: closed without an error", name)
		}
	}
	for name, order := range map[string][]string{"order of the hash": {ids[1], ids[0]}, "in the shard already": {ids[0], ids[0]}} {
		w, _ := NewWriter(&bytes.Buffer{}, testHeader(t), DefaultShardConfig())
		if err := w.Write(testExample(order[0])); err != nil {
			t.Fatal(err)
		}
		if err := w.Write(testExample(order[1])); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	h := testHeader(t)
	h.Shards, h.Shard = 2, 1-ShardOf(ids[0], 2)
	w, _ := NewWriter(&bytes.Buffer{}, h, DefaultShardConfig())
	if err := w.Write(testExample(ids[0])); err == nil || !strings.Contains(err.Error(), "belongs to shard") {
		t.Errorf("another shard's row: error %v", err)
	}
}

func TestNewWriterRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*Header, *ShardConfig){
		"no split":      func(h *Header, _ *ShardConfig) { h.Split = "" },
		"feature width": func(h *Header, _ *ShardConfig) { h.F = 0 },
		"shard 1 of 1":  func(h *Header, _ *ShardConfig) { h.Shard = 1 },
		"labels are":    func(h *Header, _ *ShardConfig) { h.LabelSet = &corpus.LabelSet{Labels: make([]string, 40000)} },
		"dtype":         func(_ *Header, c *ShardConfig) { c.DType = "float64" },
	} {
		h, c := testHeader(t), DefaultShardConfig()
		spoil(&h, &c)
		if _, err := NewWriter(&bytes.Buffer{}, h, c); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// full is a disk that takes so many bytes.
type full int

func (f *full) Write(p []byte) (int, error) {
	if *f -= full(len(p)); *f < 0 {
		return 0, os.ErrDeadlineExceeded
	}
	return len(p), nil
}

func TestWriterReportsIOErrors(t *testing.T) {
	data, _ := writeShard(t, testHeader(t), DefaultShardConfig(), testIDs("io", 130))
	for _, n := range []int{0, 10, len(data) / 2, len(data) - 1} {
		room := full(n)
		w, err := NewWriter(&room, testHeader(t), DefaultShardConfig())
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range testIDs("io", 130) {
			if err = w.Write(testExample(id)); err != nil {
				break
			}
		}
		if err == nil {
			_, err = w.Close()
		}
		if err == nil {
			t.Errorf("a disk of %d bytes took a shard of %d", n, len(data))
		}
	}
}

func TestStandingShard(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	store, h := NewLocal(dir), testHeader(t)
	if r, err := StandingShard(ctx, store, "train", 0, 1, h.Digest); r != nil || err != nil {
		t.Fatalf("empty folder: %v, %v", r, err)
	}
	made := buildShard(t, store, h, DefaultShardConfig(), testIDs("s", 20))
	kept, err := StandingShard(ctx, store, "train", 0, 1, h.Digest)
	if err != nil || !reflect.DeepEqual(kept, made) {
		t.Fatalf("got %+v, %v, want %+v", kept, err, made)
	}
	if r, err := StandingShard(ctx, store, "train", 0, 1, "other"); r != nil || err != nil {
		t.Errorf("another digest: %v, %v", r, err)
	}
	path := store.Path(ShardName("train", 0, 1))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	for name, b := range map[string][]byte{"a flipped bit": data, "a cut": data[:100]} {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		if r, err := StandingShard(ctx, store, "train", 0, 1, h.Digest); r != nil || err != nil {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if r, err := StandingShard(ctx, store, "train", 0, 1, h.Digest); r != nil || err != nil {
		t.Errorf("without the file: %v, %v", r, err)
	}
}
