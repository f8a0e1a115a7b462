package pipelines

import (
	"context"
	"errors"
	"fmt"

	"framewise/augment"
	"framewise/corpus"
	"framewise/dataset"
	"framewise/transforms"
)

// Maker turns recipes and their sources into the rows of a dataset. It owns
// scratch space and is not for concurrent use.
type Maker struct {
	config    BuildConfig
	rate      int // base rate in Hz
	labels    *corpus.LabelSet
	renderer  *augment.Renderer
	extractor extractors

	matrix  []float32   // memory for the next example's features
	sources [][]float32 // memory for the samples of an example's parts
}

// maxKept is how many samples or features are kept in memory for the next
// example to use: what is larger is rare.
const maxKept = 1 << 22

// kept is the memory of a slice, or nil if it is too large to be kept.
func kept(x []float32) []float32 {
	if cap(x) > maxKept {
		return nil
	}
	return x[:0]
}

// NewMaker makes a Maker for a base rate in Hz. labels is nil for a corpus
// without labels.
func NewMaker(cfg BuildConfig, rate int, labels *corpus.LabelSet) (*Maker, error) {
	x, err := newExtractors(cfg, rate)
	if err != nil {
		return nil, err
	}
	silence := ""
	if labels != nil {
		silence = labels.Silence
	}
	return &Maker{config: cfg, rate: rate, labels: labels, extractor: x,
		renderer: augment.NewRenderer(rate, cfg.Augment, cfg.Seed, silence)}, nil
}

// UseSounds says what the effects that draw recordings draw from.
func (m *Maker) UseSounds(by map[string]*augment.Sounds) { m.renderer.UseSounds(by) }

// extractors are the extractor of the base rate and, where copies keep half of
// it, that of half the rate.
type extractors struct {
	full, half *transforms.Extractor
	halfRate   int
}

func newExtractors(cfg BuildConfig, rate int) (x extractors, err error) {
	if x.full, err = transforms.NewExtractor(cfg.Features, rate); err != nil {
		return x, &ConfigError{"features", err}
	}
	if cfg.Augment.Narrowband.Mode != augment.NarrowbandKeep || len(cfg.Augment.Splits) == 0 {
		return x, nil
	}
	half, halfRate, err := cfg.Features.ForNarrowband(rate, cfg.Augment.Narrowband.KeepBand)
	if err != nil {
		return x, &ConfigError{"features", err}
	}
	x.halfRate = halfRate
	if x.half, err = transforms.NewExtractor(half, halfRate); err != nil {
		return x, &ConfigError{"features", err}
	}
	if x.half.Dim() != x.full.Dim() {
		return x, &ConfigError{"features", fmt.Errorf("features: %d wide at %d Hz and %d wide at %d Hz, want one width for a narrowband copy and its original",
			x.full.Dim(), rate, x.half.Dim(), halfRate)}
	}
	return x, nil
}

// Features is F, the width of a row of features.
func (m *Maker) Features() int { return m.extractor.full.Dim() }

// Framing is the framing of the base timeline, on which T and labels are.
func (m *Maker) Framing() transforms.Framing { return m.extractor.full.Framing() }

// Render renders a recipe into samples and alignment, without its features.
// What it returns is valid until the next call.
func (m *Maker) Render(r augment.Recipe, load func(augment.Part) (*augment.Source, error)) (*augment.Rendered, error) {
	return m.renderer.Render(r, load)
}

// errFeatures is wrapped by the errors of an example's features.
var errFeatures = errors.New("features")

// Make makes the row of a recipe. load gives the audio of its parts. A
// *corpus.Problem among the errors means that this example cannot be made and
// others can.
func (m *Maker) Make(r augment.Recipe, load func(augment.Part) (*augment.Source, error)) (*dataset.Example, error) {
	x, err := m.Render(r, load)
	if err != nil {
		return nil, err
	}
	t := m.Framing().NumFrames(int(x.BaseSamples))
	if t == 0 {
		return nil, &corpus.Problem{Reason: corpus.TooShort,
			Detail: fmt.Sprintf("%d samples at %d Hz, want at least one frame of %d", x.BaseSamples, x.BaseRate, m.Framing().Win)}
	}
	features, samples, err := m.features(x, t)
	if err != nil {
		return nil, fmt.Errorf("example %q: %w: %w", r.ID, errFeatures, err)
	}
	ex := &dataset.Example{ID: r.ID, Speaker: x.Speaker, Text: x.Text, SampleRate: int32(x.Rate), NumSamples: int64(samples),
		NumFrames: int32(t), Features: features, Parts: m.parts(x)}
	if err := m.label(ex, x); err != nil {
		return nil, fmt.Errorf("example %q: %w", r.ID, err)
	}
	return ex, nil
}

// features computes the spectrum of exactly t frames, and says how many
// samples it came from: a copy at another rate is cut or zero-extended, by at
// most a hop, to keep its original's frames.
func (m *Maker) features(x *augment.Rendered, t int) ([]float32, int, error) {
	e := m.extractor.full
	if x.Rate != m.rate {
		e = m.extractor.half
	}
	if e == nil || e.Framing().Hop == 0 || (x.Rate != m.rate && x.Rate != m.extractor.halfRate) {
		return nil, 0, fmt.Errorf("samples at %d Hz, want %d", x.Rate, m.rate)
	}
	samples := x.Samples
	if n := e.Framing().FitLength(len(samples), t); n <= len(samples) {
		samples = samples[:n]
	} else {
		samples = append(samples, make([]float32, n-len(samples))...)
	}
	out := e.Compute(m.matrix, samples)
	m.matrix = nil
	if want := t * e.Dim(); len(out) != want {
		return nil, 0, fmt.Errorf("%d features of %d samples at %d Hz, want %d for %d frames", len(out), len(samples), x.Rate, want, t)
	}
	for i, v := range out {
		if fault := m.unfit(v); fault != "" {
			return nil, 0, &corpus.Problem{Reason: corpus.UnreadableAudio, At: fmt.Sprintf("frame %d", i/e.Dim()),
				Detail: fmt.Sprintf("feature %d is %g: %s", i%e.Dim(), v, fault)}
		}
	}
	return out, len(samples), nil
}

