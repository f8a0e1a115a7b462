// Package pipelines turns a corpus and an augmentation plan into a dataset. It
// is the only place of the project that knows Beam, and a thin one: what to
// make comes from package augment, how from transforms, where to from dataset.
//
// # Plan, then materialize
//
//	Impulse -> ReadManifest -> Variants ----------------------+-> by shard -> MaterializeShards
//	                       \-> by bucket -> Concatenations --/
//
// Elements are members and recipes, some hundred bytes each; audio and spectra
// never pass through a shuffle. One group of the last step is one shard, made
// from start to end by one call: a pure function of its recipes, the build
// configuration, the manifest's lines and the audio.
//
// # Who is believed
//
// Not the runner. [Build] surveys the manifest before the pipeline runs and
// works the plan out in process; afterwards it reads the shards' sidecar files
// and compares: every planned example was made or is in rejects.jsonl, every
// utterance was used or is. Only then does dataset.json appear.
//
// # Bad input and faults
//
// What is wrong with a recording or a label file is a reject: a line of
// rejects.jsonl with a reason from a fixed list, never the end of a build. What
// is wrong with the machine (a full disk, a lost shard) is an error, and ends
// it. Which of the two it is, is decided where it happens, because errors
// become strings on their way through a runner.
//
// # Differences from the usual Beam pipeline
//
// Parallelism within a shard is this package's own: runners start few bundles
// at a time. One limit for the whole process holds for all DoFns together, and
// results are written in row order whoever finishes first.
package pipelines
