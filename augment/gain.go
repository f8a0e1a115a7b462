package augment

import "framewise/corpus/draw"

// GainConfig asks for perturbed copies at other levels: every sample times
// 10^(dB/20). Samples are float32 and never clipped.
type GainConfig struct {
	DB          []float64 `yaml:"db,flow" json:"db"` // one: that; two: a uniform range; more: one of them; none = off
	Probability float64   `yaml:"probability" json:"probability"`
}

func (GainConfig) name() string      { return "gain" }
func (c GainConfig) chance() float64 { return c.Probability }

// IsZero reports whether gain is off.
func (c GainConfig) IsZero() bool { return len(c.DB) == 0 }

func (c GainConfig) validate() []error {
	return append(validateDB("augment.gain.db", c.DB), validateChance("augment.gain", c.Probability)...)
}

func (c GainConfig) apply(_ *Renderer, samples []float32, k draw.Key) (map[string]any, error) {
	db := pickDB(c.DB, k, 1)
	scale(samples, amplitude(db))
	return map[string]any{"db": db}, nil
}

// scale multiplies samples, each rounded once.
func scale(samples []float32, by float64) {
	for i, s := range samples {
		samples[i] = float32(float64(s) * by)
	}
}
