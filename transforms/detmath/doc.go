// Package detmath has the transcendental functions whose results are the same
// bits on every CPU and for every GOARCH and GOAMD64.
//
// The functions of package math are not: some have assembly on some
// architectures, and the Go compiler may fuse x*y + z into one rounding on
// arm64, ppc64le, s390x, riscv64 and on amd64 from GOAMD64=v3 on. Here every product that meets
// a sum is rounded first by an explicit conversion, which the language
// specification says prevents fusion. From package math come only functions
// that are exact or correctly rounded by definition: [math.Floor],
// [math.Frexp], [math.Ldexp], [math.FMA], and the like.
//
// Use it for whatever ends up in the bytes of a file: tables of windows,
// twiddle factors and filters, synthesized sound, levels and gains.
//
// # Accuracy
//
// Measured against 200-bit arithmetic: [Sin], [Cos], [Log], [Exp] and [Pow]
// are within 1 ULP of the true value wherever the result is normal, for every
// argument however large; [Log32] is within 0.85 ULP of float32. The
// algorithms are those of FreeBSD's msun (Sun Microsystems' fdlibm) with an
// argument reduction in integers for large angles, a logarithm in
// double-double for Pow, and Cephes' logf with its polynomial by Estrin's scheme.
package detmath
