package model

import (
	"errors"
	"fmt"
	"math"

	"framewise/model/nn"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Names of losses.
const (
	LossFrames = "frames" // cross-entropy of every labelled frame
	LossCTC    = "ctc"    // connectionist temporal classification of an utterance's phones
)

// Loss says what training minimizes: the `loss` block of train.yaml.
type Loss struct {
	Name           string       `yaml:"name" json:"name"`                       // frames | ctc
	LabelSmoothing float64      `yaml:"label_smoothing" json:"label_smoothing"` // frames: share of the target that is spread over all classes
	ClassWeights   ClassWeights `yaml:"class_weights" json:"class_weights"`     // frames: none | inverse | sqrt_inverse | {label: weight}
}

// Validate reports every value that cannot be trained with.
func (l Loss) Validate() error {
	var errs []error
	if l.Name != LossFrames && l.Name != LossCTC {
		errs = append(errs, fmt.Errorf("loss.name: %q, want %s or %s", l.Name, LossFrames, LossCTC))
	}
	if !(l.LabelSmoothing >= 0 && l.LabelSmoothing < 1) {
		errs = append(errs, fmt.Errorf("loss.label_smoothing: %g, want 0 <= label_smoothing < 1", l.LabelSmoothing))
	}
	if l.Name == LossCTC && l.LabelSmoothing > 0 {
		errs = append(errs, fmt.Errorf("loss.label_smoothing: %g, but it belongs to the loss %s", l.LabelSmoothing, LossFrames))
	}
	if l.Name == LossCTC && !l.ClassWeights.None() {
		errs = append(errs, fmt.Errorf("loss.class_weights: %s, but it belongs to the loss %s", string(l.ClassWeights), LossFrames))
	}
	return errors.Join(append(errs, l.ClassWeights.Validate())...)
}

// CTC says whether the loss is LossCTC.
func (l Loss) CTC() bool { return l.Name == LossCTC }

// Outputs is the number of classes of a network: with CTC the blank is one
// more, the last.
func (l Loss) Outputs(classes int) int {
	if l.CTC() {
		return classes + 1
	}
	return classes
}

// SetLoss says what Gradients minimizes, before its first call. It is
// LossFrames at first.
func (n *Network) SetLoss(l Loss) { n.loss = l }

// SetClassWeights says what the frames of each class weigh in the loss of
// frames, before the first call of Gradients: ClassWeights.Of computes it. With
// nil all weigh 1.
func (n *Network) SetClassWeights(weights []float64) error {
	if weights != nil && len(weights) != n.k {
		return fmt.Errorf("network: %d class weights for %d classes", len(weights), n.k)
	}
	n.weights = weights
	return nil
}

// criterion is the loss of a graph, with what it is measured by.
type criterion struct {
	xent   *nn.XentState
	labels []int // [T'*B]

	ctc     *nn.CTCState // nil: the loss is that of frames
	targets []int        // [B, U]
	sizes   []int        // [B]
	logits  *G.Node      // [T', B, K]
}

func (b *builder) loss(logits *G.Node) *G.Node {
	frames := b.to.t - 2*b.n.Crop()
	if !b.n.loss.CTC() {
		b.to.xent = &nn.XentState{LabelSmoothing: b.n.loss.LabelSmoothing, ClassWeights: b.n.weights}
		b.to.labels = make([]int, frames*b.to.b)
		return b.add(func() (*G.Node, error) { return nn.CrossEntropy(logits, b.ints("labels", b.to.labels), b.to.xent) })
	}
	room := frames + 1 // one more than fit
	b.to.ctc, b.to.logits = &nn.CTCState{}, logits
	b.to.targets, b.to.sizes = make([]int, b.to.b*room), make([]int, b.to.b)
	targets := G.NewTensor(b.g, tensor.Int, 2, G.WithShape(b.to.b, room), G.WithName("targets"),
		G.WithValue(tensor.New(tensor.WithShape(b.to.b, room), tensor.WithBacking(b.to.targets))))
	return b.add(func() (*G.Node, error) { return nn.CTC(logits, b.lens, targets, b.ints("sizes", b.to.sizes), b.to.ctc) })
}

// fillLoss copies what a batch should become into the inputs of the graph.
func (g *graph) fillLoss(batch *Batch, crop int) {
	if g.ctc != nil {
		clear(g.sizes)
		room := len(g.targets) / g.b
		for b, t := range batch.Targets {
			g.sizes[b] = copy(g.targets[b*room:][:room], t)
		}
		return
	}
	for i := range g.labels {
		g.labels[i] = -1
	}
	for b, l := range batch.Lens {
		for t := range max(0, l-2*crop) {
			g.labels[t*g.b+b] = batch.Labels[(t+crop)*batch.B+b]
		}
	}
}

// step reads what a run of the graph has measured.
func (g *graph) step(batch *Batch, crop int) *Step {
	s := &Step{}
	if g.ctc == nil {
		s.Terms, s.Frames, s.Correct = g.xent.Count, g.xent.Count, g.xent.Correct
		s.Weight = g.xent.Weight
		if s.Weight == 0 { // the mean over frames that all weigh 0 says nothing
			s.Terms = 0
		}
		for _, u := range g.xent.PerUtterance {
			s.Loss += u.Loss
		}
		return s
	}
	s.Terms, s.Weight = g.ctc.Count, float64(g.ctc.Count)
	for b, u := range g.ctc.PerUtterance {
		if !u.Fits() {
			s.Unfit = append(s.Unfit, b)
			continue
		}
		s.Loss += u.Loss
	}
	z := g.logits.Value().Data().([]float32)
	k := len(z) / ((g.shape.t - 2*crop) * g.b)
	for b, l := range batch.Lens {
		for t := range max(0, l-2*crop) {
			if label := batch.Labels[(t+crop)*batch.B+b]; label >= 0 {
				s.Frames++
				if best(z[(t*g.b+b)*k:][:k-1]) == label {
					s.Correct++
				}
			}
		}
	}
	return s
}

// best is the first place of the largest number.
func best(row []float32) int {
	at, top := 0, float32(math.Inf(-1))
	for k, v := range row {
		if v > top {
			at, top = k, v
		}
	}
	return at
}
