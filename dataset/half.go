package dataset

import "math"

// Half precision (IEEE 754 binary16) for shards with dtype float16. Arrow's own
// type cuts digits off where this rounds, and knows no numbers below 2^-14.

// maxHalf is the largest finite number of half precision.
const maxHalf = 65504

// toHalf rounds to nearest, ties to even. The number must be finite; beyond
// maxHalf it becomes infinite once it is nearer to 65536.
func toHalf(v float32) uint16 {
	b := math.Float32bits(v)
	sign, abs := uint16(b>>16&0x8000), b&0x7fffffff
	if abs >= 0x47800000 { // 2^16
		return sign | 0x7c00
	}
	if abs < 0x38800000 { // 2^-14: a multiple of 2^-24
		// Adding 1/2 leaves, in a float32, the multiples of 2^-24.
		sum := math.Float32bits(math.Float32frombits(abs) + 0.5)
		return sign | uint16(sum-math.Float32bits(0.5))
	}
	abs += 0xfff + abs>>13&1 // half of the last bit that stays, less if that is even
	return sign | uint16(abs>>13-(127-15)<<10)
}

// fromHalf is exact.
func fromHalf(h uint16) float32 {
	sign, exp, frac := uint32(h&0x8000)<<16, uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exp {
	case 0:
		v := float32(frac) / (1 << 24)
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 0x1f:
		exp = 0xff - (127 - 15)
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | frac<<13)
}

// HalfHolds reports whether a value is finite in half precision: whether it is
// within 65504 once it is rounded.
func HalfHolds(v float32) bool { return v > -65520 && v < 65520 }

// widen appends the values of half precision to dst.
func widen(dst []float32, half []uint16) []float32 {
	for _, h := range half {
		dst = append(dst, fromHalf(h))
	}
	return dst
}
