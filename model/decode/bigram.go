package decode

import (
	"fmt"
	"math"
)

// Bigram says how likely a label is after another, from counts of pairs of
// neighbors in label sequences, their beginnings and ends included. It is
// smoothed by Witten and Bell's method C (1991), interpolated as in Chen and
// Goodman (1998): with c a count, V labels and the end, T(v) the number of
// different labels seen after v,
//
//	P(w|v) = (c(v w) + T(v) P(w)) / (c(v) + T(v))
//	P(w)   = (c(w) + T / V) / (c + T)
//
// so that nothing has probability 0. Kneser and Ney's method, better for words,
// needs counts of counts that a few dozen phones do not have: nearly every phone
// is seen after nearly every other, and hardly any pair just once.
type Bigram struct {
	labels int
	counts []int64   // [labels+1, labels+1]: row = label before, the last the beginning; column = label, the last the end
	logp   []float64 // likewise, natural logarithms
}

// NewBigram makes a bigram over labels 0 to n-1 from counts [n+1, n+1] of pairs:
// row v, column w counts w after v, the last row stands for the beginning of a
// sequence and the last column for its end.
func NewBigram(counts [][]int64) (*Bigram, error) {
	n := len(counts) - 1
	if n < 1 {
		return nil, fmt.Errorf("bigram: %d rows of counts, want one more than labels", len(counts))
	}
	b := &Bigram{labels: n}
	for v, row := range counts {
		if len(row) != n+1 {
			return nil, fmt.Errorf("bigram: row %d has %d counts, want %d", v, len(row), n+1)
		}
		for w, c := range row {
			if c < 0 || c > math.MaxInt64>>24 {
				return nil, fmt.Errorf("bigram: count %d of %d after %d", c, w, v)
			}
		}
		b.counts = append(b.counts, row...)
	}
	b.estimate()
	return b, nil
}

// CountBigrams counts the pairs of neighbors of sequences of labels 0 to n-1,
// for NewBigram. each is called with a function that takes one sequence.
func CountBigrams(n int, each func(add func(sequence []int) error) error) ([][]int64, error) {
	counts := make([][]int64, n+1)
	for v := range counts {
		counts[v] = make([]int64, n+1)
	}
	err := each(func(sequence []int) error {
		before := n
		for _, w := range sequence {
			if w < 0 || w >= n {
				return fmt.Errorf("count bigrams: label %d, want 0 to %d", w, n-1)
			}
			counts[before][w]++
			before = w
		}
		counts[before][n]++
		return nil
	})
	return counts, err
}

// estimate computes the probabilities from the counts.
func (b *Bigram) estimate() {
	size := b.labels + 1
	single, total, types := make([]float64, size), 0.0, 0.0
	for w := range size {
		for v := range size {
			single[w] += float64(b.counts[v*size+w])
		}
		if total += single[w]; single[w] > 0 {
			types++
		}
	}
	for w := range single {
		if total == 0 {
			single[w] = 1 / float64(size)
			continue
		}
		single[w] = (single[w] + types/float64(size)) / (total + types)
	}
	b.logp = make([]float64, size*size)
	for v := range size {
		row, total, types := b.counts[v*size:][:size], 0.0, 0.0
		for _, c := range row {
			if total += float64(c); c > 0 {
				types++
			}
		}
		for w, c := range row {
			p := single[w]
			if total > 0 {
				p = (float64(c) + types*p) / (total + types)
			}
			b.logp[v*size+w] = math.Log(p)
		}
	}
}

// Labels is the number of labels.
func (b *Bigram) Labels() int { return b.labels }

// LogProb is the natural logarithm of the probability of a label after before;
// before -1 is the beginning, and the label Labels() the end.
func (b *Bigram) LogProb(before, label int) float64 {
	if before < 0 {
		before = b.labels
	}
	return b.logp[before*(b.labels+1)+label]
}

// Perplexity is exp of the mean negative log-probability of the labels and ends
// of sequences.
func (b *Bigram) Perplexity(sequences [][]int) float64 {
	sum, n := 0.0, 0
	for _, s := range sequences {
		before := -1
		for _, w := range s {
			sum, before = sum-b.LogProb(before, w), w
		}
		sum -= b.LogProb(before, b.labels)
		n += len(s) + 1
	}
	return math.Exp(sum / float64(max(1, n)))
}
