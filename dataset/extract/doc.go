// Package extract writes the features of recordings to files of their own,
// beside or instead of a dataset's shards: NPY or CSV, a matrix [T, F] a
// recording.
//
// Recordings are streamed: a recording of hours takes the memory of one of
// seconds, because the number of rows is known from its header and the framing
// rule before the first row is. The numbers are those of a build, to the bit.
package extract
