package audio

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"framewise/corpus/files"
)

// Format is the container of a recording.
type Format string

// The formats that are read.
const (
	WAV    Format = "wav"
	SPHERE Format = "sphere"
	FLAC   Format = "flac"
)

// maxRate bounds the sample rate, in Hz, that a header may claim. Window and
// filter sizes grow with it, so a damaged rate must not reach them.
const maxRate = 1_000_000

// Info is what a recording's header says, after it was held against the file.
type Info struct {
	Format     Format
	Encoding   Encoding
	Rate       int   // Hz
	Channels   int   // at least 1
	NumSamples int64 // a channel
}

// Int16 says whether the samples are 16-bit PCM, which is what can be read as
// int16.
func (i Info) Int16() bool {
	return i.Encoding == PCM16LE || i.Encoding == PCM16BE || i.Encoding == flac16
}

// Error says what is wrong with a recording, where, and what was expected.
type Error struct {
	Path    string
	At      string // the place in the file: "byte 36", "sample 1200", "header line 4"; may be empty
	Detail  string // what was found and what was expected
	Missing bool   // there is no such file
	Err     error  // the error below, if there is one
}

// Error names the file, the place and the fault.
func (e *Error) Error() string {
	s := fmt.Sprintf("read audio %q: ", e.Path)
	if e.At != "" {
		s += e.At + ": "
	}
	return s + e.Detail
}

// Unwrap is the error below, such as the operating system's.
func (e *Error) Unwrap() error { return e.Err }

// decoder reads one channel of a recording. Its caller has checked the range,
// the channel, and that samples asked for as int16 are 16-bit PCM.
type decoder interface {
	// readI16 and readF32 read samples [begin, end) into dst, whose length they
	// set and which they replace if its capacity is too small.
	readI16(dst []int16, channel int, begin, end int64) ([]int16, error)
	readF32(dst []float32, channel int, begin, end int64) ([]float32, error)
	// stream reads from sample begin on.
	stream(channel int, begin int64) (sampleReader, error)
	verify() error
	sampleBytes() int // of one sample, before any compression
}

// sampleReader reads successive samples: each call fills dst.
type sampleReader interface {
	nextI16(dst []int16) error
	nextF32(dst []float32) error
}

// File is an open recording. Its methods do not change it, so that several
// goroutines may read from it.
type File struct {
	Info Info

	path   string
	dec    decoder
	closer io.Closer
}

// Open opens the recording at path, reads its header and checks the header
// against the file's size. The error is an *Error; its Missing is set if there
// is no such file. The caller closes the File.
func Open(path string) (*File, error) {
	f, info, err := files.OpenRegular(path)
	if err != nil {
		return nil, osError(path, err)
	}
	a, err := open(&source{r: f, size: info.Size(), path: path, info: info})
	if err != nil {
		f.Close()
		return nil, err
	}
	a.closer = f
	return a, nil
}

// New reads the header of a recording of size bytes. The name is what errors
// call it.
func New(r io.ReaderAt, size int64, name string) (*File, error) {
	return open(&source{r: r, size: size, path: name})
}

func open(s *source) (*File, error) {
	b := getBlock()
	defer putBlock(b)
	head := b.bytes(int(min(s.size, headerBytes)))
	if err := s.readFull(head, 0); err != nil {
		return nil, err
	}
	s.cache = head
	defer func() { s.cache = nil }() // samples come from the file, which may have shrunk
	f := &File{path: s.path}
	format, err := sniff(s)
	if err != nil {
		return nil, err
	}
	switch format {
	case WAV:
		f.Info, f.dec, err = openWAV(s)
	case SPHERE:
		f.Info, f.dec, err = openSPHERE(s)
	case FLAC:
		f.Info, f.dec, err = openFLAC(s)
	}
	if err != nil {
		return nil, err
	}
	f.Info.Format = format
	return f, nil
}

// Close closes the file that Open opened.
func (f *File) Close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}

// Verify finds damage that the header cannot show: it decodes all of a FLAC
// file and compares the sample count and MD5 that it states. For WAV and
// SPHERE, whose sizes Open has checked, it does nothing.
func (f *File) Verify() error { return f.dec.verify() }

// Sum is the SHA-256 of the file's bytes in lower-case hexadecimal: the
// identity of a recording in manifests and digests.
func Sum(path string) (string, error) {
	f, _, err := files.OpenRegular(path)
	if err != nil {
		return "", osError(path, err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", osError(path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// osError makes an *Error of an error of the operating system.
func osError(path string, err error) *Error {
	e := &Error{Path: path, Err: err, Detail: err.Error()}
	var pe *fs.PathError
	if errors.As(err, &pe) { // the path is in the message already
		e.Detail = fmt.Sprintf("%s: %v", pe.Op, pe.Err)
	}
	if errors.Is(err, fs.ErrNotExist) {
		e.Missing, e.Detail = true, "there is no such file"
	}
	return e
}
