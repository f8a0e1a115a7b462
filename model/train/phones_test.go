package train

import (
	"math/rand/v2"
	"slices"
	"testing"

	"framewise/corpus"
	"framewise/dataset"
	"framewise/model/score"
)

// timitScorer folds timit61 for a network, and scores that.
func timitScorer(t *testing.T, folding string) (*corpus.LabelSet, *corpus.Folding, *phoneScorer) {
	t.Helper()
	set, err := corpus.LoadLabelSet(corpus.TIMIT61, "")
	if err != nil {
		t.Fatal(err)
	}
	fold, err := set.Fold(folding)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPhoneScorer(set, fold, 1)
	if err != nil {
		t.Fatal(err)
	}
	return set, fold, p
}

func phonesIn(set *corpus.LabelSet, names ...string) (labels []int16) {
	for _, n := range names {
		labels = append(labels, int16(set.Index(n)))
	}
	return labels
}

// The references are those of SpeechBrain's TIMIT recipe (get_phoneme_lists in
// timit_prepare.py): q goes, silences in a row become one, all else stays.
func TestReferencePhones(t *testing.T) {
	for _, c := range []struct{ phn, want []string }{
		{[]string{"h#", "aa", "q", "aa", "h#"}, []string{"sil", "aa", "aa", "sil"}},
		{[]string{"h#", "ih", "ix", "s", "s", "tcl", "h#"}, []string{"sil", "ih", "ih", "s", "s", "sil"}},
		{[]string{"h#", "q", "pau", "kcl", "tcl", "t", "q", "ao", "q", "aa", "epi"}, []string{"sil", "t", "aa", "aa", "sil"}},
	} {
		set, _, p := timitScorer(t, corpus.Fold39)
		var got []string
		for _, class := range phonesOf(&dataset.Example{Phones: phonesIn(set, c.phn...)}, p.to) {
			got = append(got, p.to.Labels[class])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.phn, got, c.want)
		}
	}
}

// What a network was trained to say is never an error: its targets, folded for
// scoring, are the reference, by whatever folding it was trained.
func TestTargetsAreTheReference(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 1))
	for _, folding := range []string{corpus.FoldNone, corpus.Fold48, corpus.Fold39} {
		set, fold, p := timitScorer(t, folding)
		some := phonesIn(set, "aa", "ao", "q", "q", "h#", "pau", "tcl", "dcl", "ih", "ix", "s")
		for range 500 {
			ex := &dataset.Example{Phones: []int16{}}
			for range r.IntN(12) {
				ex.Phones = append(ex.Phones, some[r.IntN(len(some))])
			}
			targets, blank := phonesOf(ex, fold), len(fold.Labels)
			path := []int{blank}
			for _, class := range targets {
				path = append(path, class, class, blank)
			}
			n := len(phonesOf(ex, p.to))
			for what, s := range map[string]*scored{"best path": {ex: ex, path: path}, "beam": {ex: ex, path: path, searched: true, found: targets}} {
				if e := p.edits(s); e != (score.Edits{Reference: n}) {
					t.Fatalf("folding %s, %s: %+v, want no error in %d phones of %v", folding, what, e, n, ex.Phones)
				}
			}
		}
	}
}

// Frames cannot say a class twice in a row, but for what is left out between.
func TestPhonesOfFrames(t *testing.T) {
	set, fold, p := timitScorer(t, corpus.FoldNone)
	ex := &dataset.Example{Phones: phonesIn(set, "h#", "aa", "q", "aa", "tcl", "h#", "ih", "ix")}
	var frames []int
	for _, l := range ex.Phones {
		frames = append(frames, int(fold.Map[l]), int(fold.Map[l]))
	}
	want := score.Edits{Deletions: 1, Reference: 6} // of ih ix
	for what, s := range map[string]*scored{"greedy": {ex: ex, best: frames}, "viterbi": {ex: ex, best: frames, searched: true, found: frames}} {
		if e := p.edits(s); e != want {
			t.Errorf("%s: %+v, want %+v", what, e, want)
		}
	}
}

// Phones that are not known are not the same as none.
func TestNoPhones(t *testing.T) {
	set, _, p := timitScorer(t, corpus.Fold39)
	heard := []int{0, 0, 1}
	if e := p.edits(&scored{ex: &dataset.Example{}, best: heard}); e != (score.Edits{}) {
		t.Errorf("without phones: %+v", e)
	}
	for _, phones := range [][]int16{{}, phonesIn(set, "q")} {
		if e := p.edits(&scored{ex: &dataset.Example{Phones: phones}, best: heard}); e != (score.Edits{Insertions: 2}) {
			t.Errorf("no phone in %v, two heard: %+v", phones, e)
		}
	}
}
