package transforms

import (
	"fmt"
	"slices"
	"strings"
)

// AlgorithmVersion counts the changes of this package that change the bits of
// its results. It is part of every dataset's digest.
const AlgorithmVersion = 2

// Kind says what a row of features holds.
type Kind string

// The kinds of features and their widths.
const (
	LogMel    Kind = "log-mel"   // natural log of mel filter energies, F = num_filters (one more with use_energy)
	MFCC      Kind = "mfcc"      // liftered orthonormal DCT-II of log-mel, F = num_ceps
	Power     Kind = "power"     // power spectrum, F = nfft/2 + 1
	Magnitude Kind = "magnitude" // magnitude spectrum, F = nfft/2 + 1
)

// PreemphScope says what pre-emphasis y[i] = x[i] - preemph*x[i-1] runs over.
type PreemphScope string

// The scopes of pre-emphasis.
const (
	PreemphSignal PreemphScope = "signal" // the whole signal, y[0] = x[0] (python_speech_features)
	PreemphFrame  PreemphScope = "frame"  // each frame, y[0] = x[0] - preemph*x[0] (Kaldi)
)

// Window is a window function; all are symmetric, with w[0] = w[win-1].
type Window string

// The windows; a = 2*pi/(win-1).
const (
	Rectangular Window = "rectangular"
	Hamming     Window = "hamming" // 0.54 - 0.46 cos(a i)
	Hann        Window = "hann"    // 0.5 - 0.5 cos(a i)
	Povey       Window = "povey"   // hann^0.85, Kaldi's default
)

// MelScale is a rule for making mel filters.
type MelScale string

// The mel scales.
const (
	// MelPSF is python_speech_features': 2595 log10(1+f/700), edges rounded
	// down to FFT bins, triangles linear in bins.
	MelPSF MelScale = "psf"
	// MelKaldi is Kaldi's: 1127 ln(1+f/700), exact edges, triangles linear in
	// mel, the Nyquist bin left out.
	MelKaldi MelScale = "kaldi"
)

// FloorRule says what a power is replaced by before its logarithm is taken.
type FloorRule string

// The floor rules.
const (
	FloorZero FloorRule = "zero" // only an exact 0 becomes log_floor (python_speech_features)
	FloorMax  FloorRule = "max"  // max(x, log_floor) (Kaldi)
)

// Energy says which energy use_energy means.
type Energy string

// The energies of a frame.
const (
	EnergyRaw      Energy = "raw"      // of the samples, after DC removal, before pre-emphasis and window (Kaldi's raw_energy)
	EnergySpectrum Energy = "spectrum" // sum of the power spectrum (python_speech_features)
)

