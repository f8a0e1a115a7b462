// Package score measures label sequences against references: frame accuracy
// and confusions, segments collapsed from frames, the phone error rate,
// boundaries, and bootstrap intervals. It is pure: label indices in, counts out.
// It knows no network and no file.
//
// Labels are class indices from 0; a negative reference label means that the
// frame has none and is counted as ignored.
//
// # Phone error rate
//
// PER = (substitutions + deletions + insertions) / reference phones, from the
// alignment of least edit distance (Levenshtein), summed over utterances before
// the division, as NIST's sclite and Kaldi's compute-wer do. It can exceed 1.
package score
