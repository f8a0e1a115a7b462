package dataset

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"framewise/corpus"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func TestDatasetIsTheSameTwice(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	buildDataset(t, a, DefaultShardConfig())
	buildDataset(t, b, DefaultShardConfig())
	for _, name := range []string{ManifestName, RejectsName, ShardName("train", 1, 3), SidecarName("dev", 0, 1)} {
		x, errX := os.ReadFile(filepath.Join(a, name))
		y, errY := os.ReadFile(filepath.Join(b, name))
		if errX != nil || errY != nil || !bytes.Equal(x, y) {
			t.Errorf("%s differs between two builds (%v, %v)", name, errX, errY)
		}
	}
}

func TestManifestRoundTrip(t *testing.T) {
	want := buildDataset(t, t.TempDir(), DefaultShardConfig())
	doc, err := want.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseManifest(doc)
	if err != nil {
		t.Fatal(err)
	}
	if got.SHA256 != want.SHA256 || got.Counts != want.Counts || !reflect.DeepEqual(got.Splits, want.Splits) ||
		!reflect.DeepEqual(got.CMVN, want.CMVN) || got.Features != want.Features || !reflect.DeepEqual(got.LabelSet.Labels, want.LabelSet.Labels) {
		t.Error("the manifest read is not the one written")
	}
	again, err := got.Marshal()
	if err != nil || !bytes.Equal(again, doc) {
		t.Errorf("written again it has other bytes (%v)", err)
	}
	c := want.Counts
	if (c != Counts{Utterances: 212, Used: 211, Rejected: 1, Planned: 212, Examples: 211, Dropped: 1}) {
		t.Errorf("counts %+v", c)
	}
}

func TestManifestHoldsItsSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(repoRoot(t), "docs", "dataset.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	m := buildDataset(t, t.TempDir(), DefaultShardConfig())
	unlabelled := *m
	unlabelled.LabelSet, unlabelled.Augment = nil, json.RawMessage("null")
	for _, m := range []*Manifest{m, &unlabelled} {
		doc, err := m.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Error(err)
		}
		v.(map[string]any)["counts"].(map[string]any)["used"] = -1
		if schema.Validate(v) == nil {
			t.Error("the schema accepts a count of -1")
		}
		v.(map[string]any)["surprise"] = 1
		if schema.Validate(v) == nil {
			t.Error("the schema accepts a key that does not exist")
		}
	}
}

