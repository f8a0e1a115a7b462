package train

import (
	"framewise/dataset"
	"framewise/transforms"
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
