package augment

import (
	"fmt"
	"slices"

	"framewise/corpus"
	"framewise/transforms"
)

// Renderer turns recipes into samples and alignments, one at a time. It owns
// its buffers and resamplers, so that rendering many examples allocates little;
// it is not for concurrent use.
type Renderer struct {
	rate       int // base rate in Hz
	config     Config
	seed       uint64
	silence    string // the label set's silence label, "" if it has none
	joined     []float32
	half, full []float32 // scratch of the narrowband copy
	resampled  []float32
	powers     []float64
	sounds     map[string]*Sounds // by effect
	sound32    []float32          // scratch of effects: a sound at its own rate
	soundBase  []float32          // and at the base rate
	wet        []float32          // convolved
	convolver  *transforms.Convolver
	resamplers map[[2]int]*transforms.Resampler // by rates in and out
}

// NewRenderer makes a renderer for a base rate in Hz, a valid configuration and
// a seed. silence is the label that gaps take, "" if the label set has none.
func NewRenderer(rate int, c Config, seed uint64, silence string) *Renderer {
	return &Renderer{rate: rate, config: c, seed: seed, silence: silence,
		resamplers: map[[2]int]*transforms.Resampler{}}
}

// Render renders one recipe with a renderer of its own.
func Render(r Recipe, rate int, c Config, seed uint64, silence string, load func(Part) (*Source, error)) (*Rendered, error) {
	return NewRenderer(rate, c, seed, silence).Render(r, load)
}

// Render renders a recipe. It calls load for one part after the other and holds
// none of what load returns. Samples of an original with gaps of 0 at the base
// rate are the recordings' bit for bit. Errors of load come back wrapped; a
// part without samples is a [corpus.Problem] with the reason too-short.
func (x *Renderer) Render(r Recipe, load func(Part) (*Source, error)) (*Rendered, error) {
	s, err := x.check(r)
	if err != nil {
		return nil, fmt.Errorf("render %q: %w", r.ID, err)
	}
	j := joint{rate: x.rate, silence: x.silence, phones: []string{}}
	done := make([]effects, len(r.Parts))
	x.joined = x.joined[:0]
	for i, p := range r.Parts {
		src, err := load(p)
		if err == nil {
			done[i], err = x.append(&j, p, src, s)
		}
		if err != nil {
			return nil, fmt.Errorf("render %q: part %d, utterance %q: %w", r.ID, i+1, p.Utterance, err)
		}
	}
	out := j.rendered(int64(len(x.joined)))
	x.fillGaps(r, out.Parts, done)
	out.Samples = x.joined
	if s.narrowband {
		if err := x.bandLimit(out, done); err != nil {
			return nil, fmt.Errorf("render %q: %w", r.ID, err)
		}
	}
	for i := range out.Parts {
		if out.Parts[i].Effects, err = done[i].json(); err != nil {
			return nil, fmt.Errorf("render %q: effects of part %d: %w", r.ID, i+1, err)
		}
	}
	return out, nil
}

// check refuses recipes that this configuration cannot have planned, and takes
// the variant of the others apart.
func (x *Renderer) check(r Recipe) (steps, error) {
	s, err := r.Variant.parse()
	switch {
	case x.rate <= 0:
		return s, fmt.Errorf("base rate %d Hz, want > 0", x.rate)
	case len(r.Parts) == 0:
		return s, fmt.Errorf("recipe without parts, want at least one")
	case err != nil:
		return s, err
	case s.narrowband && x.config.Narrowband.Mode != NarrowbandKeep && x.config.Narrowband.Mode != NarrowbandRestore:
		return s, fmt.Errorf("narrowband copy with augment.narrowband.mode %q, want %s or %s", x.config.Narrowband.Mode, NarrowbandKeep, NarrowbandRestore)
	case s.narrowband && x.config.Narrowband.Mode == NarrowbandKeep && x.rate%2 != 0:
		return s, fmt.Errorf("narrowband copy of %d Hz, want an even rate to halve, or augment.narrowband.mode: %s", x.rate, NarrowbandRestore)
	case !slices.Contains(x.config.variants(), s):
		return s, fmt.Errorf("variant %q, which the augment configuration does not make", r.Variant)
	case r.Parts[0].Gap != 0:
		return s, fmt.Errorf("gap of %d samples before the first part, want 0", r.Parts[0].Gap)
	}
	longest := int64(maxGapMs) * int64(x.rate) / 1000
	for i, p := range r.Parts {
		if p.Gap < 0 || p.Gap > longest {
			return s, fmt.Errorf("gap of %d samples before part %d, want 0 to %d", p.Gap, i+1, longest)
		}
	}
	return s, nil
}

