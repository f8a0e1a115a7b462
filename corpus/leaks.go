package corpus

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"math/bits"
	"slices"
	"strings"
)

// Witness is what an utterance tells of who and what is in a split. Speakers
// are told apart by the bytes of their names, and recordings by their content
// hashes, so that two segments of one recording share it; texts are the same if
// their words are. Where a field is empty, nothing is told.
type Witness struct {
	ID      string
	Line    int // of the manifest; 0 if that does not matter
	Split   string
	Speaker string
	Audio   ContentHash
	Words   string // of the text, as Words gives them
}

// ContentHash is the SHA-256 of a recording: of the whole file, of which an
// utterance may be a part. All zeros are none.
type ContentHash [sha256.Size]byte

// ContentHash is that of the utterance's recording, if its line has one: a line
// with a problem need not.
func (u *Utterance) ContentHash() (sum ContentHash) {
	if b, err := hex.DecodeString(u.SHA256); err == nil && len(b) == len(sum) {
		copy(sum[:], b)
	}
	return sum
}

// Words is a text's words in lower case without punctuation: TIMIT writes one
// sentence in one way, other corpora do not.
func Words(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return strings.ContainsRune(" \t\n\r.,;:!?\"()-", r)
	}), " ")
}

// Leak is what two splits share and should not.
type Leak struct {
	Kind  string    // LeakAudio, LeakSpeaker or LeakText
	What  string    // the recording's SHA-256, the speaker or the words
	First []Witness // one of each split, in the order of the splits: the first by line, then by id
}

// FindLeaks lists the recordings, speakers and texts that are in more than one
// of the Splits, sorted by kind and by what they are. It keeps some bytes for
// each distinct one, and goes through the witnesses again if anything is shared.
// Their order does not matter.
func FindLeaks(witnesses iter.Seq[Witness]) []Leak {
	var audio crossing[ContentHash]
	var speakers, words crossing[string]
	for w := range witnesses {
		split := splitNumber(w.Split)
		audio.add(w.Audio, split)
		speakers.add(w.Speaker, split)
		words.add(w.Words, split)
	}
	audio.keepShared()
	speakers.keepShared()
	words.keepShared()
	if len(audio.first)+len(speakers.first)+len(words.first) == 0 {
		return nil
	}
	for w := range witnesses {
		split := splitNumber(w.Split)
		audio.name(w.Audio, split, &w)
		speakers.name(w.Speaker, split, &w)
		words.name(w.Words, split, &w)
	}
	asIs := func(s string) string { return s }
	return slices.Concat(
		audio.leaks(LeakAudio, func(sum ContentHash) string { return hex.EncodeToString(sum[:]) }),
		speakers.leaks(LeakSpeaker, asIs),
		words.leaks(LeakText, asIs))
}

// splitNumber is a split's place among the Splits, from 0.
func splitNumber(split string) int { return max(slices.Index(Splits, split), 0) }

// crossing finds what is in more than one split: all is added, what is not
// shared forgotten, and the rest named. Its zero value is ready to use.
type crossing[K comparable] struct {
	seen  map[K]uint8      // a bit for each split
	first map[K][]*Witness // of what is shared, by split; nil where it is not
}

func (c *crossing[K]) add(what K, split int) {
	var none K
	if what == none {
		return
	}
	if c.seen == nil {
		c.seen = map[K]uint8{}
	}
	c.seen[what] |= 1 << split
}

func (c *crossing[K]) keepShared() {
	c.first = map[K][]*Witness{}
	for what, in := range c.seen {
		if bits.OnesCount8(in) > 1 {
			c.first[what] = make([]*Witness, len(Splits))
		}
	}
	c.seen = nil
}

func (c *crossing[K]) name(what K, split int, w *Witness) {
	first := c.first[what]
	if first == nil {
		return
	}
	if f := first[split]; f == nil || cmp.Or(cmp.Compare(w.Line, f.Line), strings.Compare(w.ID, f.ID)) < 0 {
		copied := *w
		first[split] = &copied
	}
}

func (c *crossing[K]) leaks(kind string, spell func(K) string) []Leak {
	var found []Leak
	for what, first := range c.first {
		l := Leak{Kind: kind, What: spell(what)}
		for _, w := range first {
			if w != nil {
				l.First = append(l.First, *w)
			}
		}
		found = append(found, l)
	}
	slices.SortFunc(found, func(a, b Leak) int { return strings.Compare(a.What, b.What) })
	return found
}
