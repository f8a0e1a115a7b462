package augment

import (
	"errors"
	"fmt"
	"math"

	"framewise/corpus/draw"
	"framewise/transforms"
)

// ReverbConfig asks for perturbed copies with the reverberation of a room: the
// convolution with its impulse response, as Kaldi's wav-reverberate with
// --shift-output and --normalize-output.
type ReverbConfig struct {
	Manifest    string  `yaml:"manifest" json:"manifest"` // of the impulse responses, or a folder of them; "" = off
	Probability float64 `yaml:"probability" json:"probability"`
}

// MaxResponseSeconds is the longest impulse response.
const MaxResponseSeconds = 20

func (ReverbConfig) name() string      { return "reverb" }
func (c ReverbConfig) chance() float64 { return c.Probability }

// IsZero reports whether reverberation is off.
func (c ReverbConfig) IsZero() bool { return c.Manifest == "" }

func (c ReverbConfig) validate() []error { return validateChance("augment.reverb", c.Probability) }

// apply convolves a part with a response, whose largest sample, the direct
// path, takes the place of time 0, and brings what is within the part back to
// its power; what comes after its end is cut off. Silence stays silence.
func (c ReverbConfig) apply(x *Renderer, samples []float32, k draw.Key) (map[string]any, error) {
	sounds, sound, err := x.sound(c.name(), k)
	if err != nil {
		return nil, err
	}
	pad := responsePad(sound.Rate, x.rate)
	x.sound32 = resize(x.sound32, sound.NumSamples()+2*pad)
	clear(x.sound32)
	h := x.sound32
	if err = sounds.read(sound, h[pad:int64(len(h))-pad], 0); err == nil {
		h, err = x.atBaseRate(h, sound.Rate)
	}
	direct := largest(h)
	if err == nil && (len(h) == 0 || h[direct] == 0) {
		err = errors.New("every sample is 0, want an impulse")
	}
	if err != nil {
		return nil, fmt.Errorf("impulse response %q: %w", sound.ID, err)
	}
	if x.convolver == nil {
		x.convolver = transforms.NewConvolver()
	}
	x.wet = x.convolver.Convolve(x.wet, samples, h, direct)
	gain := 0.0
	if p := power(x.wet); p > 0 {
		gain = math.Sqrt(power(samples) / p)
	}
	copy(samples, x.wet)
	scale(samples, gain)
	delay := BaseSamples(int64(direct), x.rate, sound.Rate) - pad
	return map[string]any{"sound": sound.ID, "delay": delay, "gain": gain}, nil
}

// responsePad is how many samples of silence a response is given at both ends
// before it is resampled: as far as the resampler's filter reaches, 128 periods
// of the lower rate, so that nothing of a direct path at the very beginning is
// lost.
func responsePad(from, to int) int64 {
	if from == to {
		return 0
	}
	return BaseSamples(128, min(from, to), from)
}

// largest is the index of the first of the samples of the largest magnitude,
// 0 if there are none.
func largest(h []float32) int {
	at := 0
	for i, v := range h {
		if max(v, -v) > max(h[at], -h[at]) {
			at = i
		}
	}
	return at
}
