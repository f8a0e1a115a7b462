package score

import "math"

// Boundaries counts how hypothesized boundaries between segments meet those of
// a reference, over utterances.
type Boundaries struct {
	Reference, Hypothesis int
	Hits                  int   // pairs of one of each, at most the tolerance apart
	Off                   int64 // sum of the distances of these pairs, in frames
	Late                  int64 // the same, with the sign of hypothesis - reference
}

// Add sums counts over utterances.
func (b *Boundaries) Add(o Boundaries) {
	b.Reference += o.Reference
	b.Hypothesis += o.Hypothesis
	b.Hits += o.Hits
	b.Off += o.Off
	b.Late += o.Late
}

// Precision is the share of hypothesized boundaries that are hits, Recall that
// of the reference's, F1 their harmonic mean; 0 where they are not defined.
func (b Boundaries) Precision() float64 { return ratio(int64(b.Hits), int64(b.Hypothesis)) }

// Recall is the share of the reference's boundaries that are hit.
func (b Boundaries) Recall() float64 { return ratio(int64(b.Hits), int64(b.Reference)) }

// F1 is the harmonic mean of precision and recall.
func (b Boundaries) F1() float64 { return ratio(2*int64(b.Hits), int64(b.Reference+b.Hypothesis)) }

// RValue is the R-value of Räsänen, Laine and Altosaar (2009), which unlike F1
// cannot be raised by boundaries strewn at random: with the hit rate HR = recall
// and the over-segmentation OS = hypothesis/reference - 1,
//
//	R = 1 - (|r1| + |r2|)/2,  r1 = sqrt((1-HR)^2 + OS^2),  r2 = (HR - 1 - OS)/sqrt(2)
//
// It is 1 at best, may be negative, and is false without a reference.
func (b Boundaries) RValue() (float64, bool) {
	if b.Reference == 0 {
		return 0, false
	}
	hr, os := b.Recall(), float64(b.Hypothesis)/float64(b.Reference)-1
	return 1 - (math.Hypot(1-hr, os)+math.Abs((hr-1-os)/math.Sqrt2))/2, true
}

// Edges lists the frames that begin a segment of another label than the frame
// before, where both frames have a reference label: a boundary beside a frame
// that is not scored is not scored either.
func Edges(labels, ref []int) []int {
	var at []int
	for t := 1; t < len(labels); t++ {
		if labels[t] != labels[t-1] && ref[t] >= 0 && ref[t-1] >= 0 {
			at = append(at, t)
		}
	}
	return at
}

// MatchBoundaries pairs boundaries, given as frames in ascending order, that are
// at most tolerance frames apart: each with one other at most, so that there
// are as many pairs as possible, and of those pairings the one with the least
// sum of distances.
func MatchBoundaries(ref, hyp []int, tolerance int) Boundaries {
	prev, row := make([]Boundaries, len(hyp)+1), make([]Boundaries, len(hyp)+1)
	for _, r := range ref {
		for j, h := range hyp {
			best := prev[j+1]
			if row[j].beats(best) {
				best = row[j]
			}
			if d := h - r; d <= tolerance && -d <= tolerance {
				pair := prev[j]
				pair.Hits++
				pair.Off += int64(max(d, -d))
				pair.Late += int64(d)
				if pair.beats(best) {
					best = pair
				}
			}
			row[j+1] = best
		}
		prev, row = row, prev
	}
	b := prev[len(hyp)]
	b.Reference, b.Hypothesis = len(ref), len(hyp)
	return b
}

func (b Boundaries) beats(o Boundaries) bool {
	return b.Hits > o.Hits || b.Hits == o.Hits && b.Off < o.Off
}
