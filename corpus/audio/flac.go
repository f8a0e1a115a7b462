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
	"github.com/mewkiz/flac/meta"
)

// flacFile decodes a FLAC file, from a frame before what is asked for: memory
// is bounded by a frame and the range.
type flacFile struct {
	src   *source
	info  Info
	bits  int // of a sample
	st    *meta.StreamInfo
	index *flacIndex
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
	if err := f.readInfo(); err != nil {
		return f.info, nil, err
	}
	si := f.st
	f.bits = int(si.BitsPerSample)
	f.info = Info{Encoding: Encoding(fmt.Sprintf("flac_s%d", f.bits)), Rate: int(si.SampleRate), Channels: int(si.NChannels), NumSamples: int64(si.NSamples)}
	if f.info.Rate < 1 || f.info.Channels < 1 || f.bits < 4 || f.bits > 32 {
		return f.info, nil, s.errorf(8, "%d channels of %d bits at %d Hz, want at least 1 channel of 4 to 32 bits at 1 Hz or more", f.info.Channels, f.bits, f.info.Rate)
	}
	if most := s.size / minFLACFrame * maxFLACBlock; f.info.NumSamples > most {
		return f.info, nil, s.errorf(18, "the stream says %d samples, a file of %d bytes holds %d at most", f.info.NumSamples, s.size, most)
	}
	if si.NSamples == 0 {
		var err error
		if f.info.NumSamples, err = f.countSamples(); err != nil {
			return f.info, nil, err
		}
	}
	return f.info, f, nil
}

// readInfo reads what lies before the first frame.
func (f *flacFile) readInfo() (err error) {
	defer f.recovered(&err)
	r := newFLACReader(f.src, 0)
	st, err := flac.New(r.Reader)
	if err != nil {
		return f.damaged("header", err)
	}
	f.st = st.Info
	if int64(st.Info.NSamples) > 4*indexStep || st.Info.NSamples == 0 { // otherwise it is not worth remembering
		f.index = indexes.of(f.src)
	}
	if f.index == nil {
		f.index = &flacIndex{}
	}
	f.index.note(flacPlace{0, r.offset()})
	return nil
}

// countSamples decodes everything, unless that was done before.
func (f *flacFile) countSamples() (int64, error) {
	if n := f.index.count(); n > 0 {
		return n, nil
	}
	p := f.pass(0)
	for {
		if _, err := p.next(); err == io.EOF {
			f.index.setCount(p.pos)
			return p.pos, nil
		} else if err != nil {
			return 0, err
		}
	}
}

// flacReader reads a file from an offset on and knows how far it has come.
type flacReader struct {
	*bufio.Reader
	section *io.SectionReader
	begin   int64
}

func newFLACReader(s *source, offset int64) flacReader {
	section := io.NewSectionReader(s.r, offset, s.size-offset)
	return flacReader{bufio.NewReaderSize(section, blockBytes), section, offset}
}

// offset is that of the next byte.
func (r flacReader) offset() int64 {
	at, err := r.section.Seek(0, io.SeekCurrent)
	if err != nil { // a section knows where it is
		panic(err)
	}
	return r.begin + at - int64(r.Buffered())
}

// flacPass is a pass over a file's frames.
type flacPass struct {
	f   *flacFile
	r   flacReader
	pos int64 // samples before the next frame
}

// pass begins at a frame at or before a sample.
func (f *flacFile) pass(sample int64) *flacPass {
	at := f.index.before(sample)
	return &flacPass{f: f, r: newFLACReader(f.src, at.offset), pos: at.sample}
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
	if stated := int64(f.st.NSamples); stated > 0 && p.pos >= stated { // what may follow is a tag
		return nil, io.EOF
	}
	f.index.note(flacPlace{p.pos, p.r.offset()})
	fr, err = frame.New(p.r.Reader)
	if err == io.EOF { // between two frames; within one it is io.ErrUnexpectedEOF
		return nil, io.EOF
	}
	at := fmt.Sprintf("sample %d", p.pos)
	if err != nil {
		return nil, f.damaged(at, err)
	}
	if fr.BitsPerSample == 0 { // "as the stream says"
		fr.BitsPerSample = f.st.BitsPerSample
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
	p := f.pass(0)
	stated := f.st.MD5sum
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
