package synth

import (
	"fmt"
	"path"
)

// utterance is one sentence to be read by one speaker.
type utterance struct {
	speaker  *speaker
	name     string // SA1, SX17, SI453
	sentence sentence
}

// base is the path of the utterance's files in the corpus, without extension.
func (u *utterance) base() string {
	part := "TRAIN"
	if u.speaker.test {
		part = "TEST"
	}
	return path.Join(part, fmt.Sprintf("DR%d", u.speaker.region), u.speaker.name, u.name)
}

// readers is how many speakers of a split read the same SX text, as in TIMIT.
const readers = 7

// plan lists what is to be read. Every text but SA1 and SA2 is new when it is
// made, the pools of TRAIN and TEST are apart, and so no text of TEST is ever
// heard in TRAIN.
func plan(c Config) ([]*utterance, error) {
	speakers := newSpeakers(c)
	w := newWriter(c.Seed)
	rest := max(c.Sentences-2, 0)
	sx := (5*rest + 7) / 8

	test := testSpeakers(c.Speakers)
	trainPool, err := w.pool(poolSize(c.Speakers-test, sx))
	if err != nil {
		return nil, err
	}
	testPool, err := w.pool(poolSize(test, sx))
	if err != nil {
		return nil, err
	}
	firstSI := max(450, len(trainPool)+len(testPool)) + 1

	var us []*utterance
	var readTrain, readTest, own int
	for _, sp := range speakers {
		for i := range min(c.Sentences, 2) {
			us = append(us, &utterance{sp, fmt.Sprintf("SA%d", i+1), saSentences()[i]})
		}
		pool, first, read := trainPool, 1, &readTrain
		if sp.test {
			pool, first, read = testPool, 1+len(trainPool), &readTest
		}
		for range sx {
			k := *read % len(pool)
			us = append(us, &utterance{sp, fmt.Sprintf("SX%d", first+k), pool[k]})
			*read++
		}
		for range rest - sx {
			s, err := w.next()
			if err != nil {
				return nil, err
			}
			us = append(us, &utterance{sp, fmt.Sprintf("SI%d", firstSI+own), s})
			own++
		}
	}
	return us, nil
}

// poolSize is how many SX texts n speakers share if each reads sx of them: each
// text has seven readers or fewer, and nobody reads one twice.
func poolSize(n, sx int) int { return max(sx, (n*sx+readers-1)/readers) }
