package model

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestClassWeightsAgainstScikitLearn(t *testing.T) {
	text, err := os.ReadFile("testdata/weights.json")
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		Counts   []int64
		Balanced []float64
	}
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	labels := []string{"a", "b", "c", "d", "e"}
	got, err := ClassWeights(WeightsInverse).Of(labels, g.Counts)
	if err != nil {
		t.Fatal(err)
	}
	for k, w := range g.Balanced {
		if math.Abs(got[k]-w) > 1e-12*w {
			t.Errorf("class %d weighs %v, want %v", k, got[k], w)
		}
	}
}

func TestClassWeights(t *testing.T) {
	labels, counts := []string{"a", "b", "never", "d"}, []int64{100, 25, 0, 1}
	for rule, ratios := range map[ClassWeights][3]float64{ // of b and d to a
		WeightsInverse: {1, 4, 100}, WeightsSqrtInverse: {1, 2, 10}, "{b: 3, d: 0}": {1, 3, 0}, "{a: 0.5}": {1, 2, 2},
	} {
		w, err := rule.Of(labels, counts)
		if err != nil {
			t.Fatal(err)
		}
		var mean float64
		for k, n := range counts {
			mean += w[k] * float64(n) / 126
		}
		if math.Abs(mean-1) > 1e-12 || w[2] != 0 {
			t.Errorf("%s: frames weigh %v on average, an absent class %v", rule, mean, w[2])
		}
		for i, k := range []int{0, 1, 3} {
			if math.Abs(w[k]/w[0]-ratios[i]) > 1e-12 {
				t.Errorf("%s: %v, want ratios %v", rule, w, ratios)
			}
		}
	}
	if w, err := ClassWeights(WeightsNone).Of(labels, counts); w != nil || err != nil {
		t.Errorf("none: %v, %v", w, err)
	}
	for rule, want := range map[ClassWeights]string{"{x: 2}": `no class is called "x"`, "{a: 0, b: 0, d: 0}": "weighs anything"} {
		if _, err := rule.Of(labels, counts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", rule, err)
		}
	}
}

func TestClassWeightsYAML(t *testing.T) {
	for text, want := range map[string]string{
		"loss: {name: frames, class_weights: inverse}":                     "inverse",
		"loss: {name: frames, class_weights: {h#: 0.25, y: 2, ax-h: 1e3}}": `{ax-h: 1000, h#: 0.25, "y": 2}`,
		"loss: {name: frames}": "none",
	} {
		var c struct{ Loss Loss }
		if err := yaml.Unmarshal([]byte(text), &c); err != nil {
			t.Fatal(err)
		}
		if err := c.Loss.Validate(); err != nil {
			t.Error(err)
		}
		out, err := yaml.Marshal(c)
		if err != nil || !strings.Contains(string(out), "class_weights: "+want+"\n") {
			t.Errorf("%s became %s (%v)", text, out, err)
		}
		again := c
		again.Loss = Loss{}
		if err := yaml.Unmarshal(out, &again); err != nil || again.Loss.ClassWeights != c.Loss.ClassWeights && !c.Loss.ClassWeights.None() {
			t.Errorf("%s became %+v (%v)", out, again, err)
		}
	}
	for _, text := range []string{"{class_weights: [1, 2]}", "{class_weights: {a: many}}"} {
		if err := yaml.Unmarshal([]byte(text), &Loss{}); err == nil {
			t.Errorf("%s is read", text)
		}
	}
	for text, want := range map[string]string{"balanced": "want none, inverse", "{a: -1}": "a: -1", "{a: .inf}": "a: +Inf", "{a: .nan}": "a: NaN"} {
		err := Loss{Name: LossFrames, ClassWeights: ClassWeights(text)}.Validate()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if err := (Loss{Name: LossCTC, ClassWeights: WeightsInverse}).Validate(); err == nil {
		t.Error("class weights with ctc")
	}
}

// The loss of a batch is PyTorch's: with weights w and smoothing e, the sum over
// frames labelled y of (1-e) w_y (-log p_y) + e/K sum_k w_k (-log p_k). Its
// gradient is divided by the weights of the frames, so that the scale of the
// weights does not matter; class weights do.
func TestClassWeightsInALoss(t *testing.T) {
	const classes, e = 4, 0.1
	c := small(t, "post")
	weights := []float64{0.5, 2, 0, 3}
	all, _ := batches([]int{9, 15}, c.Inputs(7), classes)
	grads := map[string][][]float32{}
	for name, scale := range map[string]float64{"weights": 1, "scaled": 7} {
		n := network(t, c, 7, classes)
		n.SetLoss(Loss{Name: LossFrames, LabelSmoothing: e})
		scaled := make([]float64, classes)
		for k, w := range weights {
			scaled[k] = scale * w
		}
		if err := n.SetClassWeights(scaled); err != nil {
			t.Fatal(err)
		}
		p, err := n.Forward(all)
		if err != nil {
			t.Fatal(err)
		}
		var want float64
		for b, frames := range all.Lens {
			for i := range n.OutLen(frames) {
				y := all.Labels[(i+p.Crop)*all.B+b]
				if y < 0 {
					continue
				}
				for k, v := range p.Row(i, b) {
					share := e / classes
					if k == y {
						share += 1 - e
					}
					want -= share * scaled[k] * math.Log(float64(v))
				}
			}
		}
		s, err := n.Gradients(all, 0)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(s.Loss-want) > 1e-4*want {
			t.Errorf("%s: loss %v, want %v", name, s.Loss, want)
		}
		for _, g := range s.Grads {
			grads[name] = append(grads[name], slices.Clone(g))
		}
	}
	for i, g := range grads["weights"] {
		for j, v := range g {
			if d := math.Abs(float64(v - grads["scaled"][i][j])); d > 1e-6 {
				t.Fatalf("gradient %d of weight %d differs by %g with the scale", j, i, d)
			}
		}
	}
	if err := network(t, c, 7, classes).SetClassWeights(weights[:2]); err == nil || !strings.Contains(err.Error(), fmt.Sprint(classes)) {
		t.Errorf("2 weights for 4 classes: %v", err)
	}
}

// A batch whose frames all weigh 0 has no term: there is no mean to follow.
func TestFramesThatWeighNothing(t *testing.T) {
	for preset, c := range smalls(t) {
		n := network(t, c, 7, 4)
		n.SetLoss(Loss{Name: LossFrames, LabelSmoothing: 0.1})
		all, _ := batches([]int{12, 20}, n.Inputs(), 4)
		for i := range all.Labels {
			all.Labels[i] = min(all.Labels[i], 0)
		}
		if err := n.SetClassWeights([]float64{0, 1, 1, 1}); err != nil {
			t.Fatal(err)
		}
		s, err := n.Gradients(all, 0)
		if err != nil {
			t.Fatal(err)
		}
		if s.Frames == 0 || s.Weight != 0 || s.Terms != 0 {
			t.Errorf("%s: %d frames, weight %v, %d terms, want no term", preset, s.Frames, s.Weight, s.Terms)
		}
	}
}
