package audio

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	goaudio "github.com/go-audio/audio"
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

// decoder reads samples [begin, end) of one channel of a recording, as F32
// even if they are 16-bit PCM where float is set. Its caller has checked the
// range and the channel.
type decoder interface {
	read(channel int, begin, end int64, float bool) (*goaudio.PCMBuffer, error)
	verify() error
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
	f, err := os.Open(path)
	if err != nil {
		return nil, osError(path, err)
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = errors.New("is not a regular file")
	}
	if err != nil {
		f.Close()
		return nil, osError(path, err)
	}
	a, err := New(f, st.Size(), path)
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
	s := source{r: r, size: size, path: name}
	f := &File{path: name}
	format, err := sniff(&s)
	if err != nil {
		return nil, err
	}
	switch format {
	case WAV:
		f.Info, f.dec, err = openWAV(&s)
	case SPHERE:
		f.Info, f.dec, err = openSPHERE(&s)
	case FLAC:
		f.Info, f.dec, err = openFLAC(&s)
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

// Read reads samples [begin, end) of a channel (from 0). The buffer has one
// channel; see the package's documentation for its type and scale.
func (f *File) Read(channel int, begin, end int64) (*goaudio.PCMBuffer, error) {
	return f.read(channel, begin, end, false)
}

func (f *File) read(channel int, begin, end int64, float bool) (*goaudio.PCMBuffer, error) {
	if channel < 0 || channel >= f.Info.Channels {
		return nil, &Error{Path: f.path, Detail: fmt.Sprintf("channel %d was asked for, the file has %d (counted from 0)", channel, f.Info.Channels)}
	}
	if begin < 0 || begin > end || end > f.Info.NumSamples {
		return nil, &Error{Path: f.path, Detail: fmt.Sprintf("samples %d to %d were asked for, the file has %d", begin, end, f.Info.NumSamples)}
	}
	buf, err := f.dec.read(channel, begin, end, float)
	if err != nil {
		return nil, err
	}
	buf.Format = &goaudio.Format{NumChannels: 1, SampleRate: f.Info.Rate}
	return buf, nil
}

// Verify finds damage that the header cannot show: it decodes all of a FLAC
// file and compares the sample count and MD5 that it states. For WAV and
// SPHERE, whose sizes Open has checked, it does nothing.
func (f *File) Verify() error { return f.dec.verify() }

// Load reads samples [begin, end) of a channel of the file at path, in int16
// scale, and its rate in Hz. An end below 0 means the recording's end.
func Load(path string, channel int, begin, end int64) (samples []float32, rate int, err error) {
	f, err := Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	if end < 0 {
		end = f.Info.NumSamples
	}
	buf, err := f.read(channel, begin, end, true)
	if err != nil {
		return nil, 0, err
	}
	return buf.F32, f.Info.Rate, nil
}

// Sum is the SHA-256 of the file's bytes in lower-case hexadecimal: the
// identity of a recording in manifests and digests.
func Sum(path string) (string, error) {
	f, err := os.Open(path)
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
