package transforms

import (
	"math"
	"testing"
)

// everySize are extractors of a kind, without pre-emphasis, one for each size
// of FFT and with frames that fill it.
func everySize(t *testing.T, kind Kind, window Window) map[int]*Extractor {
	all := map[int]*Extractor{}
	for nfft := minNFFT; nfft <= maxNFFT; nfft *= 2 {
		all[nfft] = newTestExtractor(t, "psf-logfbank", 10000, func(c *FeatureConfig) {
			c.Kind, c.Window, c.NFFT, c.Preemph = kind, window, nfft, 0
			c.FrameLengthMs, c.PowerOverNFFT, c.HighHz = float64(nfft)/10, false, 4900
		})
	}
	return all
}

func argmax(row []float32) int {
	best := 0
	for k, v := range row {
		if v > row[best] {
			best = k
		}
	}
	return best
}

func TestToneLandsInItsBin(t *testing.T) {
	for nfft, x := range everySize(t, Power, Hann) {
		for _, bin := range []int{3, nfft / 13, nfft / 7, nfft / 4, nfft/2 - 3} {
			s := tone(nfft+800, nfft, float64(bin))
			rows := x.Compute(nil, s)
			for frame := range 8 {
				row := rows[frame*x.Dim():][:x.Dim()]
				if got := argmax(row); got != bin {
					t.Fatalf("nfft %d: a tone at bin %d has its peak at bin %d in frame %d", nfft, bin, got, frame)
				}
				// A Hann window spreads a tone over three bins, with next to nothing beside them.
				if rest := row[(bin+nfft/8)%(nfft/2)]; rest > 1e-6*row[bin] {
					t.Errorf("nfft %d: a tone at bin %d leaves %.2g of its power at a distance", nfft, bin, rest/row[bin])
				}
			}
		}
	}
}

// The loudest filter is the one whose triangle is highest at the tone.
func TestToneLandsInItsFilter(t *testing.T) {
	for _, preset := range []string{"psf-logfbank", "kaldi-fbank"} {
		for _, rate := range []int{8000, 16000, 48000} {
			x := newTestExtractor(t, preset, rate, func(c *FeatureConfig) { c.NumFilters, c.Preemph, c.Window, c.NFFT = 20, 0, Hann, 2048 })
			for bin := 60; bin < 1000; bin += 37 {
				row := x.Compute(nil, tone(rate/5, 2048, float64(bin)))[5*x.Dim():][:x.Dim()]
				weights := make([]float32, x.Dim())
				for j := range weights {
					weights[j] = float32(slowMel(x.Config(), rate, 2048, j, bin))
				}
				if got, want := argmax(row), argmax(weights); got != want && weights[want]-weights[got] > 0.05 {
					t.Errorf("%s at %d Hz: a tone at bin %d is loudest in filter %d, want %d", preset, rate, bin, got, want)
				}
			}
		}
	}
}

// Twice a signal has four times the power to the bit, and its logarithm is as
// much higher everywhere.
func TestScalingShiftsTheLogarithm(t *testing.T) {
	s := floats(noise(5000, 3))
	twice := make([]float32, len(s))
	for i := range s {
		twice[i] = 2 * s[i]
	}
	for _, preset := range []string{"psf-logfbank", "kaldi-fbank"} {
		for _, kind := range []Kind{Power, Magnitude, LogMel} {
			x := newTestExtractor(t, preset, 16000, func(c *FeatureConfig) {
				c.Kind, c.UseEnergy = kind, true
				c.LogFloor = 1e-30
			})
			a, b := x.Compute(nil, s), x.Compute(nil, twice)
			for i, v := range a {
				switch {
				case kind == Power && b[i] != 4*v, kind == Magnitude && b[i] != 2*v:
					t.Fatalf("%s %s: value %d of the doubled signal is %v, the signal's %v", preset, kind, i, b[i], v)
				case kind == LogMel && math.Abs(float64(b[i]-v)-math.Log(4)) > 4e-6:
					t.Fatalf("%s %s: value %d moved by %v, want log 4", preset, kind, i, b[i]-v)
				}
			}
		}
	}
}

