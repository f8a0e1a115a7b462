package transforms

import (
	"math"
	"testing"
)

func TestDeltas(t *testing.T) {
	const T, F = 9, 3
	constant, ramp := make([]float32, T*F), make([]float32, T*F)
	for i := range ramp {
		constant[i] = float32(i%F) + 0.5
		ramp[i] = float32(i / F)
	}
	for i, v := range Deltas(nil, constant, T, F) {
		if v != 0 {
			t.Fatalf("delta of a constant: value %d is %v, want 0", i, v)
		}
	}
	d := Deltas(make([]float32, 1), ramp, T, F)
	for i, v := range d {
		if frame := i / F; frame >= 2 && frame < T-2 && v != 1 {
			t.Fatalf("delta of a ramp: row %d is %v, want 1", frame, v)
		}
	}
	// Clamped: (1-0 + 2*(2-0)) / 10.
	if d[0] != 0.5 {
		t.Errorf("delta of a ramp: row 0 is %v, want 0.5", d[0])
	}
	if got := Deltas(d, nil, 0, F); len(got) != 0 {
		t.Errorf("deltas of no rows have %d values", len(got))
	}
	if n := testing.AllocsPerRun(3, func() { d = Deltas(d[:cap(d)], ramp, T, F) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func TestStats(t *testing.T) {
	const F = 4
	x := newTestExtractor(t, "psf-logfbank", 16000, func(c *FeatureConfig) { c.NumFilters = F })
	rows := x.ComputeI16(nil, noise(20000, 5))
	T := len(rows) / F
	var all, a, b Stats
	for s, part := range map[*Stats][]float32{&all: rows, &a: rows[:40*F], &b: rows[40*F:]} {
		if err := s.Add(part, F); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Merge(Stats{}); err != nil {
		t.Fatal(err)
	}
	if err := a.Merge(b); err != nil || a.Frames != all.Frames {
		t.Fatalf("merged %d frames, %v, want %d", a.Frames, err, all.Frames)
	}
	for i := range F {
		if math.Abs(a.Sum[i]-all.Sum[i]) > 1e-9*math.Abs(all.Sum[i]) || math.Abs(a.SumSq[i]-all.SumSq[i]) > 1e-9*all.SumSq[i] {
			t.Errorf("column %d: merged sums %v, %v, want %v, %v", i, a.Sum[i], a.SumSq[i], all.Sum[i], all.SumSq[i])
		}
	}
	mean, invStd := all.Normalizer(1e-8)
	ApplyCMVN(rows, T, F, mean, invStd)
	var after Stats
	if err := after.Add(rows, F); err != nil {
		t.Fatal(err)
	}
	for i := range F {
		if m, v := after.Sum[i]/float64(T), after.SumSq[i]/float64(T); math.Abs(m) > 1e-4 || math.Abs(v-1) > 1e-4 {
			t.Errorf("column %d: mean %v, variance %v after CMVN, want 0 and 1", i, m, v)
		}
	}
}

func TestStatsEdges(t *testing.T) {
	var s Stats
	if mean, invStd := s.Normalizer(1); mean != nil || invStd != nil {
		t.Errorf("normalizer of nothing: %v, %v, want none", mean, invStd)
	}
	x := []float32{1, 2}
	if ApplyCMVN(x, 1, 2, nil, nil); x[0] != 1 || x[1] != 2 {
		t.Errorf("CMVN of nothing: %v", x)
	}
	if err := s.Add(nil, 1<<62); err != nil || s.Sum != nil {
		t.Errorf("no rows of an absurd width: %v, %d sums; want neither", err, len(s.Sum))
	}
	if err := s.Add([]float32{3, 3, 3}, 2); err == nil {
		t.Error("half a row: no error")
	}
	if err := s.Add([]float32{3, 3}, 2); err != nil {
		t.Fatal(err)
	}
	if _, invStd := s.Normalizer(0.25); invStd[0] != 2 {
		t.Errorf("a constant column: %v, want the floor's 2", invStd)
	}
	if err := s.Add([]float32{3}, 1); err == nil {
		t.Error("another width: no error")
	}
	if err := s.Merge(Stats{Frames: 1, Sum: []float64{1}, SumSq: []float64{1}}); err == nil {
		t.Error("merging another width: no error")
	}
	if err := s.Merge(Stats{Frames: 1, Sum: []float64{1, 2}}); err == nil {
		t.Error("merging half a statistic: no error")
	}
}
