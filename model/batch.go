package model

import "fmt"

// Batch is some utterances, padded to a common length.
type Batch struct {
	T, B   int
	X      []float32 // [T, B, I]; what lies past an utterance's length does not matter
	Lens   []int     // [B], frames, at most T
	Labels []int     // [T*B], frame t of utterance b at t*B+b; -1 = none; nil if only posteriors are wanted
	IDs    []string  // [B]

	Targets [][]int // [B], the classes that CTC is to find, in their order; not needed for other losses
}

// NumFrames is the number of frames without padding.
func (b *Batch) NumFrames() int {
	n := 0
	for _, l := range b.Lens {
		n += l
	}
	return n
}

// Resize makes the batch one of that shape over i values a frame and n
// utterances without a frame, reusing its space. The labels are -1, there are
// no targets; what X holds is not defined.
func (b *Batch) Resize(frames, utterances, i int) {
	b.T, b.B = frames, utterances
	b.X = grow(b.X, frames*utterances*i)
	b.Lens = grow(b.Lens, utterances)
	b.Labels = grow(b.Labels, frames*utterances)
	b.IDs = grow(b.IDs, utterances)
	b.Targets = b.Targets[:0]
	clear(b.Lens)
	for j := range b.Labels {
		b.Labels[j] = -1
	}
}

func grow[E any](s []E, n int) []E {
	if cap(s) < n {
		return make([]E, n)
	}
	return s[:n]
}

// Set puts an utterance of x [n, i] in column b, with its labels [n] or nil.
func (b *Batch) Set(column int, id string, x []float32, i int, labels []int16) {
	n := len(x) / i
	b.IDs[column], b.Lens[column] = id, n
	for t := range n {
		copy(b.X[(t*b.B+column)*i:][:i], x[t*i:])
	}
	for t, l := range labels {
		b.Labels[t*b.B+column] = int(l)
	}
}

// check reports a batch that does not hold together.
func (b *Batch) check(i int, labels bool) error {
	if b.T < 1 || b.B < 1 || len(b.X) != b.T*b.B*i || len(b.Lens) != b.B {
		return fmt.Errorf("batch of %d frames x %d utterances x %d values has %d values and %d lengths", b.T, b.B, i, len(b.X), len(b.Lens))
	}
	if labels && len(b.Labels) != b.T*b.B {
		return fmt.Errorf("batch of %d frames x %d utterances has %d labels", b.T, b.B, len(b.Labels))
	}
	for j, l := range b.Lens {
		if l < 0 || l > b.T {
			return fmt.Errorf("utterance %d of a batch of %d frames is %d frames long", j, b.T, l)
		}
	}
	return nil
}

// BatchSize is the largest number of utterances up to n that batches are cut
// to: a power of two. A network keeps a graph, with room for its activations,
// for each size that it meets, so few sizes save memory; other sizes work too,
// padded to the next.
func BatchSize(n int) int {
	size := 1
	for 2*size <= n {
		size *= 2
	}
	return size
}
