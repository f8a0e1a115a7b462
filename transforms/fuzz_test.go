package transforms

import (
	"encoding/binary"
	"math"
	"math/big"
	"testing"

	"framewise/internal/fuzzing"
)

// pick is the i-th of a list, whatever i.
func pick[T any](i uint8, list ...T) T { return list[int(i)%len(list)] }

// fuzzConfig is a configuration of arbitrary settings, most of them valid.
func fuzzConfig(names uint32, flags uint8, nfft uint16, filters, ceps int16, winMs, hopMs, preemph, low, high, floor, lifter, energyFloor float64) FeatureConfig {
	at := func(n int) uint8 { return uint8(names >> (4 * n) & 15) }
	return FeatureConfig{
		Kind:          pick(at(0), LogMel, MFCC, Power, Magnitude),
		FramingRule:   pick(at(1), FramingPSF, FramingKaldiSnip, FramingKaldi),
		PreemphScope:  pick(at(2), PreemphSignal, PreemphFrame),
		Window:        pick(at(3), Rectangular, Hamming, Hann, Povey),
		MelScale:      pick(at(4), MelPSF, MelKaldi),
		LogFloorRule:  pick(at(5), FloorZero, FloorMax),
		Energy:        pick(at(6), EnergyRaw, EnergySpectrum),
		RemoveDC:      flags&1 != 0,
		PowerOverNFFT: flags&2 != 0,
		BeyondNyquist: flags&4 != 0,
		UseEnergy:     flags&8 != 0,
		NFFT:          int(nfft),
		NumFilters:    int(filters), NumCeps: int(ceps),
		FrameLengthMs: winMs, FrameShiftMs: hopMs, Preemph: preemph,
		LowHz: low, HighHz: high, LogFloor: floor, Lifter: lifter, EnergyFloor: energyFloor,
	}
}

// FuzzExtractor: any settings at any rate are refused, or give rows of the
// right size, the same from both types of sample, finite, from bounded memory.
func FuzzExtractor(f *testing.F) {
	f.Add(uint32(0), uint8(2), uint16(512), int16(26), int16(13), 25.0, 10.0, 0.97, 0.0, 0.0, 0x1p-52, 22.0, 0.0, int64(16000), uint16(2000), uint8(0))
	f.Add(uint32(0x1131121), uint8(9), uint16(0), int16(40), int16(13), 25.0, 10.0, 0.97, 20.0, -400.0, 0x1p-23, 22.0, 1.0, int64(8000), uint16(777), uint8(4))
	f.Add(uint32(0x32), uint8(4), uint16(4096), int16(1), int16(1), 80.0, 3.1, 0.0, 20.0, 1e5, 1.0, 0.0, 0.0, int64(48000), uint16(9999), uint8(3))
	f.Add(uint32(0x11), uint8(0), uint16(128), int16(1024), int16(1024), 0.1, 0.1, 1.0, 20.0, 0.0, 1e-30, -1.0, 1e30, int64(1<<31-1), uint16(1), uint8(5))
	// Frames of two samples, whose mean has no stretch of four.
	f.Add(uint32(40), uint8('<'), uint16(512), int16(26), int16(13), 0.17, 117.0, 0.1, 0.0, 0.0, 0x1p-52, 22.0, 94.0, int64(16020), uint16(2099), uint8('g'))
	f.Add(uint32(0x100), uint8(9), uint16(0), int16(20), int16(13), 0.2, 1.0, 0.97, 20.0, 0.0, 0x1p-23, 22.0, 0.0, int64(16000), uint16(3000), uint8(0))
	f.Fuzz(func(t *testing.T, names uint32, flags uint8, nfft uint16, filters, ceps int16,
		winMs, hopMs, preemph, low, high, floor, lifter, energyFloor float64, rate int64, n uint16, kind uint8) {
		c := fuzzConfig(names, flags, nfft, filters, ceps, winMs, hopMs, preemph, low, high, floor, lifter, energyFloor)
		var x *Extractor
		var err error
		fuzzing.Allocations(t, 64<<20, func() { x, err = NewExtractor(c, int(rate)) })
		if err != nil {
			return
		}
		s := corpusSignal(int(kind)%corpusKinds, int(n)%20000)
		T := x.NumFrames(len(s))
		if T < 0 || x.Dim() < 1 {
			t.Fatalf("%+v at %d Hz: %d frames of %d", c, rate, T, x.Dim())
		}
		if T*x.Dim() > 1<<22 {
			return
		}
		rows := x.ComputeI16(nil, s)
		if len(rows) != T*x.Dim() {
			t.Fatalf("%+v at %d Hz: %d values, want %d frames of %d", c, rate, len(rows), T, x.Dim())
		}
		for i, v := range rows {
			if v-v != 0 {
				t.Fatalf("%+v at %d Hz: value %d of kind %d, %d samples, is %v", c, rate, i, kind%corpusKinds, len(s), v)
			}
		}
		if !equalBits(rows, x.Compute(make([]float32, 3), floats(s))) {
			t.Errorf("%+v at %d Hz: the samples as float32 give other bits", c, rate)
		}
	})
}