// unfit says why a feature cannot be stored, or "".
func (m *Maker) unfit(v float32) string {
	switch {
	case v-v != 0: // infinite or not a number
		return "the samples are too large; want audio within the scale of its format"
	case m.config.Shard.DType == dataset.DTypeFloat16 && !dataset.HalfHolds(v):
		return "float16 holds at most 65504; want shard.dtype: " + dataset.DTypeFloat32 + ", or features with a logarithm"
	}
	return ""
}

// label fills in frame labels and phones.
func (m *Maker) label(ex *dataset.Example, x *augment.Rendered) error {
	if m.labels == nil {
		return nil
	}
	if x.Alignment != nil {
		ex.Labels = corpus.FrameLabels(nil, x.Alignment, 0, m.Framing(), int(ex.NumFrames), m.labels.Index)
	}
	if x.Phones == nil {
		return nil
	}
	ex.Phones = make([]int16, len(x.Phones))
	for i, p := range x.Phones {
		class := m.labels.Index(p)
		if class < 0 {
			return &corpus.Problem{Reason: corpus.UnknownLabel, Detail: fmt.Sprintf("phone %d is %q, which %s does not have", i, p, m.labels.Name)}
		}
		ex.Phones[i] = int16(class)
	}
	return nil
}

// parts is the provenance of an example, whose frames are its parts'.
func (m *Maker) parts(x *augment.Rendered) []dataset.Part {
	spans := augment.FrameSpans(x.Parts, m.Framing())
	parts := make([]dataset.Part, len(x.Parts))
	for i, p := range x.Parts {
		parts[i] = dataset.Part{Utterance: p.Utterance, Speaker: p.Speaker, Variant: string(p.Variant), Rate: int32(p.Rate),
			BeginSample: p.BeginSample, NumSamples: p.NumSamples, GapBefore: p.GapBefore,
			BeginFrame: int32(spans[i].Begin), NumFrames: int32(spans[i].Count), Effects: p.Effects}
	}
	return parts
}

// outcome is what became of one planned example.
type outcome struct {
	example *dataset.Example
	rejects []dataset.Reject // why there is none: the utterances at fault, then the example
	err     error            // a fault that ends the build
}

// try makes an example or says why it cannot be made. All its parts are looked
// at even when the first is bad, so that the same utterances are rejected
// whichever shard meets them.
func (m *Maker) try(ctx context.Context, r augment.Recipe, utterance func(augment.Part) (*corpus.Utterance, error), manifest string) outcome {
	var bad []dataset.Reject
	loaded := make(map[string]*augment.Source, len(r.Parts))
	for len(m.sources) < len(r.Parts) {
		m.sources = append(m.sources, nil)
	}
	for i, p := range r.Parts {
		u, err := utterance(p)
		if err != nil {
			return outcome{err: err}
		}
		src, err := loadSource(ctx, m.sources[i], manifest, u)
		var problem *corpus.Problem
		if err != nil && !errors.As(err, &problem) {
			return outcome{err: err}
		}
		if problem != nil {
			bad = append(bad, rejectOf(u, problem))
			continue
		}
		loaded[p.Utterance], m.sources[i] = src, kept(src.Samples)
	}
	if len(bad) > 0 {
		return outcome{rejects: append(bad, lostPart(r, bad))}
	}
	ex, err := m.Make(r, func(p augment.Part) (*augment.Source, error) { return loaded[p.Utterance], nil })
	var problem *corpus.Problem
	if errors.As(err, &problem) {
		stage := stageRender
		if errors.Is(err, errFeatures) {
			stage = stageFeatures
		}
		return outcome{rejects: []dataset.Reject{{Kind: dataset.RejectExample, ID: r.ID, Stage: stage, Reason: problem.Reason, At: problem.At, Detail: problem.Detail}}}
	}
	return outcome{example: ex, err: err}
}

// rejectOf is the reject of an utterance whose recording cannot be read.
func rejectOf(u *corpus.Utterance, p *corpus.Problem) dataset.Reject {
	return dataset.Reject{Kind: dataset.RejectUtterance, ID: u.ID, Stage: stageRead, Reason: p.Reason, URI: u.URI, At: p.At, Detail: p.Detail}
}

// lostPart is the reject of an example whose utterances were rejected.
func lostPart(r augment.Recipe, bad []dataset.Reject) dataset.Reject {
	detail := fmt.Sprintf("utterance %q was rejected: %s", bad[0].ID, bad[0].Reason)
	if n := len(bad) - 1; n > 0 {
		detail += fmt.Sprintf(", and %d more of its %d", n, len(r.Parts))
	}
	return dataset.Reject{Kind: dataset.RejectExample, ID: r.ID, Stage: stageRead, Reason: corpus.LostPart, URI: bad[0].URI, Detail: detail}
}
