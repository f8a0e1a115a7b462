// Package model holds the networks of framewise: stacks of convolutions,
// time-distributed dense layers and LSTMs that give every frame of a spectrum a
// distribution over labels. The layers are Gorgonia operations over whole
// sequences (package nn); this package composes them, names and draws their
// weights, and runs them on padded batches.
//
// # Shapes
//
// Everything is time-major: a batch is [T, B, I] for B utterances padded to T
// frames of I values each. Lengths go beside it, and nothing past an
// utterance's length reaches another frame or the loss.
//
// # Order of merging
//
// topology late stacks each direction by itself and merges the two once, on
// top; each-layer merges after every layer, as the usual deep BLSTM does.
//
// # Backward layers
//
// A Keras layer with go_backwards=True reads its input from the end and leaves
// its output in the order it was computed: reversed. Stacked twice, the second
// layer reads the reversed output from its end, that is forward in time, and
// its output is in the order of time again. Written with A for an LSTM that
// reads from the end and whose output is turned back, F for one that reads from
// the beginning, and R for mirroring each utterance within its own length:
//
//	aligned    A(A(x))           every layer turned back: the textbook layer
//	double     F(A(x))           two go_backwards layers: R F R . R A = F A
//	unaligned  R(A(A(x)))        go_backwards, then a plain layer over the reversed
//	                             sequence, never turned back: frame t is merged
//	                             with the mirrored frame of its own utterance
//
// Deeper stacks go on in the same way: double alternates A F A F, and turns the
// output of an odd last layer back, so that it is always in the order of time;
// unaligned is the aligned stack, mirrored. A stack of one layer is A, A and
// R(A). Where directions merge after every layer there are no two backward
// layers in a row: double is an error, and unaligned mirrors every layer's
// backward output.
package model