// FuzzComputeFloats: any float32 samples, infinities and NaN too, give rows of
// the right size, and samples of sane size finite ones.
func FuzzComputeFloats(f *testing.F) {
	f.Add([]byte{0, 0, 0x80, 0x7f, 1, 0, 0, 0, 0, 0, 0xc0, 0x7f, 0, 0, 0x80, 0xff}, uint16(900), uint8(1))
	f.Add([]byte{0xff, 0xff, 0x7f, 0x47, 0, 0, 0, 0x80}, uint16(401), uint8(7))
	extractors := []*Extractor{}
	for _, preset := range Presets() {
		for _, rule := range []FramingRule{FramingPSF, FramingKaldiSnip, FramingKaldi} {
			extractors = append(extractors, newTestExtractor(f, preset, 16000, func(c *FeatureConfig) { c.FramingRule = rule }))
		}
	}
	f.Fuzz(func(t *testing.T, pattern []byte, n uint16, which uint8) {
		x := pick(which, extractors...)
		s := make([]float32, int(n)%4000)
		sane := true
		if len(pattern) >= 4 {
			for i := range s {
				v := math.Float32frombits(binary.LittleEndian.Uint32(pattern[4*(i%(len(pattern)/4)):]))
				sane = sane && v <= 1e9 && v >= -1e9
				s[i] = v
			}
		}
		rows := x.Compute(nil, s)
		if len(rows) != x.NumFrames(len(s))*x.Dim() {
			t.Fatalf("%d values from %d samples", len(rows), len(s))
		}
		for i, v := range rows {
			if sane && v-v != 0 {
				t.Fatalf("%s: value %d is %v from sane samples", x.Config().Preset, i, v)
			}
		}
	})
}

// FuzzFraming: frame counts and positions are those of arithmetic without
// bounds, for any rate and lengths that a framing accepts.
func FuzzFraming(f *testing.F) {
	f.Add(uint8(0), int64(16000), 25.0, 10.0, int64(2000), int64(3))
	f.Add(uint8(2), int64(11025), 25.0, 10.0, int64(1), int64(0))
	f.Add(uint8(1), int64(1)<<40, 1e300, math.Inf(1), int64(1)<<55, int64(-9))
	f.Add(uint8(2), int64(44100), math.NaN(), 1e-300, int64(-1), int64(1)<<40)
	f.Fuzz(func(t *testing.T, rule uint8, rate int64, winMs, hopMs float64, n, k int64) {
		fr, err := NewFraming(pick(rule, FramingPSF, FramingKaldiSnip, FramingKaldi), int(rate), winMs, hopMs)
		if err != nil {
			return
		}
		if fr.Win < 2 || fr.Hop < 1 || fr.Lead < 0 && fr.Hop <= fr.Win || fr.Win > maxFraming || fr.Hop > maxFraming {
			t.Fatalf("NewFraming(%d, %v, %v) = %+v", rate, winMs, hopMs, fr)
		}
		n, k = n%(1<<56), k%(1<<24)
		if got, want := fr.NumFrames(int(n)), bigNumFrames(fr, n); !want.IsInt64() || int64(got) != want.Int64() {
			t.Fatalf("%+v: NumFrames(%d) = %d, want %v", fr, n, got, want)
		}
		g := fr.FirstCenteredAt(int(n))
		if g < 0 || fr.Center(g) < int(n) || g > 0 && fr.Center(g-1) >= int(n) {
			t.Fatalf("%+v: FirstCenteredAt(%d) = %d", fr, n, g)
		}
		if k < 1 {
			if got := fr.FitLength(int(n), int(k)); got != 0 {
				t.Fatalf("%+v: FitLength(%d, %d) = %d", fr, n, k, got)
			}
			return
		}
		if got := fr.FitLength(int(n), int(k)); fr.NumFrames(got) != int(k) {
			t.Fatalf("%+v: FitLength(%d, %d) = %d has %d frames", fr, n, k, got, fr.NumFrames(got))
		}
	})
}

