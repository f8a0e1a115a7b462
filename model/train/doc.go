// Package train fits networks to datasets and asks them: the training loop,
// evaluation on a split, and prediction for a recording.
//
// # Exactness
//
// An epoch is a list of batches that follows from the seed, the epoch and the
// lengths of the examples alone, so a position in it is a number, and every
// example is in it once. Whatever is drawn (weights, batches, dropout, noise)
// is a hash of the seed and of what it is for. A checkpoint holds the weights,
// the optimizer's state and the position; training that goes on from it ends
// with the same weights, bit for bit, as training that was never stopped, on
// the same machine with the same number of threads.
//
// # Memory
//
// Examples are read from memory-mapped shards when their batch is due; every
// reader has two batches ready ahead of the network, and no split is ever held
// whole. The
// checksum of the dataset is part of a checkpoint: another dataset is refused.
//
// # Baselines
//
// Beside the network a softmax over single frames is trained on the same
// batches, for the same epochs, by Adam. It sees what the network sees of one
// frame, deltas included. What it scores, and what always saying the commonest
// class of the training split scores, stand beside every evaluation.
package train
