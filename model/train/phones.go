package train

import (
	"slices"

	"framewise/corpus"
	"framewise/dataset"
	"framewise/model/score"
)

// phonesOf are the phones of an example as classes of a folding, by the rule of
// score.Phones: what CTC is trained on, what the bigram counts and what is the
// reference of the phone error rate.
func phonesOf(ex *dataset.Example, fold *corpus.Folding) []int {
	return score.Phones(ex.Phones, fold.Map, silenceOf(fold))
}

// LearnsFromPhones says whether what is learned depends on [score.PhoneRule]:
// with CTC, whose targets are phone sequences, and where the phone error rate
// chooses the epoch.
func (c Config) LearnsFromPhones() bool { return c.Loss.CTC() || c.selection() == byPER }

// phoneRule is the rule that what is learned depends on, 0 if it depends on none.
func (c Config) phoneRule() int {
	if c.LearnsFromPhones() {
		return score.PhoneRule
	}
	return 0
}

// silenceOf is the class of silence, -1 if there is none.
func silenceOf(fold *corpus.Folding) int { return slices.Index(fold.Labels, fold.Silence) }

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
// set. An example whose phones are not known counts nothing; in one that is
// known to have none, all that is heard is inserted.
func (p *phoneScorer) edits(s *scored) score.Edits {
	if s.ex.Phones == nil {
		return score.Edits{}
	}
	return score.Align(phonesOf(s.ex, p.to), p.heard(s))
}

// heard are the phones, classes of the score, that a search or CTC's best path
// found, or that runs of the frames' classes are: folded first, without short
// ones.
func (p *phoneScorer) heard(s *scored) []int {
	silence := silenceOf(p.to)
	if s.path != nil { // trained with CTC, which says phones
		said := s.found
		if !s.searched {
			said = score.BestPath(s.path, len(p.from))
		}
		return score.Phones(said, p.from, silence)
	}
	frames, minFrames := s.best, p.minFrames
	if s.searched {
		frames, minFrames = s.found, 1
	}
	folded := make([]int, len(frames))
	for i, class := range frames {
		folded[i] = p.from[class]
	}
	return score.Phones[int, int](score.Labels(score.Collapse(folded, minFrames)), nil, silence)
}