// bigNumFrames is the definition of NumFrames in integers without bounds.
func bigNumFrames(f Framing, n int64) *big.Int {
	samples, win, hop := big.NewInt(n), big.NewInt(int64(f.Win)), big.NewInt(int64(f.Hop))
	one := big.NewInt(1)
	rest := new(big.Int).Sub(samples, win)
	switch {
	case n <= 0:
		return new(big.Int)
	case f.Rule == FramingPSF && rest.Sign() <= 0:
		return one
	case f.Rule == FramingPSF: // 1 + ceil(rest/hop)
		return rest.Add(rest, hop).Sub(rest, one).Div(rest, hop).Add(rest, one)
	case f.Rule == FramingKaldiSnip && rest.Sign() < 0:
		return new(big.Int)
	case f.Rule == FramingKaldiSnip:
		return rest.Div(rest, hop).Add(rest, one)
	}
	return rest.Add(samples, big.NewInt(int64(f.Hop/2))).Div(rest, hop)
}

// FuzzDeltas: rows of any size give the sums of the formula.
func FuzzDeltas(f *testing.F) {
	f.Add([]byte("some rows of three"), uint8(3), uint8(0))
	f.Add([]byte{}, uint8(1), uint8(9))
	f.Fuzz(func(t *testing.T, data []byte, width, capacity uint8) {
		F := int(width)%40 + 1
		T := len(data) / F
		rows := make([]float32, T*F)
		for i := range rows {
			rows[i] = float32(int8(data[i])) / 3
		}
		got := Deltas(make([]float32, 0, capacity), rows, T, F)
		if len(got) != T*F {
			t.Fatalf("%d values, want %d rows of %d", len(got), T, F)
		}
		for i, v := range got {
			at := func(d int) float64 { return float64(rows[min(max(i/F+d, 0), T-1)*F+i%F]) }
			want := (at(1) - at(-1) + 2*(at(2)-at(-2))) / 10
			if math.Abs(float64(v)-want) > 1e-5 {
				t.Fatalf("row %d of %d, column %d: %v, want %v", i/F, T, i%F, v, want)
			}
		}
	})
}

// FuzzStats: statistics of any rows and widths are refused or add up, and what
// they normalize is finite.
func FuzzStats(f *testing.F) {
	f.Add([]byte("rows to count"), int64(3), int64(5), uint8(2), uint8(2))
	f.Add([]byte{0, 0, 0, 0}, int64(0), int64(-7), uint8(1), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, width, frames int64, sums, squares uint8) {
		rows := make([]float32, len(data))
		for i, b := range data {
			rows[i] = float32(int8(b)) * 1000
		}
		var s Stats
		F := int(width)
		err := s.Add(rows, F)
		if valid := F >= 1 && len(rows)%F == 0; valid != (err == nil) {
			t.Fatalf("%d values of width %d: %v", len(rows), F, err)
		}
		if err != nil {
			return
		}
		if int(s.Frames)*F != len(rows) {
			t.Fatalf("%d values of width %d are %d frames", len(rows), F, s.Frames)
		}
		other := Stats{Frames: frames, Sum: make([]float64, sums), SumSq: make([]float64, squares)}
		before := s.Frames
		if err := s.Merge(other); err == nil && s.Frames != before+frames {
			t.Fatalf("%d and %d frames merge to %d", before, frames, s.Frames)
		}
		mean, invStd := s.Normalizer(1e-8)
		if s.Frames == 0 {
			return
		}
		ApplyCMVN(rows, len(rows)/F, F, mean, invStd)
		for i, v := range rows {
			if v-v != 0 {
				t.Fatalf("value %d becomes %v of %d frames", i, v, s.Frames)
			}
		}
	})
}
