package dataset

import (
	"slices"
	"strings"
	"testing"

	"framewise/corpus"
)

// TestRowKey pins the hash: stored shards depend on it. The values are the
// first 8 bytes, little-endian, of SHA-256 over 16 zero bytes, the length of
// "shard" as uint64, "shard", the length of the id and the id; made by
// Python's hashlib and struct.
func TestRowKey(t *testing.T) {
	for id, want := range map[string]uint64{"": 0xecffab0d2858049e, "TRAIN/DR1/FCJF0/SX127": 0xa67ce0ed42aeae70, "é": 0x5902c6746ec2ca98} {
		if got := RowKey(id); got != want {
			t.Errorf("RowKey(%q) = %#x, want %#x", id, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	if got := ShardName("train", 7, 16); got != "train/shard-00007-of-00016.arrow" {
		t.Error(got)
	}
	if got := SidecarName("test-rest", 0, 1); got != ".build/test-rest/shard-00000-of-00001.json" {
		t.Error(got)
	}
}

func TestRowsSpreadAndSort(t *testing.T) {
	ids := testIDs("spread", 4000)
	if !slices.IsSortedFunc(ids, func(a, b string) int {
		if RowLess(a, b) {
			return -1
		}
		return 1
	}) {
		t.Error("not sorted")
	}
	var count [4]int
	for _, id := range ids {
		count[ShardOf(id, 4)]++
	}
	for i, n := range count {
		if n < 900 || n > 1100 { // 1000 +- 27 a standard deviation
			t.Errorf("shard %d has %d of 4000", i, n)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("ShardOf of 0 shards does not panic")
		}
	}()
	ShardOf("x", 0)
}

func TestDigestCoversWhatItShould(t *testing.T) {
	type input struct {
		c   DigestConfig
		id  string
		u   corpus.Utterance
		gap int64
	}
	base := func() input {
		return input{c: DigestConfig{AlgorithmVersion: 1, Split: "train", Shards: 4, Layout: LayoutNested, Compression: CompressionNone,
			SampleRate: 16000, Seed: 1, Features: map[string]int{"num_filters": 40}}, id: "a",
			u: corpus.Utterance{ID: "a", URI: "a.wav", SHA256: "00", Rate: 16000, Samples: 100, End: 100, Speaker: "S", Text: "t",
				Alignment: corpus.Alignment{{Begin: 0, End: 50, Label: "x"}, {Begin: 50, End: 100, Label: "y"}}}}
	}
	sum := func(in input) string {
		d, err := NewDigest(in.c)
		if err != nil {
			t.Fatal(err)
		}
		d.Example(in.id, "original", 1)
		d.Part(&in.u, in.gap)
		return d.Sum()
	}
	seen := map[string]string{sum(base()): "nothing"}
	for name, change := range map[string]func(*input){
		"algorithm":   func(in *input) { in.c.AlgorithmVersion++ },
		"split":       func(in *input) { in.c.Split = "dev" },
		"shard":       func(in *input) { in.c.Shard++ },
		"shards":      func(in *input) { in.c.Shards++ },
		"layout":      func(in *input) { in.c.Layout = LayoutFlat },
		"compression": func(in *input) { in.c.Compression = CompressionZstd },
		"rate":        func(in *input) { in.c.SampleRate = 8000 },
		"seed":        func(in *input) { in.c.Seed++ },
		"labels":      func(in *input) { in.c.LabelSet = []string{"x"} },
		"features":    func(in *input) { in.c.Features = map[string]int{"num_filters": 41} },
		"augment":     func(in *input) { in.c.Augment = 1 },
		"id":          func(in *input) { in.id = "b" },
		"utterance":   func(in *input) { in.u.ID = "b" },
		"audio":       func(in *input) { in.u.SHA256 = "01" },
		"u rate":      func(in *input) { in.u.Rate++ },
		"channel":     func(in *input) { in.u.Channel++ },
		"samples":     func(in *input) { in.u.Samples++ },
		"begin":       func(in *input) { in.u.Begin++ },
		"end":         func(in *input) { in.u.End-- },
		"speaker":     func(in *input) { in.u.Speaker = "T" },
		"text":        func(in *input) { in.u.Text = "" },
		"boundary":    func(in *input) { in.u.Alignment[0].End = 51 },
		"label":       func(in *input) { in.u.Alignment[0].Label = "z" },
		"no segment":  func(in *input) { in.u.Alignment = corpus.Alignment{} },
		"unaligned":   func(in *input) { in.u.Alignment = nil },
		"phones":      func(in *input) { in.u.Phones = []string{"x"} },
		"gap":         func(in *input) { in.gap = 1 },
	} {
		in := base()
		change(&in)
		s := sum(in)
		if other, ok := seen[s]; ok {
			t.Errorf("changing %s gives the digest of changing %s", name, other)
		}
		seen[s] = name
	}
	moved := base()
	moved.u.URI = "elsewhere/a.wav"
	if s := sum(moved); seen[s] != "nothing" || len(s) != 64 {
		t.Errorf("changing the URI gives digest %s", s)
	}
	if _, err := NewDigest(DigestConfig{Augment: func() {}}); err == nil || !strings.Contains(err.Error(), "augment config") {
		t.Errorf("a config that is no JSON: %v", err)
	}
}
