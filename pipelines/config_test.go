package pipelines

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A configuration means the same after it was written and read again, as YAML
// in build.yaml and as JSON on its way to a worker.
func TestConfigRoundTrip(t *testing.T) {
	want := DefaultBuildConfig()
	want.SampleRate = 8000
	want.MaxRejects = MaxRejects{Count: 3}
	for _, c := range []BuildConfig{DefaultBuildConfig(), want} {
		y, err := yaml.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		j, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var fromYAML, fromJSON BuildConfig
		if err := yaml.Unmarshal(y, &fromYAML); err != nil {
			t.Fatalf("%v\n%s", err, y)
		}
		if err := json.Unmarshal(j, &fromJSON); err != nil {
			t.Fatalf("%v\n%s", err, j)
		}
		for what, got := range map[string]BuildConfig{"YAML": fromYAML, "JSON": fromJSON} {
			again, err := json.Marshal(got)
			if err != nil || string(again) != string(j) {
				t.Errorf("%s: %s\nwant %s (%v)", what, again, j, err)
			}
		}
	}
}

func TestDefaultBuildConfig(t *testing.T) {
	y, err := yaml.Marshal(DefaultBuildConfig())
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"seed: 20160818\n", "sample_rate: corpus\n", "num_filters: 40\n", "preset: psf-logfbank\n", "max_rejects: 1%\n", "count: auto\n"} {
		if !strings.Contains(string(y), line) {
			t.Errorf("the default lacks %q:\n%s", line, y)
		}
	}
}

func TestParseMaxRejects(t *testing.T) {
	for s, want := range map[string]MaxRejects{"5%": {Share: 0.05}, "1%": {Share: 0.01}, "0.05": {Share: 0.05}, "0": {}, "12": {Count: 12}, "1": {Count: 1}, "0%": {}, "100%": {Share: 1}} {
		got, err := ParseMaxRejects(s)
		if err != nil || got != want {
			t.Errorf("%q is %+v (%v), want %+v", s, got, err, want)
		}
		if again, err := ParseMaxRejects(got.String()); err != nil || again != got {
			t.Errorf("%q prints as %q, which is %+v (%v)", s, got, again, err)
		}
	}
	for _, s := range []string{"", "-1", "1.5", "101%", "-3%", "many", "NaN", "NaN%", "0.0"} {
		if got, err := ParseMaxRejects(s); err == nil {
			t.Errorf("%q is %+v, want an error", s, got)
		}
	}
}

func TestMaxRejectsAllows(t *testing.T) {
	for _, c := range []struct {
		limit      string
		rejected   int64
		utterances int64
		want       bool
	}{{"1%", 1, 100, true}, {"1%", 2, 100, false}, {"1%", 1, 99, false}, {"1%", 0, 5, true}, {"0", 0, 5, true}, {"0", 1, 5, false}, {"3", 3, 3, true}, {"0.5", 2, 4, true},
		{"29%", 29, 100, true}, {"29%", 30, 100, false}, {"0%", 0, 100, true}, {"0%", 1, 100, false}, {"100%", 7, 7, true}} {
		m, err := ParseMaxRejects(c.limit)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Allows(c.rejected, c.utterances); got != c.want {
			t.Errorf("%s allows %d of %d: %v, want %v", c.limit, c.rejected, c.utterances, got, c.want)
		}
	}
}

func TestConfigErrors(t *testing.T) {
	for text, word := range map[string]string{
		"sample_rate: fast": "sample_rate", "sample_rate: 0": "sample_rate", "sample_rate: [1]": "sample_rate",
		"max_rejects: lots": "max_rejects", "max_rejects: {}": "max_rejects",
	} {
		c := DefaultBuildConfig()
		if err := yaml.Unmarshal([]byte(text), &c); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v, want an error that names %s", text, err, word)
		}
	}
	for key, change := range map[string]func(*BuildConfig){
		"sample_rate": func(c *BuildConfig) { c.SampleRate = -1 },
		"features":    func(c *BuildConfig) { c.Features.NumFilters = 0 },
		"augment":     func(c *BuildConfig) { c.Augment.Splits = []string{"weekend"} },
		"shard":       func(c *BuildConfig) { c.Shard.SizeMiB = 0 },
	} {
		c := DefaultBuildConfig()
		change(&c)
		var config *ConfigError
		if err := c.Validate(); !errors.As(err, &config) || config.Key != key || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v, want a *ConfigError of that key", key, err)
		}
	}
}
