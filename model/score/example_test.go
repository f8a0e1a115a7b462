package score_test

import (
	"fmt"

	"framewise/model/score"
)

// A frame classifier's output becomes a phone sequence, and that is compared
// with the reference.
func Example() {
	labels := []string{"sil", "w", "ah", "n"}
	frames := []int{0, 0, 0, 1, 1, 1, 0, 2, 2, 2, 2, 0, 0, 0}
	hyp := score.Labels(score.Collapse(frames, 3))
	for _, l := range hyp {
		fmt.Print(labels[l], " ")
	}
	per, _ := score.Align([]int{0, 1, 2, 3, 0}, hyp).Rate()
	fmt.Printf("PER %.0f %%\n", 100*per)
	// Output: sil w ah sil PER 20 %
}
