package audio

// widenGo stores samples as floats, which is exact, with no bounds to check
// within eight. It takes as many as both hold.
func widenGo(dst []float32, src []int16) {
	for ; len(dst) >= 8 && len(src) >= 8; dst, src = dst[8:], src[8:] {
		d, s := (*[8]float32)(dst), (*[8]int16)(src)
		d[0], d[1], d[2], d[3] = float32(s[0]), float32(s[1]), float32(s[2]), float32(s[3])
		d[4], d[5], d[6], d[7] = float32(s[4]), float32(s[5]), float32(s[6]), float32(s[7])
	}
	for i := range min(len(dst), len(src)) {
		dst[i] = float32(src[i])
	}
}
