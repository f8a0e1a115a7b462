package train

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"framewise/model"
	"framewise/model/results"
)

// Networks with every option of theirs learn.
func TestOptionsLearn(t *testing.T) {
	for what, change := range map[string]func(*Config){
		"layer_norm":             func(c *Config) { c.Network.Norm = true },
		"layer_norm, each layer": func(c *Config) { c.Network.Norm, c.Network.Topology = true, model.TopologyEachLayer },
		"cell":                   func(c *Config) { c.Network.Cell = model.CellGRU },
		"label_smoothing":        func(c *Config) { c.Loss.LabelSmoothing = 0.05 },
		"dropout_mask":           func(c *Config) { c.Network.Mask, c.Network.Dropout = model.DropoutUtterance, 0.2 },
		"weight_noise":           func(c *Config) { c.WeightNoise = 0.02 },
		"spec_augment": func(c *Config) {
			c.SpecAugment = SpecAugmentConfig{FreqMasks: 1, FreqWidth: 1, TimeMasks: 1, TimeWidth: 4, TimeShare: 1}
		},
		"accumulate": func(c *Config) { c.Accumulate = 2 },
		"ema":        func(c *Config) { c.EMA = 0.99 },
		"onecycle":   func(c *Config) { c.Schedule.Name = "onecycle" },
		"warmup":     func(c *Config) { c.Schedule.Warmup = 0.1 },
	} {
		c := toyConfig(t, "blstm-late")
		change(&c)
		c.Epochs, c.Baseline = 12, "none"
		dir := t.TempDir()
		if _, err := runToy(t, context.Background(), c, toy(20, 40, 1), nil, dir, nil); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		epochs, err := results.ReadMetrics(filepath.Join(dir, results.MetricsFile))
		if err != nil {
			t.Fatal(err)
		}
		if first, last := epochs[0].TrainLoss, lastEpoch(t, dir).TrainLoss; !(last < first/2) {
			t.Errorf("%s: loss %.3f at first, %.3f at last", what, first, last)
		}
	}
}

// A run from before some keys were known goes on with their defaults.
func TestResumeOfAnOlderRun(t *testing.T) {
	c := toyConfig(t, "linear")
	train, dir := toy(4, 20, 1), t.TempDir()
	if _, err := runToy(t, context.Background(), c, train, nil, dir, nil); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, results.ConfigFile)
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	without := regexp.MustCompile(`(?m)^((loss|spec_augment):\n(    .*\n)+|accumulate.*\n|ema.*\n|max_loss.*\n|weight_noise.*\n|    by:.*\n|    warmup.*\n|    padding.*\n|    (final_)?div_.*\n|cell.*\n|layer_norm.*\n|dropout_mask.*\n)`).ReplaceAll(old, nil)
	for _, key := range []string{"smoothing", "cell", "norm", "dropout_mask", "padding", "accumulate", "ema", "max_loss", "weight_noise", "by:", "warmup", "div_factor"} {
		if !bytes.Contains(old, []byte(key)) || bytes.Contains(without, []byte(key)) {
			t.Fatalf("%s in %s", key, without)
		}
	}
	if err := os.WriteFile(path, without, 0o644); err != nil {
		t.Fatal(err)
	}
	c.Epochs++
	run, err := runToy(t, context.Background(), c, train, nil, dir, func(o *Options) { o.Resume = true })
	if err != nil || run.Best != c.Epochs {
		t.Errorf("one more epoch: %+v, %v", run, err)
	}
}
