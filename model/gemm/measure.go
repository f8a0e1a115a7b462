package gemm

import "time"

// Measure multiplies matrices of an LSTM layer's size on one goroutine for
// about a tenth of a second, by what Use has chosen, and returns 10^9 floating-point operations a
// second, a multiply-add counting as two.
func Measure() float64 { return measure(100 * time.Millisecond) }

func measure(atLeast time.Duration) float64 {
	const m, n, k = 512, 512, 256
	a, b, c := make([]float32, m*k), make([]float32, k*n), make([]float32, m*n)
	for i := range a {
		a[i] = float32(i%13) - 6
	}
	for i := range b {
		b[i] = float32(i%11) - 5
	}
	var best time.Duration
	for begin := time.Now(); best == 0 || time.Since(begin) < atLeast; {
		start := time.Now()
		Sgemm(false, false, m, n, k, 1, a, k, b, n, 0, c, n)
		if d := time.Since(start); best == 0 || d < best {
			best = d
		}
	}
	return 2 * m * n * k / float64(best.Nanoseconds())
}
