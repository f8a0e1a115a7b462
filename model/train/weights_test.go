package train

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"framewise/model"
	"framewise/model/results"
)

// recallOf trains for few epochs on beeps, by the given weights, and gives the
// recall of a label.
func recallOf(t *testing.T, label string, weights model.ClassWeights) (recall float64, run string) {
	t.Helper()
	run, data := trainTones(t, func(c *Config) {
		c.Network.Layers, c.Epochs, c.Baseline, c.Loss.ClassWeights = 1, 2, "none", weights
		c.Optimizer.LR = 0.003
	})
	e, err := Evaluate(context.Background(), EvalOptions{Run: run, Data: data})
	if err != nil {
		t.Fatal(err)
	}
	return e.PerLabel[label].Recall, run
}

// A network that has hardly learned says the class that weighs most.
func TestClassWeightsMoveTheNetwork(t *testing.T) {
	plain, _ := recallOf(t, "iy", model.WeightsNone)
	heavy, run := recallOf(t, "iy", "{iy: 50}")
	if plain > 0.4 || heavy < 0.7 {
		t.Errorf("recall %v, and with 50 times the weight %v", plain, heavy)
	}
	cfg, err := ReadConfig(filepath.Join(run, results.ConfigFile))
	if err != nil || cfg.Loss.ClassWeights != "{iy: 50}" {
		t.Errorf("the run's configuration has the weights %q (%v)", cfg.Loss.ClassWeights, err)
	}
}

func TestClassWeightsOfNoClass(t *testing.T) {
	c := toyConfig(t, "linear")
	c.Loss.ClassWeights = "{sh: 2}"
	if _, err := runToy(t, context.Background(), c, toy(4, 20, 1), nil, t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), `no class is called "sh"; there are a, b`) {
		t.Errorf("a label that is not there: %v", err)
	}
}

// The mean loss of an epoch with weights by rule is about that without: frames
// weigh 1 on average.
func TestClassWeightsKeepTheScaleOfTheLoss(t *testing.T) {
	loss := map[model.ClassWeights]float64{}
	for _, w := range []model.ClassWeights{model.WeightsNone, model.WeightsInverse} {
		c := toyConfig(t, "linear")
		c.Loss.ClassWeights, c.Epochs, c.Optimizer.LR = w, 1, 1e-30
		dir := t.TempDir()
		if _, err := runToy(t, context.Background(), c, toy(12, 40, 1), nil, dir, nil); err != nil {
			t.Fatal(err)
		}
		loss[w] = lastEpoch(t, dir).TrainLoss
	}
	if r := loss[model.WeightsInverse] / loss[model.WeightsNone]; r < 0.9 || r > 1.1 {
		t.Errorf("losses %v", loss)
	}
}
