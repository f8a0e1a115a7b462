package audio

import "framewise/transforms/isa"

// hasAVX2 is false too where the environment turns vectors off.
var hasAVX2 = func() bool { level, _ := isa.Choose(); return level >= isa.AVX2 }()

// widen stores samples as floats.
func widen(dst []float32, src []int16) {
	src = src[:len(dst)]
	done := 0
	if n := len(dst) &^ 31; hasAVX2 && n > 0 {
		widenAVX2(n, &dst[0], &src[0])
		done = n
	}
	widenGo(dst[done:], src[done:])
}
