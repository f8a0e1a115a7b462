package nn

import "math"

// CTCScorer computes the loss of CTC from posteriors, one utterance at a time,
// outside any graph. It is not safe for concurrent use.
type CTCScorer struct {
	u    ctcUtterance[float32]
	z    []float32
	norm []float64
}

// Loss is -log P(targets), +Inf if they do not fit: see CTC. row gives the
// distribution [K] of each of the frames; the targets are classes other than
// the blank, which is the last, K-1.
func (s *CTCScorer) Loss(frames int, row func(t int) []float32, targets []int) float64 {
	s.z = s.z[:0]
	k := 1
	for t := range frames {
		for _, p := range row(t) {
			s.z = append(s.z, float32(math.Log(float64(p))))
		}
		k = len(row(t))
	}
	s.norm = grown(s.norm, frames)
	clear(s.norm)
	s.u.prepare(targets, k-1, frames)
	s.u.forward(ctcFrames[float32]{z: s.z, norm: s.norm, B: 1, k: k})
	return s.u.loss
}
