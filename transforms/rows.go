package transforms

import (
	"math"

	"framewise/transforms/detmath"
)

// rowWriter has what the last stages need: floor, logarithm, scale.
type rowWriter struct {
	floor float32
	max   bool    // floor everything below, not only 0
	scale float32 // of the power spectrum
	mel   []float32
}

func newRowWriter(c FeatureConfig) rowWriter {
	w := rowWriter{floor: float32(c.LogFloor), max: c.LogFloorRule == FloorMax, scale: 1}
	if c.PowerOverNFFT {
		w.scale = 1 / float32(c.NFFT)
	}
	if c.Kind == MFCC {
		w.mel = make([]float32, c.NumFilters)
	}
	return w
}

// log floors a row of powers and takes its logarithm.
func (w *rowWriter) log(row []float32) {
	const minNormal = 0x1p-126
	if w.max {
		for i, v := range row {
			if !(v > w.floor) {
				row[i] = w.floor
			}
		}
	} else {
		for i, v := range row {
			if v == 0 {
				row[i] = w.floor
			} else if !(v >= minNormal) {
				row[i] = minNormal
			}
		}
	}
	detmath.Log32s(row)
}

// power writes the scaled power spectrum.
func (w *rowWriter) power(row, p []float32) {
	for i, v := range p[:len(row)] {
		row[i] = v * w.scale
	}
}

// magnitude writes the square roots of the power spectrum.
func magnitude(row, p []float32) {
	for i, v := range p[:len(row)] {
		row[i] = float32(math.Sqrt(float64(v)))
	}
}

// multiply writes the product of a matrix [len(dst), len(v)] and v, each sum
// from left to right.
func multiply(dst, matrix, v []float32) {
	for i := range dst {
		m := matrix[i*len(v):][:len(v)]
		sum := float32(0)
		for j, a := range v {
			sum += float32(a * m[j])
		}
		dst[i] = sum
	}
}

// sum4 adds p up in four interleaved sums.
func sum4[F float32 | float64](p []F) F {
	var a, b, c, d F
	for ; len(p) >= 4; p = p[4:] {
		a += p[0]
		b += p[1]
		c += p[2]
		d += p[3]
	}
	for _, v := range p {
		a += v
	}
	return (a + b) + (c + d)
}
