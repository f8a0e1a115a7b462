package audio

import (
	"bufio"
	"crypto/md5"
	"errors"
	"fmt"
	"hash"
	"io"

	goaudio "github.com/go-audio/audio"
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
	st, err := f.stream()
	if err != nil {
		return f.info, nil, err
	}
	si := st.Info
	f.bits = int(si.BitsPerSample)
	f.info = Info{Encoding: Encoding(fmt.Sprintf("flac_s%d", f.bits)), Rate: int(si.SampleRate), Channels: int(si.NChannels), NumSamples: int64(si.NSamples)}
	if f.info.Rate < 1 || f.info.Channels < 1 || f.bits < 4 || f.bits > 32 {
		return f.info, nil, s.errorf(8, "%d channels of %d bits at %d Hz, want at least 1 channel of 4 to 32 bits at 1 Hz or more", f.info.Channels, f.bits, f.info.Rate)
	}
	if most := s.size / minFLACFrame * maxFLACBlock; f.info.NumSamples > most {
		return f.info, nil, s.errorf(18, "the stream says %d samples, a file of %d bytes holds %d at most", f.info.NumSamples, s.size, most)
	}
	if si.NSamples == 0 {
		if err := f.frames(st, func(fr *frame.Frame) bool { f.info.NumSamples += int64(len(fr.Subframes[0].Samples)); return true }); err != nil {
			return f.info, nil, err
		}
	}
	return f.info, f, nil
}

// stream starts decoding.
func (f *flacFile) stream() (st *flac.Stream, err error) {
	defer f.recovered(&err)
	r := bufio.NewReaderSize(io.NewSectionReader(f.src.r, 0, f.src.size), blockBytes)
	st, err = flac.New(r)
	if err != nil {
		return nil, f.damaged("header", err)
	}
	return st, nil
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

// frames decodes frame after frame until visit returns false or the stream
// ends. It holds every frame against the stream's information.
func (f *flacFile) frames(st *flac.Stream, visit func(*frame.Frame) bool) (err error) {
	defer f.recovered(&err)
	for pos, stated := int64(0), int64(st.Info.NSamples); ; {
		if stated > 0 && pos >= stated { // what may follow is a tag
			return nil
		}
		fr, err := st.Next()
		if err == io.EOF { // between two frames; within one it is io.ErrUnexpectedEOF
			return nil
		}
		at := fmt.Sprintf("sample %d", pos)
		if err != nil {
			return f.damaged(at, err)
		}
		if fr.BitsPerSample == 0 { // "as the stream says"
			fr.BitsPerSample = st.Info.BitsPerSample
		}
		if err := fr.Parse(); err != nil {
			return f.damaged(at, err)
		}
		if len(fr.Subframes) != f.info.Channels || int(fr.BitsPerSample) != f.bits {
			return &Error{Path: f.src.path, At: at, Detail: fmt.Sprintf("a frame of %d channels of %d bits, want %d of %d as the stream says", len(fr.Subframes), fr.BitsPerSample, f.info.Channels, f.bits)}
		}
		for _, sub := range fr.Subframes {
			if len(sub.Samples) != int(fr.BlockSize) {
				return &Error{Path: f.src.path, At: at, Detail: fmt.Sprintf("a frame of %d samples, want %d as it says", len(sub.Samples), fr.BlockSize)}
			}
		}
		pos += int64(fr.BlockSize)
		if !visit(fr) {
			return nil
		}
	}
}

// read decodes from the start and keeps samples [begin, end).
func (f *flacFile) read(channel int, begin, end int64, float bool) (*goaudio.PCMBuffer, error) {
	buf := &goaudio.PCMBuffer{DataType: goaudio.DataTypeF32, SourceBitDepth: uint8((f.bits + 7) / 8)}
	is16 := f.bits == 16 && !float
	if is16 {
		buf.DataType = goaudio.DataTypeI16
	}
	if begin == end {
		return buf, nil
	}
	st, err := f.stream()
	if err != nil {
		return nil, err
	}
	scale := float32(uint64(1)<<32>>f.bits) / 65536 // 2^(16-bits)
	pos := int64(0)
	err = f.frames(st, func(fr *frame.Frame) bool {
		x := fr.Subframes[channel].Samples
		lo, hi := max(begin-pos, 0), min(end-pos, int64(len(x)))
		pos += int64(len(x))
		if lo >= hi {
			return pos < end
		}
		for _, v := range x[lo:hi] {
			if is16 {
				buf.I16 = append(buf.I16, int16(v))
			} else {
				buf.F32 = append(buf.F32, float32(v)*scale)
			}
		}
		return pos < end
	})
	if err != nil {
		return nil, err
	}
	if pos < end {
		return nil, f.short(pos)
	}
	return buf, nil
}

// short is the *Error of a stream that ends before the samples it states.
func (f *flacFile) short(pos int64) error {
	return &Error{Path: f.src.path, At: fmt.Sprintf("sample %d", pos), Detail: fmt.Sprintf("the stream ends, want %d samples as it says: it is truncated", f.info.NumSamples)}
}

// verify decodes everything and compares the number of samples and, where the
// file states it, their MD5.
func (f *flacFile) verify() error {
	st, err := f.stream()
	if err != nil {
		return err
	}
	var sum hash.Hash
	if st.Info.MD5sum != [md5.Size]byte{} && f.bits <= 24 { // the library hashes no more bits
		sum = md5.New()
	}
	pos := int64(0)
	err = f.frames(st, func(fr *frame.Frame) bool {
		if sum != nil {
			fr.Hash(sum)
		}
		pos += int64(fr.BlockSize)
		return true
	})
	switch {
	case err != nil:
		return err
	case pos < f.info.NumSamples:
		return f.short(pos)
	case sum != nil && [md5.Size]byte(sum.Sum(nil)) != st.Info.MD5sum:
		return &Error{Path: f.src.path, Detail: fmt.Sprintf("the samples' MD5 is %x, want %x as the file says: it is damaged", sum.Sum(nil), st.Info.MD5sum)}
	}
	return nil
}
