package augment

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"framewise/corpus"
)

// The bounds that keep a slip of the finger from asking for years of audio.
const (
	maxCopies        = 1000
	maxPerturbations = 100
	maxGapMs         = 60000
	maxConcatSeconds = 1e6 // as samples it is a whole number far below 2^63 at any rate
)

// Validate returns every fault of the configuration, joined, each with its key,
// its value and what is allowed. What is switched off (mode: off, copies: 0) is
// not looked at further.
func (c Config) Validate() error {
	var errs []error
	for i, s := range c.Splits {
		if err := oneOf("augment.splits", s, corpus.Splits...); err != nil {
			errs = append(errs, err)
		}
		if slices.Contains(c.Splits[:i], s) {
			errs = append(errs, fmt.Errorf("augment.splits: %q twice, want each split once", s))
		}
	}
	errs = append(errs, oneOf("augment.narrowband.mode", c.Narrowband.Mode, NarrowbandOff, NarrowbandKeep, NarrowbandRestore))
	if c.Narrowband.Mode == NarrowbandKeep {
		errs = append(errs, oneOf("augment.narrowband.keep_band", c.Narrowband.KeepBand, BandOwn, BandSame))
	}
	errs = append(errs, c.Concat.validate()...)
	errs = append(errs, c.Speed.validate()...)
	errs = append(errs, c.validatePerturb()...)
	if !c.Originals && len(c.variants()) == 1 && c.Concat.Copies == 0 && len(c.Splits) > 0 {
		errs = append(errs, errors.New("augment.originals: false with narrowband.mode off and concat.copies 0 leaves no examples, want true, or one of them, speed.factors or an effect on"))
	}
	return errors.Join(errs...)
}

// validatePerturb looks at the effects that are on.
func (c Config) validatePerturb() []error {
	var errs []error
	for _, e := range c.effects() {
		if !e.IsZero() {
			errs = append(errs, e.validate()...)
		}
	}
	if n := c.Perturb.Copies; c.perturbs() && (n < 1 || n > maxPerturbations) {
		errs = append(errs, fmt.Errorf("augment.perturb.copies: %d, want 1 to %d where gain, noise or reverb is on", n, maxPerturbations))
	}
	return errs
}

func (c ConcatConfig) validate() []error {
	const key = "augment.concat."
	if c.Copies < 0 || c.Copies > maxCopies {
		return []error{fmt.Errorf(key+"copies: %d, want 0 (off) to %d", c.Copies, maxCopies)}
	}
	if c.Copies == 0 {
		return nil
	}
	var errs []error
	if c.Min < 2 {
		errs = append(errs, fmt.Errorf(key+"min: %d, want at least 2 (one utterance alone is its plain example)", c.Min))
	}
	if c.Max < c.Min {
		errs = append(errs, fmt.Errorf(key+"max: %d, want at least min, which is %d", c.Max, c.Min))
	}
	if len(c.GapMs) != 2 || c.GapMs[0] < 0 || c.GapMs[0] > c.GapMs[1] || c.GapMs[1] > maxGapMs {
		errs = append(errs, fmt.Errorf(key+"gap_ms: %v, want [shortest, longest] in milliseconds with 0 <= shortest <= longest <= %d", c.GapMs, maxGapMs))
	}
	if !(c.MaxSeconds >= 0 && c.MaxSeconds <= maxConcatSeconds) {
		errs = append(errs, fmt.Errorf(key+"max_seconds: %g, want a number of seconds up to %g, or 0 for no limit", c.MaxSeconds, float64(maxConcatSeconds)))
	}
	return append(errs,
		oneOf(key+"partner", c.Partner, PartnerAny, PartnerSame, PartnerDifferent),
		oneOf(key+"gap_fill", c.GapFill, FillNoise, FillZero),
		oneOf(key+"leftovers", c.Leftovers, LeftoversKeep, LeftoversDrop, LeftoversWrap))
}

// oneOf is nil if the value is among those allowed.
func oneOf(key, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	last := len(allowed) - 1
	return fmt.Errorf("%s: %q, want %s or %s", key, value, strings.Join(allowed[:last], ", "), allowed[last])
}
