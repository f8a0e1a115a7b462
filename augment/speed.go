package augment

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"framewise/transforms"
)

// SpeedConfig asks for copies at other speeds.
//
// Each factor other than 1 makes one copy of every utterance, of which
// everything that is made of the utterance is made too: its narrowband copy and
// its concatenations, with other parts of that speed. A copy at factor f is the
// recording played at f times its rate: it has ceil(n/f) of n samples, pitch and
// formants rise by f, and a boundary at sample b comes to round(b/f).
type SpeedConfig struct {
	Factors []float64 `yaml:"factors,flow" json:"factors"` // none = off; 1 stands for the original, which is there anyway
}

// The factors that are allowed, and how many decimals they may have: the ratio
// of the resampler stays small.
const (
	slowest       = 0.5
	fastest       = 2.0
	speedDecimals = 3
)

// speed is a factor as a fraction in lowest terms.
type speed struct{ num, den int }

var unchanged = speed{1, 1}

// speedOf is the fraction that the shortest decimal of a factor says: 0.9 is
// 9/10, whatever the nearest float64 is.
func speedOf(factor float64) (speed, error) {
	return parseSpeed(strconv.FormatFloat(factor, 'f', -1, 64))
}

func parseSpeed(s string) (speed, error) {
	f, err := strconv.ParseFloat(s, 64)
	whole, decimals, _ := strings.Cut(s, ".")
	if err != nil || !(f >= slowest && f <= fastest) || len(decimals) > speedDecimals {
		return unchanged, fmt.Errorf("%s, want a factor from %g to %g with at most %d decimals", s, slowest, fastest, speedDecimals)
	}
	num, err := strconv.Atoi(whole + decimals)
	if err != nil {
		return unchanged, fmt.Errorf("%s, want a decimal number", s)
	}
	den := 1
	for range decimals {
		den *= 10
	}
	g := gcd(num, den)
	return speed{num / g, den / g}, nil
}

// String is the factor's shortest decimal.
func (s speed) String() string { return strconv.FormatFloat(s.factor(), 'f', -1, 64) }

func (s speed) factor() float64 { return float64(s.num) / float64(s.den) }

// rates are the rates, without common divisors, between which samples at one
// rate are resampled to have this speed at another.
func (s speed) rates(from, to int) (in, out int) {
	in, out = from*s.num, to*s.den
	if g := gcd(in, out); g > 0 {
		return in / g, out / g
	}
	return in, out
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// speeds are the factors other than 1, of a valid configuration.
func (c SpeedConfig) speeds() []speed {
	var all []speed
	for _, f := range c.Factors {
		if s, err := speedOf(f); err == nil && s != unchanged {
			all = append(all, s)
		}
	}
	return all
}

func (c SpeedConfig) validate() []error {
	var errs []error
	for i, f := range c.Factors {
		if _, err := speedOf(f); err != nil {
			errs = append(errs, fmt.Errorf("augment.speed.factors: %w", err))
		}
		if slices.Contains(c.Factors[:i], f) {
			errs = append(errs, fmt.Errorf("augment.speed.factors: %g twice, want each factor once", f))
		}
	}
	return errs
}

// CheckRate is the error of recordings at a rate in Hz, of a split that is
// augmented, whose copies at some speed cannot be brought to the base rate,
// because no filter is made for such a ratio.
func (c SpeedConfig) CheckRate(from, base int) error {
	for _, s := range c.speeds() {
		if err := transforms.CheckResampler(s.rates(from, base)); err != nil {
			return fmt.Errorf("augment.speed.factors: %v for recordings at %d Hz: %w", s, from, err)
		}
	}
	return nil
}
