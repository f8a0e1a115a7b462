package transforms

import (
	"math"
	"testing"
)

func framings(t *testing.T) []Framing {
	t.Helper()
	var fs []Framing
	for _, rule := range []FramingRule{FramingPSF, FramingKaldiSnip, FramingKaldi} {
		for _, rate := range []int{8000, 11025, 16000, 44100} {
			f, err := NewFraming(rule, rate, 25, 10)
			if err != nil {
				t.Fatal(err)
			}
			fs = append(fs, f)
		}
	}
	return fs
}

// slowNumFrames counts frames from the definition of each rule.
func slowNumFrames(f Framing, n int) int {
	t := 0
	switch {
	case n == 0:
	case f.Rule == FramingPSF: // as many as it takes to cover every sample
		for t = 1; (t-1)*f.Hop+f.Win < n; t++ {
		}
	case f.Rule == FramingKaldiSnip: // as many as lie inside
		for ; t*f.Hop+f.Win <= n; t++ {
		}
	default: // as many as there are hops, the last one rounded
		for ; (t+1)*f.Hop <= n+f.Hop/2; t++ {
		}
	}
	return t
}

func TestNumFramesMatchesDefinition(t *testing.T) {
	for _, f := range framings(t) {
		for n := 0; n <= 2000; n++ {
			if got, want := f.NumFrames(n), slowNumFrames(f, n); got != want {
				t.Fatalf("%+v: NumFrames(%d) = %d, want %d", f, n, got, want)
			}
		}
	}
}

func TestFitLengthIsNearestWithThatManyFrames(t *testing.T) {
	for _, f := range framings(t) {
		for n := 1; n <= 1500; n += 7 {
			for want := 1; want <= 6; want++ {
				got := f.FitLength(n, want)
				if f.NumFrames(got) != want {
					t.Fatalf("%+v: FitLength(%d, %d) = %d has %d frames", f, n, want, got, f.NumFrames(got))
				}
				if got < n && f.NumFrames(got+1) == want || got > n && got > 1 && f.NumFrames(got-1) == want {
					t.Fatalf("%+v: FitLength(%d, %d) = %d is not the nearest", f, n, want, got)
				}
			}
		}
	}
}

func TestFirstCenteredAt(t *testing.T) {
	for _, f := range framings(t) {
		for s := 0; s < 1500; s++ {
			g := f.FirstCenteredAt(s)
			if f.Center(g) < s || g > 0 && f.Center(g-1) >= s {
				t.Fatalf("%+v: FirstCenteredAt(%d) = %d, centre %d", f, s, g, f.Center(g))
			}
		}
	}
}

func TestNewFramingRefuses(t *testing.T) {
	for _, c := range []struct {
		rule     FramingRule
		rate     int
		win, hop float64
	}{{"odd", 16000, 25, 10}, {FramingPSF, 0, 25, 10}, {FramingPSF, 16000, 0, 10}, {FramingKaldi, 16000, 25, 0},
		{FramingPSF, 16000, math.Inf(1), 10}, {FramingPSF, 16000, 25, math.NaN()}, {FramingKaldi, 1 << 40, 1000, 10}} {
		if _, err := NewFraming(c.rule, c.rate, c.win, c.hop); err == nil {
			t.Errorf("NewFraming(%v): no error", c)
		}
	}
}
