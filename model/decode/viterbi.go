package decode

import (
	"fmt"
	"math"
)

// ViterbiOptions are what a Viterbi search over frames needs to know.
type ViterbiOptions struct {
	Classes      int
	MinFrames    int     // shortest segment; an utterance that is shorter is one segment
	Bigram       *Bigram // of the classes; may be nil
	BigramWeight float64 // of its log-probabilities
	Insertion    float64 // added for every segment: above 0 favors more of them
}

// Viterbi finds the best segmentation of an utterance whose frames have been
// classified one by one: that of the largest
//
//	sum over frames of log P(class | x, frame) + weight * log P_bigram(classes) + insertion * segments
//
// among those whose segments are all MinFrames long at least and differ from
// their neighbors. It is the search of a hybrid recognizer (Bourlard and Morgan
// 1994) with one state a phone and posteriors that are not divided by priors.
// Of equal paths wins the one whose last segment began earliest, then the one
// of the smaller class. It is not safe for concurrent use.
type Viterbi struct {
	opt    ViterbiOptions
	enter  []float64 // [K+1, K]: what the beginning of a segment adds, after each class, and at first
	end    []float64 // [K]
	sum    []float64 // [T+1, K], of the frames before
	begun  []float64 // [T+1, K], best path that begins a segment of the class there
	ended  []float64 // [T+1, K], best path whose segment of the class ends there
	before []int32   // [T+1, K], class before the segment that begins there
	start  []int32   // [T+1, K], first frame of the segment that ends there
}

// tiny is the least probability of a frame's class: with it no path is
// impossible, and sums over frames keep their digits.
const tiny = 1e-30

// NewViterbi prepares a search.
func NewViterbi(o ViterbiOptions) (*Viterbi, error) {
	switch {
	case o.Classes < 1:
		return nil, fmt.Errorf("viterbi search: %d classes, want 1 or more", o.Classes)
	case o.Bigram != nil && o.Bigram.Labels() != o.Classes:
		return nil, fmt.Errorf("viterbi search: a bigram of %d labels for %d classes", o.Bigram.Labels(), o.Classes)
	case !finite(o.BigramWeight) || !finite(o.Insertion):
		return nil, fmt.Errorf("viterbi search: bigram weight %g and insertion %g, want numbers", o.BigramWeight, o.Insertion)
	}
	k := o.Classes
	v := &Viterbi{opt: o, enter: make([]float64, (k+1)*k), end: make([]float64, k)}
	gram := func(before, label int) float64 {
		if o.Bigram == nil || o.BigramWeight == 0 {
			return 0
		}
		return o.BigramWeight * o.Bigram.LogProb(before, label)
	}
	for c := range k {
		for b := range k {
			v.enter[b*k+c] = o.Insertion + gram(b, c)
		}
		v.enter[k*k+c] = o.Insertion + gram(-1, c)
		v.end[c] = gram(c, k)
	}
	return v, nil
}

// Decode gives the class of every frame on the best path, and its score. row
// gives the distribution [K] at each of the frames; a frame that is none is an
// error.
func (v *Viterbi) Decode(frames int, row func(t int) []float32) ([]int, float64, error) {
	if frames == 0 {
		return nil, 0, nil
	}
	if err := v.read(frames, row); err != nil {
		return nil, 0, err
	}
	k, least := v.opt.Classes, min(max(1, v.opt.MinFrames), frames)
	for i := range v.ended {
		v.ended[i] = impossible
	}
	copy(v.begun[:k], v.enter[k*k:])
	for t := 1; t <= frames; t++ {
		if t >= least {
			v.finish(t, least)
		}
		v.begin(t)
	}
	best, score := 0, impossible
	for c, e := range v.ended[frames*k:][:k] {
		if e += v.end[c]; e > score {
			best, score = c, e
		}
	}
	path := make([]int, frames)
	for t, c := frames, best; t > 0; {
		from := int(v.start[t*k+c])
		for i := from; i < t; i++ {
			path[i] = c
		}
		t, c = from, int(v.before[from*k+c])
	}
	return path, score, nil
}

// read sums the log-probabilities of the frames.
func (v *Viterbi) read(frames int, row func(t int) []float32) error {
	k := v.opt.Classes
	n := (frames + 1) * k
	v.sum, v.begun, v.ended = resized(v.sum, n), resized(v.begun, n), resized(v.ended, n)
	v.before, v.start = resized(v.before, n), resized(v.start, n)
	clear(v.sum[:k])
	for t := range frames {
		p, next := row(t), v.sum[(t+1)*k:][:k]
		if len(p) != k {
			return fmt.Errorf("viterbi search: %d classes at frame %d, want %d", len(p), t, k)
		}
		if !logs(next, p) {
			return fmt.Errorf("viterbi search: frame %d is no distribution", t)
		}
		for c, l := range next {
			next[c] = v.sum[t*k+c] + math.Max(l, math.Log(tiny))
		}
	}
	return nil
}

// finish computes the best paths whose segment ends before frame t: one that
// ended a frame earlier and goes on, or one that is just long enough.
func (v *Viterbi) finish(t, least int) {
	k := v.opt.Classes
	from := t - least
	for c := range k {
		i := t*k + c
		going := v.ended[i-k] + v.sum[i] - v.sum[i-k]
		enough := v.begun[from*k+c] + v.sum[i] - v.sum[from*k+c]
		if v.ended[i], v.start[i] = going, v.start[i-k]; enough > going {
			v.ended[i], v.start[i] = enough, int32(from)
		}
	}
}

// begin computes the best paths that begin a segment at frame t.
func (v *Viterbi) begin(t int) {
	k := v.opt.Classes
	ended, begun, before := v.ended[t*k:][:k], v.begun[t*k:][:k], v.before[t*k:][:k]
	for c := range begun {
		begun[c] = impossible
	}
	for b, e := range ended {
		if math.IsInf(e, -1) {
			continue
		}
		for c, enter := range v.enter[b*k:][:k] {
			if s := e + enter; c != b && s > begun[c] {
				begun[c], before[c] = s, int32(b)
			}
		}
	}
}
