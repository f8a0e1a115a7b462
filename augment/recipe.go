package augment

import (
	"slices"
	"strings"
)

// Variant names how the samples of an example relate to its recordings.
type Variant string

// The variants.
const (
	Original   Variant = "original"
	Narrowband Variant = "narrowband"
)

// The forms of the ids that are made here, beside the plain utterance id.
const (
	narrowbandSuffix = "+nb"     // of every narrowband copy
	concatPrefix     = "concat/" // concat/<copy>/<16 hexadecimal digits>
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

// Concatenation reports whether the recipe joins utterances.
func (r Recipe) Concatenation() bool { return len(r.Parts) > 1 }

// NumSamples is the length of the example at the base rate, gaps included, with
// lookup giving an utterance's length at that rate (see [BaseSamples]). It is
// the same for a narrowband copy, whose timeline is its original's.
func (r Recipe) NumSamples(lookup func(id string) int64) int64 {
	var n int64
	for _, p := range r.Parts {
		n += p.Gap + lookup(p.Utterance)
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

// DerivedID reports whether an id has the form of the ids that planning makes
// up. A corpus with such utterance ids could have two examples of one id, so
// whoever reads the corpus refuses them.
func DerivedID(id string) bool {
	return strings.HasPrefix(id, concatPrefix) || strings.HasSuffix(id, narrowbandSuffix)
}

// Augments reports whether the examples of a split are augmented.
func (c Config) Augments(split string) bool { return slices.Contains(c.Splits, split) }

// Variants lists the variants that the configuration makes of an augmented
// split's concatenations.
func (c Config) Variants() []Variant {
	if c.Narrowband.Mode == NarrowbandOff {
		return []Variant{Original}
	}
	return []Variant{Original, Narrowband}
}

// Variants are the plain examples of one utterance: the original, unless its
// split is augmented and the configuration says originals: false, and the
// narrowband copy if its split is augmented and narrowband is on. The
// last argument is the seed: neither of these needs a draw, but effects do.
func Variants(m Member, c Config, _ uint64) []Recipe {
	var rs []Recipe
	plain := Recipe{ID: m.ID, Split: m.Split, Variant: Original, Parts: []Part{{Utterance: m.ID, Ref: m.Ref}}}
	if c.Originals || !c.Augments(m.Split) {
		rs = append(rs, plain)
	}
	if c.Augments(m.Split) && c.Narrowband.Mode != NarrowbandOff {
		rs = append(rs, plain.narrowband())
	}
	return rs
}

// narrowband is the recipe of the narrowband copy of an example.
func (r Recipe) narrowband() Recipe {
	r.ID += narrowbandSuffix
	r.Variant = Narrowband
	r.Parts = slices.Clone(r.Parts)
	return r
}
