package augment

import (
	"fmt"

	"framewise/corpus/draw"
	"framewise/transforms/detmath"
)

// effect changes the samples of a part of a perturbed copy, at the base rate,
// without moving them in time: alignment, labels and T stay those of the
// original. A new one is a file with its configuration and these methods, its
// key in [Config], and its place in [Config.effects].
type effect interface {
	// name is the effect's key in the configuration and in a part's effects,
	// and the purpose of its draws.
	name() string
	// IsZero reports whether the effect is off; encoding/json asks it too.
	IsZero() bool
	// validate returns the faults of an effect that is not IsZero.
	validate() []error
	// chance is the probability with which a part gets the effect.
	chance() float64
	// apply changes samples in place and returns all that it drew or measured,
	// as JSON values. Numbers 1 and up of the key's stream are its own.
	apply(x *Renderer, samples []float32, k draw.Key) (map[string]any, error)
}

// effects lists the effects in the order in which they are applied: what
// happens in the room, what is heard beside it, and how it is recorded.
func (c Config) effects() []effect { return []effect{c.Reverb, c.Noise, c.Gain} }

// perturbs reports whether perturbed copies are made: whether an effect is on.
func (c Config) perturbs() bool {
	for _, e := range c.effects() {
		if !e.IsZero() {
			return true
		}
	}
	return false
}

// PerturbConfig says how many perturbed copies are made of every utterance at
// every speed, where an effect (gain, noise, reverb) is on.
type PerturbConfig struct {
	Copies int `yaml:"copies" json:"copies"`
}

// drawnEffect is an effect that a part gets, and the key of its draws.
type drawnEffect struct {
	effect
	key draw.Key
}

// drawn lists the effects that an utterance's part gets in a variant.
func (c Config) drawn(seed uint64, utterance string, s steps) []drawnEffect {
	if !s.perturbed() {
		return nil
	}
	var all []drawnEffect
	for _, e := range c.effects() {
		if e.IsZero() {
			continue
		}
		key := draw.New(seed, e.name(), utterance+s.copySuffix(), s.perturbation-1)
		if key.Float64(0) < e.chance() {
			all = append(all, drawnEffect{e, key})
		}
	}
	return all
}

// perturb applies a part's effects to its samples and notes them.
func (x *Renderer) perturb(fx effects, utterance string, s steps, samples []float32) error {
	for _, e := range x.config.drawn(x.seed, utterance, s) {
		done, err := e.apply(x, samples, e.key)
		if err != nil {
			return fmt.Errorf("augment.%s: %w", e.name(), err)
		}
		fx[e.name()] = done
	}
	return nil
}

// maxDB bounds levels, in dB to either side.
const maxDB = 100

// validateDB says what is wrong with a list of levels that is not empty.
func validateDB(key string, db []float64) []error {
	var errs []error
	for _, v := range db {
		if !(v >= -maxDB && v <= maxDB) {
			errs = append(errs, fmt.Errorf("%s: %g dB, want %d to %d", key, v, -maxDB, maxDB))
		}
	}
	if len(db) == 2 && db[0] > db[1] {
		errs = append(errs, fmt.Errorf("%s: [%g, %g], want [lowest, highest]", key, db[0], db[1]))
	}
	return errs
}

func validateChance(key string, p float64) []error {
	if p > 0 && p <= 1 {
		return nil
	}
	return []error{fmt.Errorf("%s.probability: %g, want a number above 0 and up to 1", key, p)}
}

// pickDB draws a level with number i of a key's stream: one number stands for
// itself, two are the ends of a uniform range, more are a list to pick from.
func pickDB(db []float64, k draw.Key, i int) float64 {
	switch len(db) {
	case 1:
		return db[0]
	case 2:
		return db[0] + float64(k.Float64(i)*(db[1]-db[0]))
	}
	return db[k.IntN(i, len(db))]
}

// amplitude is the factor 10^(db/20).
func amplitude(db float64) float64 { return detmath.Pow(10, db/20) }
