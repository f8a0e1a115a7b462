package nn

import (
	"math"
	"strings"
	"testing"
)

func TestCrossEntropyByDefinition(t *testing.T) {
	const T, B, K = 3, 2, 4
	labels := []int{0, 3, 2, -1, 1, -1}
	state := &XentState{ClassWeights: []float64{1, 0.5, 2, 1.5}, LabelSmoothing: 0.1}
	n := newNet[float64](t)
	z := n.floats("z", T, B, K)
	loss := n.must(CrossEntropy(z, n.ints("labels", labels...), state))
	n.compile(loss, loss)
	got := n.run()
	var sum, weight float64
	count, correct := 0, 0
	for r, y := range labels {
		if y < 0 {
			continue
		}
		row := data[float64](n.values["z"])[r*K:][:K]
		var total float64
		best := 0
		for j, v := range row {
			total += math.Exp(v)
			if v > row[best] {
				best = j
			}
		}
		nll := func(j int) float64 { return math.Log(total) - row[j] }
		// PyTorch: the smoothed part is weighted by each class's own weight.
		sum += 0.9 * state.ClassWeights[y] * nll(y)
		for j, w := range state.ClassWeights {
			sum += 0.1 / K * w * nll(j)
		}
		weight += state.ClassWeights[y]
		count++
		if best == y {
			correct++
		}
	}
	if math.Abs(got-sum/weight) > 1e-12 {
		t.Errorf("loss %v, want %v", got, sum/weight)
	}
	if state.Count != count || state.Correct != correct || math.Abs(state.Weight-weight) > 1e-12 {
		t.Errorf("counted %d, %d correct, weight %v; want %d, %d, %v", state.Count, state.Correct, state.Weight, count, correct, weight)
	}
	if u := state.PerUtterance; u[0].Count != 3 || u[1].Count != 1 || math.Abs(u[0].Loss+u[1].Loss-sum) > 1e-12 {
		t.Errorf("per utterance %+v, want counts 3 and 1, losses summing to %v", u, sum)
	}
}

func TestCrossEntropyOfNothing(t *testing.T) {
	n := newNet[float32](t)
	loss := n.must(CrossEntropy(n.floats("z", 2, 1, 3), n.ints("labels", -1, -1), &XentState{}))
	n.compile(loss, loss, "z")
	if got := n.run(); got != 0 {
		t.Errorf("loss of no frames is %v", got)
	}
	for _, v := range n.grad("z") {
		if v != 0 {
			t.Errorf("gradient %v", v)
		}
	}
}

// Settings are read at every run, so a wrong one is an error of that run.
func TestCrossEntropyRefuses(t *testing.T) {
	for want, c := range map[string]struct {
		state XentState
		label int
	}{
		"label 3 at frame 1 of utterance 0, want -1 to 2": {XentState{}, 3},
		"label -2":                   {XentState{}, -2},
		"2 class weights for 3":      {XentState{ClassWeights: []float64{1, 1}}, 0},
		"label smoothing 1, want 0":  {XentState{LabelSmoothing: 1}, 0},
		"label smoothing NaN, want ": {XentState{LabelSmoothing: math.NaN()}, 0},
	} {
		n := newNet[float32](t)
		loss := n.must(CrossEntropy(n.floats("z", 2, 1, 3), n.ints("labels", 0, c.label), &c.state))
		n.compile(loss, loss)
		if err := n.vm.RunAll(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
}

func TestSoftmax(t *testing.T) {
	n := newNet[float64](t)
	lens := []int{3, 1}
	p := n.must(Softmax(n.floats("z", 4, 2, 5), n.ints("lens", lens...)))
	n.compile(p, n.weigh(p))
	n.run()
	out := n.output()
	zeroPadding(t, "posteriors", out, lens, 4)
	for b, l := range lens {
		for f := range l {
			r := (f*2 + b) * 5
			var sum, total float64
			for j := range 5 {
				total += math.Exp(data[float64](n.values["z"])[r+j])
			}
			for j := range 5 {
				if want := math.Exp(data[float64](n.values["z"])[r+j]) / total; math.Abs(out[r+j]-want) > 1e-15 {
					t.Errorf("posterior %v, want %v", out[r+j], want)
				}
				sum += out[r+j]
			}
			if math.Abs(sum-1) > 1e-12 {
				t.Errorf("posteriors sum to %v", sum)
			}
		}
	}
}
