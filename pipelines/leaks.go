package pipelines

import (
	"strings"

	"framewise/augment"
	"framewise/corpus"
)

// witness is what a line of the manifest says of who and what is in a split,
// but for its text: a text in two splits is for `check` to judge.
func (s *surveyor) witness(u *corpus.Utterance) corpus.Witness {
	return corpus.Witness{ID: u.ID, Split: s.word(u.Split), Speaker: s.word(u.Speaker), Audio: u.ContentHash()}
}

func witnessOf(m augment.Member, sum corpus.ContentHash) corpus.Witness {
	return corpus.Witness{ID: m.ID, Split: m.Split, Speaker: m.Speaker, Audio: sum}
}

// witnesses gives every line that parses to yield: the members, and those that
// were rejected for what else they say. A split is what the manifest says it
// is, so that a leak does not come and go with a recording that does not read,
// and so that `check`, which knows no configuration, finds the same.
func (s *surveyor) witnesses(yield func(w corpus.Witness) bool) {
	for i, m := range s.Members {
		if !yield(witnessOf(m, s.audio[i])) {
			return
		}
	}
	for _, w := range s.others {
		if !yield(w) {
			return
		}
	}
}

// findLeaks lists the recordings and speakers that two splits share, sorted.
// Examples need no look: each is made of utterances of one split.
func (s *surveyor) findLeaks() []Leak {
	var leaks []Leak
	for _, found := range corpus.FindLeaks(s.witnesses) {
		l := Leak{Kind: strings.TrimPrefix(found.Kind, "leak-"), What: found.What}
		for i := range l.Splits {
			l.Splits[i], l.IDs[i] = found.First[i].Split, found.First[i].ID
		}
		leaks = append(leaks, l)
	}
	return leaks
}
