package decode

import "math"

// impossible is log(0).
var impossible = math.Inf(-1)

// logAdd is log(exp(a) + exp(b)).
func logAdd(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	if math.IsInf(b, -1) {
		return a
	}
	return a + math.Log1p(math.Exp(b-a))
}

// logs stores the logarithms of probabilities and reports whether any is above
// 0 and all are numbers.
func logs(dst []float64, row []float32) bool {
	some := false
	for k, p := range row {
		if !(p >= 0) || math.IsInf(float64(p), 1) {
			return false
		}
		some = some || p > 0
		dst[k] = math.Log(float64(p)) // -Inf at 0
	}
	return some
}
