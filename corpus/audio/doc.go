// Package audio reads recordings: WAV, NIST SPHERE and FLAC, decided by a
// file's first bytes and never by its name.
//
// # What is read
//
//   - WAV (also RF64): integer PCM of 8, 16, 24 and 32 bits, float of 32 and 64
//     bits, G.711 ulaw and alaw, plain or extensible, any number of channels.
//   - NIST SPHERE: PCM of 8 to 32 bits in both byte orders, ulaw and alaw. Files
//     with an embedded compression (shorten, shortpack, wavpack) are refused by
//     name, with what to do about it.
//   - FLAC of 4 to 32 bits.
//
// Other formats that can be told by their first bytes (MP3, Ogg, AIFF, ...) are
// refused by name.
//
// # What comes out
//
// The currency is a PCMBuffer of github.com/go-audio/audio with one channel.
// It holds I16 for 16-bit PCM (in WAV, SPHERE or FLAC) and F32 for every other
// encoding. F32 samples are in the scale of 16-bit integers: full scale is
// 32768, whatever the encoding. 8- and 24-bit samples and G.711 are exact in
// it; 32-bit integers and 64-bit floats are rounded once, to nearest.
//
// A File is read whole or by ranges, into the caller's memory if it is given
// (ReadF32, ReadI16), or piece by piece (Stream), so that memory does not
// grow with the recording's length. The samples are the same. A range of WAV or
// SPHERE costs its bytes; one of FLAC is decoded from the nearest frame whose
// place an earlier read of this process has found.
//
// # Trust
//
// No size in a header is believed. A header that claims more than the file
// holds is an error that names the place, what was found and what was
// expected; memory is bounded by the range that is read. Every error about a
// file is an *Error.
package audio
