package augment

import "encoding/json"

// Config is the `augment` part of a build configuration.
type Config struct {
	Splits     []string         `yaml:"splits" json:"splits"`       // splits that are augmented; the others keep their originals only
	Originals  bool             `yaml:"originals" json:"originals"` // whether augmented splits keep the plain originals too; false leaves other copies and concatenations
	Narrowband NarrowbandConfig `yaml:"narrowband" json:"narrowband"`
	Concat     ConcatConfig     `yaml:"concat" json:"concat"`

	Speed SpeedConfig `yaml:"speed" json:"speed,omitzero"`

	Perturb PerturbConfig `yaml:"perturb" json:"perturb,omitzero"` // copies with the effects below
	Gain    GainConfig    `yaml:"gain" json:"gain,omitzero"`
	Noise   NoiseConfig   `yaml:"noise" json:"noise,omitzero"`
	Reverb  ReverbConfig  `yaml:"reverb" json:"reverb,omitzero"`
}

// NarrowbandConfig asks for a copy of every example at half its bandwidth.
type NarrowbandConfig struct {
	Mode     string `yaml:"mode" json:"mode"`           // off | keep | restore
	KeepBand string `yaml:"keep_band" json:"keep_band"` // own: mel filters up to the copy's Nyquist; same: the original's edges
}

// The narrowband modes and what keep_band may be.
const (
	NarrowbandOff     = "off"
	NarrowbandKeep    = "keep"    // features at half the rate
	NarrowbandRestore = "restore" // down and up again, features at the full rate
	BandOwn           = "own"
	BandSame          = "same"
)

// ConcatConfig asks for stochastic concatenation.
type ConcatConfig struct {
	Copies     int     `yaml:"copies" json:"copies"`           // times every utterance is used; 0 = off
	Min        int     `yaml:"min" json:"min"`                 // utterances in a group, at least
	Max        int     `yaml:"max" json:"max"`                 // and at most
	Partner    string  `yaml:"partner" json:"partner"`         // any | same-speaker | different-speaker
	GapMs      []int   `yaml:"gap_ms,flow" json:"gap_ms"`      // [shortest, longest] gap
	GapFill    string  `yaml:"gap_fill" json:"gap_fill"`       // noise | zero
	MaxSeconds float64 `yaml:"max_seconds" json:"max_seconds"` // longest concatenation, gaps included; 0 = no limit
	Leftovers  string  `yaml:"leftovers" json:"leftovers"`     // keep | drop | wrap
}

// The partner policies, gap fillings and what becomes of leftovers; the package
// documentation says what each does.
const (
	PartnerAny       = "any"
	PartnerSame      = "same-speaker"
	PartnerDifferent = "different-speaker"
	FillNoise        = "noise"
	FillZero         = "zero"
	LeftoversKeep    = "keep"
	LeftoversDrop    = "drop"
	LeftoversWrap    = "wrap"
)

// dropOff makes what is off the zero value however it was written, so that
// writing it out does not change a digest.
func (c Config) dropOff() Config {
	if len(c.Splits) == 0 {
		c.Splits = nil // [] is YAML's null too
	}
	if len(c.Speed.speeds()) == 0 {
		c.Speed = SpeedConfig{}
	}
	if !c.perturbs() {
		c.Perturb = PerturbConfig{}
	}
	return c
}

// MarshalJSON writes the configuration without what is off.
func (c Config) MarshalJSON() ([]byte, error) {
	type plain Config // without this method
	return json.Marshal(plain(c.dropOff()))
}

// DefaultConfig is what build.yaml holds unless it says otherwise.
func DefaultConfig() Config {
	return Config{
		Splits:     []string{"train"},
		Originals:  true,
		Narrowband: NarrowbandConfig{Mode: NarrowbandKeep, KeepBand: BandOwn},
		Concat: ConcatConfig{Copies: 1, Min: 2, Max: 3, Partner: PartnerAny, GapMs: []int{0, 200},
			GapFill: FillNoise, MaxSeconds: 20, Leftovers: LeftoversKeep},
		Perturb: PerturbConfig{Copies: 1},
		Gain:    GainConfig{Probability: 1},
		Noise:   NoiseConfig{Probability: 1},
		Reverb:  ReverbConfig{Probability: 1},
	}
}