func TestParseManifestRefuses(t *testing.T) {
	m := buildDataset(t, t.TempDir(), DefaultShardConfig())
	doc, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	replace := func(old, new string) []byte { return bytes.Replace(doc, []byte(old), []byte(new), 1) }
	for name, c := range map[string]struct {
		doc  []byte
		want error
	}{
		"nothing":        {nil, ErrCorrupt},
		"no JSON":        {[]byte("shards: 3"), ErrCorrupt},
		"a later format": {replace(`"format_version": 1`, `"format_version": 2`), ErrVersion},
		"a changed seed": {replace(`"seed": 7`, `"seed": 8`), ErrCorrupt},
		"a changed sum":  {replace(m.SHA256[:8], "00000000"), ErrCorrupt},
		"a cut":          {doc[:len(doc)-10], ErrCorrupt},
		"a longer end":   {append(bytes.Clone(doc), '\n'), ErrCorrupt},
	} {
		if _, err := ParseManifest(c.doc); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	// What a wrong program may have written with a right checksum.
	for name, spoil := range map[string]func(*Manifest){
		"feature_dim":    func(m *Manifest) { m.FeatureDim = 0 },
		"sample_rate":    func(m *Manifest) { m.SampleRate = 0 },
		"shard 1 is":     func(m *Manifest) { m.Splits[0].Shards[1].Path = "../x.arrow" },
		"but its shards": func(m *Manifest) { m.Splits[0].Frames++ },
		"label counts":   func(m *Manifest) { m.Splits[1].Labels = nil },
		"no splits":      func(m *Manifest) { m.Splits, m.CMVN = nil, nil },
		`split 0 is called ".."`: func(m *Manifest) {
			m.Splits[0].Name = ".."
			for i := range m.Splits[0].Shards {
				m.Splits[0].Shards[i].Path = ShardName("..", i, len(m.Splits[0].Shards))
			}
		},
		`split 1 is called "train"`: func(m *Manifest) { m.Splits[1] = m.Splits[0] },
		"edges and":                 func(m *Manifest) { m.Splits[0].Lengths.Edges = nil },
		`sha256 ""`:                 func(m *Manifest) { m.Splits[0].Shards[0].SHA256 = "" },
		`sha256 "../`:               func(m *Manifest) { m.Splits[0].Shards[0].SHA256 = "../" + strings.Repeat("0", 61) },
		`sha256 "AB`:                func(m *Manifest) { m.Splits[0].Shards[0].SHA256 = strings.Repeat("AB", 32) },
		`shard train/shard-00001-of-00003.arrow: digest ""`: func(m *Manifest) { m.Splits[0].Shards[1].Digest = "" },
		`digest "0123"`: func(m *Manifest) { m.Splits[0].Shards[0].Digest = "0123" },
		`digest "xx`:    func(m *Manifest) { m.Splits[0].Shards[0].Digest = strings.Repeat("x", 64) },
		`digest "AB`:    func(m *Manifest) { m.Splits[0].Shards[0].Digest = strings.Repeat("AB", 32) },
		"-1 examples":   func(m *Manifest) { m.Splits[0].Shards[0].Examples = -1 },
		"cmvn 0":        func(m *Manifest) { m.CMVN[0].Sum = m.CMVN[0].Sum[1:] },
	} {
		m, err := ParseManifest(doc)
		if err != nil {
			t.Fatal(err)
		}
		spoil(m)
		bad, err := m.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseManifest(bad); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// smallAssembly is one that reconciles: two shards, one drop.
func smallAssembly(t *testing.T) Assembly {
	a := Assembly{AlgorithmVersion: 1, SampleRate: 16000, FeatureDim: testF, LabelSet: testLabels, Features: testFeatures(t),
		Shard: DefaultShardConfig(), Utterances: 6, Used: 5, Splits: []SplitPlan{{"dev", 2, 6}},
		Rejects: []Reject{{Kind: RejectUtterance, ID: "u", Reason: corpus.BadManifest}}}
	g := newGatherer("dev", testF, 3)
	for _, id := range testIDs("as", 5) {
		g.add(testExample(id))
	}
	for i, stats := range []ShardStats{g.finish(), newGatherer("dev", testF, 3).finish()} {
		a.Results = append(a.Results, ShardResult{FormatVersion: FormatVersion, Split: "dev", Shard: i, Shards: 2, Path: ShardName("dev", i, 2), Stats: stats})
	}
	a.Results[1].Rejects = []Reject{{Kind: RejectExample, ID: "x"}, {Kind: RejectUtterance, ID: "u"}}
	return a
}

func TestAssembleReconciles(t *testing.T) {
	m, rejects, err := Assemble(smallAssembly(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(rejects) != 2 || rejects[0].ID != "u" || m.Counts.Rejected != 1 || m.Counts.Dropped != 1 || m.SHA256 == "" {
		t.Errorf("rejects %+v, counts %+v", rejects, m.Counts)
	}
	for want, spoil := range map[string]func(*Assembly){
		"7 utterances, but 5 used + 1 rejected = 6":     func(a *Assembly) { a.Utterances++ },
		"7 recipes planned, but 5 examples + 1 dropped": func(a *Assembly) { a.Splits[0].Planned++ },
		"and 2 examples among the rejects":              func(a *Assembly) { a.Rejects = append(a.Rejects, Reject{Kind: RejectExample, ID: "y"}) },
		"has 1 shards, want 2":                          func(a *Assembly) { a.Results = a.Results[:1] },
		"shard 0 of 2":                                  func(a *Assembly) { a.Results[1] = a.Results[0] },
		"3 shards, want 2":                              func(a *Assembly) { a.Results = append(a.Results, ShardResult{Split: "train"}) },
		"counts 3 labels, want 0":                       func(a *Assembly) { a.LabelSet = nil },
		"CMVN sums of width 5, want 4":                  func(a *Assembly) { a.FeatureDim = 4 },
	} {
		a := smallAssembly(t)
		spoil(&a)
		if _, _, err := Assemble(a); !errors.Is(err, ErrReconcile) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func TestPaddingFigures(t *testing.T) {
	// 64 examples of 1 frame, 64 of 3, shuffled one by one: every batch in
	// order is padded to 3, every batch by length not at all.
	g := newGatherer("dev", 1, 0)
	for i := range 128 {
		n := int32(1 + 2*(i%2))
		g.add(&Example{ID: "x", Speaker: "A", SampleRate: 8000, NumSamples: 1, NumFrames: n, Features: make([]float32, n),
			Parts: []Part{{Speaker: "A", Variant: "original", NumFrames: n}}})
	}
	var s SplitInfo
	if _, err := s.addStats([]ShardStats{g.finish()}, 1, 0); err != nil {
		t.Fatal(err)
	}
	if want := (Padding{Batch: 64, InOrder: 128.0 / 384, ByLength: 0}); s.Padding != want {
		t.Errorf("padding %+v, want %+v", s.Padding, want)
	}
	// 65 examples, lengths 1..65: batches of 64 and 1.
	var lengths []LengthCount
	for i := range int32(65) {
		lengths = append(lengths, LengthCount{i + 1, 1})
	}
	if p := padding(65*66/2, 0, lengths); p.ByLength != float64(64*64+65-65*66/2)/(64*64+65) {
		t.Errorf("padding by length %v", p.ByLength)
	}
}

func TestLengthHistogram(t *testing.T) {
	h := lengthHistogram([]LengthCount{{1, 2}, {24, 1}, {25, 5}, {999, 1}, {1000, 1}, {1 << 30, 7}})
	sum := int64(0)
	for _, n := range h.Counts {
		sum += n
	}
	last := len(h.Counts) - 1
	if h.Counts[0] != 3 || h.Counts[1] != 5 || h.Counts[last] != 7 || sum != 17 || len(h.Edges) != len(h.Counts) {
		t.Errorf("histogram %+v", h)
	}
}

func TestShardResultRoundTrip(t *testing.T) {
	want := smallAssembly(t).Results[0]
	want.Rejects = []Reject{{Kind: RejectExample, ID: "x"}}
	b, err := MarshalShardResult(&want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseShardResult(b)
	if err != nil || !reflect.DeepEqual(*got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	remade := func(old, new string) []byte { // with the checksum that belongs to it
		return sealed(bytes.Replace(b[:bytes.IndexByte(b, '\n')], []byte(old), []byte(new), 1))
	}
	for i := range b {
		for bit := range 8 {
			b[i] ^= 1 << bit
			if _, err := ParseShardResult(b); !errors.Is(err, ErrCorrupt) {
				t.Errorf("bit %d of byte %d flipped: %v, want %v", bit, i, err, ErrCorrupt)
			}
			b[i] ^= 1 << bit
		}
	}
	for name, c := range map[string]struct {
		b    []byte
		want error
	}{
		"cut":         {b[:len(b)/2], ErrCorrupt},
		"no checksum": {b[:bytes.IndexByte(b, '\n')+1], ErrCorrupt},
		"version":     {remade(`"format_version":1`, `"format_version":9`), ErrVersion},
		"path":        {remade(`"shard":0`, `"shard":1`), ErrCorrupt},
		"unknown":     {remade(`"shard":0`, `"shard":0,"x":0`), ErrCorrupt},
	} {
		if _, err := ParseShardResult(c.b); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestRejectsRoundTrip(t *testing.T) {
	want := MergeRejects(
		[]Reject{{Kind: RejectExample, ID: "a"}, {Kind: RejectUtterance, ID: "b", Detail: "<2>"}},
		[]Reject{{Kind: RejectUtterance, ID: "b", Detail: "<1>"}, {Kind: RejectUtterance, ID: "a"}})
	var b bytes.Buffer
	if err := WriteRejects(&b, want); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(b.String(), "\n"); len(lines) != 4 || !strings.Contains(lines[1], "<1>") || !strings.Contains(lines[2], "example") {
		t.Errorf("lines %q", lines)
	}
	got, err := ReadRejects(&b)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for _, bad := range []string{"{", `{"kind":"shard"}`} {
		if _, err := ReadRejects(strings.NewReader(bad)); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
