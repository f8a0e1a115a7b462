package transforms

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"
)

// formants are three two-pole resonators a phone, (2 r cos w, r^2) of 4096, as
// at 16 kHz; phones of 100 ms go through them: vowel, hiss, vowel, pause,
// vowel, hiss.
var formants = [6][3][2]int{
	{{7720, 3954}, {7294, 3923}, {4556, 3831}},
	{{-1339, 2877}, {-4577, 2557}, {560, 3112}},
	{{8051, 4001}, {4998, 3938}, {2986, 3787}},
	{{7720, 3954}, {7294, 3923}, {4556, 3831}},
	{{7863, 3969}, {7600, 3938}, {4641, 3847}},
	{{4045, 3236}, {560, 3112}, {-1339, 2877}},
}

// speechSignal is n samples of something like recorded speech, mains hum and
// noise under it, that make_golden.py makes too, in integer arithmetic alone.
func speechSignal(n int) []int16 {
	s := make([]int16, n)
	state, pulse := uint32(7), 0
	var y1, y2 [3]int
	for i := range s {
		state = state*1664525 + 1013904223
		noise := int(state>>16)%2001 - 1000
		phone := i / 1600
		kind := phone % 6
		x := noise >> 8
		switch kind {
		case 1, 5:
			x = noise >> 1
		case 0, 2, 4:
			if pulse--; pulse <= 0 {
				pulse = 70 + phone*37%90 + i%1600/200
				x += 1500
			}
		}
		hum := i % 320
		v := min(hum, 320-hum) - 80 + noise>>5
		for k, f := range formants[kind] {
			y := x + (f[0]*y1[k]-f[1]*y2[k])>>12
			y1[k], y2[k] = y, y1[k]
			v += y >> k
		}
		s[i] = int16(min(max(v, -32768), 32767))
	}
	return s
}

// errorOf is the mean and the largest absolute difference of got, rows as wide
// as want's, from the definition.
func errorOf(t *testing.T, got []float32, want [][]float64) (mean, worst float64) {
	t.Helper()
	if len(got) != len(want)*len(want[0]) {
		t.Fatalf("%d values, want %d rows of %d", len(got), len(want), len(want[0]))
	}
	for _, row := range want {
		for i, v := range row {
			d := math.Abs(float64(got[i]) - v)
			mean, worst = mean+d, max(worst, d)
		}
		got = got[len(row):]
	}
	return mean / float64(len(want)*len(want[0])), worst
}

// TestExactness: on the same 400 frames of 80-bin log-mel (32,000 cells) the
// extractor is within 1e-6 of the float64 definition in the mean, and nearer
// to it than kaldi-native-fbank, whose values are a golden.
func TestExactness(t *testing.T) {
	const allowed = 1e-6
	for _, c := range goldenCases(t) {
		if c.Name != "kaldi-speech-80" {
			continue
		}
		var cfg FeatureConfig
		if err := yaml.Unmarshal(c.Config, &cfg); err != nil {
			t.Fatal(err)
		}
		s := c.signal()
		want := slowRows(cfg, c.Rate, doubles(s))
		x, err := NewExtractor(cfg, c.Rate)
		if err != nil {
			t.Fatal(err)
		}
		mean, worst := errorOf(t, x.ComputeI16(nil, s), want)
		theirMean, theirWorst := errorOf(t, goldenRows(t, c.Name), want)
		t.Logf("%d frames: framewise mean %.2g, worst %.2g; kaldi-native-fbank mean %.2g, worst %.2g",
			len(want), mean, worst, theirMean, theirWorst)
		if !(mean <= allowed && mean <= theirMean) {
			t.Errorf("mean error %.2g, want at most %.2g and kaldi-native-fbank's %.2g", mean, allowed, theirMean)
		}
		return
	}
	t.Fatal("no case kaldi-speech-80 in cases.jsonl")
}

