package transforms

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
	row := func(t int) []float32 {
		t = min(max(t, 0), T-1)
		return src[t*F : t*F+F]
	}
	for t := range T {
		d := dst[t*F : t*F+F]
		n1, p1, n2, p2 := row(t + 1)[:len(d)], row(t - 1)[:len(d)], row(t + 2)[:len(d)], row(t - 2)[:len(d)]
		for i := range d {
			d[i] = ((n1[i] - p1[i]) + float32(2*(n2[i]-p2[i]))) / 10
		}
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
