package audio

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/zaf/g711"

	"framewise/transforms"
)

// Encoding is how the samples of a recording are stored.
type Encoding string

// The encodings that are read. "le" and "be" are the byte order.
const (
	PCMU8     Encoding = "pcm_u8" // WAV's 8 bits, 128 is zero
	PCMS8     Encoding = "pcm_s8" // SPHERE's 8 bits
	PCM16LE   Encoding = "pcm_s16le"
	PCM16BE   Encoding = "pcm_s16be"
	PCM24LE   Encoding = "pcm_s24le"
	PCM24BE   Encoding = "pcm_s24be"
	PCM32LE   Encoding = "pcm_s32le"
	PCM32BE   Encoding = "pcm_s32be"
	Float32LE Encoding = "pcm_f32le" // full scale is 1
	Float64LE Encoding = "pcm_f64le"
	ULaw      Encoding = "ulaw"
	ALaw      Encoding = "alaw"
	// FLAC's own is "flac" with the bits of a sample: "flac_s16".
)

// size is the bytes of one sample, 0 for an unknown encoding.
func (e Encoding) size() int {
	switch e {
	case PCMU8, PCMS8, ULaw, ALaw:
		return 1
	case PCM16LE, PCM16BE:
		return 2
	case PCM24LE, PCM24BE:
		return 3
	case PCM32LE, PCM32BE, Float32LE:
		return 4
	case Float64LE:
		return 8
	}
	return 0
}

// pcm is a run of interleaved samples of one fixed size in a file.
type pcm struct {
	src      *source
	encoding Encoding
	offset   int64 // of the first sample, in bytes
	channels int
}

// verify has nothing to do: opening held the header against the file's size.
func (p *pcm) verify() error { return nil }

func (p *pcm) sampleBytes() int { return p.encoding.size() }

// readI16 reads samples [begin, end) of a channel of 16-bit PCM.
func (p *pcm) readI16(dst []int16, channel int, begin, end int64) ([]int16, error) {
	dst = resize(dst, int(end-begin))
	if err := p.fillI16(dst, channel, begin); err != nil {
		return nil, err
	}
	return dst, nil
}

// readF32 reads samples [begin, end) of a channel.
func (p *pcm) readF32(dst []float32, channel int, begin, end int64) ([]float32, error) {
	dst = resize(dst, int(end-begin))
	if err := p.fillF32(dst, channel, begin); err != nil {
		return nil, err
	}
	return dst, nil
}

// fillI16 reads the samples from begin on. One channel is read straight into
// dst's memory.
func (p *pcm) fillI16(dst []int16, channel int, begin int64) error {
	if p.channels == 1 {
		return p.frames16(dst, begin)
	}
	return byBlocks(p, dst, begin, func(dst []int16, b *block, begin int64) error {
		x := b.int16s(len(dst) * p.channels)
		err := p.frames16(x, begin)
		pick(dst, x, channel, p.channels)
		return err
	})
}

func (p *pcm) fillF32(dst []float32, channel int, begin int64) error {
	if p.encoding != PCM16LE && p.encoding != PCM16BE {
		return byBlocks(p, dst, begin, func(dst []float32, b *block, begin int64) error {
			return p.decode(dst, b, channel, begin)
		})
	}
	return byBlocks(p, dst, begin, func(dst []float32, b *block, begin int64) error {
		x := b.int16s(len(dst) * p.channels)
		err := p.frames16(x, begin)
		if p.channels == 1 {
			transforms.Widen(dst, x)
		} else {
			pick(dst, x, channel, p.channels)
		}
		return err
	})
}

// byBlocks calls read for as many samples at a time as a block holds of all
// channels.
func byBlocks[S sample](p *pcm, dst []S, begin int64, read func(dst []S, b *block, begin int64) error) error {
	b := getBlock()
	defer putBlock(b)
	for most := max(blockBytes/(p.encoding.size()*p.channels), 1); len(dst) > 0; {
		m := min(most, len(dst))
		if err := read(dst[:m], b, begin); err != nil {
			return err
		}
		dst, begin = dst[m:], begin+int64(m)
	}
	return nil
}

