package transforms

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestPresetsAreValidAndRoundTrip(t *testing.T) {
	for _, name := range Presets() {
		c, err := Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		b, err := yaml.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var back FeatureConfig
		if err := yaml.Unmarshal(b, &back); err != nil || back != c {
			t.Errorf("%s by YAML: %+v, %v, want %+v", name, back, err, c)
		}
		if b, err = json.Marshal(c); err != nil {
			t.Fatal(err)
		}
		back = FeatureConfig{}
		if err := json.Unmarshal(b, &back); err != nil || back != c {
			t.Errorf("%s by JSON: %+v, %v, want %+v", name, back, err, c)
		}
	}
	if _, err := Preset("mel"); err == nil || !strings.Contains(err.Error(), "kaldi-fbank") {
		t.Errorf("unknown preset: %v", err)
	}
}

func TestUnmarshalYAML(t *testing.T) {
	var c FeatureConfig
	if err := yaml.Unmarshal([]byte("{num_filters: 40, preset: kaldi-fbank}"), &c); err != nil {
		t.Fatal(err)
	}
	want, _ := Preset("kaldi-fbank")
	want.NumFilters = 40
	if c != want {
		t.Errorf("preset after a key: %+v, want %+v", c, want)
	}
	if err := yaml.Unmarshal([]byte("{window: hann}"), &c); err != nil {
		t.Fatal(err)
	}
	if want.Window = Hann; c != want {
		t.Errorf("without a preset: %+v, want %+v", c, want)
	}
	c = FeatureConfig{}
	if err := yaml.Unmarshal([]byte("{num_filters: 40}"), &c); err != nil || c.Preset != "psf-logfbank" || c.NumFilters != 40 {
		t.Errorf("into the zero value: %+v, %v", c, err)
	}
	for text, hint := range map[string]string{
		"{num_filter: 40}":             `line 1: unknown key "num_filter"; did you mean "num_filters"?`,
		"{preset: psf}":                "psf-logfbank",
		"{num_filters: many}":          "many",
		"[1, 2]":                       "want a mapping",
		"{preset: psf-mfcc, <<: {}}":   "unknown key",
		"{num_filters: 40, window: 3}": "",
	} {
		var c FeatureConfig
		err := yaml.Unmarshal([]byte(text), &c)
		if err == nil {
			err = c.Validate()
		}
		if err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("%s: error %v, want one with %s", text, err, hint)
		}
	}
}

func TestValidateNamesKeyAndValue(t *testing.T) {
	for key, change := range map[string]func(*FeatureConfig){
		"kind: \"mel\"":               func(c *FeatureConfig) { c.Kind = "mel" },
		"framing: \"\"":               func(c *FeatureConfig) { c.FramingRule = "" },
		"window: \"blackman\"":        func(c *FeatureConfig) { c.Window = "blackman" },
		"preemph_scope: \"x\"":        func(c *FeatureConfig) { c.PreemphScope = "x" },
		"mel_scale: \"x\"":            func(c *FeatureConfig) { c.MelScale = "x" },
		"log_floor_rule: \"x\"":       func(c *FeatureConfig) { c.LogFloorRule = "x" },
		"energy: \"x\"":               func(c *FeatureConfig) { c.Energy = "x" },
		"frame_length_ms: 0":          func(c *FeatureConfig) { c.FrameLengthMs = 0 },
		"frame_shift_ms: NaN":         func(c *FeatureConfig) { c.FrameShiftMs = math.NaN() },
		"preemph: 1.5":                func(c *FeatureConfig) { c.Preemph = 1.5 },
		"num_filters: 0":              func(c *FeatureConfig) { c.NumFilters = 0 },
		"num_ceps: 30, want 1..26":    func(c *FeatureConfig) { c.Kind, c.NumCeps = MFCC, 30 },
		"low_hz: -1":                  func(c *FeatureConfig) { c.LowHz = -1 },
		"high_hz: 50, want more than": func(c *FeatureConfig) { c.LowHz, c.HighHz = 100, 50 },
		"lifter: 1e-310, want":        func(c *FeatureConfig) { c.Lifter = 1e-310 },
		"log_floor: 0":                func(c *FeatureConfig) { c.LogFloor = 0 },
		"nfft: 500, want a power":     func(c *FeatureConfig) { c.NFFT = 500 },
		"nfft: 8192":                  func(c *FeatureConfig) { c.NFFT = 8192 },
		"remove_dc: true":             func(c *FeatureConfig) { c.RemoveDC = true },
		"nfft: 256 is shorter":        func(c *FeatureConfig) { c.NFFT = 256 },
		"frame_length_ms: 500":        func(c *FeatureConfig) { c.FrameLengthMs, c.NFFT = 500, 0 },
		"high_hz: 9000, want at most": func(c *FeatureConfig) { c.HighHz = 9000 },
		"low_hz: 7000, want less":     func(c *FeatureConfig) { c.LowHz, c.HighHz = 7000, -2000 },
	} {
		c, _ := Preset("psf-logfbank")
		change(&c)
		if _, err := NewExtractor(c, 16000); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("want an error with %s, got %v", key, err)
		}
	}
	c, _ := Preset("psf-logfbank")
	if _, err := NewExtractor(c, 0); err == nil {
		t.Error("sample rate 0: no error")
	}
}

