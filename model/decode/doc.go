// Package decode turns the distributions that a network gives to frames into
// label sequences: prefix beam search for networks trained with CTC, a Viterbi
// search with minimum durations for framewise ones, both with a bigram of
// labels if wanted, and the alignment of a known sequence to CTC's outputs. It
// is pure: probabilities in, labels out. It knows no network and no file.
//
// Sums over paths are made in the logarithmic domain, in float64 and in a fixed
// order; of equals the one that was met first wins, so that the same
// probabilities give the same labels always.
package decode
