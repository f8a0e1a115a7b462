package audio

import (
	"io"
	"slices"
)

// flacStream reads successive samples of a channel of a FLAC file.
type flacStream struct {
	pass    *flacPass
	channel int
	skip    int64   // samples to leave out before the next
	rest    []int32 // of the frame that is being read
}

// stream decodes from the nearest frame that is known.
func (f *flacFile) stream(channel int, begin int64) (sampleReader, error) {
	p := f.pass(begin)
	return &flacStream{pass: p, channel: channel, skip: begin - p.pos}, nil
}

func (s *flacStream) nextI16(dst []int16) error {
	return flacNext(s, dst, func(dst []int16, x []int32) {
		for i, v := range x {
			dst[i] = int16(v)
		}
	})
}

func (s *flacStream) nextF32(dst []float32) error {
	scale := float32(uint64(1)<<32>>s.pass.f.bits) / 65536 // 2^(16-bits)
	return flacNext(s, dst, func(dst []float32, x []int32) {
		for i, v := range x {
			dst[i] = float32(v) * scale
		}
	})
}

// flacNext fills dst, frame by frame.
func flacNext[S sample](s *flacStream, dst []S, convert func(dst []S, x []int32)) error {
	for len(dst) > 0 {
		if len(s.rest) == 0 {
			fr, err := s.pass.next()
			if err == io.EOF {
				return s.pass.f.short(s.pass.pos)
			}
			if err != nil {
				return err
			}
			s.rest = fr.Subframes[s.channel].Samples
		}
		if s.skip > 0 {
			m := min(s.skip, int64(len(s.rest)))
			s.rest, s.skip = s.rest[m:], s.skip-m
			continue
		}
		m := min(len(dst), len(s.rest))
		convert(dst[:m], s.rest[:m])
		dst, s.rest = dst[m:], s.rest[m:]
	}
	return nil
}

func (f *flacFile) readI16(dst []int16, channel int, begin, end int64) ([]int16, error) {
	return flacRead(f, dst, channel, begin, end, (*flacStream).nextI16)
}

func (f *flacFile) readF32(dst []float32, channel int, begin, end int64) ([]float32, error) {
	return flacRead(f, dst, channel, begin, end, (*flacStream).nextF32)
}

// flacRead reads a range into dst, which grows with what the file turns out to
// hold and not with what its header says.
func flacRead[S sample](f *flacFile, dst []S, channel int, begin, end int64, next func(*flacStream, []S) error) ([]S, error) {
	dst = dst[:0]
	if begin == end {
		return dst, nil
	}
	r, err := f.stream(channel, begin)
	if err != nil {
		return nil, err
	}
	const piece = 64 << 10
	for n := int(end - begin); len(dst) < n; {
		at := len(dst)
		m := min(piece, n-at)
		dst = slices.Grow(dst, m)[:at+m]
		if err := next(r.(*flacStream), dst[at:]); err != nil {
			return nil, err
		}
	}
	return dst, nil
}
