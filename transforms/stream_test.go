package transforms

import (
	"fmt"
	"math/rand"
	"testing"
)

// streamConfigs are the presets under each framing and scope of pre-emphasis,
// with frames of even and odd lengths, of many hops, and shorter than a hop, in
// milliseconds that psf and Kaldi round differently.
func streamConfigs(t testing.TB) map[string]FeatureConfig {
	all := map[string]FeatureConfig{}
	for _, preset := range Presets() {
		for _, rule := range []FramingRule{FramingPSF, FramingKaldiSnip, FramingKaldi} {
			for _, scope := range []PreemphScope{PreemphSignal, PreemphFrame} {
				for _, ms := range [][2]float64{{25, 10}, {20.22, 7.05}, {25, 1}, {8, 11}} {
					c, err := Preset(preset)
					if err != nil {
						t.Fatal(err)
					}
					c.FramingRule, c.PreemphScope, c.FrameLengthMs, c.FrameShiftMs = rule, scope, ms[0], ms[1]
					c.RemoveDC = c.RemoveDC && scope == PreemphFrame
					all[fmt.Sprintf("%s %s %s %v", preset, rule, scope, ms)] = c
				}
			}
		}
	}
	return all
}

// streamed is a signal's rows through a stream, cut where cut says.
func streamed[S int16 | float32](s *Stream[S], signal []S, cut func() int) []float32 {
	var all, rows []float32
	for n := 0; len(signal) > 0; signal = signal[n:] {
		n = min(cut(), len(signal))
		rows = s.Push(rows, signal[:n])
		all = append(all, rows...)
	}
	return append(all, s.Finish(rows)...)
}

// TestStreamGivesTheBitsOfTheWhole streams signals of 0 to 2000 samples, cut at
// random, and holds every row's bits against Compute's.
func TestStreamGivesTheBitsOfTheWhole(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	signal := testSignal(60000)
	lengths := 12
	if testing.Short() {
		lengths = 3
	}
	for name, c := range streamConfigs(t) {
		t.Run(name, func(t *testing.T) {
			x, err := NewExtractor(c, 16000)
			if err != nil {
				t.Fatal(err)
			}
			ints, err := NewStream[int16](c, 16000)
			if err != nil {
				t.Fatal(err)
			}
			floating, err := NewStream[float32](c, 16000)
			if err != nil {
				t.Fatal(err)
			}
			f := x.Framing()
			edges := []int{0, 1, 2, f.Lead, f.Lead + 1, f.Hop, f.Hop/2 + 1, f.Win - 1, f.Win, f.Win + 1, f.Win + f.Hop, 2000}
			for i := range lengths + len(edges) {
				n := rng.Intn(2001)
				if i < len(edges) {
					n = max(edges[i], 0)
				}
				begin := rng.Intn(len(signal) - n)
				s := signal[begin : begin+n]
				most := 1 + rng.Intn(1+rng.Intn(600))
				cut := func() int { return rng.Intn(most + 1) }
				want := x.ComputeI16(nil, s)
				if got := streamed(ints, s, cut); !equalBits(got, want) {
					t.Fatalf("int16, %d samples in pieces of up to %d: %d values, want %d, or other bits", n, most, len(got), len(want))
				}
				g := floats(s)
				for i := range g {
					g[i] += float32(i%7) / 8
				}
				want = x.Compute(want, g)
				if got := streamed(floating, g, cut); !equalBits(got, want) {
					t.Fatalf("float32, %d samples in pieces of up to %d: %d values, want %d, or other bits", n, most, len(got), len(want))
				}
			}
		})
	}
}

