package synth

import (
	"fmt"
	"math"
)

// Range is a closed interval that a value is drawn from uniformly.
type Range struct{ Lo, Hi float64 }

// Variation holds every parameter that decides how hard the corpus is: how
// much speakers differ, how much two tokens of a phone by one speaker differ,
// and what the recording adds. Standard deviations are relative (0.05 is 5 %).
type Variation struct {
	PitchFemale, PitchMale Range // mean F0, Hz
	TractFemale, TractMale Range // factor on all formants; 1 is the average man of the tables

	Stretch        Range // factor on durations; below 1 is a fast speaker
	Coarticulation Range // factor on the reach of gestures
	TiltCorner     Range // Hz, corner of the low-pass on voicing: low is a soft voice
	OpenQuotient   Range // share of a pitch period in which the glottis is open
	Breath         Range // dB, aspiration noise under voicing
	Jitter         Range // relative deviation of a pitch period
	Shimmer        Range // relative deviation of a pulse's amplitude
	Frication      Range // dB, added to frication and bursts
	Liveliness     Range // factor on pitch accents

	Dialect  float64 // standard deviation of a dialect region's vowel formants
	Accent   float64 // standard deviation of a speaker's own vowel formants
	Token    float64 // standard deviation of formant targets from token to token
	Duration float64 // standard deviation of log durations from token to token
	Reduced  float64 // share by which unstressed vowels move to the neutral vowel

	Channel  Range // dB, gain of a high shelf
	SNR      Range // dB, speech over background noise
	Color    Range // pole of the one-pole filter that colors the noise
	Headroom Range // dB, the peak of an utterance below full scale
}

// DefaultVariation is the demo's.
func DefaultVariation() Variation {
	return Variation{
		PitchFemale: Range{165, 250}, PitchMale: Range{85, 150},
		TractFemale: Range{1.02, 1.20}, TractMale: Range{0.84, 1.04},
		Stretch: Range{0.80, 1.20}, Coarticulation: Range{0.8, 1.6},
		TiltCorner: Range{1500, 4500}, OpenQuotient: Range{0.45, 0.75},
		Breath: Range{-36, -20}, Jitter: Range{0.003, 0.015}, Shimmer: Range{0.02, 0.08},
		Frication: Range{-4, 4}, Liveliness: Range{0.5, 1.5},
		Dialect: 0.025, Accent: 0.03, Token: 0.04, Duration: 0.18, Reduced: 0.3,
		Channel: Range{-6, 6}, SNR: Range{26, 44}, Color: Range{-0.2, 0.9}, Headroom: Range{3, 18},
	}
}

// validate checks that the synthesizer stays within what it can render.
func (v Variation) validate() error {
	ranges := []struct {
		name   string
		r      Range
		lo, hi float64
	}{
		{"PitchFemale", v.PitchFemale, 50, 400}, {"PitchMale", v.PitchMale, 50, 400},
		{"TractFemale", v.TractFemale, 0.7, 1.2}, {"TractMale", v.TractMale, 0.7, 1.2},
		{"Stretch", v.Stretch, 0.25, 4}, {"Coarticulation", v.Coarticulation, 0.1, 5},
		{"TiltCorner", v.TiltCorner, 200, 8000}, {"OpenQuotient", v.OpenQuotient, 0.3, 0.9},
		{"Breath", v.Breath, -100, 0}, {"Jitter", v.Jitter, 0, 0.1}, {"Shimmer", v.Shimmer, 0, 0.5},
		{"Frication", v.Frication, -30, 30}, {"Liveliness", v.Liveliness, 0, 3},
		{"Dialect", Range{v.Dialect, v.Dialect}, 0, 0.1}, {"Accent", Range{v.Accent, v.Accent}, 0, 0.1},
		{"Token", Range{v.Token, v.Token}, 0, 0.15}, {"Duration", Range{v.Duration, v.Duration}, 0, 0.5},
		{"Reduced", Range{v.Reduced, v.Reduced}, 0, 1},
		{"Channel", v.Channel, -30, 30}, {"SNR", v.SNR, -10, 120}, {"Color", v.Color, -0.99, 0.99},
		{"Headroom", v.Headroom, 0, 60},
	}
	for _, r := range ranges {
		if math.IsNaN(r.r.Lo) || math.IsNaN(r.r.Hi) || r.r.Lo > r.r.Hi || r.r.Lo < r.lo || r.r.Hi > r.hi {
			return fmt.Errorf("synth: variation %s is %g to %g: want a range within %g to %g", r.name, r.r.Lo, r.r.Hi, r.lo, r.hi)
		}
	}
	return nil
}