// A signal and its negative have the same bits.
func TestSignDoesNotMatter(t *testing.T) {
	for name, x := range segmentExtractors(t) {
		_, s := segmentSignals(20000)
		a := x.Compute(nil, s)
		for i := range s {
			s[i] = -s[i]
		}
		if !equalBits(a, x.Compute(nil, s)) {
			t.Errorf("%s: the negated signal has other features", name)
		}
	}
}

// A delay by whole hops of silence moves the rows down, to the bit; mirrored
// edges are different of course.
func TestDelayShiftsFrames(t *testing.T) {
	for name, x := range segmentExtractors(t) {
		whole, _ := segmentSignals(30000)
		f, dim := x.Framing(), x.Dim()
		rows := x.ComputeI16(nil, whole)
		for _, hops := range []int{1, 7, 64} {
			late := x.ComputeI16(nil, append(make([]int16, hops*f.Hop), whole...))
			for r := range x.NumFrames(len(whole)) {
				if f.Rule == FramingKaldi && (f.Begin(r) < 1 || f.Begin(r)+f.Win > len(whole)) {
					continue
				}
				if !equalBits(rows[r*dim:][:dim], late[(r+hops)*dim:][:dim]) {
					t.Fatalf("%s: row %d differs from row %d of the signal %d hops later", name, r, r+hops, hops)
				}
			}
		}
	}
}

// What an extractor computed before leaves no trace.
func TestExtractorHasNoMemory(t *testing.T) {
	whole, fractions := segmentSignals(20000)
	for name, x := range segmentExtractors(t) {
		part := whole[3000:][:x.Framing().Win*3]
		want := x.ComputeI16(nil, part) // the first thing it computes
		x.Compute(nil, fractions)
		odd := []float32{float32(math.NaN()), float32(math.Inf(1)), math.MaxFloat32}
		x.Compute(nil, append(odd, make([]float32, 2*x.Framing().Win)...))
		if !equalBits(want, x.ComputeI16(nil, part)) {
			t.Errorf("%s: a signal with NaN before changes the features of the next one", name)
		}
	}
}

// Parseval: the power of a whole spectrum is nfft times that of its frame.
func TestParseval(t *testing.T) {
	for nfft, x := range everySize(t, Power, Rectangular) {
		s := noise(nfft+200, 5)
		rows := x.ComputeI16(nil, s)
		for frame := range 3 {
			p, want := rows[frame*x.Dim():][:x.Dim()], 0.0
			got := float64(p[0]) + float64(p[nfft/2])
			for _, v := range p[1 : nfft/2] {
				got += 2 * float64(v)
			}
			for _, v := range s[x.Framing().Begin(frame):][:nfft] {
				want += float64(v) * float64(v) * float64(nfft)
			}
			if math.Abs(got/want-1) > 1e-6 {
				t.Errorf("nfft %d: the spectrum's power is %v, the frame's %v", nfft, got, want)
			}
		}
	}
}

// A frame played backwards has the same spectrum under a symmetric window.
func TestReversedFrame(t *testing.T) {
	for _, window := range []Window{Rectangular, Hamming, Hann, Povey} {
		for nfft, x := range everySize(t, Magnitude, window) {
			s := noise(nfft, 9)
			a := x.ComputeI16(nil, s)
			for i := range nfft / 2 {
				s[i], s[nfft-1-i] = s[nfft-1-i], s[i]
			}
			largest := a[argmax(a)]
			for k, v := range x.ComputeI16(nil, s) {
				if math.Abs(float64(v-a[k])) > 1e-6*float64(largest) {
					t.Fatalf("%s, nfft %d: bin %d is %v backwards, %v forwards", window, nfft, k, v, a[k])
				}
			}
		}
	}
}

