// Package corpus holds the nouns at rest: recordings, utterances, alignments,
// label sets and splits, the manifest that lists them (corpus.jsonl), the
// importers that write it and the checks that judge it.
//
//   - An utterance is a stretch of a recording by one speaker.
//   - An alignment is a list of segments in integer samples of the recording,
//     end exclusive. Seconds appear only at the edges of the program.
//   - A split is one of train, dev, test, test-rest.
//   - A label set is an ordered list of labels; an index into it is what
//     shards store.
//
// Audio decoding is in corpus/audio, the demo corpus in corpus/synth, and the
// hash that every random decision of the program is drawn from in corpus/draw.
package corpus