// On the shorter goldens of the same signal, at 8, 16 and 48 kHz with 23, 40 and
// 80 filters, the extractor is no farther from the definition than
// kaldi-native-fbank either.
func TestNoWorseThanKaldi(t *testing.T) {
	n := 0
	for _, c := range goldenCases(t) {
		var cfg FeatureConfig
		if err := yaml.Unmarshal(c.Config, &cfg); err != nil {
			t.Fatal(err)
		}
		if cfg.Preset != "kaldi-fbank" || cfg.UseEnergy || c.Signal != "speech" {
			continue
		}
		s := c.signal()
		want := slowRows(cfg, c.Rate, doubles(s))
		x, err := NewExtractor(cfg, c.Rate)
		if err != nil {
			t.Fatal(err)
		}
		mean, _ := errorOf(t, x.ComputeI16(nil, s), want)
		theirs, _ := errorOf(t, goldenRows(t, c.Name), want)
		if t.Logf("%s: mean %.2g, kaldi-native-fbank %.2g", c.Name, mean, theirs); !(mean <= theirs) {
			t.Errorf("%s: mean error %.2g, want at most kaldi-native-fbank's %.2g", c.Name, mean, theirs)
		}
		n++
	}
	if n < 9 {
		t.Errorf("%d cases, want the 9 of cases.jsonl and more", n)
	}
}

// Other configurations on the same signal. At 48 kHz its lowest filters, a bin
// wide, are 60 dB and more below the frame's total, where the FFT's rounding
// is what counts: twice the error is allowed.
func TestExactnessOfPresets(t *testing.T) {
	s := speechSignal(30000)
	for _, c := range []struct {
		preset        string
		rate, filters int
		allowed       float64
	}{
		{"psf-logfbank", 16000, 26, 1e-6}, {"psf-logfbank", 16000, 40, 1e-6}, {"psf-logfbank", 8000, 23, 1e-6},
		{"kaldi-fbank", 16000, 23, 1e-6}, {"kaldi-fbank", 16000, 40, 1e-6}, {"kaldi-fbank", 8000, 40, 1e-6}, {"kaldi-fbank", 48000, 80, 2e-6},
	} {
		x := newTestExtractor(t, c.preset, c.rate, func(cfg *FeatureConfig) { cfg.NumFilters = c.filters })
		mean, worst := errorOf(t, x.ComputeI16(nil, s), slowRows(x.Config(), c.rate, doubles(s)))
		if t.Logf("%s, %d filters at %d Hz: mean %.2g, worst %.2g", c.preset, c.filters, c.rate, mean, worst); !(mean <= c.allowed) {
			t.Errorf("%s, %d filters at %d Hz: mean error %.2g, want at most %.2g", c.preset, c.filters, c.rate, mean, c.allowed)
		}
	}
}

// Recordings of ../shared/data: clean 16 kHz speech and real people at 8 kHz.
func TestExactnessOnRecordings(t *testing.T) {
	for _, c := range []struct {
		files              string
		header, rate, bins int
	}{{"spoken/T*/*/*/SI*.WAV", 1024, 16000, 80}, {"fsdd/*_0.wav", 44, 8000, 40}} {
		names, err := filepath.Glob(filepath.Join("../../shared/data", c.files))
		if err != nil {
			t.Fatal(err)
		}
		if len(names) == 0 {
			t.Skip("../shared/data is absent")
		}
		var s []int16
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for i := c.header; i+1 < len(b) && len(s) < 300000; i += 2 {
				s = append(s, int16(binary.LittleEndian.Uint16(b[i:])))
			}
		}
		x := newTestExtractor(t, "kaldi-fbank", c.rate, func(cfg *FeatureConfig) { cfg.NumFilters = c.bins })
		want := slowRows(x.Config(), c.rate, doubles(s))
		mean, worst := errorOf(t, x.ComputeI16(nil, s), want)
		if t.Logf("%s: %d frames, mean %.2g, worst %.2g", c.files, len(want), mean, worst); !(mean <= 1e-6) {
			t.Errorf("%s: mean error %.2g, want at most 1e-6", c.files, mean)
		}
	}
}

// doubles are the samples in float64.
func doubles(s []int16) []float64 {
	d := make([]float64, len(s))
	for i, v := range s {
		d[i] = float64(v)
	}
	return d
}
