package kernels

import (
	"math"
	"unsafe"

	"framewise/transforms/isa"
)

// scalar is the set for any CPU.
var scalar = &Set{
	Level: isa.Scalar, Lanes: 1,
	Load: [9][9]func(w, src []float32, taps []Tap, twiddles, dc0, dc []float32, q, n int){
		1: {1: load1Of1Scalar},
		2: {1: load1Of2Scalar, 2: load2Of2Scalar},
		4: {1: load1Of4Scalar, 2: load2Of4Scalar, 3: load3Of4Scalar, 4: load4Of4Scalar},
		8: {1: load1Of8Scalar, 2: load2Of8Scalar, 3: load3Of8Scalar, 4: load4Of8Scalar,
			5: load5Of8Scalar, 6: load6Of8Scalar, 7: load7Of8Scalar, 8: load8Of8Scalar},
	},
	Pass8:   pass8Scalar,
	Block64: block64Scalar,
	Power:   func(p, w []float32, pairs []Pair) { powerScalar(p, w, pairs, len(pairs)) },
	Mel: func(dst, bins []float32, filters []Filter, weights []float32) {
		melScalar(dst, bins, filters, weights, len(filters))
	},
	Product: func(dst, matrix, x []float32, n int) {
		productScalar(dst, matrix, x, len(matrix)/(ProductRows*n), n)
	},
	Energy: energyScalar,
	flat: flatKernels{logMax: logMaxScalar, logZero: logZeroScalar, scale: scaleScalar, sqrt: sqrtScalar,
		emphasize: emphasizeScalar, slope: slopeScalar},
	Widen:    widenScalar,
	Sums4:    sums4Scalar,
	Squares4: squares4Scalar,
}

// widenScalar goes by eight, within which there are no bounds to check.
func widenScalar(dst []float32, src []int16) {
	for dst = dst[:len(src)]; len(dst) >= 8 && len(src) >= 8; dst, src = dst[8:], src[8:] {
		d, s := (*[8]float32)(dst), (*[8]int16)(src)
		d[0], d[1], d[2], d[3] = float32(s[0]), float32(s[1]), float32(s[2]), float32(s[3])
		d[4], d[5], d[6], d[7] = float32(s[4]), float32(s[5]), float32(s[6]), float32(s[7])
	}
	for i, v := range src {
		dst[i] = float32(v)
	}
}

// pairs views interleaved numbers as complex points.
func pairs(w []float32) [][2]float32 {
	if len(w) < 2 {
		return nil
	}
	return unsafe.Slice((*[2]float32)(unsafe.Pointer(&w[0])), len(w)/2)
}

func greater(a, b float32) float32 {
	if a > b {
		return a
	}
	return b
}

func ifZero(x, yes, no float32) float32 {
	if x == 0 {
		return yes
	}
	return no
}

// toInt and fromInt see the bits of a number as an integer and back.
func toInt(x float32) int32   { return int32(math.Float32bits(x)) }
func fromInt(i int32) float32 { return math.Float32frombits(uint32(i)) }

func sums4Scalar(dst [][4]float64, src []float32, stride, groups int) {
	for i := range dst {
		var a, b, c, d float64
		for s := src[i*stride:][:4*groups]; len(s) >= 4; s = s[4:] {
			a += float64(s[0])
			b += float64(s[1])
			c += float64(s[2])
			d += float64(s[3])
		}
		dst[i] = [4]float64{a, b, c, d}
	}
}

func squares4Scalar(dst [][4]float64, src []float32, stride, groups int) {
	for i := range dst {
		var a, b, c, d float64
		for s := src[i*stride:][:4*groups]; len(s) >= 4; s = s[4:] {
			a += float64(float64(s[0]) * float64(s[0]))
			b += float64(float64(s[1]) * float64(s[1]))
			c += float64(float64(s[2]) * float64(s[2]))
			d += float64(float64(s[3]) * float64(s[3]))
		}
		dst[i] = [4]float64{a, b, c, d}
	}
}
