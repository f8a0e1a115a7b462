// Package gcs is a dataset.Store in a Google Cloud Storage bucket: gs://BUCKET/FOLDER.
// Importing it makes dataset.OpenStore understand such paths.
//
// # What holds
//
//   - An object appears whole or not at all. It is written under a precondition:
//     that nothing was there when the writer began, or the generation that was.
//     When the answer is 412 and the object there has the writer's size and
//     CRC32C, an answer was lost on the way or another writer made the same
//     bytes: both are success. Other bytes are a dataset.ErrConflict.
//   - Checksums are checked both ways. What is written is spooled to a temporary
//     file first, so that its CRC32C travels with the upload and the server
//     refuses other bytes; the answer's size and CRC32C are compared again. What
//     is read from begin to end is compared with the CRC32C of its generation.
//   - A file that is open stays the generation that was opened.
//   - 408, 429, 5xx and broken connections are tried again with back-off, larger
//     uploads from the last chunk that arrived, up to Options.Attempts times
//     without getting on. After that the error wraps dataset.ErrUnavailable.
//   - No error holds a token, a signature or a query of a URL.
package gcs
