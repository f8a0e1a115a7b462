package optim

// Accumulator adds the gradients of several batches to one, so that a step can
// follow more examples than fit into memory at once.
type Accumulator struct {
	sums   [][]float32
	Weight float64 // of all that was added; 0 = nothing yet
}

// NewAccumulator makes an empty Accumulator of gradients as long as the
// parameters.
func NewAccumulator(params []Param) *Accumulator {
	a := &Accumulator{}
	for _, p := range params {
		a.sums = append(a.sums, make([]float32, len(p.W)))
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

// Mean turns the sums, of which there must be some, into the gradient of the
// mean over all terms, and gives them; they are valid until Clear.
func (a *Accumulator) Mean() [][]float32 {
	scale := float32(1 / a.Weight)
	for _, sum := range a.sums {
		for j := range sum {
			sum[j] *= scale
		}
	}
	return a.sums
}

// Clear forgets what was added.
func (a *Accumulator) Clear() {
	for _, sum := range a.sums {
		clear(sum)
	}
	a.Weight = 0
}
