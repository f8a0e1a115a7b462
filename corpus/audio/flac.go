package audio

import (
	"bufio"
	"crypto/md5"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
)

// flacFile decodes a FLAC file from its beginning at each read: memory is
// bounded by a frame and the range that is asked for.
type flacFile struct {
	src  *source
	info Info
	bits int // of a sample
}

// flac16 is the encoding of a FLAC file of 16 bits.
const flac16 Encoding = "flac_s16"

// No FLAC frame is shorter (header, one constant subframe, checksum), and none
// holds more samples: together they bound what a file can hold.
const (
	minFLACFrame = 9     // bytes
	maxFLACBlock = 65535 // samples
)

// openFLAC reads the stream's information. Where it does not state the number
// of samples, the file is decoded once to count them.
func openFLAC(s *source) (Info, decoder, error) {
	f := &flacFile{src: s}
	p, err := f.pass()
	if err != nil {
		return f.info, nil, err
	}
	si := p.st.Info
	f.bits = int(si.BitsPerSample)
	f.info = Info{Encoding: Encoding(fmt.Sprintf("flac_s%d", f.bits)), Rate: int(si.SampleRate), Channels: int(si.NChannels), NumSamples: int64(si.NSamples)}
	if f.info.Rate < 1 || f.info.Channels < 1 || f.bits < 4 || f.bits > 32 {
		return f.info, nil, s.errorf(8, "%d channels of %d bits at %d Hz, want at least 1 channel of 4 to 32 bits at 1 Hz or more", f.info.Channels, f.bits, f.info.Rate)
	}
	if most := s.size / minFLACFrame * maxFLACBlock; f.info.NumSamples > most {
		return f.info, nil, s.errorf(18, "the stream says %d samples, a file of %d bytes holds %d at most", f.info.NumSamples, s.size, most)
	}
	if si.NSamples == 0 {
		for err == nil {
			_, err = p.next()
		}
		if err != io.EOF {
			return f.info, nil, err
		}
		f.info.NumSamples = p.pos
	}
	return f.info, f, nil
}

// flacPass is a pass over a file's frames.
type flacPass struct {
	f   *flacFile
	st  *flac.Stream
	pos int64 // samples in the frames so far
}

// pass begins at the file's first frame.
func (f *flacFile) pass() (p *flacPass, err error) {
	defer f.recovered(&err)
	r := bufio.NewReaderSize(io.NewSectionReader(f.src.r, 0, f.src.size), blockBytes)
	st, err := flac.New(r)
	if err != nil {
		return nil, f.damaged("header", err)
	}
	return &flacPass{f: f, st: st}, nil
}

// damaged is the *Error of a file that does not decode.
func (f *flacFile) damaged(at string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &Error{Path: f.src.path, At: at, Detail: fmt.Sprintf("the file ends at byte %d in the middle: it is truncated", f.src.size), Err: err}
	}
	return &Error{Path: f.src.path, At: at, Detail: fmt.Sprintf("damaged FLAC: %v", err), Err: err}
}

// recovered makes an error of a panic of the decoding library, which indexes
// by numbers that a damaged file chooses.
func (f *flacFile) recovered(err *error) {
	if p := recover(); p != nil {
		*err = f.damaged("", fmt.Errorf("the decoder gave up: %v", p))
	}
}

// next decodes a frame and holds it against the stream's information. The
// error is io.EOF after the last.
func (p *flacPass) next() (fr *frame.Frame, err error) {
	f := p.f
	defer f.recovered(&err)
	if stated := int64(p.st.Info.NSamples); stated > 0 && p.pos >= stated { // what may follow is a tag
		return nil, io.EOF
	}
	fr, err = p.st.Next()
	if err == io.EOF { // between two frames; within one it is io.ErrUnexpectedEOF
		return nil, io.EOF
	}
	at := fmt.Sprintf("sample %d", p.pos)
	if err != nil {
		return nil, f.damaged(at, err)
	}
	if fr.BitsPerSample == 0 { // "as the stream says"
		fr.BitsPerSample = p.st.Info.BitsPerSample
	}
	if err := fr.Parse(); err != nil {
		return nil, f.damaged(at, err)
	}
	if len(fr.Subframes) != f.info.Channels || int(fr.BitsPerSample) != f.bits {
		return nil, &Error{Path: f.src.path, At: at, Detail: fmt.Sprintf("a frame of %d channels of %d bits, want %d of %d as the stream says", len(fr.Subframes), fr.BitsPerSample, f.info.Channels, f.bits)}
	}
	for _, sub := range fr.Subframes {
		if len(sub.Samples) != int(fr.BlockSize) {
			return nil, &Error{Path: f.src.path, At: at, Detail: fmt.Sprintf("a frame of %d samples, want %d as it says", len(sub.Samples), fr.BlockSize)}
		}
	}
	p.pos += int64(fr.BlockSize)
	return fr, nil
}

func (f *flacFile) sampleBytes() int { return (f.bits + 7) / 8 }

// short is the *Error of a stream that ends before the samples it states.
func (f *flacFile) short(pos int64) error {
	return &Error{Path: f.src.path, At: fmt.Sprintf("sample %d", pos), Detail: fmt.Sprintf("the stream ends, want %d samples as it says: it is truncated", f.info.NumSamples)}
}

// verify decodes everything and compares the number of samples and, where the
// file states it, their MD5.
func (f *flacFile) verify() error {
	p, err := f.pass()
	if err != nil {
		return err
	}
	stated := p.st.Info.MD5sum
	var sum hash.Hash
	if stated != [md5.Size]byte{} && f.bits <= 24 { // the library hashes no more bits
		sum = md5.New()
	}
	for {
		fr, err := p.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if sum != nil {
			fr.Hash(sum)
		}
	}
	switch {
	case p.pos < f.info.NumSamples:
		return f.short(p.pos)
	case sum != nil && [md5.Size]byte(sum.Sum(nil)) != stated:
		return &Error{Path: f.src.path, Detail: fmt.Sprintf("the samples' MD5 is %x, want %x as the file says: it is damaged", sum.Sum(nil), stated)}
	}
	return nil
}