// append joins a part to what there is, after a gap of zeros.
func (x *Renderer) append(j *joint, p Part, src *Source, s steps) (effects, error) {
	fx := effects{}
	if len(src.Samples) == 0 {
		return nil, &corpus.Problem{Reason: corpus.TooShort, Detail: "the utterance has no samples, want at least one"}
	}
	samples := src.Samples
	in, out := s.speed.rates(src.Rate, x.rate)
	if in != out {
		var err error
		if x.resampled, err = x.resample(x.resampled, samples, in, out); err != nil {
			return nil, err
		}
		samples = x.resampled
	}
	if src.Rate != x.rate {
		fx["resample"] = map[string]any{"to": x.rate}
	}
	if s.speed != unchanged {
		fx["speed"] = map[string]any{"factor": s.speed.factor()}
	}
	gap := len(x.joined) + int(p.Gap)
	x.joined = slices.Grow(x.joined, int(p.Gap)+len(samples))
	clear(x.joined[len(x.joined):gap])
	x.joined = append(x.joined[:gap], samples...)
	if err := x.perturb(fx, p.Utterance, s, x.joined[gap:]); err != nil {
		return nil, err
	}
	j.add(src, RenderedPart{
		Utterance: p.Utterance, Speaker: src.Speaker, Variant: s.variant(), Rate: src.Rate,
		BeginSample: src.Begin, NumSamples: int64(len(src.Samples)),
		GapBefore: p.Gap, Begin: int64(gap), Length: int64(len(samples)),
	}, in, out)
	return fx, nil
}

// bandLimit replaces the samples of an example by those of its narrowband copy,
// which has no delay: with keep at half the rate, with restore as many as before
// (and band-limited to half the rate rounded down to whole Hz).
func (x *Renderer) bandLimit(out *Rendered, fx []effects) error {
	var err error
	mode, half := x.config.Narrowband.Mode, x.rate/2
	if x.half, err = x.resample(x.half, out.Samples, x.rate, half); err != nil {
		return err
	}
	effect := map[string]any{"mode": mode, "rate": half}
	if mode == NarrowbandKeep {
		effect["keep_band"] = x.config.Narrowband.KeepBand
		out.Samples, out.Rate = x.half, half
	} else {
		if x.full, err = x.resample(x.full, x.half, half, x.rate); err != nil {
			return err
		}
		out.Samples = x.full[:out.BaseSamples] // both ways round up, so there are enough
	}
	for i := range fx {
		fx[i]["narrowband"] = effect
	}
	return nil
}

// resample resamples src into dst, which it grows as needed.
func (x *Renderer) resample(dst, src []float32, in, out int) ([]float32, error) {
	key := [2]int{in, out}
	r := x.resamplers[key]
	if r == nil {
		var err error
		if r, err = transforms.NewResampler(in, out); err != nil {
			return dst, fmt.Errorf("resample from %d to %d Hz: %w", in, out, err)
		}
		x.resamplers[key] = r
	}
	n := r.OutLen(len(src))
	return r.Resample(slices.Grow(dst[:0], n)[:n], src), nil
}
