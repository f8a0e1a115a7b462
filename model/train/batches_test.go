package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"framewise/corpus"
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

// mixture draws lengths of short commands and of read sentences: two log-normal
// distributions.
func mixture(n int) []item {
	r := rand.New(rand.NewPCG(2, uint64(n)))
	items := make([]item, n)
	for i := range items {
		mean, deviation := 4.6, 0.4
		if r.Float64() < 0.6 {
			mean, deviation = 5.9, 0.6
		}
		items[i] = item{index: i, frames: 1 + int(math.Exp(mean+deviation*r.NormFloat64()))}
	}
	return items
}

// paddingOf is the share of padding of a plan, and the mean batch in cells.
func paddingOf(items []item, plan [][]int) (share, cells float64) {
	lengths := map[int]int{}
	for _, it := range items {
		lengths[it.index] = it.frames
	}
	var frames, all int
	for _, b := range plan {
		longest := 0
		for _, i := range b {
			longest, frames = max(longest, lengths[i]), frames+lengths[i]
		}
		all += longest * len(b)
	}
	return 1 - float64(frames)/float64(all), float64(all) / float64(len(plan))
}

func checkPadding(t *testing.T, what string, items []item) {
	t.Helper()
	worst, sum, size := 0.0, 0.0, 0.0
	const epochs = 20
	for epoch := range epochs {
		share, cells := paddingOf(items, planEpoch(items, name, BatchConfig{Frames: 4800}, 7, epoch+1))
		worst, sum, size = max(worst, share), sum+share/epochs, size+cells/epochs
	}
	t.Logf("%s, %d examples: padding %.2f %%, at most %.2f %%; %.0f cells a batch", what, len(items), 100*sum, 100*worst, size)
	if worst > 0.05 {
		t.Errorf("%s, %d examples: padding is %.1f %% of the cells, want at most 5 %%", what, len(items), 100*worst)
	}
}

func TestPlanPadsLittle(t *testing.T) {
	for _, n := range []int{7, 50, 100, 300, 1000, 3000} {
		checkPadding(t, "log-normal", lognormal(n))
		checkPadding(t, "mixture", mixture(n))
	}
	sorted := lognormal(2000)
	if share, cells := paddingOf(sorted, planSorted(sorted, 4800)); share > 0.05 || cells < 2400 {
		t.Errorf("in the order of lengths padding is %.1f %%, %.0f cells a batch", 100*share, cells)
	}
	// The limit does not make batches of many examples small.
	many := lognormal(2000)
	if _, cells := paddingOf(many, planEpoch(many, name, BatchConfig{Frames: 4800}, 7, 1)); cells < 2400 {
		t.Errorf("a batch has %.0f cells of 4800", cells)
	}
}

func TestPlanPadsRecordingsLittle(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "data", "spoken")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the recordings ../shared/data/spoken are not there")
	}
	utterances, _, err := corpus.ImportTIMIT(dir, corpus.TIMITOptions{})
	if err != nil {
		t.Fatal(err)
	}
	splits := map[string][]item{}
	for _, u := range utterances {
		frames := 1 + (u.Samples-400+159)/160 // 25 ms every 10 ms
		splits[u.Split] = append(splits[u.Split], item{index: len(splits[u.Split]), frames: int(frames)})
	}
	if len(splits) < 2 {
		t.Fatalf("splits %v", splits)
	}
	for split, items := range splits {
		checkPadding(t, split, items)
	}
}

// The batches of an epoch come in no order of lengths.
func TestPlanIsShuffled(t *testing.T) {
	items := lognormal(2000)
	plan := planEpoch(items, name, BatchConfig{Frames: 4800}, 7, 1)
	rising := 0
	for i := 1; i < len(plan); i++ {
		if items[plan[i][0]].frames > items[plan[i-1][0]].frames {
			rising++
		}
	}
	// Of n drawn numbers (n-1)/2 follow a smaller one, give or take sqrt(n/12).
	n := float64(len(plan))
	if off := math.Abs(float64(rising) - (n-1)/2); off > 4*math.Sqrt(n/12) {
		t.Errorf("%d of %.0f batches are longer than the one before", rising, n)
	}
	// Who shares a batch changes from epoch to epoch.
	of := func(plan [][]int) map[[2]int]bool {
		pairs := map[[2]int]bool{}
		for _, b := range plan {
			for _, i := range b {
				for _, j := range b {
					if i < j {
						pairs[[2]int{i, j}] = true
					}
				}
			}
		}
		return pairs
	}
	first, second := of(plan), of(planEpoch(items, name, BatchConfig{Frames: 4800}, 7, 2))
	same := 0
	for p := range first {
		if second[p] {
			same++
		}
	}
	if share := float64(same) / float64(len(first)); share > 0.7 {
		t.Errorf("%.0f %% of the pairs in a batch are together again in the next epoch", 100*share)
	}
}

func TestPlanSorted(t *testing.T) {
	plan := planSorted([]item{{0, 50}, {1, 10}, {2, 30}, {3, 500}}, 100)
	if want := [][]int{{1, 2}, {0}, {3}}; !reflect.DeepEqual(plan, want) {
		t.Errorf("plan = %v, want %v", plan, want)
	}
}
