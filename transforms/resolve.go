package transforms

import "fmt"

// Framing is the framing of this configuration at a sample rate in Hz.
func (c FeatureConfig) Framing(rate int) (Framing, error) {
	return NewFraming(c.FramingRule, rate, c.FrameLengthMs, c.FrameShiftMs)
}

// Values of keepBand for [FeatureConfig.ForNarrowband].
const (
	KeepBandOwn  = "own"
	KeepBandSame = "same"
)

// ForNarrowband returns the configuration for a copy of the signal at half
// the sample rate, and that rate. Frame length and shift keep their
// milliseconds, and the FFT keeps the size it has at rate, so that a power
// spectrum keeps its width.
//
// keepBand "own" spreads the filters up to the copy's own Nyquist frequency,
// unless high_hz lies below that already; "same" keeps the edges of the
// original's filters in Hz, so that those above the copy's Nyquist are empty.
func (c FeatureConfig) ForNarrowband(rate int, keepBand string) (FeatureConfig, int, error) {
	r, err := c.resolve(rate)
	switch {
	case err != nil:
		return FeatureConfig{}, 0, err
	case rate%2 != 0:
		return FeatureConfig{}, 0, fmt.Errorf("features: narrowband copy of %d Hz, want an even rate to halve", rate)
	}
	c.NFFT = r.nfft
	half := rate / 2
	switch keepBand {
	case KeepBandOwn:
		if c.HighHz > float64(half)/2 {
			c.HighHz = 0
		}
	case KeepBandSame:
		c.HighHz = r.high
		c.BeyondNyquist = c.BeyondNyquist || r.high > float64(half)/2
	default:
		return FeatureConfig{}, 0, fmt.Errorf("features: keep_band: %q, want %s or %s", keepBand, KeepBandOwn, KeepBandSame)
	}
	if _, err := c.resolve(half); err != nil {
		return FeatureConfig{}, 0, fmt.Errorf("narrowband copy: %w", err)
	}
	return c, half, nil
}

// resolved is what a configuration means at a sample rate.
type resolved struct {
	framing   Framing
	nfft      int
	low, high float64 // Hz
}

// resolve validates the configuration at a sample rate in Hz.
func (c FeatureConfig) resolve(rate int) (resolved, error) {
	if err := c.Validate(); err != nil {
		return resolved{}, err
	}
	f, err := c.Framing(rate)
	if err != nil {
		return resolved{}, fmt.Errorf("features: %w", err)
	}
	r := resolved{framing: f, nfft: c.NFFT, low: c.LowHz, high: c.HighHz}
	if r.nfft == 0 {
		for r.nfft = minNFFT; r.nfft < f.Win; r.nfft *= 2 {
		}
	}
	nyquist := float64(rate) / 2
	if r.high <= 0 {
		r.high += nyquist
	}
	switch {
	case r.nfft > maxNFFT:
		return r, fmt.Errorf("features: frame_length_ms: %v is %d samples at %d Hz, want at most %d", c.FrameLengthMs, f.Win, rate, maxNFFT)
	case f.Win > r.nfft:
		return r, fmt.Errorf("features: nfft: %d is shorter than a frame of %d samples at %d Hz, want at least that, or 0 for the smallest power of two", r.nfft, f.Win, rate)
	case r.low >= r.high:
		return r, fmt.Errorf("features: low_hz: %v, want less than the upper edge, %v Hz at a sample rate of %d", r.low, r.high, rate)
	case r.high > nyquist && !c.BeyondNyquist:
		return r, fmt.Errorf("features: high_hz: %v, want at most %v, half the sample rate of %d (or beyond_nyquist: true)", r.high, nyquist, rate)
	}
	return r, nil
}
