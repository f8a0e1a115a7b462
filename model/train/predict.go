package train

import (
	"fmt"
	"math"
	"slices"

	"framewise/corpus"
	"framewise/dataset"
	"framewise/model"
	"framewise/model/decode"
	"framewise/model/score"
	"framewise/transforms"
)

// Predictor labels recordings by a trained network. It is not safe for
// concurrent use.
type Predictor struct {
	trained   *trained
	extractor *transforms.Extractor
	view      *dataset.View
	decoder   *decoder
}

// Prediction is what a network says of a recording.
type Prediction struct {
	Labels     []string           // classes, in their order
	Rate       int                // Hz, of the frames' timeline
	Framing    transforms.Framing // frames at Rate
	Frames     []int              // [T], the likeliest class of each frame
	Posteriors []float32          // [T, K]
	Segments   corpus.Alignment   // what was decoded, in samples of the recording as given
}

// LoadPredictor reads a run folder. Without a configuration of decoding it takes
// the run's own.
func LoadPredictor(run string, decoding *decode.Config) (*Predictor, error) {
	t, err := loadTrained(run)
	if err != nil {
		return nil, err
	}
	p := &Predictor{trained: t}
	if p.decoder, err = t.decoder(decoding); err != nil {
		return nil, fmt.Errorf("load run %q: %w", run, err)
	}
	if p.extractor, err = transforms.NewExtractor(t.front.Features, t.front.SampleRate); err != nil {
		return nil, fmt.Errorf("load run %q: %w", run, err)
	}
	if d := p.extractor.Dim(); d != t.front.F {
		return nil, fmt.Errorf("load run %q: its features are %d wide, its network was trained on %d", run, d, t.front.F)
	}
	if p.view, err = t.front.view(nil); err != nil {
		return nil, fmt.Errorf("load run %q: %w", run, err)
	}
	return p, nil
}

// BlankLabel is the class in predictions of a run trained with CTC that stands
// for no phone.
const BlankLabel = "<blank>"

// Labels are the classes, in their order; with CTC the last is the blank.
func (p *Predictor) Labels() []string {
	if p.trained.cfg.Loss.CTC() {
		return append(slices.Clone(p.trained.run.Labels), BlankLabel)
	}
	return p.trained.run.Labels
}

// Predict labels a recording of one channel: samples in int16 scale at rate
// Hz, resampled if the run's rate is another. CMVN by speaker takes the
// recording for a speaker of its own. Frames that a network with valid
// convolutions has no output for, at both ends, repeat the nearest one.
// Segments are what the decoder finds: the runs of the frames' classes without
// short ones (CTC's best path keeps short ones), or the result of its search; where
// in time the labels of a beam search are, CTC's likeliest path for them says.
func (p *Predictor) Predict(samples []float32, rate int) (*Prediction, error) {
	front := p.trained.front
	if rate < 1 {
		return nil, fmt.Errorf("predict: sample rate %d Hz, want at least 1", rate)
	}
	given := int64(len(samples))
	if rate != front.SampleRate {
		r, err := transforms.NewResampler(rate, front.SampleRate)
		if err != nil {
			return nil, fmt.Errorf("predict: %w", err)
		}
		samples = r.Resample(nil, samples)
	}
	frames := p.extractor.NumFrames(len(samples))
	net := p.trained.net
	if net.OutLen(frames) < 1 {
		return nil, fmt.Errorf("predict: the recording has %d frames, the network needs %d", frames, 2*net.Crop()+1)
	}
	ex := &dataset.Example{ID: "recording", NumFrames: int32(frames), Features: p.extractor.Compute(nil, samples),
		Parts: []dataset.Part{{Variant: "original", NumFrames: int32(frames)}}}
	posteriors, err := posteriorsOf(net, p.view.Apply(nil, ex), frames)
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	out := &Prediction{Labels: p.Labels(), Rate: front.SampleRate, Framing: p.extractor.Framing(), Posteriors: posteriors}
	for row := range slices.Chunk(posteriors, net.Classes()) {
		out.Frames = append(out.Frames, slices.Index(row, slices.Max(row)))
	}
	runs, err := p.runs(out.Frames, posteriors)
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	out.Segments = segments(runs, out.Labels, out.Framing, float64(rate)/float64(front.SampleRate), given)
	return out, nil
}

// runs decodes posteriors [T, K] whose likeliest classes are frames.
func (p *Predictor) runs(frames []int, posteriors []float32) ([]score.Run, error) {
	k := p.trained.net.Classes()
	path, err := p.decoder.path("recording", len(frames), func(t int) []float32 { return posteriors[t*k:][:k] })
	switch {
	case err != nil:
		return nil, err
	case path != nil:
		return score.Collapse(path, 1), nil
	case p.decoder.blank >= 0:
		return score.Collapse(frames, 1), nil
	}
	return score.Collapse(frames, p.decoder.cfg.MinFrames), nil
}

// posteriorsOf runs one utterance and gives every frame a distribution, [T, K].
func posteriorsOf(net *model.Network, x []float32, frames int) ([]float32, error) {
	var b model.Batch
	b.Resize(frames, 1, net.Inputs())
	b.Set(0, "", x, net.Inputs(), nil)
	p, err := net.Forward(&b)
	if err != nil {
		return nil, err
	}
	out := make([]float32, 0, frames*p.K)
	for t := range frames {
		out = append(out, p.Row(min(max(t-p.Crop, 0), p.T-1), 0)...)
	}
	return out, nil
}

// segments places runs of frames in a recording of n samples. A boundary lies
// halfway between the centers of the frames at its sides, so that every center
// is in the segment of its label. scale turns samples of the framing into
// samples of the recording.
func segments(runs []score.Run, labels []string, f transforms.Framing, scale float64, n int64) corpus.Alignment {
	var a corpus.Alignment
	begin := int64(0)
	for i, r := range runs {
		end := n
		if i < len(runs)-1 {
			middle := float64(f.Center(r.End-1)+f.Center(r.End)+1) / 2
			end = min(n, int64(math.Round(middle*scale)))
		}
		if end > begin {
			a = append(a, corpus.Segment{Begin: begin, End: end, Label: labels[r.Label]})
			begin = end
		}
	}
	return a
}