// FeatureConfig says how samples become features: the `features:` part of
// build.yaml. Get one from [Preset] and change it, or read it from YAML. It
// does not hold the sample rate. Names are Kaldi's where Kaldi has one.
//
// Samples are in int16 scale (-32768..32767); Kaldi's dither is 0.
type FeatureConfig struct {
	Preset string `yaml:"preset" json:"preset"` // the preset it began as; no effect of its own
	Kind   Kind   `yaml:"kind" json:"kind"`

	FrameLengthMs float64     `yaml:"frame_length_ms" json:"frame_length_ms"`
	FrameShiftMs  float64     `yaml:"frame_shift_ms" json:"frame_shift_ms"` // the hop
	FramingRule   FramingRule `yaml:"framing" json:"framing"`
	// NFFT is the FFT's size, a power of two in 128..4096 and no shorter than a
	// frame; 0 takes the smallest such.
	NFFT int `yaml:"nfft" json:"nfft"`

	Preemph      float64      `yaml:"preemph" json:"preemph"` // 0 = none
	PreemphScope PreemphScope `yaml:"preemph_scope" json:"preemph_scope"`
	RemoveDC     bool         `yaml:"remove_dc" json:"remove_dc"` // subtract each frame's mean; wants preemph_scope frame
	Window       Window       `yaml:"window" json:"window"`
	// PowerOverNFFT divides the power spectrum by NFFT, as python_speech_features does.
	PowerOverNFFT bool `yaml:"power_over_nfft" json:"power_over_nfft"`

	NumFilters int      `yaml:"num_filters" json:"num_filters"`
	MelScale   MelScale `yaml:"mel_scale" json:"mel_scale"`
	LowHz      float64  `yaml:"low_hz" json:"low_hz"`
	HighHz     float64  `yaml:"high_hz" json:"high_hz"` // <= 0: Nyquist + high_hz
	// BeyondNyquist allows high_hz above the Nyquist frequency: filters up
	// there see no power and give log(log_floor).
	BeyondNyquist bool      `yaml:"beyond_nyquist" json:"beyond_nyquist"`
	LogFloor      float64   `yaml:"log_floor" json:"log_floor"`
	LogFloorRule  FloorRule `yaml:"log_floor_rule" json:"log_floor_rule"`

	NumCeps int     `yaml:"num_ceps" json:"num_ceps"` // of mfcc, C0 included
	Lifter  float64 `yaml:"lifter" json:"lifter"`     // cepstral lifter L: 1 + L/2 sin(pi n/L); <= 0: none
	// UseEnergy gives mfcc the log energy in place of C0, and log-mel the log
	// energy as a column before the first filter.
	UseEnergy   bool    `yaml:"use_energy" json:"use_energy"`
	Energy      Energy  `yaml:"energy" json:"energy"`
	EnergyFloor float64 `yaml:"energy_floor" json:"energy_floor"` // the energy is at least this; 0 = only log_floor's rule
}

// The sizes of FFT that the extractor has.
const (
	minNFFT = 128
	maxNFFT = 4096
)

// Bounds that keep a mistyped configuration from asking for absurd memory.
const (
	maxFrameMs = 1000
	maxFilters = 1024
)

// Presets lists the names that [Preset] knows.
func Presets() []string { return []string{"psf-logfbank", "psf-mfcc", "kaldi-fbank", "kaldi-mfcc"} }

// Preset returns a complete configuration: the defaults of
// python_speech_features 0.6 (psf-logfbank, psf-mfcc) or of Kaldi and
// kaldi-native-fbank 1.22 with dither 0 (kaldi-fbank, kaldi-mfcc). psf-mfcc
// takes the smallest FFT that holds a frame, as that project's repository
// does; its release 0.6 takes 512 at every rate.
func Preset(name string) (FeatureConfig, error) {
	psf := FeatureConfig{
		Preset: name, Kind: LogMel,
		FrameLengthMs: 25, FrameShiftMs: 10, FramingRule: FramingPSF, NFFT: 512,
		Preemph: 0.97, PreemphScope: PreemphSignal, Window: Rectangular, PowerOverNFFT: true,
		NumFilters: 26, MelScale: MelPSF, LogFloor: 0x1p-52, LogFloorRule: FloorZero,
		NumCeps: 13, Lifter: 22, Energy: EnergySpectrum,
	}
	kaldi := FeatureConfig{
		Preset: name, Kind: LogMel,
		FrameLengthMs: 25, FrameShiftMs: 10, FramingRule: FramingKaldiSnip,
		Preemph: 0.97, PreemphScope: PreemphFrame, RemoveDC: true, Window: Povey,
		NumFilters: 23, MelScale: MelKaldi, LowHz: 20, LogFloor: 0x1p-23, LogFloorRule: FloorMax,
		NumCeps: 13, Lifter: 22, Energy: EnergyRaw,
	}
	switch name {
	case "psf-logfbank":
		return psf, nil
	case "psf-mfcc":
		psf.Kind, psf.NFFT, psf.UseEnergy = MFCC, 0, true
		return psf, nil
	case "kaldi-fbank":
		return kaldi, nil
	case "kaldi-mfcc":
		kaldi.Kind, kaldi.UseEnergy = MFCC, true
		return kaldi, nil
	}
	return FeatureConfig{}, fmt.Errorf("features: unknown preset %q, want one of %s", name, strings.Join(Presets(), ", "))
}

