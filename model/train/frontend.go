package train

import (
	"errors"
	"fmt"

	"framewise/dataset"
	"framewise/transforms"

	"go.yaml.in/yaml/v3"
)

// Frontend is frontend.json: how the features of a run were made, so that
// those of any recording can be made alike.
type Frontend struct {
	SampleRate int                      `json:"sample_rate"` // Hz
	Features   transforms.FeatureConfig `json:"features"`
	F          int                      `json:"f"`      // values of a frame, before deltas
	CMVN       string                   `json:"cmvn"`   // none | utterance | speaker | global
	Deltas     int                      `json:"deltas"` // 0 | 1 | 2
	Global     transforms.Stats         `json:"global"` // the training split's, for CMVN global
}

// view presents features as the run's network wants them. sums are for CMVN
// speaker; a speaker without any is normalized by the example itself.
func (f Frontend) view(sums []dataset.CMVN) (*dataset.View, error) {
	return dataset.NewView(dataset.ViewConfig{CMVN: f.CMVN, Deltas: f.Deltas, Global: &f.Global}, f.F, sums)
}

// making is what a feature's value depends on.
type making struct {
	SampleRate int                      `yaml:"sample_rate"`
	Features   transforms.FeatureConfig `yaml:"features"`
}

// check reports features that were made otherwise than the run's. The preset
// that a configuration began as says nothing of its values.
func (f Frontend) check(m *dataset.Manifest) error {
	want, got := making{f.SampleRate, f.Features}, making{m.SampleRate, m.Features}
	want.Features.Preset, got.Features.Preset = "", ""
	if want == got {
		return nil
	}
	a, errA := yaml.Marshal(want)
	b, errB := yaml.Marshal(got)
	if err := errors.Join(errA, errB); err != nil {
		return fmt.Errorf("compare features: %w", err)
	}
	return fmt.Errorf("its features are not made as those that the run was trained on: %s", firstDifference(a, b))
}
