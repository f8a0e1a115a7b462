package nn

import (
	"fmt"
	"math"
	"testing"

	G "gorgonia.org/gorgonia"
)

// convolve is the definition: one output at a time.
func convolve(cfg ConvConfig, x, w []float64, lens []int, b, t, filter, f int) float64 {
	padT, padF := cfg.pads()
	s := w[cfg.Channels*cfg.KT*cfg.KF*cfg.Filters+filter]
	for c := range cfg.Channels {
		for kt := range cfg.KT {
			for kf := range cfg.KF {
				from, at := t+kt-padT, f+kf-padF
				if from < 0 || from >= lens[b] || at < 0 || at >= cfg.Freqs {
					continue
				}
				s += w[((c*cfg.KT+kt)*cfg.KF+kf)*cfg.Filters+filter] * x[(from*len(lens)+b)*cfg.Channels*cfg.Freqs+c*cfg.Freqs+at]
			}
		}
	}
	return s
}

func TestConvByDefinition(t *testing.T) {
	lens := []int{9, 2, 0, 7, 5}
	const T = 10
	for _, cfg := range []ConvConfig{
		{Channels: 3, Freqs: 8, Filters: 4, KT: 3, KF: 3},
		{Channels: 3, Freqs: 8, Filters: 4, KT: 3, KF: 8},
		{Channels: 1, Freqs: 5, Filters: 2, KT: 5, KF: 4, Act: ReLU},
		{Channels: 2, Freqs: 7, Filters: 3, KT: 3, KF: 5, Same: true, Act: Tanh},
		{Channels: 2, Freqs: 4, Filters: 3, KT: 2, KF: 6, Same: true},
		{Channels: 1, Freqs: 300, Filters: 1, KT: 1, KF: 1},
	} {
		t.Run(fmt.Sprintf("%+v", cfg), func(t *testing.T) {
			n := newNet[float64](t)
			rows, cols := cfg.WeightShape()
			ln := n.ints("lens", lens...)
			x := n.floats("x", T, len(lens), cfg.Channels*cfg.Freqs)
			spoil(data[float64](n.values["x"]), lens, T, 500)
			out := n.must(Conv2D(x, ln, n.floats("w", rows, cols), cfg))
			outLens := n.must(ConvLens(ln, cfg))
			n.compile(out, n.weigh(n.must(Sum(outLens, out))))
			n.run()
			y := n.output()
			for b := range lens {
				l := cfg.OutLen(lens[b])
				if got := outLens.Value().Data().([]int)[b]; got != l {
					t.Errorf("length %d becomes %d, want %d", lens[b], got, l)
				}
				for f := range l * cfg.Width() {
					frame, at := f/cfg.Width(), f%cfg.Width()
					want := convolve(cfg, data[float64](n.values["x"]), data[float64](n.values["w"]), lens, b, frame, at/cfg.OutFreqs(), at%cfg.OutFreqs())
					switch cfg.Act {
					case Tanh:
						want = math.Tanh(want)
					case ReLU:
						want = math.Max(0, want)
					}
					if got := y[(frame*len(lens)+b)*cfg.Width()+at]; math.Abs(got-want) > 1e-12 {
						t.Fatalf("utterance %d, frame %d, output %d: %v, want %v", b, frame, at, got, want)
					}
				}
			}
		})
	}
}

// BenchmarkConv is two layers as in the post's network, n = 32.
func BenchmarkConv(b *testing.B) {
	const T, B, F = 300, 16, 40
	n := newNet[float32](b)
	full := make([]int, B)
	for i := range full {
		full[i] = T
	}
	lens := n.ints("lens", full...)
	first := ConvConfig{Channels: 3, Freqs: F, Filters: 32, KT: 5, KF: 5, Act: Tanh}
	second := ConvConfig{Channels: 32, Freqs: first.OutFreqs(), Filters: 64, KT: 5, KF: first.OutFreqs(), Act: Tanh, NeedDX: true}
	layer := func(name string, x, lens *G.Node, cfg ConvConfig) *G.Node {
		rows, cols := cfg.WeightShape()
		return n.must(Conv2D(x, lens, n.floats(name, rows, cols), cfg))
	}
	h := layer("w1", n.floats("x", T, B, 3*F), lens, first)
	h = layer("w2", h, n.must(ConvLens(lens, first)), second)
	n.compile(h, n.weigh(h), "w1", "w2")
	for b.Loop() {
		n.run()
	}
}
