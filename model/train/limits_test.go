package train

import (
	"context"
	"math"
	"strings"
	"testing"
)

func TestInfiniteValuesAreRefused(t *testing.T) {
	for key, set := range map[string]func(*Config, float64){
		"optimizer.lr":            func(c *Config, v float64) { c.Optimizer.LR = v },
		"optimizer.clip":          func(c *Config, v float64) { c.Optimizer.Clip = v },
		"l2":                      func(c *Config, v float64) { c.L2 = v },
		"input_noise":             func(c *Config, v float64) { c.InputNoise = v },
		"max_loss":                func(c *Config, v float64) { c.MaxLoss = v },
		"schedule.div_factor":     func(c *Config, v float64) { c.Schedule.DivFactor = v },
		"spec_augment.time_share": func(c *Config, v float64) { c.SpecAugment.TimeShare = v },
		"decode.bigram_weight":    func(c *Config, v float64) { c.Decode.BigramWeight = v },
		"loss.label_smoothing":    func(c *Config, v float64) { c.Loss.LabelSmoothing = v },
		"dropout":                 func(c *Config, v float64) { c.Network.Dropout = v },
	} {
		for _, v := range []float64{math.Inf(1), math.NaN()} {
			c := DefaultConfig()
			set(&c, v)
			if err := c.Validate(); err == nil || !strings.Contains(err.Error(), key+": ") || !strings.Contains(err.Error(), "want a finite number") {
				t.Errorf("%s of %g: %v", key, v, err)
			}
		}
	}
}

func TestHiddenHasALimit(t *testing.T) {
	c := DefaultConfig()
	if c.Network.Hidden = 4096; c.Validate() != nil {
		t.Error(c.Validate())
	}
	c.Network.Hidden++
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "hidden: 4097, want 1 to 4096") {
		t.Errorf("4097 units: %v", err)
	}
}

// A budget far beyond the data asks for no more room than the data.
func TestBudgetBeyondTheData(t *testing.T) {
	for _, batch := range []BatchConfig{{Frames: 1 << 50}, {Utterances: 1 << 50}} {
		c := toyConfig(t, "linear")
		c.Batch, c.Epochs = batch, 1
		if _, err := runToy(t, context.Background(), c, toy(5, 40, 1), nil, t.TempDir(), nil); err != nil {
			t.Errorf("%+v: %v", batch, err)
		}
	}
}
