// Package transforms holds the signal transforms of framewise: resampling,
// framing, spectra, mel filter banks, cepstra, deltas and CMVN. Everything is
// a pure function of slices of float32; nothing here reads files, knows what
// an utterance is, or imports another package of the project.
//
// What goes into the bytes of a shard must not depend on the CPU, so sums have
// a fixed order, products that meet a sum are rounded by an explicit
// conversion (which forbids fused multiply-add), and transcendental functions
// come from the detmath package beside this one.
package transforms
