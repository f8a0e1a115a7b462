package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

func lognormal(n int) []item {
	r := rand.New(rand.NewPCG(1, 1))
	items := make([]item, n)
	for i := range items {
		items[i] = item{index: i, frames: 1 + int(math.Exp(5.5+0.5*r.NormFloat64()))}
	}
	return items
}

func name(i int) string { return fmt.Sprintf("utt%d", i) }

func TestPlanHoldsEveryExampleOnce(t *testing.T) {
	items := lognormal(700)
	for _, c := range []BatchConfig{{Frames: 4800}, {Utterances: 1}, {Utterances: 8}, {Frames: 10}} {
		for epoch := 1; epoch <= 3; epoch++ {
			var seen []int
			for _, b := range planEpoch(items, name, c, 7, epoch) {
				seen = append(seen, b...)
				longest := 0
				for _, i := range b {
					longest = max(longest, items[i].frames)
				}
				if c.Frames > 0 && len(b) > 1 && longest*len(b) > c.Frames {
					t.Errorf("%+v: a batch of %d x %d frames", c, longest, len(b))
				}
				if c.Utterances > 0 && len(b) > c.Utterances {
					t.Errorf("%+v: a batch of %d", c, len(b))
				}
			}
			slices.Sort(seen)
			for i := range items {
				if i >= len(seen) || seen[i] != i {
					t.Fatalf("%+v, epoch %d: example %d is not there exactly once", c, epoch, i)
				}
			}
		}
	}
}

func TestPlanDependsOnSeedAndEpochOnly(t *testing.T) {
	items := lognormal(300)
	c := BatchConfig{Frames: 4800}
	first := planEpoch(items, name, c, 7, 1)
	backwards := slices.Clone(items)
	slices.Reverse(backwards)
	if !reflect.DeepEqual(first, planEpoch(backwards, name, c, 7, 1)) {
		t.Error("the plan depends on the order of the examples")
	}
	if reflect.DeepEqual(first, planEpoch(items, name, c, 7, 2)) || reflect.DeepEqual(first, planEpoch(items, name, c, 8, 1)) {
		t.Error("the plan does not depend on the epoch and the seed")
	}
}

func TestPlanPadsLittle(t *testing.T) {
	items := lognormal(2000)
	var frames, cells int
	for _, b := range planEpoch(items, name, BatchConfig{Frames: 4800}, 7, 1) {
		longest := 0
		for _, i := range b {
			longest = max(longest, items[i].frames)
			frames += items[i].frames
		}
		cells += longest * len(b)
	}
	if share := 1 - float64(frames)/float64(cells); share > 0.05 {
		t.Errorf("padding is %.1f %% of the cells, want at most 5 %%", 100*share)
	} else {
		t.Logf("padding %.2f %%", 100*share)
	}
}

func TestPlanSorted(t *testing.T) {
	plan := planSorted([]item{{0, 50}, {1, 10}, {2, 30}, {3, 500}}, 100)
	if want := [][]int{{1, 2}, {0}, {3}}; !reflect.DeepEqual(plan, want) {
		t.Errorf("plan = %v, want %v", plan, want)
	}
}
