package transforms

import "fmt"

// FramingRule says which samples make a frame at the edges of a signal.
type FramingRule string

// The framing rules. T is the number of frames of n samples.
const (
	// FramingPSF is python_speech_features' rule: lead 0, the tail is zero
	// padded; T = 1 for 0 < n <= win, else 1 + ceil((n-win)/hop).
	FramingPSF FramingRule = "psf"
	// FramingKaldiSnip is Kaldi's --snip-edges=true: lead 0, only whole frames;
	// T = 0 for n < win, else 1 + floor((n-win)/hop).
	FramingKaldiSnip FramingRule = "kaldi-snip"
	// FramingKaldi is Kaldi's --snip-edges=false: frames are centred on
	// multiples of the hop and the signal is mirrored at both ends;
	// lead = win/2 - hop/2, T = floor((n + hop/2)/hop).
	FramingKaldi FramingRule = "kaldi"
)

// Framing maps frames to samples. It is the only place that knows the rule,
// for features and labels alike: frame t covers [t*Hop-Lead, t*Hop-Lead+Win).
type Framing struct {
	Rule FramingRule
	Win  int // frame length in samples
	Hop  int // frame shift in samples
	Lead int // samples that frame 0 begins before sample 0
}

// maxFraming bounds frame and hop in samples; beyond some such bound the
// conversion of a float64 to int depends on the CPU.
const maxFraming = 1 << 31

// NewFraming resolves a rule at a sample rate in Hz. Milliseconds become
// samples by the rule's own rounding: half up for psf, truncated for Kaldi.
func NewFraming(rule FramingRule, rate int, winMs, hopMs float64) (Framing, error) {
	f := Framing{Rule: rule}
	if rate <= 0 {
		return f, fmt.Errorf("framing: sample rate %d, want > 0", rate)
	}
	win, hop := winMs*float64(rate)/1000, hopMs*float64(rate)/1000
	if !(win < maxFraming && hop < maxFraming) { // also refuses NaN
		return f, fmt.Errorf("framing: %g ms frames every %g ms at %d Hz are %g and %g samples, want less than %d", winMs, hopMs, rate, win, hop, maxFraming)
	}
	switch rule {
	case FramingPSF:
		f.Win, f.Hop = int(win+0.5), int(hop+0.5)
	case FramingKaldiSnip, FramingKaldi:
		f.Win, f.Hop = int(win), int(hop)
	default:
		return f, fmt.Errorf("framing: unknown rule %q, want %q, %q or %q", rule, FramingPSF, FramingKaldiSnip, FramingKaldi)
	}
	if f.Win < 2 || f.Hop < 1 {
		return f, fmt.Errorf("framing: %g ms frames every %g ms at %d Hz are %d and %d samples, want at least 2 and 1", winMs, hopMs, rate, f.Win, f.Hop)
	}
	if rule == FramingKaldi {
		f.Lead = f.Win/2 - f.Hop/2
	}
	return f, nil
}

// NumFrames is the number of frames of a signal of n samples. No samples have
// no frames under any rule.
func (f Framing) NumFrames(n int) int {
	if n <= 0 {
		return 0
	}
	switch f.Rule {
	case FramingPSF:
		if n <= f.Win {
			return 1
		}
		return 1 + (n-f.Win+f.Hop-1)/f.Hop
	case FramingKaldiSnip:
		if n < f.Win {
			return 0
		}
		return 1 + (n-f.Win)/f.Hop
	default:
		return (n + f.Hop/2) / f.Hop
	}
}

// Begin is the first sample of frame t; it may be negative.
func (f Framing) Begin(t int) int { return t*f.Hop - f.Lead }

// Center is the sample whose segment labels frame t.
func (f Framing) Center(t int) int { return t*f.Hop - f.Lead + f.Win/2 }

// FirstCenteredAt is the first frame whose centre is at sample s or later.
func (f Framing) FirstCenteredAt(s int) int {
	d := s - f.Win/2 + f.Lead
	if d <= 0 {
		return 0
	}
	return (d + f.Hop - 1) / f.Hop
}

// FitLength is the length nearest to n that has exactly t frames. A copy of a
// signal at another rate is cut or zero-extended to it, so that it keeps its
// original's frame count.
func (f Framing) FitLength(n, t int) int {
	lo, hi := 0, 0
	switch {
	case t <= 0:
		return 0
	case f.Rule == FramingPSF && t == 1:
		lo, hi = 1, f.Win
	case f.Rule == FramingPSF:
		lo, hi = f.Win+(t-2)*f.Hop+1, f.Win+(t-1)*f.Hop
	case f.Rule == FramingKaldiSnip:
		lo, hi = f.Win+(t-1)*f.Hop, f.Win+t*f.Hop-1
	default:
		lo = t*f.Hop - f.Hop/2
		hi = lo + f.Hop - 1
	}
	return min(max(n, lo), hi)
}
