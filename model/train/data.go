package train

import (
	"fmt"
	"math"
	"slices"

	"framewise/corpus"
	"framewise/corpus/draw"
	"framewise/dataset"
	"framewise/model"
	"framewise/model/nn"
)

// source is a split as the loop reads it.
type source interface {
	Len() int
	Meta(i int) dataset.Meta
	Example(i int) (*dataset.Example, error)
}

// viewer turns an example's spectrum into what a network reads, [T, I]:
// CMVN and deltas. dst is reused if it is long enough.
type viewer interface {
	Apply(dst []float32, ex *dataset.Example) []float32
}

// material is everything that a training run takes from a dataset.
type material struct {
	checksum  string // of dataset.json
	labels    *corpus.LabelSet
	histogram []int64 // frames of train by label of the set
	f         int     // values of a frame
	view      viewer
	front     Frontend // what predict will need
	train     source
	dev       source // nil if there is none
}

// classes counts the frames of the training split by class after folding,
// without those that folding masks.
func (m *material) classes(fold *corpus.Folding) []int64 {
	counts := make([]int64, len(fold.Labels))
	for label, n := range m.histogram {
		if class := fold.Map[label]; class >= 0 {
			counts[class] += n
		}
	}
	return counts
}

// majority is the commonest class of the training split, the first of equals.
func (m *material) majority(fold *corpus.Folding) int {
	counts := m.classes(fold)
	best := 0
	for class, n := range counts {
		if n > counts[best] {
			best = class
		}
	}
	return best
}

// items lists the examples of a split that are long enough for the network,
// and the ids of those that are not. With plain, concatenations and copies are
// left out: what is scored is unaugmented.
func items(s source, net *model.Network, plain bool) (fit []item, skipped []string) {
	for i := range s.Len() {
		m := s.Meta(i)
		switch {
		case plain && !unaugmented(m):
		case net.OutLen(int(m.NumFrames)) < 1:
			skipped = append(skipped, m.ID)
		default:
			fit = append(fit, item{index: i, frames: int(m.NumFrames)})
		}
	}
	slices.Sort(skipped)
	return fit, skipped
}

// unaugmented says whether an example is an utterance as it was recorded.
func unaugmented(m dataset.Meta) bool {
	return m.Parts <= 1 && (m.Variant == "" || m.Variant == "original")
}

// reader makes batches of a split's examples.
type reader struct {
	src     source
	view    viewer
	fold    *corpus.Folding
	ctc     bool // the loss is CTC: examples need phones
	inputs  int
	f       int     // values of a frame before deltas
	noise   float64 // standard deviation of what is added to the inputs
	spec    SpecAugmentConfig
	seed    uint64
	readers int  // goroutines that read ahead
	counted bool // padding is frames of class 0
	target  int  // what examples are padded to at least
	scratch []float32
	folded  []int16
	scorer  nn.CTCScorer
	decoder *decoder // of passes; nil: the likeliest class of each frame
}

// FeatureError says that a feature, as a network would read it, is no number.
type FeatureError struct {
	ID           string // of the example
	Frame, Index int
	Value        float32
}

func (e *FeatureError) Error() string {
	return fmt.Sprintf("feature %d of frame %d of %q is %v, want a number; `framewise verify` checks the dataset", e.Index, e.Frame, e.ID, e.Value)
}

// notFinite is the place of the first NaN or infinity, or -1. A network would
// find them too, but could not say whose they are.
func notFinite(x []float32) int {
	for i, v := range x {
		if v-v != 0 {
			return i
		}
	}
	return -1
}

// id names an example of the split.
func (r *reader) id(index int) string { return r.src.Meta(index).ID }

// load fills a batch with the examples of those indices.
func (r *reader) load(b *model.Batch, indices []int, epoch int) ([]*dataset.Example, error) {
	examples := make([]*dataset.Example, len(indices))
	longest := 0
	for j, i := range indices {
		ex, err := r.src.Example(i)
		if err != nil {
			return nil, fmt.Errorf("read example %d: %w", i, err)
		}
		examples[j], longest = ex, max(longest, int(ex.NumFrames))
	}
	longest = max(longest, r.target)
	b.Resize(longest, len(indices), r.inputs)
	for j, ex := range examples {
		b.IDs[j] = ex.ID
	}
	for j, ex := range examples {
		r.scratch = r.view.Apply(r.scratch, ex)
		x := r.scratch[:int(ex.NumFrames)*r.inputs]
		if i := notFinite(x); i >= 0 {
			return nil, &FeatureError{ID: ex.ID, Frame: i / r.inputs, Index: i % r.inputs, Value: x[i]}
		}
		if r.noise > 0 {
			addNoise(x, r.noise, draw.New(r.seed, "input noise", ex.ID, epoch))
		}
		if r.spec.on() {
			r.spec.apply(x, r.inputs, r.f, r.seed, ex.ID, epoch)
		}
		labels := r.classes(ex)
		if r.counted {
			x, labels = padded(x, r.inputs, labels, longest)
		}
		b.Set(j, ex.ID, x, r.inputs, labels)
		if r.ctc {
			if ex.Phones == nil {
				return nil, fmt.Errorf("example %q has no phones, which the loss %s needs", ex.ID, model.LossCTC)
			}
			b.Targets = append(b.Targets, phonesOf(ex, r.fold))
		}
	}
	return examples, nil
}

// classes are the folded labels of an example, [T] or none; valid until the
// next call.
func (r *reader) classes(ex *dataset.Example) []int16 {
	r.folded = r.folded[:0]
	for _, l := range ex.Labels {
		if l >= 0 {
			l = r.fold.Map[l]
		}
		r.folded = append(r.folded, l)
	}
	return r.folded
}

// addNoise adds normally distributed numbers (Box and Muller 1958).
func addNoise(x []float32, deviation float64, key draw.Key) {
	for i := 0; i < len(x); i += 2 {
		radius := deviation * math.Sqrt(-2*math.Log(1-key.Float64(i)))
		sin, cos := math.Sincos(2 * math.Pi * key.Float64(i+1))
		x[i] += float32(radius * cos)
		if i+1 < len(x) {
			x[i+1] += float32(radius * sin)
		}
	}
}
