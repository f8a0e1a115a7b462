package audio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// source is the bytes of a recording, with its real size.
type source struct {
	r     io.ReaderAt
	size  int64
	path  string
	info  os.FileInfo // nil if it is not a file
	cache []byte      // the file's first bytes, while its header is read
}

// headerBytes is what one system call fetches for all of a usual header.
const headerBytes = 4 << 10

// errorf is an *Error at a byte of the file.
func (s *source) errorf(at int64, format string, args ...any) *Error {
	return &Error{Path: s.path, At: fmt.Sprintf("byte %d", at), Detail: fmt.Sprintf(format, args...)}
}

// readFull fills b from offset at. The file must hold those bytes: one that
// became shorter since it was opened is an error like a truncated one.
func (s *source) readFull(b []byte, at int64) error {
	if at+int64(len(b)) <= int64(len(s.cache)) {
		copy(b, s.cache[at:])
		return nil
	}
	n, err := s.r.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return s.errorf(at, "the file ends after %d of %d bytes", n, len(b))
	}
	e := osError(s.path, err)
	e.At = fmt.Sprintf("byte %d", at)
	return e
}

// head reads up to n bytes from the start of the file.
func (s *source) head(n int) ([]byte, error) {
	b := make([]byte, min(int64(n), s.size))
	return b, s.readFull(b, 0)
}

// signature is how a file of some kind begins.
type signature struct {
	offset int
	magic  string
	name   string // of a kind that is not read
	remedy string
}

const toWAV = "convert it to WAV, for example `ffmpeg -i in out.wav`"

// refused lists the kinds of file that are recognized so that they can be
// refused by name.
var refused = []signature{
	{0, "RIFX", "big-endian WAV (RIFX)", "convert it to WAV, for example `sox in out.wav`"},
	{0, "FORM", "AIFF", toWAV},
	{0, ".snd", "Sun AU", toWAV},
	{0, "OggS", "Ogg (Vorbis or Opus)", toWAV},
	{0, "ID3", "MP3 or a file with an ID3 tag", toWAV},
	{0, "\xff\xfb", "MP3", toWAV},
	{4, "ftyp", "MP4", toWAV},
	{0, "caff", "Core Audio", toWAV},
	{0, "riff\x2e\x91\xcf\x11", "Sony Wave64", toWAV},
	{0, "ajkg", "shorten", "unpack it, for example `shorten -x in out`"},
	{0, "version https://git-lfs", "a Git LFS pointer", "fetch the file itself with `git lfs pull`"},
}

// sniff decides a file's format by its first bytes.
func sniff(s *source) (Format, error) {
	if s.size == 0 {
		return "", &Error{Path: s.path, Detail: "the file is empty, want WAV, SPHERE or FLAC"}
	}
	b, err := s.head(24)
	if err != nil {
		return "", err
	}
	has := func(at int, magic string) bool { return len(b) >= at && bytes.HasPrefix(b[at:], []byte(magic)) }
	switch {
	case has(0, "RIFF") || has(0, "RF64") || has(0, "BW64"):
		if len(b) >= 12 && !has(8, "WAVE") {
			return "", s.errorf(8, "a RIFF file of kind %q, want \"WAVE\"", b[8:12])
		}
		return WAV, nil
	case has(0, "NIST_1A"):
		return SPHERE, nil
	case has(0, "fLaC"):
		return FLAC, nil
	}
	for _, k := range refused {
		if has(k.offset, k.magic) {
			return "", s.errorf(0, "this is %s, want WAV, SPHERE or FLAC: %s", k.name, k.remedy)
		}
	}
	return "", s.errorf(0, "the file begins with %q, want \"RIFF\" (WAV), \"NIST_1A\" (SPHERE) or \"fLaC\" (FLAC)", b[:min(len(b), 12)])
}
