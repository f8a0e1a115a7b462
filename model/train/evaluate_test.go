package train

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"framewise/model/gemm"
	"framewise/model/results"
)

// tonesRun is a run of one epoch, and its dataset.
func tonesRun(t *testing.T) (run, data string) {
	t.Helper()
	return trainTones(t, func(c *Config) { c.Network.Layers, c.Network.Hidden, c.Epochs = 1, 4, 1 })
}

// Features of the same width that were made otherwise are refused, and the
// message says what differs.
func TestEvaluateRefusesOtherFeatures(t *testing.T) {
	run, data := tonesRun(t)
	path := filepath.Join(run, results.FrontendFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		change func(*Frontend)
		want   []string // of the message; nil: it is evaluated
	}{
		{func(f *Frontend) { f.SampleRate *= 2 }, []string{"sample_rate: 16000", "sample_rate: 8000"}},
		{func(f *Frontend) { f.Features.Preemph = 0.5 }, []string{"preemph: 0.5", "preemph: 0.97"}},
		{func(f *Frontend) { f.Features.Preset = "kaldi-fbank" }, nil},
	} {
		var f Frontend
		if err := json.Unmarshal(text, &f); err != nil {
			t.Fatal(err)
		}
		c.change(&f)
		if err := writeJSON(path, f); err != nil {
			t.Fatal(err)
		}
		_, err := Evaluate(context.Background(), EvalOptions{Run: run, Data: data})
		if (err != nil) != (c.want != nil) {
			t.Errorf("want %q: %v", c.want, err)
		}
		for _, want := range c.want {
			if err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("the message does not say %q: %v", want, err)
			}
		}
	}
}

// Scores are of the weights beside them: with other weights they go.
func TestResumingForgetsTheScoresOfOtherWeights(t *testing.T) {
	run, data := tonesRun(t)
	score := filepath.Join(run, "eval-test.json")
	cfg, err := ReadConfig(filepath.Join(run, results.ConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Evaluate(context.Background(), EvalOptions{Run: run, Data: data}); err != nil {
		t.Fatal(err)
	}
	cfg.EarlyStopping.Patience = 0
	for _, more := range []bool{false, true} {
		if more {
			cfg.Epochs += 5
		}
		before := digest(t, run, results.WeightsFile)
		if _, err := Run(context.Background(), Options{Data: data, Out: run, Config: cfg, Resume: true}); err != nil {
			t.Fatal(err)
		}
		if (digest(t, run, results.WeightsFile) != before) != more {
			t.Fatalf("more epochs: %v; the test shows nothing", more)
		}
		if _, err := os.Stat(score); errors.Is(err, fs.ErrNotExist) != more {
			t.Errorf("more epochs: %v; the scores: %v", more, err)
		}
	}
}

// Evaluation multiplies with our kernels, whatever training in the same process
// has chosen.
func TestEvaluationDoesNotLookAtBLAS(t *testing.T) {
	t.Setenv(gemm.Variable, "")
	own := gemm.Backend()
	run, data := trainTones(t, func(c *Config) { c.Network.Layers, c.Network.Hidden, c.Epochs, c.BLAS = 1, 4, 1, gemm.Gonum })
	t.Cleanup(func() { _ = gemm.Use(gemm.Own) }) // which is always there
	if gemm.Backend() != "gonum" {
		t.Fatalf("trained with %s", gemm.Backend())
	}
	if _, err := Evaluate(context.Background(), EvalOptions{Run: run, Data: data}); err != nil {
		t.Fatal(err)
	}
	if got := gemm.Backend(); got != own {
		t.Errorf("evaluated with %s, want %s", got, own)
	}
}
