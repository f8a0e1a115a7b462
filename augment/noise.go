package augment

import (
	"errors"
	"fmt"
	"math"

	"framewise/corpus/draw"
)

// NoiseConfig asks for perturbed copies with a recorded noise, at a ratio of
// the part's power to the noise's.
type NoiseConfig struct {
	Manifest    string    `yaml:"manifest" json:"manifest"`  // of the noises, or a folder of them; "" = off
	SNRDB       []float64 `yaml:"snr_db,flow" json:"snr_db"` // one: that; two: a uniform range; more: one of them
	Probability float64   `yaml:"probability" json:"probability"`
}

func (NoiseConfig) name() string      { return "noise" }
func (c NoiseConfig) chance() float64 { return c.Probability }

// IsZero reports whether noise is off.
func (c NoiseConfig) IsZero() bool { return c.Manifest == "" && len(c.SNRDB) == 0 }

func (c NoiseConfig) validate() []error {
	const key = "augment.noise"
	var errs []error
	if c.Manifest == "" {
		errs = append(errs, fmt.Errorf(key+".manifest: empty beside snr_db %v, want a manifest or a folder of noises", c.SNRDB))
	}
	if len(c.SNRDB) == 0 {
		errs = append(errs, errors.New(key+".snr_db: empty beside a manifest, want ratios in dB, as in [5, 20]"))
	}
	return append(append(errs, validateDB(key+".snr_db", c.SNRDB)...), validateChance(key, c.Probability)...)
}

// apply adds a noise. A noise that is silence (below the power of rounding to
// 16 bits) is added as nothing, as is any noise to a part that is silence.
func (c NoiseConfig) apply(x *Renderer, samples []float32, k draw.Key) (map[string]any, error) {
	sounds, sound, err := x.sound(c.name(), k)
	if err != nil {
		return nil, err
	}
	snr := pickDB(c.SNRDB, k, 1)
	offset := int64(k.IntN(2, int(sound.NumSamples())))
	x.sound32 = resize(x.sound32, BaseSamples(int64(len(samples)), x.rate, sound.Rate))
	if err := sounds.loop(sound, x.sound32, offset); err != nil {
		return nil, fmt.Errorf("noise %q: %w", sound.ID, err)
	}
	noise, err := x.atBaseRate(x.sound32, sound.Rate)
	if err != nil {
		return nil, fmt.Errorf("noise %q: %w", sound.ID, err)
	}
	noise = noise[:len(samples)] // both ways round up, so there are enough
	gain := 0.0
	if p := power(noise); p >= roundingPower {
		gain = math.Sqrt(power(samples)/p) * amplitude(-snr)
	}
	for i, v := range noise {
		samples[i] += float32(float64(v) * gain)
	}
	return map[string]any{"sound": sound.ID, "offset": offset, "snr_db": snr, "gain": gain}, nil
}

// atBaseRate is a sound at the base rate: itself, or valid until the next call.
func (x *Renderer) atBaseRate(sound []float32, rate int) ([]float32, error) {
	if rate == x.rate {
		return sound, nil
	}
	var err error
	x.soundBase, err = x.resample(x.soundBase, sound, rate, x.rate)
	return x.soundBase, err
}

// resize gives dst a length; its contents are no one's.
func resize(dst []float32, n int64) []float32 {
	if int64(cap(dst)) < n {
		return make([]float32, n)
	}
	return dst[:n]
}
