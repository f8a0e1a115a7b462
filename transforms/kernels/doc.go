// Package kernels holds the inner loops of package transforms, each in scalar
// Go, for AVX2 (8 lanes) and for AVX-512 (16 lanes), generated from one text by
// ./gen: whatever the CPU, a kernel's results have the same bits.
//
// Spectra go vertically: a vector holds the same number of as many frames as it
// has lanes. A work array of complex points is, for each point, a vector of
// real parts and one of imaginary parts; in scalar code, where a vector is one
// number, that is the usual interleaved layout.
//
// The resampler's FFT is horizontal: the points of one transform are in the
// lanes, so that it stays in the nearest cache. See [Resampling].
//
// Kernels check the lengths of slices that follow from counts. What tables say
// (taps, pairs, filters and their weights) they trust: it comes from the
// constructors of package transforms, never from a user. They keep no state.
package kernels