func TestForNarrowband(t *testing.T) {
	for _, name := range Presets() {
		c, _ := Preset(name)
		own, half, err := c.ForNarrowband(16000, KeepBandOwn)
		if err != nil || half != 8000 || own.NFFT != 512 || own.HighHz != 0 {
			t.Errorf("%s own: nfft %d, high_hz %v, rate %d, %v; want 512, 0, 8000", name, own.NFFT, own.HighHz, half, err)
		}
		same, _, err := c.ForNarrowband(16000, KeepBandSame)
		if err != nil || same.NFFT != 512 || same.HighHz != 8000 || !same.BeyondNyquist {
			t.Errorf("%s same: nfft %d, high_hz %v, %v; want 512, 8000", name, same.NFFT, same.HighHz, err)
		}
	}
	c, _ := Preset("kaldi-fbank")
	c.HighHz = 3800
	if own, _, err := c.ForNarrowband(16000, KeepBandOwn); err != nil || own.HighHz != 3800 {
		t.Errorf("an edge below the copy's Nyquist frequency became %v, %v", own.HighHz, err)
	}
	c.HighHz = -400
	if same, _, err := c.ForNarrowband(16000, KeepBandSame); err != nil || same.HighHz != 7600 {
		t.Errorf("high_hz -400 at 16 kHz became %v, %v, want 7600", same.HighHz, err)
	}
	for _, bad := range []struct {
		rate int
		band string
		low  float64
	}{{11025, KeepBandOwn, 20}, {16000, "both", 20}, {0, KeepBandOwn, 20}, {16000, KeepBandOwn, 5000}} {
		c.LowHz = bad.low
		if _, _, err := c.ForNarrowband(bad.rate, bad.band); err == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
}

// With keep_band same, a filter of the copy holds what the original's filter
// of that column holds, and those above the copy's band are empty.
func TestNarrowbandSameKeepsColumns(t *testing.T) {
	for _, preset := range []string{"psf-logfbank", "kaldi-fbank"} {
		x := newTestExtractor(t, preset, 16000, func(c *FeatureConfig) { c.NumFilters, c.Preemph = 40, 0 })
		c, half, err := x.Config().ForNarrowband(16000, KeepBandSame)
		if err != nil {
			t.Fatal(err)
		}
		y, err := NewExtractor(c, half)
		if err != nil {
			t.Fatal(err)
		}
		r, err := NewResampler(16000, half)
		if err != nil {
			t.Fatal(err)
		}
		s := floats(noise(16000, 11))
		a, b := x.Compute(nil, s), y.Compute(nil, r.Resample(nil, s))
		if len(a) != len(b) {
			t.Fatalf("%s: %d and %d values", preset, len(a), len(b))
		}
		mean := make([]float64, 40)
		for i := range a {
			mean[i%40] += float64(a[i]-b[i]) / float64(len(a)/40)
		}
		// Half the samples a frame and half the samples' variance is a quarter of
		// a bin's power, and a filter has twice as many bins.
		for j := 2; j < 24; j++ {
			if math.Abs(mean[j]-math.Ln2) > 0.25 {
				t.Errorf("%s: column %d is %.2f below the original's, want about log 2", preset, j, mean[j])
			}
		}
		floor := float32(math.Log(c.LogFloor))
		for i, v := range b {
			if i%40 > 36 && math.Abs(float64(v-floor)) > 1e-4 {
				t.Fatalf("%s: column %d is %v, want the floor %v", preset, i%40, v, floor)
			}
		}
	}
}

// FuzzFeatureConfig: whatever YAML says, an extractor works or is refused.
func FuzzFeatureConfig(f *testing.F) {
	f.Add("{preset: psf-logfbank, num_filters: 40}", uint16(16000), uint16(700))
	f.Add("{preset: kaldi-mfcc, framing: kaldi, frame_shift_ms: 40}", uint16(8000), uint16(3))
	f.Add("{kind: power, window: hann, nfft: 4096, low_hz: .nan}", uint16(44100), uint16(2000))
	f.Fuzz(func(t *testing.T, text string, rate, n uint16) {
		var c FeatureConfig
		if yaml.Unmarshal([]byte(text), &c) != nil {
			return
		}
		x, err := NewExtractor(c, int(rate))
		if err != nil {
			return
		}
		s := testSignal(int(n % 4000))
		if got := x.ComputeI16(nil, s); len(got) != x.NumFrames(len(s))*x.Dim() {
			t.Errorf("%d values, want %d rows of %d", len(got), x.NumFrames(len(s)), x.Dim())
		}
	})
}
