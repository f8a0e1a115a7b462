// Package gemm multiplies matrices: C = alpha*op(A)*op(B) + beta*C, row-major,
// in float32 by the project's own kernels and in float64 by gonum.
//
// The float32 kernels are Go assembly for AVX-512 and for AVX2 with FMA, made
// by the generator in gen, and plain Go for every other CPU. The choice is made
// once, by what the CPU has; FRAMEWISE_SIMD=off|avx2|avx512 forces one.
//
// A library (OpenBLAS, BLIS, MKL), found at run time by a build with the tag
// blas, or gonum can do it instead: Use, or FRAMEWISE_BLAS. What follows is true of
// our kernels only.
//
// B is packed into panels of as many columns as a kernel computes at once,
// A is read in place. Every element of C is the sum of its products in the
// order of k, cut into blocks of 256 that are summed from zero and added to C
// one after the other. Therefore
//
//   - a row of C has the same bits whatever other rows are computed with it,
//     whichever tile it falls in, and however many goroutines share the work;
//   - AVX2 and AVX-512 give the same bits as each other (the portable kernel
//     rounds products before adding and differs in the last places).
//
// All functions may be called concurrently.
package gemm
