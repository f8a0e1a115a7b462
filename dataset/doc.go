// Package dataset is what was made: shards of examples, the dataset.json that
// describes them, and the ways to write, read, check and summarize them.
//
//	DIR/dataset.json                      written last; absent = unfinished build
//	DIR/<split>/shard-00000-of-00016.arrow
//	DIR/rejects.jsonl                     what was planned and not made
//	DIR/build.yaml                        the configuration as resolved
//	DIR/.build/<split>/shard-...json      one ShardResult beside every shard
//
// # Words
//
//   - Example: one row; id, spectrum [T, F], frame labels [T], provenance.
//   - Shard: one Arrow IPC file of the examples of a split whose ids hash to
//     the shard's number, in the order of that hash. It is written once and
//     never changed. docs/dataset.md is its specification.
//   - Digest: a hash of everything that determines a shard's bytes, known
//     before any audio is read. A shard whose digest is the wanted one need not
//     be made again.
//   - Manifest: the content of dataset.json.
//   - Store: a folder-like place that shards lie in; Local is a folder.
//   - View: an example as a network wants it: CMVN, then deltas, then channels.
//
// # Determinism
//
// A shard's bytes and dataset.json depend on the examples and the
// configuration alone: no time, host, path, order of arrival or number of
// workers reaches them. Sums over frames are float64 and run in row order
// within a shard and in shard order within a split.
//
// # Errors
//
// ErrCorrupt marks damage: a file that is not what dataset.json or the format
// says. ErrVersion marks a format that this program does not know. Damaged
// files give errors, never panics.
package dataset
