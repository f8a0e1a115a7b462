package pipelines

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"framewise/augment"
	"framewise/dataset"
	"framewise/transforms"
)

// BuildConfig is a build.yaml: everything but the corpus that decides what a
// dataset holds.
type BuildConfig struct {
	Seed       uint64                   `yaml:"seed" json:"seed"`
	SampleRate SampleRate               `yaml:"sample_rate" json:"sample_rate"`
	Features   transforms.FeatureConfig `yaml:"features" json:"features"`
	Augment    augment.Config           `yaml:"augment" json:"augment"`
	Shard      dataset.ShardConfig      `yaml:"shard" json:"shard"`
	MaxRejects MaxRejects               `yaml:"max_rejects" json:"max_rejects"`
}

// DefaultBuildConfig is what build.yaml holds unless it says otherwise.
func DefaultBuildConfig() BuildConfig {
	features, err := transforms.Preset("psf-logfbank")
	if err != nil {
		panic("pipelines: the default preset is not there: " + err.Error())
	}
	features.NumFilters = 40
	return BuildConfig{
		Seed:       20160818,
		SampleRate: CorpusRate,
		Features:   features,
		Augment:    augment.DefaultConfig(),
		Shard:      dataset.DefaultShardConfig(),
		MaxRejects: MaxRejects{Share: 0.01},
	}
}

// Validate says which key has a value that is not supported, as a
// *ConfigError. What depends on the corpus's sample rate is checked by
// [NewSurvey].
func (c BuildConfig) Validate() error {
	if c.SampleRate < 0 {
		return &ConfigError{"sample_rate", fmt.Errorf("sample_rate: %d Hz, want corpus or a rate above 0", int(c.SampleRate))}
	}
	if err := c.Features.Validate(); err != nil {
		return &ConfigError{"features", err}
	}
	if err := c.Augment.Validate(); err != nil {
		return &ConfigError{"augment", err}
	}
	if err := c.Shard.Validate(); err != nil {
		return &ConfigError{"shard", err}
	}
	return nil
}

// ConfigError is a value of the configuration that is wrong in itself or for
// this corpus: the call is wrong, not the data.
type ConfigError struct {
	Key string // the key of build.yaml
	Err error  // begins with the full key
}

func (e *ConfigError) Error() string { return e.Err.Error() }

// Unwrap is what is wrong with the value.
func (e *ConfigError) Unwrap() error { return e.Err }

// SampleRate is the rate in Hz that every recording is brought to, or
// CorpusRate.
type SampleRate int

// CorpusRate takes the one rate that all recordings of the corpus have.
const CorpusRate SampleRate = 0

// String is "corpus" or the rate in Hz.
func (r SampleRate) String() string {
	if r == CorpusRate {
		return "corpus"
	}
	return strconv.Itoa(int(r))
}

func (r *SampleRate) set(s string) error {
	if s == "corpus" {
		*r = CorpusRate
		return nil
	}
	hz, err := strconv.Atoi(s)
	if err != nil || hz < 1 || hz > maxRate {
		return fmt.Errorf("sample_rate: %q, want corpus or a rate in Hz from 1 to %d", s, maxRate)
	}
	*r = SampleRate(hz)
	return nil
}

// maxRate is the highest sample rate in Hz that a configuration may ask for.
const maxRate = 768000

// MarshalYAML prints corpus or the rate.
func (r SampleRate) MarshalYAML() (any, error) {
	if r == CorpusRate {
		return "corpus", nil
	}
	return int(r), nil
}

// UnmarshalYAML reads corpus or a rate in Hz.
func (r *SampleRate) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return fmt.Errorf("sample_rate: line %d is no rate, want corpus or a rate in Hz", n.Line)
	}
	return r.set(n.Value)
}

// MarshalJSON prints "corpus" or the rate.
func (r SampleRate) MarshalJSON() ([]byte, error) {
	if r == CorpusRate {
		return []byte(`"corpus"`), nil
	}
	return json.Marshal(int(r))
}

// UnmarshalJSON reads "corpus" or a rate in Hz.
func (r *SampleRate) UnmarshalJSON(b []byte) error { return r.set(unquote(b)) }

// MaxRejects is how many utterances a build may reject: a share of all of them
// or, where Share is 0, a count.
type MaxRejects struct {
	Share float64 // 0 < Share <= 1
	Count int64
}

// ParseMaxRejects reads "5%", a share between 0 and 1 ("0.05"), or a count
// ("12").
func ParseMaxRejects(s string) (MaxRejects, error) {
	bad := fmt.Errorf("max_rejects: %q, want a share (5%% or 0.05) or a count (12)", s)
	if p, ok := strings.CutSuffix(s, "%"); ok {
		v, err := strconv.ParseFloat(p, 64)
		if err != nil || !(v >= 0 && v <= 100) {
			return MaxRejects{}, bad
		}
		return MaxRejects{Share: v / 100}, nil
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n >= 0 {
		return MaxRejects{Count: n}, nil
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v > 0 && v < 1) {
		return MaxRejects{}, bad
	}
	return MaxRejects{Share: v}, nil
}

// Allows says whether so many rejects of so many utterances are few enough.
func (m MaxRejects) Allows(rejected, utterances int64) bool {
	if m.Share > 0 {
		// 29 of 100 are 29 %, although 0.29*100 is a little less than 29.
		return float64(rejected) <= m.Share*float64(utterances)*(1+1e-12)
	}
	return rejected <= m.Count
}

// String is the share in percent, or the count.
func (m MaxRejects) String() string {
	if m.Share > 0 {
		return strconv.FormatFloat(m.Share*100, 'g', 12, 64) + "%"
	}
	return strconv.FormatInt(m.Count, 10)
}

// MarshalYAML prints the share in percent, or the count.
func (m MaxRejects) MarshalYAML() (any, error) {
	if m.Share > 0 {
		return m.String(), nil
	}
	return m.Count, nil
}

// UnmarshalYAML reads what ParseMaxRejects does.
func (m *MaxRejects) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return fmt.Errorf("max_rejects: line %d is no number, want a share (5%% or 0.05) or a count (12)", n.Line)
	}
	return m.set(n.Value)
}

// MarshalJSON prints the share in percent as a string, or the count.
func (m MaxRejects) MarshalJSON() ([]byte, error) {
	if m.Share > 0 {
		return json.Marshal(m.String())
	}
	return json.Marshal(m.Count)
}

// UnmarshalJSON reads what ParseMaxRejects does.
func (m *MaxRejects) UnmarshalJSON(b []byte) error { return m.set(unquote(b)) }

func (m *MaxRejects) set(s string) (err error) {
	*m, err = ParseMaxRejects(s)
	return err
}

// unquote is the text of a JSON string, or of a number as it stands.
func unquote(b []byte) string {
	var s string
	if json.Unmarshal(b, &s) != nil {
		return string(b)
	}
	return s
}
