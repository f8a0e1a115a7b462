package train

import (
	"slices"
	"testing"

	"framewise/corpus"
	"framewise/dataset"
	"framewise/model/score"
)

// A masked phone between two of one class keeps them apart, in the targets of
// CTC as in the reference; what CTC then says of both is no error. Neighbors
// that folding makes equal are one on both sides.
func TestMaskedPhonesSeparate(t *testing.T) {
	set, err := corpus.LoadLabelSet(corpus.TIMIT61, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, folding := range []string{"none", corpus.Fold39} {
		fold, err := set.Fold(folding)
		if err != nil {
			t.Fatal(err)
		}
		p, err := newPhoneScorer(set, fold, 3)
		if err != nil {
			t.Fatal(err)
		}
		aa, q, ao := int16(set.Index("aa")), int16(set.Index("q")), int16(set.Index("ao"))
		ex := &dataset.Example{Phones: []int16{aa, q, aa, ao, ao}}
		targets := (&reader{fold: fold}).targets(ex)
		var want []int
		for _, label := range map[string][]int16{"none": {aa, q, aa, ao}, corpus.Fold39: {aa, aa}}[folding] {
			want = append(want, int(fold.Map[label]))
		}
		if !slices.Equal(targets, want) {
			t.Errorf("folding %s: targets %v, want %v", folding, targets, want)
		}
		blank := len(fold.Labels)
		var path []int
		for _, class := range want {
			path = append(path, class, class, blank)
		}
		for what, s := range map[string]*scored{"best path": {ex: ex, path: path}, "beam": {ex: ex, path: path, searched: true, found: want}} {
			if e := p.edits(s); e != (score.Edits{Reference: 2}) {
				t.Errorf("folding %s, %s: %+v, want no error in 2 phones", folding, what, e)
			}
		}
	}
}
