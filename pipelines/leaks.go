package pipelines

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"framewise/augment"
	"framewise/corpus"
)

// audioSum is the SHA-256 of a recording. The zero value stands for none: lines
// with a problem need not have one.
type audioSum [sha256.Size]byte

func sumOf(u *corpus.Utterance) audioSum {
	sum, _ := u.ContentHash()
	return sum
}

// witness is what a line of the manifest says of who and what is in a split.
type witness struct {
	id, split, speaker string
	audio              audioSum
}

func (s *surveyor) witness(u *corpus.Utterance) witness {
	return witness{u.ID, s.word(u.Split), s.word(u.Speaker), sumOf(u)}
}

func witnessOf(m augment.Member, sum audioSum) witness {
	return witness{m.ID, m.Split, m.Speaker, sum}
}

// witnesses gives every line that parses to fn: the members, and those that
// were rejected for what else they say. A split is what the manifest says it
// is, so that a leak does not come and go with a recording that does not read,
// and so that `check`, which knows no configuration, finds the same.
func (s *surveyor) witnesses(fn func(w witness)) {
	for i, m := range s.Members {
		fn(witnessOf(m, s.audio[i]))
	}
	for _, w := range s.others {
		fn(w)
	}
}

// findLeaks lists the speakers and recordings that two splits share, sorted.
// Examples need no look: each is made of utterances of one split.
func (s *surveyor) findLeaks() []Leak {
	var speakers crossing[string]
	var audio crossing[audioSum]
	s.witnesses(func(w witness) {
		speakers.add(w.speaker, w.split)
		audio.add(w.audio, w.split)
	})
	s.witnesses(func(w witness) {
		speakers.name(w.speaker, w)
		audio.name(w.audio, w)
	})
	return append(audio.leaks(LeakAudio, func(sum audioSum) string { return hex.EncodeToString(sum[:]) }),
		speakers.leaks(LeakSpeaker, func(name string) string { return name })...)
}

// crossing finds what is in more than one split. All of it is added first, and
// then named. Its zero value is ready to use.
type crossing[K comparable] struct {
	split map[K]string            // that it was seen in first
	over  map[K]map[string]string // what crosses: the smallest id in each split
}

func (c *crossing[K]) add(what K, split string) {
	var none K
	if what == none {
		return
	}
	if c.split == nil {
		c.split, c.over = map[K]string{}, map[K]map[string]string{}
	}
	first, seen := c.split[what]
	if !seen {
		c.split[what] = split
	} else if first != split && c.over[what] == nil {
		c.over[what] = map[string]string{}
	}
}

func (c *crossing[K]) name(what K, w witness) {
	ids := c.over[what]
	if ids == nil {
		return
	}
	if id, seen := ids[w.split]; !seen || w.id < id {
		ids[w.split] = w.id
	}
}

// leaks lists what crosses with an utterance of the first two splits, sorted.
func (c *crossing[K]) leaks(kind string, spell func(K) string) []Leak {
	var found []Leak
	for what, ids := range c.over {
		l, splits := Leak{Kind: kind, What: spell(what)}, make([]string, 0, len(ids))
		for split := range ids {
			splits = append(splits, split)
		}
		slices.SortFunc(splits, compareSplits)
		for i := range l.Splits {
			l.Splits[i], l.IDs[i] = splits[i], ids[splits[i]]
		}
		found = append(found, l)
	}
	slices.SortFunc(found, func(a, b Leak) int { return strings.Compare(a.What, b.What) })
	return found
}
