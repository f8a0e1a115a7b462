package augment

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Variant names how the samples of an example relate to its recordings: the
// steps between them in order, joined by "+", or "original" where there is
// none. The steps are speed-FACTOR and narrowband.
type Variant string

// The variants of a build without further augmentations.
const (
	Original   Variant = "original"
	Narrowband Variant = "narrowband"
)

// The forms of the ids that are made here, beside the plain utterance id.
const (
	speedSuffix      = "+sp"     // and the factor: of every copy at another speed
	perturbedSuffix  = "+p"      // and the number: of every perturbed copy
	narrowbandSuffix = "+nb"     // of every narrowband copy; the last one
	concatPrefix     = "concat/" // concat/<copy>/<16 hexadecimal digits>
)

const (
	speedStep     = "speed-"
	perturbedStep = "perturbed-"
)

// steps is a variant taken apart.
type steps struct {
	speed        speed
	perturbation int // 1 for perturbed-0 and so on; 0 for none
	narrowband   bool
}

func (s steps) perturbed() bool { return s.perturbation > 0 }

// parse takes a variant apart. The error names it and says what is allowed.
func (v Variant) parse() (steps, error) {
	s := steps{speed: unchanged}
	switch v { // nearly all of them
	case Original:
		return s, nil
	case Narrowband:
		s.narrowband = true
		return s, nil
	}
	var err error
	for step := range strings.SplitSeq(string(v), "+") {
		if factor, ok := strings.CutPrefix(step, speedStep); ok {
			s.speed, err = parseSpeed(factor)
		} else if number, ok := strings.CutPrefix(step, perturbedStep); ok {
			s.perturbation, err = strconv.Atoi(number)
			s.perturbation++
		} else {
			s.narrowband = step == string(Narrowband)
		}
		if err != nil {
			break
		}
	}
	if err == nil && s.variant() == v { // every step once, in order, in its one spelling
		return s, nil
	}
	return s, fmt.Errorf("variant %q, want original or the steps speed-FACTOR, perturbed-COPY and narrowband, joined by +", v)
}

// variant is the name of the steps.
func (s steps) variant() Variant {
	var names []string
	if s.speed != unchanged {
		names = append(names, speedStep+s.speed.String())
	}
	if s.perturbed() {
		names = append(names, perturbedStep+strconv.Itoa(s.perturbation-1))
	}
	if s.narrowband {
		names = append(names, string(Narrowband))
	}
	if len(names) == 0 {
		return Original
	}
	return Variant(strings.Join(names, "+"))
}

// Perturbed reports whether effects may have changed the samples of a variant.
func (v Variant) Perturbed() bool {
	s, err := v.parse()
	return err == nil && s.perturbed()
}

// sameGroups reports whether a variant has the groups of one before it in
// [Config.Variants]: all of one speed have the same.
func (s steps) sameGroups() bool { return s.narrowband || s.perturbed() }

// copySuffix is what the id of a copy has behind the utterance's, but for
// narrowband: the id that draws for the copy are made with.
func (s steps) copySuffix() string {
	suffix := ""
	if s.speed != unchanged {
		suffix = speedSuffix + s.speed.String()
	}
	if s.perturbed() {
		suffix += perturbedSuffix + strconv.Itoa(s.perturbation-1)
	}
	return suffix
}

// suffix is what the id of a copy has behind the utterance's.
func (s steps) suffix() string {
	if s.narrowband {
		return s.copySuffix() + narrowbandSuffix
	}
	return s.copySuffix()
}

// BaseSamples is the length at the base rate of an utterance in this variant:
// [BaseSamples] of its samples at its rate times the speed. A narrowband copy
// has the timeline of its original. It is 0 for a variant that is none.
func (v Variant) BaseSamples(m Member, base int) int64 {
	s, err := v.parse()
	if err != nil {
		return 0
	}
	in, out := s.speed.rates(m.Rate, base)
	return BaseSamples(m.Samples, in, out)
}

var derivedSuffix = regexp.MustCompile(`\+(nb|sp[0-9.]+|p[0-9]+)$`)

// DerivedID reports whether an id has the form of the ids that planning makes
// up. A corpus with such utterance ids could have two examples of one id, so
// whoever reads the corpus refuses them.
func DerivedID(id string) bool {
	return strings.HasPrefix(id, concatPrefix) || strings.IndexByte(id, '+') >= 0 && derivedSuffix.MatchString(id)
}

// variants lists the steps of every variant that the configuration makes of an
// augmented split, each narrowband copy behind what it is a copy of.
func (c Config) variants() []steps {
	var all []steps
	for _, sp := range append([]speed{unchanged}, c.Speed.speeds()...) {
		for p := range 1 + c.perturbations() {
			all = append(all, steps{speed: sp, perturbation: p})
			if c.Narrowband.Mode != NarrowbandOff {
				all = append(all, steps{speed: sp, perturbation: p, narrowband: true})
			}
		}
	}
	return all
}

// perturbations is the number of perturbed copies.
func (c Config) perturbations() int {
	if c.perturbs() {
		return c.Perturb.Copies
	}
	return 0
}

// Variants lists the variants that the configuration makes of an augmented
// split's concatenations.
func (c Config) Variants() []Variant {
	var vs []Variant
	for _, s := range c.variants() {
		vs = append(vs, s.variant())
	}
	return vs
}

// Variants are the plain examples of one utterance: the original and, if its
// split is augmented, every other variant of the configuration. originals:
// false leaves out the original of an augmented split.
func Variants(m Member, c Config) []Recipe {
	all := []steps{{speed: unchanged}}
	if c.Augments(m.Split) {
		if all = c.variants(); !c.Originals {
			all = slices.Delete(all, 0, 1)
		}
	}
	rs := make([]Recipe, len(all))
	for i, s := range all {
		rs[i] = Recipe{ID: m.ID + s.suffix(), Split: m.Split, Variant: s.variant(), Parts: []Part{{Utterance: m.ID, Ref: m.Ref}}}
	}
	return rs
}