// The kinds are stages of one computation: magnitude is the root of power,
// filters are linear in power, cepstra are the DCT of log-mel.
func TestKindsAgree(t *testing.T) {
	s := noise(6000, 4)
	for _, preset := range []string{"psf-logfbank", "kaldi-fbank"} {
		rows := map[Kind][]float32{}
		var cfg FeatureConfig
		for _, kind := range []Kind{Power, Magnitude, LogMel, MFCC} {
			x := newTestExtractor(t, preset, 16000, func(c *FeatureConfig) {
				c.Kind, c.PowerOverNFFT, c.UseEnergy, c.NumFilters, c.NumCeps, c.Lifter = kind, false, false, 20, 20, 0
			})
			rows[kind], cfg = x.ComputeI16(nil, s), x.Config()
		}
		for frame := range len(rows[LogMel]) / 20 {
			power, mels := rows[Power][frame*257:][:257], rows[LogMel][frame*20:][:20]
			for k, v := range rows[Magnitude][frame*257:][:257] {
				if math.Abs(float64(v)-math.Sqrt(float64(power[k]))) > 1e-6*float64(v) {
					t.Fatalf("%s: bin %d has magnitude %v and power %v", preset, k, v, power[k])
				}
			}
			for j, v := range mels {
				sum := 0.0
				for k, p := range power {
					sum += float64(p) * slowMel(cfg, 16000, 512, j, k)
				}
				if math.Abs(float64(v)-math.Log(sum)) > 3e-6 {
					t.Fatalf("%s: filter %d is %v, the log of its sum over the power spectrum %v", preset, j, v, math.Log(sum))
				}
			}
			// The DCT is orthonormal: it keeps the sum of squares.
			a, b := sumSquares(mels), sumSquares(rows[MFCC][frame*20:][:20])
			if math.Abs(a/b-1) > 1e-6 {
				t.Fatalf("%s: log-mels have squares of %v, their full DCT of %v", preset, a, b)
			}
		}
	}
}

func sumSquares(row []float32) (sum float64) {
	for _, v := range row {
		sum += float64(v) * float64(v)
	}
	return sum
}

// An offset is the mean of every frame, so that DC removal takes it away
// whole: of whole numbers to the bit of the mean, of which rounding is left.
func TestOffsetIsInvisible(t *testing.T) {
	s := noise(6000, 8)
	for _, preset := range []string{"kaldi-fbank", "kaldi-mfcc"} {
		for _, rule := range []FramingRule{FramingPSF, FramingKaldiSnip, FramingKaldi} {
			x := newTestExtractor(t, preset, 16000, func(c *FeatureConfig) {
				c.FramingRule, c.UseEnergy = rule, true
				c.Window = Hamming // no zeros that hide the first sample
			})
			whole := x.NumFrames(len(s))
			for rule == FramingPSF && x.Framing().Begin(whole-1)+x.Framing().Win > len(s) {
				whole-- // its zero padding is no offset
			}
			a := x.ComputeI16(nil, s)
			shifted := append([]int16{}, s...)
			for i := range shifted {
				shifted[i] += 1500
			}
			for i, v := range x.ComputeI16(nil, shifted)[:whole*x.Dim()] {
				if d := math.Abs(float64(v - a[i])); d > 5e-4 {
					t.Fatalf("%s, %s: value %d moves by %.2g with an offset", preset, rule, i, d)
				}
			}
		}
	}
}

// Louder is more, for either energy.
func TestEnergyGrowsWithTheSignal(t *testing.T) {
	s := floats(noise(3000, 6))
	for _, energy := range []Energy{EnergyRaw, EnergySpectrum} {
		x := newTestExtractor(t, "kaldi-fbank", 16000, func(c *FeatureConfig) { c.UseEnergy, c.Energy = true, energy })
		before := x.Compute(nil, s)
		for step := range 40 {
			for i := range s {
				s[i] *= 1.02
			}
			after := x.Compute(nil, s)
			for i := 0; i < len(after); i += x.Dim() {
				if !(after[i] > before[i]) {
					t.Fatalf("%s: step %d: energy %v after %v", energy, step, after[i], before[i])
				}
			}
			before = after
		}
	}
}

// Rows in reverse have the negative deltas in reverse, to the bit.
func TestDeltasOfReversedRows(t *testing.T) {
	const F = 13
	for T := range 30 {
		rows := corpusFloats(corpusKinds+1, T*F)
		back := make([]float32, T*F)
		for i := range T {
			copy(back[i*F:][:F], rows[(T-1-i)*F:])
		}
		a, b := Deltas(nil, rows, T, F), Deltas(nil, back, T, F)
		for i := range T * F {
			if v := b[(T-1-i/F)*F+i%F]; a[i] != -v {
				t.Fatalf("%d rows: value %d is %v, reversed %v", T, i, a[i], v)
			}
		}
	}
}
