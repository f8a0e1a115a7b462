package train

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"framewise/model/interchange"
	"framewise/model/results"
)

// A run made of another program's weights decodes with the bigram of the run it
// is like, and is not trained over.
func TestImportedRun(t *testing.T) {
	like, data := tonesRun(t)
	file, out := filepath.Join(t.TempDir(), "w.safetensors"), filepath.Join(t.TempDir(), "imported")
	if err := ExportWeights(like, interchange.PyTorch, file); err != nil {
		t.Fatal(err)
	}
	if err := ImportWeights(file, interchange.PyTorch, like, out, nil); err != nil {
		t.Fatal(err)
	}
	cfg, err := ReadConfig(filepath.Join(out, results.ConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	decode := cfg.Decode
	decode.Name, decode.BigramWeight = "viterbi", 1
	a, err := Evaluate(context.Background(), EvalOptions{Run: like, Data: data, Decode: &decode})
	if err != nil {
		t.Fatal(err)
	}
	b, err := Evaluate(context.Background(), EvalOptions{Run: out, Data: data, Decode: &decode})
	if err != nil {
		t.Fatal(err)
	}
	if *a.PER != *b.PER {
		t.Errorf("PER %v, imported %v", *a.PER, *b.PER)
	}
	path := filepath.Join(out, results.WeightsFile)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Run(context.Background(), Options{Data: data, Out: out, Config: cfg, Resume: true}); err == nil || !strings.Contains(err.Error(), "came from another program") {
		t.Errorf("resumed: %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the weights have changed (%v)", err)
	}
}
