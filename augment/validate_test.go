package augment

import (
	"math"
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Errorf("default: %v", err)
	}
	for _, c := range []struct {
		change func(*Config)
		want   string // "" if the configuration is valid
	}{
		{func(c *Config) { c.Splits = nil }, ""},
		{func(c *Config) { c.Splits = []string{"train", "exam"} }, `augment.splits: "exam", want train, dev, test or test-rest`},
		{func(c *Config) { c.Splits = []string{"dev", "dev"} }, `augment.splits: "dev" twice, want each split once`},
		{func(c *Config) { c.Narrowband.Mode = "half" }, `augment.narrowband.mode: "half", want off, keep or restore`},
		{func(c *Config) { c.Narrowband.KeepBand = "" }, `augment.narrowband.keep_band: "", want own or same`},
		{func(c *Config) { c.Narrowband = NarrowbandConfig{Mode: "restore"} }, ""},
		{func(c *Config) { c.Concat = ConcatConfig{} }, ""},
		{func(c *Config) { c.Concat.Copies = -1 }, "augment.concat.copies: -1, want 0 (off) to 1000"},
		{func(c *Config) { c.Concat.Min = 1 }, "augment.concat.min: 1, want at least 2 (one utterance alone is its plain example)"},
		{func(c *Config) { c.Concat.Min = 4 }, "augment.concat.max: 3, want at least min, which is 4"},
		{func(c *Config) { c.Concat.GapMs = []int{5} }, "augment.concat.gap_ms: [5], want [shortest, longest] in milliseconds with 0 <= shortest <= longest <= 60000"},
		{func(c *Config) { c.Concat.GapMs = []int{9, 5} }, "augment.concat.gap_ms: [9 5], want"},
		{func(c *Config) { c.Concat.GapMs = []int{-1, 5} }, "augment.concat.gap_ms: [-1 5], want"},
		{func(c *Config) { c.Concat.GapMs = []int{0, 60001} }, "augment.concat.gap_ms: [0 60001], want"},
		{func(c *Config) { c.Concat.MaxSeconds = -2 }, "augment.concat.max_seconds: -2, want a number of seconds up to 1e+06, or 0 for no limit"},
		{func(c *Config) { c.Concat.MaxSeconds = math.NaN() }, "augment.concat.max_seconds: NaN"},
		{func(c *Config) { c.Concat.MaxSeconds = math.Inf(1) }, "augment.concat.max_seconds: +Inf"},
		{func(c *Config) { c.Concat.MaxSeconds = 1e300 }, "augment.concat.max_seconds: 1e+300"}, // no int64 holds it
		{func(c *Config) { c.Concat.MaxSeconds = 1e6 }, ""},
		{func(c *Config) { c.Concat.MaxSeconds = 0 }, ""},
		{func(c *Config) { c.Concat.Partner = "same" }, `augment.concat.partner: "same", want any, same-speaker or different-speaker`},
		{func(c *Config) { c.Concat.GapFill = "hum" }, `augment.concat.gap_fill: "hum", want noise or zero`},
		{func(c *Config) { c.Concat.Leftovers = "" }, `augment.concat.leftovers: "", want keep, drop or wrap`},
		{func(c *Config) { c.Originals, c.Narrowband.Mode, c.Concat.Copies = false, "off", 0 }, "augment.originals: false with narrowband.mode off and concat.copies 0 leaves no examples"},
		{func(c *Config) { c.Originals, c.Narrowband.Mode = false, "off" }, ""},
	} {
		config := DefaultConfig()
		c.change(&config)
		err := config.Validate()
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%+v: %v", config, err)
		case c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)):
			t.Errorf("%+v: error %v, want %s", config, err, c.want)
		}
	}
	var both Config
	both.Concat.Copies, both.Narrowband.Mode = 1, "odd"
	if err := both.Validate(); err == nil || strings.Count(err.Error(), "\n") < 4 {
		t.Errorf("several faults give %v, want a line for each", err)
	}
}