// decode reads the samples of a block in any encoding but 16-bit PCM.
func (p *pcm) decode(dst []float32, b *block, channel int, begin int64) error {
	size := p.encoding.size()
	frame := size * p.channels
	raw := b.bytes(len(dst) * frame)
	if err := p.src.readFull(raw, p.offset+begin*int64(frame)); err != nil {
		return err
	}
	decodeFloat(dst, raw[channel*size:], frame, p.encoding)
	if p.encoding == Float32LE || p.encoding == Float64LE {
		return p.finite(dst, begin)
	}
	return nil
}

// frames16 reads all channels of 16-bit PCM from a sample on, as they lie in
// the file but in this machine's byte order.
func (p *pcm) frames16(x []int16, begin int64) error {
	if err := p.src.readFull(bytesOf(x), p.offset+begin*int64(2*p.channels)); err != nil {
		return err
	}
	if (p.encoding == PCM16BE) != bigEndianHost {
		swap16(x)
	}
	return nil
}

// pick takes the samples of one of several channels.
func pick[S sample](dst []S, x []int16, channel, channels int) {
	for i := range dst {
		dst[i] = S(x[i*channels+channel])
	}
}

// pcmReader reads on from a sample of a channel.
type pcmReader struct {
	*pcm
	channel int
	at      int64
}

func (p *pcm) stream(channel int, begin int64) (sampleReader, error) {
	return &pcmReader{p, channel, begin}, nil
}

func (r *pcmReader) nextI16(dst []int16) error {
	at := r.at
	r.at += int64(len(dst))
	return r.fillI16(dst, r.channel, at)
}

func (r *pcmReader) nextF32(dst []float32) error {
	at := r.at
	r.at += int64(len(dst))
	return r.fillF32(dst, r.channel, at)
}

// maxSample bounds float samples in int16 scale: 2^25 times full scale. Powers
// of anything larger than 2^60 would overflow a float32.
const maxSample = 1 << 40

// finite refuses float samples that are no numbers, or absurd: one would spread over all
// the features of its frame, and from there into statistics and weights.
func (p *pcm) finite(x []float32, begin int64) error {
	for i, v := range x {
		if !(v >= -maxSample && v <= maxSample) { // NaN too
			return &Error{Path: p.src.path, At: fmt.Sprintf("sample %d", begin+int64(i)),
				Detail: fmt.Sprintf("the value is %v, want a finite number within %d times full scale", v/32768, maxSample/32768)}
		}
	}
	return nil
}

// decodeFloat reads samples of any encoding but 16-bit PCM into int16 scale.
// Integers are scaled by a power of two, which is exact; what does not fit the
// 24 bits of a float32 is rounded once.
func decodeFloat(dst []float32, b []byte, stride int, e Encoding) {
	var one func(b []byte) float32
	switch e {
	case Float32LE: // the most frequent: a loop of its own
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[i*stride:])) * 32768
		}
		return
	case PCMU8:
		one = func(b []byte) float32 { return float32(int(b[0])-128) * 256 }
	case PCMS8:
		one = func(b []byte) float32 { return float32(int8(b[0])) * 256 }
	case ULaw:
		one = func(b []byte) float32 { return float32(g711.DecodeUlawFrame(b[0])) }
	case ALaw:
		one = func(b []byte) float32 { return float32(g711.DecodeAlawFrame(b[0])) }
	case PCM24LE:
		one = func(b []byte) float32 { return float32(int32(b[0])<<8|int32(b[1])<<16|int32(b[2])<<24) / 65536 }
	case PCM24BE:
		one = func(b []byte) float32 { return float32(int32(b[2])<<8|int32(b[1])<<16|int32(b[0])<<24) / 65536 }
	case PCM32LE:
		one = func(b []byte) float32 { return float32(int32(binary.LittleEndian.Uint32(b))) / 65536 }
	case PCM32BE:
		one = func(b []byte) float32 { return float32(int32(binary.BigEndian.Uint32(b))) / 65536 }
	case Float64LE:
		one = func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b)) * 32768) }
	}
	for i := range dst {
		dst[i] = one(b[i*stride:])
	}
}
