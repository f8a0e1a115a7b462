package detmath

import "math"

// Constants of Cephes' logf: the polynomial of (log(1+z) - z + z*z/2) / z^3 on
// [sqrt(1/2)-1, sqrt(2)-1], and ln 2 in two parts.
const (
	log32c0 float32 = 7.0376836292e-2
	log32c1 float32 = -1.1514610310e-1
	log32c2 float32 = 1.1676998740e-1
	log32c3 float32 = -1.2420140846e-1
	log32c4 float32 = 1.4249322787e-1
	log32c5 float32 = -1.6668057665e-1
	log32c6 float32 = 2.0000714765e-1
	log32c7 float32 = -2.4999993993e-1
	log32c8 float32 = 3.3333331174e-1

	ln2hi32 float32 = 0.693359375
	ln2lo32 float32 = -2.12194440e-4

	sqrtHalfBits = 0x3f3504f3 // the float32 next to sqrt(1/2)
	minNormal32  = 0x1p-126
)

// Log32 returns the natural logarithm of x in float32: -Inf for 0, NaN for
// x < 0 and NaN.
func Log32(x float32) float32 {
	switch {
	case x != x || x > math.MaxFloat32:
		return x
	case x < 0:
		return float32(math.NaN())
	case x == 0:
		return float32(math.Inf(-1))
	case x < minNormal32:
		return log32(int32(math.Float32bits(x*0x1p24)), -24)
	}
	return log32(int32(math.Float32bits(x)), 0)
}

// log32 is the logarithm of the positive normal number with these bits, times 2^e.
func log32(b, e int32) float32 {
	k := (b - sqrtHalfBits) >> 23
	z := math.Float32frombits(uint32(b-k<<23)) - 1
	fe := float32(k + e)
	zz := float32(z * z)
	z4 := float32(zz * zz)
	// Estrin's scheme: short chains, which is what a vector unit wants.
	low := float32((float32(log32c5*z)+log32c6)*zz) + (float32(log32c7*z) + log32c8)
	high := float32((float32(log32c1*z)+log32c2)*zz) + (float32(log32c3*z) + log32c4)
	high += float32(z4 * log32c0)
	y := float32(high*z4) + low
	y = float32(y * float32(z*zz))
	y += float32(fe * ln2lo32)
	y -= float32(zz * 0.5)
	return z + y + float32(fe*ln2hi32)
}
