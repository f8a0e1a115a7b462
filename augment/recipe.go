package augment

import (
	"fmt"
	"slices"

	"framewise/corpus"
)

// Recipe says what one example is made of. It is small and complete: with the
// audio and the build configuration it determines the example to the bit.
type Recipe struct {
	ID      string  // unique in the dataset
	Split   string  // the split of all its parts
	Variant Variant // the variant of all its parts
	Parts   []Part  // in time order, at least one
}

// Part is one utterance's share of an example.
type Part struct {
	Utterance string // its id
	Ref       Ref    // where the manifest holds it
	Gap       int64  // samples of gap before it, at the build's rate; 0 for the first
}

// Ref is the place of an utterance's line in the manifest, in bytes. It lets a
// recipe stay small: whoever renders it reads the line again.
type Ref struct {
	Offset int64
	Length int32
}

// Member is what planning knows of an utterance: no audio, no alignment.
type Member struct {
	ID      string
	Ref     Ref
	Split   string
	Speaker string // "" if unknown
	Rate    int    // Hz, of the recording
	Samples int64  // End-Begin, at Rate
}

// The most that positions are computed for: with them, a rate of 768 kHz to
// build at and factors of three decimals, no product of samples and rates
// leaves an int64.
const (
	MaxSamples = 1 << 32   // of an utterance, at its rate: three days at 16 kHz
	MaxRate    = 1_000_000 // Hz, of a recording
)

// Unusable is why no example can be planned of a valid utterance: an id that
// planning could make up, or more samples than positions are computed for. It
// is nil if there is no reason.
func Unusable(u *corpus.Utterance) *corpus.Problem {
	if DerivedID(u.ID) {
		return &corpus.Problem{Reason: corpus.BadManifest, Detail: "an id of the form that augmentation gives to its examples (concat/..., ...+nb, ...+sp0.9, ...+p0); want another"}
	}
	if u.Rate > MaxRate || u.NumSamples() > MaxSamples {
		return &corpus.Problem{Reason: corpus.BadManifest, Detail: fmt.Sprintf("%d samples at %d Hz, want at most %d at up to %d Hz; cut it into utterances",
			u.NumSamples(), u.Rate, int64(MaxSamples), MaxRate)}
	}
	return nil
}

// Concatenation reports whether the recipe joins utterances.
func (r Recipe) Concatenation() bool { return len(r.Parts) > 1 }

// NumSamples is the length of the example at the base rate, gaps included. It
// is the same for a narrowband copy, whose timeline is its original's.
func (r Recipe) NumSamples(base int, lookup func(id string) Member) int64 {
	var n int64
	for _, p := range r.Parts {
		n += p.Gap + r.Variant.BaseSamples(lookup(p.Utterance), base)
	}
	return n
}

// BaseSamples is the length at rate `to` of n samples at rate `from`, in Hz:
// ceil(n*to/from), the length that a [transforms.Resampler] gives. It is 0 if
// any of the three is not positive.
func BaseSamples(n int64, from, to int) int64 {
	switch {
	case n <= 0 || from <= 0 || to <= 0:
		return 0
	case from == to:
		return n
	}
	return (n*int64(to) + int64(from) - 1) / int64(from)
}

// Augments reports whether the examples of a split are augmented.
func (c Config) Augments(split string) bool { return slices.Contains(c.Splits, split) }