// Validate checks everything that does not depend on the sample rate. Its
// error names the key, its value and what is allowed.
func (c FeatureConfig) Validate() error {
	if err := c.validateNames(); err != nil {
		return err
	}
	return c.validateNumbers()
}

func (c FeatureConfig) validateNames() error {
	for _, k := range []struct {
		key, value string
		allowed    []string
	}{
		{"kind", string(c.Kind), []string{string(LogMel), string(MFCC), string(Power), string(Magnitude)}},
		{"framing", string(c.FramingRule), []string{string(FramingPSF), string(FramingKaldiSnip), string(FramingKaldi)}},
		{"preemph_scope", string(c.PreemphScope), []string{string(PreemphSignal), string(PreemphFrame)}},
		{"window", string(c.Window), []string{string(Rectangular), string(Hamming), string(Hann), string(Povey)}},
		{"mel_scale", string(c.MelScale), []string{string(MelPSF), string(MelKaldi)}},
		{"log_floor_rule", string(c.LogFloorRule), []string{string(FloorZero), string(FloorMax)}},
		{"energy", string(c.Energy), []string{string(EnergyRaw), string(EnergySpectrum)}},
	} {
		if !slices.Contains(k.allowed, k.value) {
			return fmt.Errorf("features: %s: %q, want %s", k.key, k.value, strings.Join(k.allowed, ", "))
		}
	}
	return nil
}

func (c FeatureConfig) validateNumbers() error {
	for _, k := range []struct {
		key    string
		value  float64
		lo, hi float64
	}{
		{"frame_length_ms", c.FrameLengthMs, 0.1, maxFrameMs},
		{"frame_shift_ms", c.FrameShiftMs, 0.1, maxFrameMs},
		{"preemph", c.Preemph, 0, 1},
		{"num_filters", float64(c.NumFilters), 1, maxFilters},
		{"low_hz", c.LowHz, 0, 1e6},
		{"high_hz", c.HighHz, -1e6, 1e6},
		{"log_floor", c.LogFloor, 1e-30, 1e30},
		{"num_ceps", float64(c.NumCeps), 1, float64(max(1, c.NumFilters))},
		{"lifter", c.Lifter, -1e6, 1e6},
		{"energy_floor", c.EnergyFloor, 0, 1e30},
	} {
		if c.Kind != MFCC && k.key == "num_ceps" {
			continue
		}
		if !(k.value >= k.lo && k.value <= k.hi) { // also refuses NaN
			return fmt.Errorf("features: %s: %v, want %v..%v", k.key, k.value, k.lo, k.hi)
		}
	}
	switch {
	case c.NFFT != 0 && (c.NFFT < minNFFT || c.NFFT > maxNFFT || c.NFFT&(c.NFFT-1) != 0):
		return fmt.Errorf("features: nfft: %d, want a power of two in %d..%d, or 0 for the smallest that holds a frame", c.NFFT, minNFFT, maxNFFT)
	case c.RemoveDC && c.Preemph != 0 && c.PreemphScope == PreemphSignal:
		return fmt.Errorf("features: remove_dc: true with preemph_scope signal, want preemph_scope frame or preemph 0: the mean is a frame's and comes off before pre-emphasis")
	case c.Lifter > 0 && c.Lifter < 1: // pi n/L may be infinite
		return fmt.Errorf("features: lifter: %v, want at least 1, or <= 0 for none", c.Lifter)
	case c.HighHz > 0 && c.HighHz <= c.LowHz:
		return fmt.Errorf("features: high_hz: %v, want more than low_hz %v, or <= 0 for Nyquist + high_hz", c.HighHz, c.LowHz)
	}
	return nil
}
