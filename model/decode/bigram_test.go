package decode

import (
	"math"
	"testing"
)

func TestBigramOfNothing(t *testing.T) {
	b := bigramOf(t, 3, nil)
	for before := -1; before < 3; before++ {
		for w := range 4 {
			if p := math.Exp(b.LogProb(before, w)); math.Abs(p-0.25) > 1e-15 {
				t.Errorf("P(%d|%d) = %v, want 1/4", w, before, p)
			}
		}
	}
}

// On text like what it was counted on, a bigram is less surprised than by
// chance.
func TestPerplexity(t *testing.T) {
	seqs := [][]int{{0, 1, 0, 1, 2}, {0, 1, 2}, {0, 1, 0, 1}, {2}}
	if p, none := bigramOf(t, 3, seqs).Perplexity(seqs), bigramOf(t, 3, nil).Perplexity(seqs); p > 3 || math.Abs(none-4) > 1e-12 {
		t.Errorf("perplexity %v, without counts %v, want 4", p, none)
	}
}

func TestBigramRefuses(t *testing.T) {
	for name, counts := range map[string][][]int64{"none": nil, "one row": {{1}}, "ragged": {{1, 2}, {1}}, "negative": {{1, -1}, {0, 0}}, "huge": {{1 << 60, 0}, {0, 0}}} {
		if _, err := NewBigram(counts); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	_, err := CountBigrams(2, func(add func([]int) error) error { return add([]int{0, 2}) })
	if err == nil {
		t.Error("label 2 of 2 is counted")
	}
}
