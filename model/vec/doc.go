// Package vec has the elementwise loops of training in float32: the gates of
// an LSTM and of a GRU forward and backward, a frame of CTC, tanh, exp, sums,
// and a step of Adam.
//
// They are Go assembly for AVX-512 and for AVX2 with FMA, made by the
// generator in gen, and plain Go for every other CPU; the choice is that of
// package gemm, and FRAMEWISE_SIMD forces it. The exponential is Cephes' expf
// (range reduction by ln 2 in two parts, polynomial of degree 5), about 1e-7
// relative; tanh is Cephes' tanhf, polynomial below 0.625 and by the
// exponential above, so that it is relatively accurate at 0 too. Each element
// goes through the same operations wherever it stands in a slice, so its bits
// do not depend on its neighbors, and AVX2 and AVX-512 agree bit for bit.
package vec
