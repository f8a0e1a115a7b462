package transforms

import (
	"fmt"
	"math"
	"math/cmplx"
	"testing"
)

// slowRows is the definition of every feature in float64, written plainly: the
// signal is extended, cut into frames, and each frame goes through the DFT
// sum, the filters and the DCT sum one after the other.
func slowRows(c FeatureConfig, rate int, signal []float64) [][]float64 {
	f, err := c.Framing(rate)
	if err != nil {
		panic(err)
	}
	nfft := c.NFFT
	if nfft == 0 {
		for nfft = 128; nfft < f.Win; nfft *= 2 {
		}
	}
	d := newDefinition(c, rate, nfft, f.Win)
	emphasized := make([]float64, len(signal))
	for i, v := range signal {
		emphasized[i] = v
		if i > 0 && c.PreemphScope == PreemphSignal {
			emphasized[i] -= c.Preemph * signal[i-1]
		}
	}
	extended := func(s []float64, i int) float64 {
		for c.FramingRule == FramingKaldi && (i < 0 || i >= len(s)) {
			if i < 0 {
				i = -1 - i
			} else {
				i = 2*len(s) - 1 - i
			}
		}
		if i < 0 || i >= len(s) {
			return 0
		}
		return s[i]
	}
	var rows [][]float64
	for t := range f.NumFrames(len(signal)) {
		frame, raw := make([]float64, f.Win), make([]float64, f.Win)
		for i := range frame {
			frame[i] = extended(emphasized, f.Begin(t)+i)
			raw[i] = extended(signal, f.Begin(t)+i)
		}
		if c.RemoveDC {
			mean := 0.0
			for _, v := range raw {
				mean += v / float64(f.Win)
			}
			for i := range raw {
				raw[i] -= mean
			}
			copy(frame, raw)
		}
		if c.PreemphScope == PreemphFrame {
			for i := len(frame) - 1; i > 0; i-- {
				frame[i] -= c.Preemph * frame[i-1]
			}
			frame[0] -= c.Preemph * frame[0]
		}
		rows = append(rows, d.row(frame, raw))
	}
	return rows
}

// definition holds what does not change from frame to frame, computed once by
// the plain functions below.
type definition struct {
	c      FeatureConfig
	nfft   int
	window []float64
	roots  []complex128 // exp(-2 pi i k/nfft)
	mels   [][]float64  // [num_filters][nfft/2+1]
}

func newDefinition(c FeatureConfig, rate, nfft, win int) definition {
	d := definition{c: c, nfft: nfft, window: make([]float64, win), roots: make([]complex128, nfft)}
	for i := range d.window {
		d.window[i] = slowWindow(c.Window, i, win)
	}
	for k := range d.roots {
		d.roots[k] = cmplx.Rect(1, -2*math.Pi*float64(k)/float64(nfft))
	}
	if c.Kind == LogMel || c.Kind == MFCC {
		d.mels = make([][]float64, c.NumFilters)
		for j := range d.mels {
			d.mels[j] = make([]float64, nfft/2+1)
			for k := range d.mels[j] {
				d.mels[j][k] = slowMel(c, rate, nfft, j, k)
			}
		}
	}
	return d
}

// row is one row, from a frame before its window.
func (d definition) row(frame, raw []float64) []float64 {
	c, nfft := d.c, d.nfft
	for i := range frame {
		frame[i] *= d.window[i]
	}
	power := make([]float64, nfft/2+1)
	for k := range power {
		x := complex(0, 0)
		for i, v := range frame {
			x += complex(v, 0) * d.roots[k*i%nfft]
		}
		power[k] = real(x)*real(x) + imag(x)*imag(x)
	}
	if c.Kind == Magnitude {
		for k := range power {
			power[k] = math.Sqrt(power[k])
		}
		return power
	}
	energy, sum := 0.0, 0.0
	for _, v := range raw {
		energy += v * v
	}
	for k := range power {
		if c.PowerOverNFFT {
			power[k] /= float64(nfft)
		}
		sum += power[k]
	}
	if c.Energy == EnergySpectrum {
		energy = sum
	}
	energy = math.Log(slowFloor(c, max(energy, c.EnergyFloor)))
	if c.Kind == Power {
		return power
	}
	mels := make([]float64, c.NumFilters)
	for j := range mels {
		for k, p := range power {
			mels[j] += p * d.mels[j][k]
		}
		mels[j] = math.Log(slowFloor(c, mels[j]))
	}
	if c.Kind == LogMel {
		if c.UseEnergy {
			return append([]float64{energy}, mels...)
		}
		return mels
	}
	ceps := make([]float64, c.NumCeps)
	for i := range ceps {
		for j, m := range mels {
			ceps[i] += m * math.Cos(math.Pi*float64(i)*(float64(j)+0.5)/float64(len(mels)))
		}
		ceps[i] *= math.Sqrt(2 / float64(len(mels)))
		if i == 0 {
			ceps[i] /= math.Sqrt2
		}
		if c.Lifter > 0 {
			ceps[i] *= 1 + c.Lifter/2*math.Sin(math.Pi*float64(i)/c.Lifter)
		}
	}
	if c.UseEnergy {
		ceps[0] = energy
	}
	return ceps
}

