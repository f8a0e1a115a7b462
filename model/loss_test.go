package model

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestLossValidate(t *testing.T) {
	for key, l := range map[string]Loss{
		"loss.name":                     {Name: "mse"},
		"label_smoothing: 1,":           {Name: LossFrames, LabelSmoothing: 1},
		"label_smoothing: NaN":          {Name: LossFrames, LabelSmoothing: math.NaN()},
		"belongs to the loss frames":    {Name: LossCTC, LabelSmoothing: 0.1},
		`loss.name: "", want frames or`: {},
	} {
		if err := l.Validate(); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%+v gives %v", l, err)
		}
	}
	for _, l := range []Loss{{Name: LossFrames, LabelSmoothing: 0.1}, {Name: LossCTC}} {
		if err := l.Validate(); err != nil {
			t.Error(err)
		}
	}
}

// With CTC a padded batch has the loss and the gradient of its utterances, one
// of which is too short for its targets.
func TestCTCPaddedBatchEqualsSingleUtterances(t *testing.T) {
	const classes = 5
	lens := []int{9, 23, 5, 17, 14}
	targets := [][]int{{0, 1}, {4, 4, 2, 0, 1, 1}, {0, 1, 2, 3, 4, 0}, {}, {3}}
	for preset, c := range smalls(t) {
		n := network(t, c, 7, Loss{Name: LossCTC}.Outputs(classes))
		n.SetLoss(Loss{Name: LossCTC})
		n.Reserve(200)
		all, single := batches(lens, n.Inputs(), classes)
		all.Targets = targets
		got, err := n.Gradients(all, 0)
		if err != nil {
			t.Fatalf("%s: %v", preset, err)
		}
		if got.Terms != 4 || !slices.Equal(got.Unfit, []int{2}) {
			t.Errorf("%s: %d terms, %v do not fit", preset, got.Terms, got.Unfit)
		}
		sum, batch := make([][]float64, len(got.Grads)), make([][]float32, len(got.Grads))
		for i, g := range got.Grads {
			sum[i], batch[i] = make([]float64, len(g)), slices.Clone(g)
		}
		var loss float64
		frames, correct := 0, 0
		for b, one := range single {
			one.Targets = targets[b : b+1]
			s, err := n.Gradients(one, 0)
			if err != nil {
				t.Fatalf("%s: %v", preset, err)
			}
			loss, frames, correct = loss+s.Loss, frames+s.Frames, correct+s.Correct
			for i, g := range s.Grads {
				for j, v := range g {
					sum[i][j] += float64(v) * float64(s.Terms) / 4
				}
			}
		}
		if frames != got.Frames || correct != got.Correct || math.Abs(loss-got.Loss) > 1e-4 {
			t.Errorf("%s: alone %v, %d, %d; in a batch %v, %d, %d", preset, loss, frames, correct, got.Loss, got.Frames, got.Correct)
		}
		for i := range sum {
			for j, v := range sum[i] {
				if d := math.Abs(v - float64(batch[i][j])); d > 1e-4 {
					t.Fatalf("%s: gradient %d of %s differs by %g", preset, j, n.Params()[i].Name, d)
				}
			}
		}
		all.Targets = targets[:4]
		if _, err := n.Gradients(all, 0); err == nil || !strings.Contains(err.Error(), "batch of 5 utterances has targets for 4") {
			t.Errorf("%s: four targets give %v", preset, err)
		}
	}
}

// The class that is compared with a frame's label is never the blank.
func TestCTCFrameAccuracy(t *testing.T) {
	c := small(t, "linear")
	n := network(t, c, 2, 4)
	n.SetLoss(Loss{Name: LossCTC})
	for _, p := range n.Params() { // class 1 comes after the blank, 3
		clear(p.Data())
		copy(p.Data()[(p.Rows-1)*p.Cols:], []float32{0, 1, 0, 5})
	}
	all, _ := batches([]int{4}, n.Inputs(), 3)
	all.Labels, all.Targets = []int{1, 0, -1, 1}, [][]int{{1}}
	s, err := n.Gradients(all, 0)
	if err != nil || s.Frames != 3 || s.Correct != 2 {
		t.Errorf("%d of %d frames are right, want 2 of 3 (%v)", s.Correct, s.Frames, err)
	}
}

// Smoothing takes a share of the target from the label: the loss of a network
// that knows nothing stays ln K, that of one that is sure grows.
func TestLabelSmoothing(t *testing.T) {
	loss := func(sure float32, smoothing float64) float64 {
		n := network(t, small(t, "linear"), 2, 3)
		n.SetLoss(Loss{Name: LossFrames, LabelSmoothing: smoothing})
		for _, p := range n.Params() {
			clear(p.Data())
			copy(p.Data()[(p.Rows-1)*p.Cols:], []float32{0, sure, 0})
		}
		all, _ := batches([]int{2}, n.Inputs(), 3)
		all.Labels = []int{1, 1}
		s, err := n.Gradients(all, 0)
		if err != nil {
			t.Fatal(err)
		}
		return s.Loss / float64(s.Terms)
	}
	if got := loss(0, 0.3); math.Abs(got-math.Log(3)) > 1e-6 {
		t.Errorf("loss %v, want ln 3", got)
	}
	if plain, smooth := loss(9, 0), loss(9, 0.3); math.Abs(smooth-plain-0.3*2/3*9) > 1e-5 {
		t.Errorf("loss %v, smoothed %v, want %v more", plain, smooth, 0.3*2/3*9)
	}
}
