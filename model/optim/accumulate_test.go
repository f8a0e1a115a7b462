package optim

import (
	"math"
	"slices"
	"testing"
)

// The accumulated gradient is that of one mean over all terms.
func TestAccumulatorIsAWeightedMean(t *testing.T) {
	a := NewAccumulator(params())
	weights := []float64{100, 1, 37.5}
	want := [][]float64{make([]float64, 23), make([]float64, 9)}
	for round := range 2 { // after Clear it begins anew
		for i := range want {
			clear(want[i])
		}
		total := 0.0
		var last [][]float32
		for k, n := range weights {
			g := gradients(string(rune('a' + 5*round + k)))
			if k < len(weights)-1 { // the last goes into the mean alone
				a.Add(g, n)
			} else {
				last = g
			}
			total += n
			for i := range want {
				for j := range want[i] {
					want[i][j] += n * float64(g[i][j])
				}
			}
		}
		before := slices.Clone(a.Sums()[0])
		mean := a.Mean(last, 37.5)
		if a.Weight != 101 || !slices.Equal(before, a.Sums()[0]) {
			t.Errorf("the mean changes the sums; their weight is %v, want 101", a.Weight)
		}
		for i, g := range mean {
			for j, v := range g {
				if w := want[i][j] / total; math.Abs(float64(v)-w) > 1e-6 {
					t.Fatalf("round %d: gradient %v, want %v", round, v, w)
				}
			}
		}
		a.Clear()
		if a.Weight != 0 || slices.Max(a.Sums()[0]) != 0 || slices.Min(a.Sums()[1]) != 0 {
			t.Error("Clear leaves something")
		}
	}
}

func TestAverageByDefinition(t *testing.T) {
	ps := params()
	a, err := NewAverage(0.9, ps)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]float64, len(ps[0].W))
	for j, w := range ps[0].W {
		want[j] = float64(w)
	}
	for n := range 200 {
		d := min(0.9, (1+float64(n))/(10+float64(n)))
		for j := range ps[0].W {
			ps[0].W[j] = float32(math.Sin(float64(n*j))) + 1
			want[j] = d*want[j] + (1-d)*float64(ps[0].W[j])
		}
		a.Update(n)
	}
	for j, v := range a.Values()[0] {
		if math.Abs(float64(v)-want[j]) > 1e-5 {
			t.Errorf("average %d is %v, want %v", j, v, want[j])
		}
	}
	weights, average := slices.Clone(ps[0].W), slices.Clone(a.Values()[0])
	a.Swap()
	if !slices.Equal(ps[0].W, average) || !slices.Equal(a.Values()[0], weights) {
		t.Error("Swap does not exchange")
	}
	a.Swap()
	if !slices.Equal(ps[0].W, weights) || !slices.Equal(a.Values()[0], average) {
		t.Error("two swaps are not none")
	}
	for _, decay := range []float64{0, 1, -1, math.NaN()} {
		if _, err := NewAverage(decay, ps); err == nil {
			t.Errorf("decay %v is allowed", decay)
		}
	}
}