func slowFloor(c FeatureConfig, v float64) float64 {
	if c.LogFloorRule == FloorMax {
		return max(v, c.LogFloor)
	}
	if v == 0 {
		return c.LogFloor
	}
	return v
}

func slowWindow(w Window, i, n int) float64 {
	cos := math.Cos(2 * math.Pi * float64(i) / float64(n-1))
	switch w {
	case Hamming:
		return 0.54 - 0.46*cos
	case Hann:
		return 0.5 - 0.5*cos
	case Povey:
		return math.Pow(0.5-0.5*cos, 0.85)
	}
	return 1
}

// slowMel is the weight of bin k in filter j.
func slowMel(c FeatureConfig, rate, nfft, j, k int) float64 {
	high := c.HighHz
	if high <= 0 {
		high += float64(rate) / 2
	}
	if c.MelScale == MelKaldi {
		mel := func(hz float64) float64 { return 1127 * math.Log(1+hz/700) }
		step := (mel(high) - mel(c.LowHz)) / float64(c.NumFilters+1)
		center := mel(c.LowHz) + float64(j+1)*step
		if k == nfft/2 {
			return 0
		}
		return max(0, 1-math.Abs(mel(float64(k*rate)/float64(nfft))-center)/step)
	}
	mel := func(hz float64) float64 { return 2595 * math.Log10(1+hz/700) }
	edge := func(i int) float64 {
		m := mel(c.LowHz) + float64(i)*(mel(high)-mel(c.LowHz))/float64(c.NumFilters+1)
		return math.Floor(float64(nfft+1) * 700 * (math.Pow(10, m/2595) - 1) / float64(rate))
	}
	left, center, right, bin := edge(j), edge(j+1), edge(j+2), float64(k)
	switch {
	case bin >= left && bin < center:
		return (bin - left) / (center - left)
	case bin >= center && bin < right:
		return (right - bin) / (right - center)
	}
	return 0
}

// noise is n samples of noise that falls off towards high frequencies as
// speech does, so that pre-emphasis leaves no cell far below its neighbours.
func noise(n int, seed uint32) []int16 {
	s := make([]int16, n)
	v := 0
	for i := range s {
		seed = seed*1664525 + 1013904223
		v = v*29/32 + int(seed>>16)%6001 - 3000
		s[i] = int16(v)
	}
	return s
}

