package dataset

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// python finds an interpreter with pyarrow, or skips the test.
func python(t *testing.T) string {
	t.Helper()
	name := os.Getenv("FRAMEWISE_PYTHON")
	if name == "" {
		name = "python3"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("no %s: set FRAMEWISE_PYTHON to an interpreter with pyarrow", name)
	}
	if out, err := exec.Command(path, "-c", "import pyarrow").CombinedOutput(); err != nil {
		t.Skipf("%s has no pyarrow: %s", path, out)
	}
	return path
}

// TestPyarrowReadsTheSame opens shards with the reference implementation of
// Arrow and compares everything in them.
func TestPyarrowReadsTheSame(t *testing.T) {
	py := python(t)
	for _, c := range allConfigs() {
		for _, n := range []int{0, 70} {
			t.Run(fmt.Sprintf("%s/%s/%s/%d", c.Layout, c.Compression, c.DType, n), func(t *testing.T) {
				dir, ids := t.TempDir(), testIDs("py", n)
				data, _ := writeShard(t, testHeader(t), c, ids)
				shard, expected := filepath.Join(dir, "shard.arrow"), filepath.Join(dir, "expected.json")
				want, err := json.Marshal(expectation(t, c, ids))
				if err != nil {
					t.Fatal(err)
				}
				for name, b := range map[string][]byte{shard: data, expected: want} {
					if err := os.WriteFile(name, b, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				if out, err := exec.Command(py, filepath.Join("testdata", "compare.py"), shard, expected).CombinedOutput(); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
	}
}

// ordered is a JSON object whose keys keep their order.
type ordered []struct {
	key   string
	value any
}

func (o ordered) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, e := range o {
		if i > 0 {
			b = append(b, ',')
		}
		key, err := json.Marshal(e.key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(e.value)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, key...), ':'), value...)
	}
	return append(b, '}'), nil
}

// expectation is what compare.py reads.
func expectation(t *testing.T, c ShardConfig, ids []string) map[string]any {
	md, err := testHeader(t).metadata()
	if err != nil {
		t.Fatal(err)
	}
	value := map[string]string{DTypeFloat32: "float", DTypeFloat16: "halffloat"}[c.DType]
	features := fmt.Sprintf("list<item: fixed_size_list<item: %s>[%d]>", value, testF)
	if c.Layout == LayoutFlat {
		features = "list<item: " + value + ">"
	}
	var batches []int
	for n := len(ids); n > 0; n -= BatchRows {
		batches = append(batches, min(n, BatchRows))
	}
	rows := []ordered{}
	for _, id := range ids {
		rows = append(rows, expectedRow(stored(testExample(id), c), c.Layout))
	}
	if batches == nil {
		batches = []int{}
	}
	return map[string]any{"metadata": md.ToMap(), "keys": md.Keys(), "batches": batches, "rows": rows, "schema": ordered{
		{"id", "string"}, {"speaker", "string"}, {"text", "string"},
		{"sample_rate", "int32"}, {"num_samples", "int64"}, {"num_frames", "int32"},
		{"features", features}, {"labels", "list<item: int16>"}, {"phones", "list<item: int16>"},
		{"parts", "list<item: struct<utterance: string, speaker: string, variant: string, rate: int32, begin_sample: int64, " +
			"num_samples: int64, gap_before: int64, begin_frame: int32, num_frames: int32, effects: string>>"}}}
}

func expectedRow(ex *Example, layout string) ordered {
	values := make([]float64, len(ex.Features))
	for i, v := range ex.Features {
		values[i] = float64(v)
	}
	var features any = values
	if layout == LayoutNested {
		frames := [][]float64{}
		for ; len(values) > 0; values = values[testF:] {
			frames = append(frames, values[:testF])
		}
		features = frames
	}
	parts := []ordered{}
	for _, p := range ex.Parts {
		parts = append(parts, ordered{{"utterance", p.Utterance}, {"speaker", p.Speaker}, {"variant", p.Variant}, {"rate", p.Rate},
			{"begin_sample", p.BeginSample}, {"num_samples", p.NumSamples}, {"gap_before", p.GapBefore},
			{"begin_frame", p.BeginFrame}, {"num_frames", p.NumFrames}, {"effects", p.Effects}})
	}
	return ordered{{"id", ex.ID}, {"speaker", ex.Speaker}, {"text", ex.Text}, {"sample_rate", ex.SampleRate},
		{"num_samples", ex.NumSamples}, {"num_frames", ex.NumFrames}, {"features", features}, {"labels", ex.Labels},
		{"phones", ex.Phones}, {"parts", parts}}
}
