// Package transforms holds the signal transforms of framewise: resampling,
// framing, spectra, mel filter banks, cepstra, deltas and CMVN. Everything is
// a pure function of slices of float32; nothing here reads files, knows what
// an utterance is, or imports another package of the project.
//
// What goes into the bytes of a shard must not depend on the CPU, so sums have
// a fixed order, products that meet a sum are rounded by an explicit
// conversion (which forbids fused multiply-add), and transcendental functions
// come from the detmath package beside this one.
//
// # From samples to features
//
// A [FeatureConfig], mostly one of the presets, says how; an [Extractor] does
// it, chunk by chunk of up to 64 frames. Its stages are files of their own:
//
//	input.go      samples at the edges, pre-emphasis, the layout that the kernels read
//	sums.go       means and raw energies of frames
//	spectrum.go   window, real FFT, power
//	mel.go        triangular filters
//	rows.go       floor, logarithm, DCT and lifter
//
// A [Stream] does the same for a signal that arrives in pieces.
//
// The inner loops are in the kernels package: scalar Go for any CPU, AVX2 with
// 8 frames and AVX-512 with 16 frames in the lanes of a vector, all generated
// from one text. Every stage does its arithmetic frame by frame in the same
// order, with no sum that runs across frames, so that all of them give the same
// bits. The CPU decides; FRAMEWISE_SIMD=off|avx2|avx512 overrules it.
//
// # Differences from the programs that the presets reproduce
//
// Arithmetic is float32; python_speech_features computes in float64. Down to
// 87 dB below a frame's total, log-mel cells agree with it and with
// kaldi-native-fbank to 5e-4 (mean 3e-7 and 5e-6); a cell further down holds
// rounding errors in each program. A frame longer than nfft is an error, where
// python_speech_features truncates it with a warning. Dither is always 0.
// Filters that hold no FFT bin are allowed and give the logarithm's floor.
package transforms