// TestStreamRowsComeAtOnce pushes sample by sample: each frame's row comes
// with its last sample, and nothing is allocated on the way.
func TestStreamRowsComeAtOnce(t *testing.T) {
	for name, c := range streamConfigs(t) {
		s, err := NewStream[int16](c, 16000)
		if err != nil {
			t.Fatal(err)
		}
		f, got := s.Framing(), 0
		rows := make([]float32, 0, 40*s.Dim())
		for i, v := range testSignal(1500) {
			rows = s.Push(rows, []int16{v})
			got += len(rows) / s.Dim()
			if want := max((i+1-f.Win+f.Lead+f.Hop)/f.Hop, 0); i+1-f.Win+f.Lead >= 0 && got != want {
				t.Fatalf("%s: %d rows after %d samples, want %d", name, got, i+1, want)
			}
		}
		rows = s.Finish(rows)
		if got += len(rows) / s.Dim(); got != s.NumFrames(1500) {
			t.Fatalf("%s: %d rows, want %d", name, got, s.NumFrames(1500))
		}
	}
}

// TestStreamMemory pushes much in one piece and in many: what the stream holds
// stays within a piece.
func TestStreamMemory(t *testing.T) {
	c, err := Preset("kaldi-fbank")
	if err != nil {
		t.Fatal(err)
	}
	c.FramingRule = FramingKaldi
	s, err := NewStream[int16](c, 16000)
	if err != nil {
		t.Fatal(err)
	}
	long := testSignal(40 * 16000)
	rows := s.Push(nil, long)
	if most := 2 * (pieceFrames*s.Framing().Hop + 4*s.Framing().Win); cap(s.carry) > most {
		t.Errorf("the stream holds %d samples of %d, want at most %d", cap(s.carry), len(long), most)
	}
	if n := testing.AllocsPerRun(10, func() { rows = s.Push(rows, long) }); n != 0 {
		t.Errorf("%v allocations in steady state", n)
	}
}

// FuzzStream lets the fuzzer choose samples and cuts.
func FuzzStream(f *testing.F) {
	f.Add([]byte("some samples"), uint16(700), uint16(123), uint8(0))
	f.Add([]byte{255, 127, 0, 128}, uint16(401), uint16(1), uint8(5))
	var streams []*Stream[int16]
	var whole []*Extractor
	for _, preset := range Presets() {
		for _, rule := range []FramingRule{FramingPSF, FramingKaldiSnip, FramingKaldi} {
			c, err := Preset(preset)
			if err != nil {
				f.Fatal(err)
			}
			c.FramingRule = rule
			s, err := NewStream[int16](c, 8000)
			if err != nil {
				f.Fatal(err)
			}
			streams, whole = append(streams, s), append(whole, newTestExtractor(f, preset, 8000, func(c *FeatureConfig) { c.FramingRule = rule }))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, n, piece uint16, which uint8) {
		signal := make([]int16, int(n)%5000)
		for i := range signal {
			if len(b) > 0 {
				signal[i] = int16(b[i%len(b)])<<8 | int16(b[(i*7+1)%len(b)])
			}
		}
		k := int(which) % len(streams)
		want := whole[k].ComputeI16(nil, signal)
		if got := streamed(streams[k], signal, func() int { return 1 + int(piece) }); !equalBits(got, want) {
			t.Fatal("the stream's rows differ from the whole signal's")
		}
	})
}

// BenchmarkStream reports seconds of 16 kHz audio per second, by pieces of a
// tenth and of ten seconds.
func BenchmarkStream(b *testing.B) {
	for _, piece := range []int{1600, 160000} {
		b.Run(fmt.Sprintf("piece=%d", piece), func(b *testing.B) {
			c, err := Preset("psf-logfbank")
			if err != nil {
				b.Fatal(err)
			}
			s, err := NewStream[int16](c, 16000)
			if err != nil {
				b.Fatal(err)
			}
			signal := testSignal(piece)
			var rows []float32
			b.ReportAllocs()
			for b.Loop() {
				rows = s.Push(rows, signal)
			}
			b.ReportMetric(float64(piece)/16000*float64(b.N)/b.Elapsed().Seconds(), "audio-s/s")
		})
	}
}
