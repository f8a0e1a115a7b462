package transforms

import (
	"math"
	"testing"
)

// testSignal is n samples of a signal that make_golden.py makes too, in
// integer arithmetic alone: three triangle waves, noise, an offset, and
// stretches of silence and of clipping.
func testSignal(n int) []int16 {
	s := make([]int16, n)
	state := uint32(1)
	triangle := func(i, period int) int {
		p := i % period
		return 4*min(p, period-p)*1000/period - 1000
	}
	for i := range s {
		state = state*1664525 + 1013904223
		noise := int(state>>16)%401 - 200
		v := 30 + 4*triangle(i, 73) + 3*triangle(i, 31) + triangle(i, 7) + noise
		switch (i / 1000) % 8 {
		case 3:
			v /= 16
		case 5:
			v *= 8
		case 7:
			v = 0
		}
		s[i] = int16(min(max(v, -32768), 32767))
	}
	return s
}

func floats(s []int16) []float32 {
	f := make([]float32, len(s))
	for i, v := range s {
		f[i] = float32(v)
	}
	return f
}

// newTestExtractor makes the extractor of a preset after a change.
func newTestExtractor(t testing.TB, preset string, rate int, change func(*FeatureConfig)) *Extractor {
	t.Helper()
	c, err := Preset(preset)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&c)
	}
	x, err := NewExtractor(c, rate)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// testExtractors are the presets under each framing.
func testExtractors(t testing.TB) map[string]*Extractor {
	all := map[string]*Extractor{}
	for _, preset := range Presets() {
		for _, rule := range []FramingRule{FramingPSF, FramingKaldiSnip, FramingKaldi} {
			all[preset+" "+string(rule)] = newTestExtractor(t, preset, 16000, func(c *FeatureConfig) { c.FramingRule = rule })
		}
	}
	return all
}

func equalBits(a, b []float32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			return false
		}
	}
	return true
}

// A hop longer than the frame leaves samples between frames, and psf's last
// frame may begin past the end of the signal.
func TestHopLongerThanFrame(t *testing.T) {
	s := testSignal(3000)
	for _, preset := range Presets() {
		for _, rule := range []FramingRule{FramingPSF, FramingKaldiSnip, FramingKaldi} {
			x := newTestExtractor(t, preset, 16000, func(c *FeatureConfig) { c.FramingRule, c.FrameShiftMs = rule, 40 })
			for n := range s {
				if got := x.ComputeI16(nil, s[:n]); len(got) != x.NumFrames(n)*x.Dim() {
					t.Fatalf("%s, %s: %d samples give %d values", preset, rule, n, len(got))
				}
			}
		}
	}
}

func TestEveryLength(t *testing.T) {
	s := testSignal(9000)[6000:]
	f := floats(s)
	for name, x := range testExtractors(t) {
		var a, b []float32
		for n := 0; n <= 2000; n++ {
			a = x.ComputeI16(a, s[:n])
			if len(a) != x.NumFrames(n)*x.Dim() {
				t.Fatalf("%s: %d samples give %d values, want %d frames of %d", name, n, len(a), x.NumFrames(n), x.Dim())
			}
			if n%7 == 0 {
				if b = x.Compute(b, f[:n]); !equalBits(a, b) {
					t.Fatalf("%s: %d samples: float32 and int16 input differ", name, n)
				}
			}
			for i, v := range a {
				if v-v != 0 {
					t.Fatalf("%s: %d samples: value %d is %v", name, n, i, v)
				}
			}
		}
	}
}

// lcg is Knuth's MMIX generator.
type lcg uint64

func (g *lcg) next() uint64 {
	*g = *g*6364136223846793005 + 1442695040888963407
	return uint64(*g) >> 33
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	s := testSignal(20000)
	f := floats(s)
	for name, x := range testExtractors(t) {
		a, b := x.ComputeI16(nil, s), x.Compute(nil, f)
		if n := testing.AllocsPerRun(3, func() { a, b = x.ComputeI16(a, s), x.Compute(b, f) }); n != 0 {
			t.Errorf("%s: %v allocations a call, want 0", name, n)
		}
	}
}

func TestFloors(t *testing.T) {
	silence := make([]int16, 1600)
	for preset, want := range map[string]float64{"psf-logfbank": math.Log(0x1p-52), "kaldi-fbank": math.Log(0x1p-23)} {
		for _, v := range newTestExtractor(t, preset, 16000, nil).ComputeI16(nil, silence) {
			if math.Abs(float64(v)-want) > 1e-5 {
				t.Fatalf("%s of silence is %v, want %v", preset, v, want)
			}
		}
	}
	odd := []float32{float32(math.NaN()), float32(math.Inf(1)), 1e-30, math.MaxFloat32, 5e-324}
	for name, x := range testExtractors(t) {
		if got := x.Compute(nil, append(odd, make([]float32, 2000)...)); len(got) == 0 {
			t.Errorf("%s: no rows", name)
		}
	}
}
