// Package nn has the layers of framewise's networks as Gorgonia operations on
// whole sequences, each with its gradient as another operation.
//
// Sequences are time-major: a batch is [T, B, I], frame t of utterance b at row
// t*B+b, together with lens [B], the number of frames of each utterance. T and
// B are capacities: an operation runs max(lens) steps, an absent utterance has
// length 0, and one graph serves every smaller batch at proportional cost.
// Every operation treats what lies past an utterance's length as absent: it
// has no influence (as long as it is finite), results and gradients there are
// zero. What comes out for an utterance has the same bits whatever it is
// batched with and however many goroutines share the work.
//
// Operations take float32 or float64 by the type of their inputs; lens and
// labels are tensors of int. They own the tensors that they return and
// overwrite them on the next run. Only gorgonia.TapeMachine is supported, one
// machine at a time on shared weights, without BindDualValues: after RunAll the
// gradient of a weight is the value of its node's Grad, valid until the next run.
package nn
