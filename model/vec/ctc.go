package vec

// CTC is one frame of the recursions of connectionist temporal classification
// (Graves et al. 2006) in the logarithmic domain, for the n = len(b) blanks and
// labels of an utterance, all slices as long:
//
//	x       = log(exp(b) + exp(neighbor))
//	bOut    = blank + x
//	lOut    = p + log(exp(l) + exp(x, or b where repeat < 0))
//
// b and l are the scores of blanks and labels at the frame before, p and blank
// the log-probabilities of the labels and of the blank at this one. Forward in
// time, label u stands behind blank u, neighbor is l one place to the left, and
// repeat is negative where a label equals the one before it; backward,
// label u stands before blank u and neighbor is l one place to the right. The
// results must not overlap the arguments. CTC returns the largest result.
//
// Scores that stand for log(0) are to be large and finite, such as -1e30.
func CTC(b, neighbor, l, repeat, p, bOut, lOut []float32, blank float32) float32 {
	n := len(b)
	if n == 0 {
		return -maxFloat32
	}
	return active.ctc(b, neighbor[:n], l[:n], repeat[:n], p[:n], bOut[:n], lOut[:n], blank)
}

const maxFloat32 = 0x1p127 * (1 + (1 - 0x1p-23))

// log(1+e) = 2*atanh(s) = 2*s*(1 + z*P(z)), s = e/(2+e), z = s^2 <= 1/9: a
// Chebyshev fit, off by 2e-8 of the value at most.
const (
	log1pP0 = 1.34337742142e-1
	log1pP1 = 1.41169780489e-1
	log1pP2 = 2.00038354260e-1
	log1pP3 = 3.33333198329e-1
)

// logAddFar is the difference of two scores below which the smaller one counts
// as if it were there: what it adds to the logarithm, 1e-11, is not seen, and
// the square and cube of its exponential are no subnormal numbers, which are slow.
const logAddFar = -25

// logAdd32 is log(exp(a)+exp(b)).
func logAdd32(a, b float32) float32 {
	d := a - b
	top := b
	if d > 0 {
		d, top = -d, a
	}
	e := exp32(max(d, logAddFar))
	s := e / (e + 2)
	z := float32(s * s)
	p := fma32(log1pP0, z, log1pP1)
	p = fma32(p, z, log1pP2)
	p = fma32(p, z, log1pP3)
	s += s
	return top + fma32(float32(s*z), p, s)
}

func ctcGo(b, neighbor, l, repeat, p, bOut, lOut []float32, blank float32) float32 {
	top := float32(-maxFloat32)
	for i, from := range b {
		x := logAdd32(from, neighbor[i])
		bOut[i] = x + blank
		if repeat[i] >= 0 {
			from = x
		}
		lOut[i] = logAdd32(l[i], from) + p[i]
		top = max(top, bOut[i], lOut[i])
	}
	return top
}
