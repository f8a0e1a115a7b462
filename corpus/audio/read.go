package audio

import (
	"fmt"
	"io"

	goaudio "github.com/go-audio/audio"
)

// Read reads samples [begin, end) of a channel (from 0). The buffer has one
// channel; see the package's documentation for its type and scale.
func (f *File) Read(channel int, begin, end int64) (*goaudio.PCMBuffer, error) {
	buf := &goaudio.PCMBuffer{Format: &goaudio.Format{NumChannels: 1, SampleRate: f.Info.Rate}, SourceBitDepth: uint8(f.dec.sampleBytes())}
	var err error
	if f.Info.Int16() {
		buf.DataType = goaudio.DataTypeI16
		buf.I16, err = f.ReadI16(nil, channel, begin, end)
	} else {
		buf.DataType = goaudio.DataTypeF32
		buf.F32, err = f.ReadF32(nil, channel, begin, end)
	}
	if err != nil {
		return nil, err
	}
	return buf, nil
}

// ReadF32 reads samples [begin, end) of a channel (from 0), in int16 scale,
// into dst and returns it with their number as its length; a dst without that
// capacity is replaced by a new one.
func (f *File) ReadF32(dst []float32, channel int, begin, end int64) ([]float32, error) {
	if err := f.check(channel, begin, end); err != nil {
		return nil, err
	}
	return f.dec.readF32(dst, channel, begin, end)
}

// ReadI16 is ReadF32 for 16-bit PCM as it is (Info.Int16). Other samples are
// an error: they do not fit.
func (f *File) ReadI16(dst []int16, channel int, begin, end int64) ([]int16, error) {
	if err := f.check(channel, begin, end); err != nil {
		return nil, err
	}
	if err := f.check16(); err != nil {
		return nil, err
	}
	return f.dec.readI16(dst, channel, begin, end)
}

// check holds what is asked for against what there is.
func (f *File) check(channel int, begin, end int64) error {
	if channel < 0 || channel >= f.Info.Channels {
		return &Error{Path: f.path, Detail: fmt.Sprintf("channel %d was asked for, the file has %d (counted from 0)", channel, f.Info.Channels)}
	}
	if begin < 0 || begin > end || end > f.Info.NumSamples {
		return &Error{Path: f.path, Detail: fmt.Sprintf("samples %d to %d were asked for, the file has %d", begin, end, f.Info.NumSamples)}
	}
	return nil
}

func (f *File) check16() error {
	if f.Info.Int16() {
		return nil
	}
	return &Error{Path: f.path, Detail: fmt.Sprintf("int16 samples were asked for, the file has %s, which is read as float32", f.Info.Encoding)}
}

// Stream reads a range of a recording piece by piece, so that memory does not
// grow with the recording's length. It must not be used by two goroutines at
// a time; one File may have several.
type Stream struct {
	file *File
	r    sampleReader
	left int64
	err  error // that of an earlier call
}

// Stream begins to read samples [begin, end) of a channel (from 0). It ends
// with the File.
func (f *File) Stream(channel int, begin, end int64) (*Stream, error) {
	if err := f.check(channel, begin, end); err != nil {
		return nil, err
	}
	r, err := f.dec.stream(channel, begin)
	if err != nil {
		return nil, err
	}
	return &Stream{file: f, r: r, left: end - begin}, nil
}

// ReadF32 fills dst with the samples that follow, in int16 scale, the same
// that File.ReadF32 gives, and returns their number: less than len(dst) only
// at the range's end, and 0 with io.EOF after it.
func (s *Stream) ReadF32(dst []float32) (int, error) {
	return readNext(s, dst, s.r.nextF32)
}

// ReadI16 is ReadF32 for 16-bit PCM as it is (Info.Int16).
func (s *Stream) ReadI16(dst []int16) (int, error) {
	if err := s.file.check16(); err != nil {
		return 0, err
	}
	return readNext(s, dst, s.r.nextI16)
}

func readNext[S sample](s *Stream, dst []S, next func([]S) error) (int, error) {
	if s.err == nil && s.left == 0 {
		s.err = io.EOF
	}
	if s.err != nil || len(dst) == 0 {
		return 0, s.err
	}
	n := int(min(int64(len(dst)), s.left))
	if s.err = next(dst[:n]); s.err != nil {
		return 0, s.err
	}
	s.left -= int64(n)
	return n, nil
}

// Load reads samples [begin, end) of a channel of the file at path, in int16
// scale, and its rate in Hz. An end below 0 means the recording's end.
func Load(path string, channel int, begin, end int64) (samples []float32, rate int, err error) {
	return LoadF32(nil, path, channel, begin, end)
}

// LoadF32 is Load into dst, which is replaced if its capacity is too small.
func LoadF32(dst []float32, path string, channel int, begin, end int64) (samples []float32, rate int, err error) {
	rate, err = withFile(path, end, func(f *File, end int64) (err error) {
		samples, err = f.ReadF32(dst, channel, begin, end)
		return err
	})
	return samples, rate, err
}

// LoadI16 is LoadF32 for 16-bit PCM as it is (Info.Int16).
func LoadI16(dst []int16, path string, channel int, begin, end int64) (samples []int16, rate int, err error) {
	rate, err = withFile(path, end, func(f *File, end int64) (err error) {
		samples, err = f.ReadI16(dst, channel, begin, end)
		return err
	})
	return samples, rate, err
}

// withFile opens a file, and says where it ends if end is below 0.
func withFile(path string, end int64, read func(f *File, end int64) error) (rate int, err error) {
	f, err := Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	if end < 0 {
		end = f.Info.NumSamples
	}
	return f.Info.Rate, read(f, end)
}
