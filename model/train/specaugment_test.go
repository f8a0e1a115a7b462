package train

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// masked says which values and which frames of ones are 0 after a policy.
func masked(c SpecAugmentConfig, frames, f, planes int, id string, epoch int) (x []float32, bands, times []int) {
	x = slices.Repeat([]float32{1}, frames*f*planes)
	c.apply(x, f*planes, f, 7, id, epoch)
	all := func(holds func(i int) bool, n int) bool {
		for i := range n {
			if !holds(i) {
				return false
			}
		}
		return true
	}
	for b := range f {
		if all(func(i int) bool { return x[i*f+b] == 0 }, frames*planes) {
			bands = append(bands, b)
		}
	}
	for t := range frames {
		if all(func(i int) bool { return x[t*f*planes+i] == 0 }, f*planes) {
			times = append(times, t)
		}
	}
	return x, bands, times
}

// A mask is a whole band of every plane or a whole stretch of frames, no wider
// than allowed, and nothing else changes.
func TestSpecAugmentMasks(t *testing.T) {
	const f, planes = 20, 3
	for _, c := range []SpecAugmentConfig{
		{FreqMasks: 1, FreqWidth: 6, TimeShare: 1},
		{TimeMasks: 1, TimeWidth: 30, TimeShare: 1},
		{TimeMasks: 1, TimeWidth: 30, TimeShare: 0.2},
		{FreqMasks: 2, FreqWidth: 27, TimeMasks: 2, TimeWidth: 100, TimeShare: 1}, // wider than the example
	} {
		for _, frames := range []int{1, 7, 90} {
			for i := range 200 {
				x, bands, times := masked(c, frames, f, planes, fmt.Sprint("utt", i), 1)
				widest := min(c.TimeWidth, int(c.TimeShare*float64(frames)))
				if c.FreqMasks == 1 && len(bands) > c.FreqWidth || c.TimeMasks == 1 && len(times) > widest {
					t.Fatalf("%+v of %d frames: %d values, %d frames masked", c, frames, len(bands), len(times))
				}
				if len(bands) == f || len(times) == frames {
					continue // everything
				}
				for at, v := range x {
					band, frame := at%f, at/(f*planes)
					if want := slices.Contains(bands, band) || slices.Contains(times, frame); (v == 0) != want || v != 0 && v != 1 {
						t.Fatalf("%+v: value %d of frame %d is %v", c, band, frame, v)
					}
				}
			}
		}
	}
}

// Widths are uniform from 0 to the widest, and the places where they may be.
func TestSpecAugmentIsUniform(t *testing.T) {
	c := SpecAugmentConfig{FreqMasks: 1, FreqWidth: 4, TimeMasks: 1, TimeWidth: 9, TimeShare: 1}
	const n = 5000
	widths, first := make([]float64, 5), 0.0
	for i := range n {
		_, bands, times := masked(c, 50, 10, 1, fmt.Sprint("utt", i), 2)
		widths[len(bands)]++
		if len(times) > 0 {
			first += float64(times[0]) / (50 - float64(len(times)))
		}
	}
	for w, count := range widths {
		if d := count/n - 0.2; math.Abs(d) > 4*math.Sqrt(0.16/n) {
			t.Errorf("width %d is drawn %.3f of the time, want 0.2", w, count/n)
		}
	}
	if mean := first / (0.9 * n); math.Abs(mean-0.5) > 0.02 {
		t.Errorf("masks begin at %.3f of the room there is, on the mean, want 0.5", mean)
	}
}

func TestSpecAugmentDependsOnIdAndEpoch(t *testing.T) {
	c := specPolicies["ld"]
	a, _, _ := masked(c, 300, 80, 1, "a", 1)
	again, _, _ := masked(c, 300, 80, 1, "a", 1)
	id, _, _ := masked(c, 300, 80, 1, "b", 1)
	epoch, _, _ := masked(c, 300, 80, 1, "a", 2)
	if !slices.Equal(a, again) || slices.Equal(a, id) || slices.Equal(a, epoch) {
		t.Error("masks must follow from the seed, the id and the epoch")
	}
}
