package optim

// Accumulator adds the gradients of several batches to one, so that a step can
// follow more examples than fit into memory at once.
type Accumulator struct {
	sums  [][]float32
	Terms int // of the losses whose gradients were added; 0 = none yet
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

// Sums are the gradients added so far, each times its terms, to be saved. They
// are the Accumulator's own.
func (a *Accumulator) Sums() [][]float32 { return a.sums }

// Add takes the gradient of a loss that is the mean over so many terms.
func (a *Accumulator) Add(grads [][]float32, terms int) {
	weight := float32(terms)
	for i, g := range grads {
		sum := a.sums[i]
		for j, v := range g {
			sum[j] += float32(weight * v)
		}
	}
	a.Terms += terms
}

// Mean turns the sums into the gradient of the mean over all terms, and gives
// them; they are valid until Clear.
func (a *Accumulator) Mean() [][]float32 {
	scale := 1 / float32(max(1, a.Terms))
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
	a.Terms = 0
}