// definitionConfigs vary every key, one after the other, at several rates.
func definitionConfigs(t *testing.T) map[string]func() (FeatureConfig, int) {
	t.Helper()
	from := func(preset string, rate int, change func(*FeatureConfig)) func() (FeatureConfig, int) {
		return func() (FeatureConfig, int) {
			c, err := Preset(preset)
			if err != nil {
				t.Fatal(err)
			}
			change(&c)
			return c, rate
		}
	}
	all := map[string]func() (FeatureConfig, int){
		"psf 40":       from("psf-logfbank", 16000, func(c *FeatureConfig) { c.NumFilters = 40 }),
		"psf energy":   from("psf-logfbank", 16000, func(c *FeatureConfig) { c.UseEnergy = true }),
		"psf raw":      from("psf-logfbank", 16000, func(c *FeatureConfig) { c.UseEnergy, c.Energy = true, EnergyRaw }),
		"psf mirror":   from("psf-logfbank", 16000, func(c *FeatureConfig) { c.FramingRule = FramingKaldi }),
		"psf snip":     from("psf-logfbank", 16000, func(c *FeatureConfig) { c.FramingRule = FramingKaldiSnip }),
		"psf mfcc":     from("psf-mfcc", 8000, func(c *FeatureConfig) {}),
		"kaldi 80":     from("kaldi-fbank", 16000, func(c *FeatureConfig) { c.NumFilters = 80 }),
		"kaldi mirror": from("kaldi-fbank", 44100, func(c *FeatureConfig) { c.FramingRule = FramingKaldi }),
		"kaldi padded": from("kaldi-fbank", 16000, func(c *FeatureConfig) { c.FramingRule = FramingPSF }),
		"kaldi mfcc":   from("kaldi-mfcc", 16000, func(c *FeatureConfig) { c.NumCeps, c.NumFilters = 20, 40 }),
		"kaldi energy": from("kaldi-fbank", 16000, func(c *FeatureConfig) { c.UseEnergy, c.Energy = true, EnergySpectrum }),
		"no preemph":   from("kaldi-fbank", 16000, func(c *FeatureConfig) { c.Preemph, c.PreemphScope, c.MelScale = 0, PreemphSignal, MelPSF }),
		"wide hop":     from("kaldi-fbank", 16000, func(c *FeatureConfig) { c.FrameShiftMs = 31; c.FramingRule = FramingKaldi }),
		"power":        from("psf-logfbank", 16000, func(c *FeatureConfig) { c.Kind = Power }),
		"magnitude":    from("kaldi-fbank", 16000, func(c *FeatureConfig) { c.Kind = Magnitude }),
		"hamming":      from("kaldi-fbank", 16000, func(c *FeatureConfig) { c.Window = Hamming }),
		"hann":         from("psf-logfbank", 16000, func(c *FeatureConfig) { c.Window = Hann }),
		"odd frame":    from("kaldi-fbank", 16000, func(c *FeatureConfig) { c.FrameLengthMs, c.FrameShiftMs = 19.94, 7.5 }),
	}
	for _, nfft := range []int{128, 256, 512, 1024, 2048, 4096} {
		all[fmt.Sprint("fft ", nfft)] = from("kaldi-fbank", 4000, func(c *FeatureConfig) { c.NFFT, c.NumFilters = nfft, 10 })
		all[fmt.Sprint("full fft ", nfft)] = from("psf-logfbank", nfft*40, func(c *FeatureConfig) { c.NFFT, c.NumFilters = nfft, 10 })
	}
	return all
}

func TestAgainstDefinition(t *testing.T) {
	const cells, worstCell = 1e-6, 1e-4
	for name, config := range definitionConfigs(t) {
		t.Run(name, func(t *testing.T) {
			cfg, rate := config()
			x, err := NewExtractor(cfg, rate)
			if err != nil {
				t.Fatal(err)
			}
			s := noise(x.Framing().Win+4*x.Framing().Hop+37, 7)
			got := x.ComputeI16(nil, s)
			sum, worst := 0.0, 0.0
			want := slowRows(cfg, rate, doubles(s))
			if len(got) != len(want)*x.Dim() {
				t.Fatalf("%d values, want %d rows of %d", len(got), len(want), x.Dim())
			}
			for f, row := range want {
				scale := 1.0 // logarithms and cepstra as they are, spectra relative to the frame's largest bin
				if cfg.Kind == Power || cfg.Kind == Magnitude {
					scale = 0
					for _, v := range row {
						scale = max(scale, v)
					}
				}
				for i, v := range row {
					d := math.Abs(float64(got[f*x.Dim()+i])-v) / scale
					sum, worst = sum+d, max(worst, d)
				}
			}
			mean := sum / float64(len(got))
			t.Logf("mean %.2g, worst %.2g", mean, worst)
			limit := cells
			if cfg.Kind == MFCC { // sums of many logarithms near 20, times a lifter of up to 12
				limit *= 20
			}
			if !(mean <= limit && worst <= worstCell) {
				t.Errorf("mean difference %.2g, largest %.2g, want at most %.2g and %.2g", mean, worst, limit, worstCell)
			}
		})
	}
}
