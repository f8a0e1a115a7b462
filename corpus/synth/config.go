package synth

import (
	"fmt"
	"runtime"
)

// Rate is the sampling rate of the corpus in Hz, as TIMIT's.
const Rate = 16000

// Bounds of Config.
const (
	MinSpeakers  = 4      // below this, TRAIN and TEST cannot both have both sexes
	MaxSpeakers  = 100000 // names are a sex, three letters and a digit from 5 to 9
	MaxSentences = 1000
)

// Config says what corpus to make. Everything but Workers decides its bytes.
type Config struct {
	// Speakers is their number, from MinSpeakers to MaxSpeakers. They
	// alternate female and male. A quarter, rounded to an even number and at
	// least two, is TEST: the last ones; the rest is TRAIN.
	Speakers int

	// Sentences is the number that each speaker reads, from 1 to MaxSentences:
	// SA1 and SA2 first, and of the others five in eight from the pool of the
	// split (SX) and three in eight of the speaker's own (SI). 10 is TIMIT's.
	Sentences int

	// Seed decides every draw.
	Seed uint64

	// Workers bounds how many utterances are made at a time; 0 is one a CPU.
	Workers int

	// Variation says how much speakers, tokens and recordings differ. The
	// zero value is DefaultVariation.
	Variation Variation
}

// DefaultConfig is the corpus of the demo: 28 speakers, 20 of them in TRAIN,
// with ten sentences of about three seconds each.
func DefaultConfig() Config {
	return Config{Speakers: 28, Sentences: 10, Seed: 20160818, Variation: DefaultVariation()}
}

// resolve fills in what is zero and checks the rest.
func (c Config) resolve() (Config, error) {
	if c.Speakers < MinSpeakers || c.Speakers > MaxSpeakers {
		return c, fmt.Errorf("synth: %d speakers: want %d to %d, so that TRAIN and TEST both have both sexes and names are unique", c.Speakers, MinSpeakers, MaxSpeakers)
	}
	if c.Sentences < 1 || c.Sentences > MaxSentences {
		return c, fmt.Errorf("synth: %d sentences a speaker: want 1 to %d", c.Sentences, MaxSentences)
	}
	if c.Workers < 0 {
		return c, fmt.Errorf("synth: %d workers: want 0 (one a CPU) or more", c.Workers)
	}
	if c.Workers == 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	if c.Variation == (Variation{}) {
		c.Variation = DefaultVariation()
	}
	return c, c.Variation.validate()
}

// testSpeakers is how many of n speakers are TEST.
func testSpeakers(n int) int { return max(2, (n+4)/8*2) }
