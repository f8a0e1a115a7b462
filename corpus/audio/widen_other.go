//go:build !amd64

package audio

// widen stores samples as floats.
func widen(dst []float32, src []int16) { widenGo(dst, src[:len(dst)]) }
