package transforms

import "fmt"

// optionSet is a configuration that the bit identity test runs.
type optionSet struct {
	config FeatureConfig
	rate   int
	step   int // utterance lengths go up by this much
	long   int // samples of each long recording
}

// optionGroup is what one hash stands for.
type optionGroup struct {
	name string
	sets []optionSet
}

// identityGroups reach every kernel: each size of FFT full, padded and with
// odd frame lengths, each window, kind, framing, mel scale, floor, energy,
// pre-emphasis and width.
func identityGroups() []optionGroup {
	groups := []optionGroup{}
	group := func(name string) { groups = append(groups, optionGroup{name: name}) }
	set := func(preset string, rate, step int, change func(*FeatureConfig)) {
		c, err := Preset(preset)
		if err != nil {
			panic(err)
		}
		if change != nil {
			change(&c)
		}
		g := &groups[len(groups)-1]
		g.sets = append(g.sets, optionSet{config: c, rate: rate, step: step, long: 4321})
	}
	framings := []FramingRule{FramingPSF, FramingKaldiSnip, FramingKaldi}

	for _, preset := range Presets() {
		group("preset " + preset)
		set(preset, 16000, 1, nil)
		groups[len(groups)-1].sets[0].long = identityLong // the four presets: 80,000 frames
		for _, rule := range framings {
			set(preset, 8000, 1, func(c *FeatureConfig) { c.FramingRule = rule })
			set(preset, 16000, 1, func(c *FeatureConfig) { c.FramingRule, c.NumFilters = rule, 40 })
		}
		for _, rate := range []int{11025, 22050, 44100, 48000} {
			set(preset, rate, 11, func(c *FeatureConfig) { c.NFFT = 0 })
		}
	}
	for nfft := minNFFT; nfft <= maxNFFT; nfft *= 2 {
		group(fmt.Sprint("fft ", nfft))
		win := func(samples int) func(c *FeatureConfig) { // frames of so many samples every 100 at 10 kHz
			return func(c *FeatureConfig) {
				c.NFFT, c.FrameLengthMs, c.FrameShiftMs = nfft, float64(samples)/10, 10
				c.HighHz, c.NumFilters = 4800, 15
			}
		}
		// Each eighth of the FFT, as a first pass may leave zeros out.
		for _, n := range []int{nfft, nfft - 1, nfft*7/8 - 1, nfft * 3 / 4, nfft/2 + 1, nfft/2 - 3, nfft * 3 / 8, nfft / 4, nfft / 8, 33} {
			set("psf-logfbank", 10000, 13, win(n))
			set("kaldi-fbank", 10000, 13, win(n))
		}
		for _, kind := range []Kind{Power, Magnitude} {
			set("psf-logfbank", 10000, 53, func(c *FeatureConfig) { win(nfft - 20)(c); c.Kind = kind })
			set("kaldi-fbank", 10000, 53, func(c *FeatureConfig) { win(nfft - 20)(c); c.Kind = kind })
		}
		set("psf-mfcc", 10000, 13, win(nfft-9))
		set("kaldi-mfcc", 10000, 13, win(nfft-9))
	}
	group("short frames")
	for _, n := range []int{2, 3, 4, 5, 7, 8, 9, 15, 16, 17} {
		for _, preset := range []string{"psf-mfcc", "kaldi-fbank"} {
			set(preset, 10000, 47, func(c *FeatureConfig) {
				c.FrameLengthMs, c.FrameShiftMs, c.UseEnergy = (float64(n)+0.25)/10, 2, true
			})
		}
	}
	group("windows and framing")
	for _, w := range []Window{Rectangular, Hamming, Hann, Povey} {
		for _, rule := range framings {
			for _, preset := range []string{"psf-logfbank", "kaldi-fbank"} {
				set(preset, 16000, 7, func(c *FeatureConfig) { c.Window, c.FramingRule, c.NFFT = w, rule, 512 })
			}
		}
	}
	group("hops")
	for _, rule := range framings {
		for _, ms := range []float64{0.5, 1.3, 5, 7.5, 12.5, 25, 31, 40} {
			step := 7
			if ms < 5 {
				step = 101
			}
			set("psf-mfcc", 16000, step, func(c *FeatureConfig) { c.FramingRule, c.FrameShiftMs = rule, ms })
			set("kaldi-fbank", 16000, step, func(c *FeatureConfig) { c.FramingRule, c.FrameShiftMs = rule, ms })
		}
	}
	group("mel")
	for _, preset := range Presets() {
		for _, filters := range []int{1, 2, 7, 13, 23, 64, 80, 128, 200} {
			set(preset, 16000, 17, func(c *FeatureConfig) { c.NumFilters, c.NumCeps = filters, min(filters, 40) })
		}
		set(preset, 16000, 7, func(c *FeatureConfig) { c.LowHz, c.HighHz = 133, 6855 })
		set(preset, 16000, 7, func(c *FeatureConfig) { c.LowHz, c.HighHz = 300, -400 })
		set(preset, 8000, 7, func(c *FeatureConfig) { c.HighHz, c.BeyondNyquist = 8000, true })
	}
	group("energy, floors, lifter")
	for _, preset := range Presets() {
		for _, energy := range []Energy{EnergyRaw, EnergySpectrum} {
			set(preset, 16000, 17, func(c *FeatureConfig) { c.UseEnergy, c.Energy = true, energy })
			set(preset, 16000, 17, func(c *FeatureConfig) { c.UseEnergy, c.Energy, c.EnergyFloor = true, energy, 1e6 })
			set(preset, 16000, 17, func(c *FeatureConfig) {
				c.UseEnergy, c.Energy, c.PreemphScope, c.RemoveDC = true, energy, PreemphFrame, false
			})
		}
		for _, rule := range []FloorRule{FloorZero, FloorMax} {
			for _, floor := range []float64{1e-30, 1, 1e10} {
				set(preset, 16000, 17, func(c *FeatureConfig) { c.LogFloor, c.LogFloorRule = floor, rule })
			}
		}
		for _, lifter := range []float64{0, 10, 22.5} {
			set(preset, 16000, 17, func(c *FeatureConfig) { c.Lifter, c.UseEnergy, c.PowerOverNFFT = lifter, false, true })
		}
	}
	group("pre-emphasis and DC")
	for _, preset := range []string{"psf-logfbank", "kaldi-mfcc"} {
		for _, p := range []float64{0, 0.5, 1} {
			for _, rule := range framings {
				for _, scope := range []PreemphScope{PreemphSignal, PreemphFrame} {
					set(preset, 16000, 17, func(c *FeatureConfig) {
						c.Preemph, c.PreemphScope, c.FramingRule = p, scope, rule
						c.RemoveDC = scope == PreemphFrame
					})
				}
			}
		}
	}
	return groups
}
