package optim

// Accumulator adds the gradients of several batches to one, so that a step can
// follow more examples than fit into memory at once.
type Accumulator struct {
	sums   [][]float32
	mean   [][]float32 // what Mean gives
	Weight float64     // of all that was added; 0 = nothing yet
}

// NewAccumulator makes an empty Accumulator of gradients as long as the
// parameters.
func NewAccumulator(params []Param) *Accumulator {
	a := &Accumulator{}
	for _, p := range params {
		a.sums = append(a.sums, make([]float32, len(p.W)))
		a.mean = append(a.mean, make([]float32, len(p.W)))
	}
	return a
}

// Sums are the gradients added so far, each times its weight, to be saved.
// They are the Accumulator's own.
func (a *Accumulator) Sums() [][]float32 { return a.sums }

// Add takes the gradient of a loss that is a mean: over so many terms, or over
// terms that weigh so much together.
func (a *Accumulator) Add(grads [][]float32, weight float64) {
	w := float32(weight)
	for i, g := range grads {
		sum := a.sums[i]
		for j, v := range g {
			sum[j] += float32(w * v)
		}
	}
	a.Weight += weight
}

// Mean is the gradient of the mean over all terms: of what was added and of one
// more batch, whose weight may be 0; both together must weigh something. It adds
// nothing, so that a step that is not taken leaves the sums as they were. What
// it gives is valid until it is called again.
func (a *Accumulator) Mean(grads [][]float32, weight float64) [][]float32 {
	w, scale := float32(weight), float32(1/(a.Weight+weight))
	for i, sum := range a.sums {
		mean := a.mean[i]
		copy(mean, sum)
		if weight > 0 {
			for j, v := range grads[i] {
				mean[j] += float32(w * v)
			}
		}
		for j := range mean {
			mean[j] *= scale
		}
	}
	return a.mean
}

// Clear forgets what was added.
func (a *Accumulator) Clear() {
	for _, sum := range a.sums {
		clear(sum)
	}
	a.Weight = 0
}
