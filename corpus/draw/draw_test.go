package draw

import (
	"math"
	"testing"
)

// The expected numbers come from testdata/make_golden.py, which computes them
// with hashlib and Python integers.
func TestGolden(t *testing.T) {
	k := New(20160818, "concat", "TRAIN/DR1/FCJF0/SX127", 2)
	if want := Key(goldenKey); k != want {
		t.Fatalf("key = %#x, want %#x", k, want)
	}
	for i, want := range goldenStream {
		if got := k.At(i); got != want {
			t.Errorf("At(%d) = %#x, want %#x", i, got, want)
		}
	}
}

func TestFieldsDoNotRunIntoEachOther(t *testing.T) {
	seen := map[Key]bool{}
	for _, k := range []Key{New(1, "ab", "c", 0), New(1, "a", "bc", 0), New(1, "", "abc", 0), New(0, "ab", "c", 1), New(1, "ab", "c", 1)} {
		if seen[k] {
			t.Fatalf("two different draws share the key %#x", k)
		}
		seen[k] = true
	}
}

func TestUniform(t *testing.T) {
	const n, cells = 200000, 16
	k := New(1, "uniform", "", 0)
	var count [cells]int
	var mean float64
	for i := range n {
		count[k.IntN(i, cells)]++
		mean += k.Float64(i) / n
	}
	// Chi-squared with 15 degrees of freedom is above 37.7 once in a thousand.
	chi := 0.0
	for _, c := range count {
		d := float64(c) - n/cells
		chi += d * d / (n / cells)
	}
	if chi > 37.7 || math.Abs(mean-0.5) > 0.003 {
		t.Errorf("chi squared %.1f, mean %.4f", chi, mean)
	}
	for i := range 1000 {
		if v := k.Between(i, -3, 3); v < -3 || v > 3 {
			t.Fatalf("Between(-3, 3) = %d", v)
		}
	}
}
