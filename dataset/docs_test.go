package dataset

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"framewise/corpus"
)

// TestSpecification holds the numbers and names of docs/dataset.md against the
// code.
func TestSpecification(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "docs", "dataset.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	vectors := regexp.MustCompile("(?m)^\\| `([^`]+)`[^|]*\\| ([0-9]+) \\| ([0-9a-f]{16}) \\| ([0-9]+) \\|$").FindAllStringSubmatch(text, -1)
	for _, v := range vectors {
		want := []string{strconv.FormatUint(RowKey(v[1]), 10), fmt.Sprintf("%016x", RowKey(v[1])), strconv.Itoa(ShardOf(v[1], 16))}
		if got := v[2:]; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("key(%q) is %v there, want %v", v[1], got, want)
		}
	}
	if len(vectors) != 5 {
		t.Errorf("%d test vectors, want 5", len(vectors))
	}
	labels, err := corpus.LoadLabelSet(corpus.TIMIT61, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{corpus.FoldNone, corpus.Fold48, corpus.Fold39} {
		f, err := labels.Fold(name)
		if err != nil {
			t.Fatal(err)
		}
		if row := fmt.Sprintf("| `%s` | `%s` | %s |", name, f.Silence, f.Digest()); !strings.Contains(text, row) {
			t.Errorf("no row %s", row)
		}
	}
	for _, r := range corpus.Reasons {
		if !strings.Contains(text, "`"+string(r)+"`") {
			t.Errorf("the reason %s is not there", r)
		}
	}
	b, err = os.ReadFile(filepath.Join("..", "docs", "dataset.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	type object struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	var schema struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(b, &schema); err != nil {
		t.Fatal(err)
	}
	for _, o := range []object{schema.object, schema.Defs["split"], schema.Defs["shard"], schema.Defs["cmvn"]} {
		for key := range o.Properties {
			if !strings.Contains(text, "`"+key+"`") {
				t.Errorf("the key %s is not there", key)
			}
		}
		if len(o.Properties) == 0 {
			t.Error("no properties in the schema")
		}
	}
}
