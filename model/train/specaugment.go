package train

import (
	"fmt"
	"maps"
	"slices"

	"framewise/corpus/draw"

	"go.yaml.in/yaml/v3"
)

// SpecAugmentConfig masks bands and stretches of training spectra (Park et al.
// 2019), anew in every epoch. Masked values are 0, the mean after CMVN.
// Labels stay as they are. There is no time warping.
type SpecAugmentConfig struct {
	Policy    string  `yaml:"policy" json:"policy"`         // none | lb | ld | sm | ss: sets the keys below, which may follow
	FreqMasks int     `yaml:"freq_masks" json:"freq_masks"` // m_F
	FreqWidth int     `yaml:"freq_width" json:"freq_width"` // F: a mask covers 0 to F values of a frame
	TimeMasks int     `yaml:"time_masks" json:"time_masks"` // m_T
	TimeWidth int     `yaml:"time_width" json:"time_width"` // T: a mask covers 0 to T frames
	TimeShare float64 `yaml:"time_share" json:"time_share"` // p: and at most that share of the utterance
}

// specPolicies are those of Park et al. (2019), table 1, without time warping:
// LibriSpeech basic and double, Switchboard mild and strong.
var specPolicies = map[string]SpecAugmentConfig{
	"none": {Policy: "none", TimeShare: 1},
	"lb":   {Policy: "lb", FreqMasks: 1, FreqWidth: 27, TimeMasks: 1, TimeWidth: 100, TimeShare: 1},
	"ld":   {Policy: "ld", FreqMasks: 2, FreqWidth: 27, TimeMasks: 2, TimeWidth: 100, TimeShare: 1},
	"sm":   {Policy: "sm", FreqMasks: 2, FreqWidth: 15, TimeMasks: 2, TimeWidth: 70, TimeShare: 0.2},
	"ss":   {Policy: "ss", FreqMasks: 2, FreqWidth: 27, TimeMasks: 2, TimeWidth: 70, TimeShare: 0.2},
}

// UnmarshalYAML reads the policy first, then the other keys on top of it.
func (c *SpecAugmentConfig) UnmarshalYAML(n *yaml.Node) error {
	var given struct {
		Policy *string `yaml:"policy"`
	}
	if err := n.Decode(&given); err != nil {
		return err
	}
	if given.Policy != nil {
		p, ok := specPolicies[*given.Policy]
		if !ok {
			return fmt.Errorf("line %d: spec_augment.policy: %q, want one of %v", n.Line, *given.Policy, slices.Sorted(maps.Keys(specPolicies)))
		}
		*c = p
	}
	type plain SpecAugmentConfig
	return n.Decode((*plain)(c))
}

// on says whether anything is ever masked.
func (c SpecAugmentConfig) on() bool {
	return c.FreqMasks > 0 && c.FreqWidth > 0 || c.TimeMasks > 0 && c.TimeWidth > 0 && c.TimeShare > 0
}

// validate reports the first setting that makes no sense.
func (c SpecAugmentConfig) validate(cmvn string) error {
	const most = 1000 // masks of an utterance
	switch {
	case specPolicies[c.Policy].Policy == "":
		return fmt.Errorf("spec_augment.policy: %q, want one of %v", c.Policy, slices.Sorted(maps.Keys(specPolicies)))
	case c.FreqMasks < 0 || c.FreqMasks > most:
		return fmt.Errorf("spec_augment.freq_masks: %d, want 0 to %d", c.FreqMasks, most)
	case c.TimeMasks < 0 || c.TimeMasks > most:
		return fmt.Errorf("spec_augment.time_masks: %d, want 0 to %d", c.TimeMasks, most)
	case c.FreqWidth < 0:
		return fmt.Errorf("spec_augment.freq_width: %d values, want 0 or more", c.FreqWidth)
	case c.TimeWidth < 0:
		return fmt.Errorf("spec_augment.time_width: %d frames, want 0 or more", c.TimeWidth)
	case !(c.TimeShare >= 0 && c.TimeShare <= 1):
		return fmt.Errorf("spec_augment.time_share: %g, want 0 to 1", c.TimeShare)
	case c.on() && cmvn == "none":
		return fmt.Errorf("spec_augment: masks are zeros, the mean after CMVN, and cmvn is none: want utterance, speaker or global")
	}
	return nil
}

// apply masks x, [frames, inputs], of which each frame is some planes
// (statics, deltas, ...) of f values:
//
//	w uniform in 0..min(F, f),               first value uniform in 0..f-w
//	w uniform in 0..min(T, floor(p frames)), first frame uniform in 0..frames-w
//
// A band is masked in every plane. Each mask is a hash of the arguments.
func (c SpecAugmentConfig) apply(x []float32, inputs, f int, seed uint64, id string, epoch int) {
	frames := len(x) / inputs
	band := draw.New(seed, "spec-augment frequency", id, epoch)
	for m := range c.FreqMasks {
		begin, n := stretch(band, m, min(c.FreqWidth, f), f)
		for at := begin; at+n <= len(x); at += f { // plane after plane, frame after frame
			clear(x[at:][:n])
		}
	}
	time := draw.New(seed, "spec-augment time", id, epoch)
	for m := range c.TimeMasks {
		begin, n := stretch(time, m, min(c.TimeWidth, int(c.TimeShare*float64(frames))), frames)
		clear(x[begin*inputs:][:n*inputs])
	}
}

// stretch draws mask m: 0 to most of all places.
func stretch(key draw.Key, m, most, all int) (begin, n int) {
	n = key.Between(2*m, 0, most)
	return key.Between(2*m+1, 0, all-n), n
}
