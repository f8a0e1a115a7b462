package transforms

import "framewise/transforms/kernels"

// Deltas writes the time derivatives of src, rows [T, F], to dst and returns
// it with length T*F; a dst without that capacity is replaced by a new one.
// dst must not overlap src.
//
// Row t is (c[t+1] - c[t-1] + 2*(c[t+2] - c[t-2])) / 10, rows before the first
// and after the last being those themselves: python_speech_features'
// delta(feat, 2). The second derivative is Deltas of Deltas; Kaldi's
// add-deltas filters the statics twice instead and differs from it in the four
// rows at the edges.
func Deltas(dst, src []float32, T, F int) []float32 {
	dst = resize(dst, T*F)
	k := kernels.Active()
	rows := func(t, n int) []float32 { // n rows from row t on, or one beyond an end
		t = min(max(t, 0), T-1)
		return src[t*F : (t+n)*F]
	}
	slope := func(t, n int) {
		k.Slope(dst[t*F:(t+n)*F], rows(t+1, n), rows(t-1, n), rows(t+2, n), rows(t-2, n))
	}
	for t := range min(2, T) {
		slope(t, 1)
	}
	if T > 4 {
		slope(2, T-4)
	}
	for t := max(2, T-2); t < T; t++ {
		slope(t, 1)
	}
	return dst
}

// resize returns s with length n, reallocated only if its capacity is less.
func resize(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}
