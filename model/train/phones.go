package train

import (
	"framewise/corpus"
	"framewise/model/score"
)

// phoneScorer compares a network's frames with phone sequences, both folded to
// the classes that the phone error rate is counted over.
type phoneScorer struct {
	from      []int // class of the network -> class of the score, -1 = left out
	to        *corpus.Folding
	minFrames int
}

// newPhoneScorer scores a network over fold's classes: at 39 classes for
// timit61, as is usual since Lee and Hon (1989), and at the network's own for
// other label sets. minFrames is the shortest run of frames that is a phone.
func newPhoneScorer(set *corpus.LabelSet, fold *corpus.Folding, minFrames int) (*phoneScorer, error) {
	p := &phoneScorer{from: make([]int, len(fold.Labels)), to: fold, minFrames: minFrames}
	if set.Name == corpus.TIMIT61 {
		var err error
		if p.to, err = set.Fold(corpus.Fold39); err != nil {
			return nil, err
		}
	}
	// Labels that the network cannot tell apart are one class of the score
	// too: the foldings of timit61 are refinements of each other.
	for label, class := range fold.Map {
		if class >= 0 {
			p.from[class] = int(p.to.Map[label])
		}
	}
	return p, nil
}

// edits compares what was heard in an example with its phones, labels of the
// set. An example without phones counts nothing.
func (p *phoneScorer) edits(s *scored) score.Edits {
	phones := s.ex.Phones
	if len(phones) == 0 {
		return score.Edits{}
	}
	ref := make([]int, len(phones))
	for i, label := range phones {
		ref[i] = -1
		if label >= 0 {
			ref[i] = int(p.to.Map[label])
		}
	}
	return score.Align(score.Sequence(score.Collapse(ref, 1)), score.Sequence(p.heard(s)))
}

// heard are runs of the classes of the score: of what was searched, of what
// CTC's best path says, or of the frames without short runs.
func (p *phoneScorer) heard(s *scored) []score.Run {
	classes, minFrames := s.best, p.minFrames
	switch {
	case s.searched:
		classes, minFrames = s.found, 1
	case s.path != nil:
		classes, minFrames = score.BestPath(s.path, len(p.from)), 1
	}
	folded := make([]int, len(classes))
	for i, class := range classes {
		folded[i] = p.from[class]
	}
	return score.Collapse(folded, minFrames)
}
