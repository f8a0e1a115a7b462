package audio

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/zaf/g711"
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
	return dst, p.fillI16(dst, channel, begin)
}

// readF32 reads samples [begin, end) of a channel.
func (p *pcm) readF32(dst []float32, channel int, begin, end int64) ([]float32, error) {
	dst = resize(dst, int(end-begin))
	return dst, p.fillF32(dst, channel, begin)
}

// fillI16 reads the samples from begin on. One channel is read straight into
// dst's memory.
func (p *pcm) fillI16(dst []int16, channel int, begin int64) error {
	if p.channels == 1 {
		return p.frames16(dst, begin)
	}
	return fill16(p, dst, channel, begin)
}

func (p *pcm) fillF32(dst []float32, channel int, begin int64) error {
	if p.encoding == PCM16LE || p.encoding == PCM16BE {
		return fill16(p, dst, channel, begin)
	}
	b := getBlock()
	defer putBlock(b)
	size := p.encoding.size()
	frame := size * p.channels
	for len(dst) > 0 {
		m := min(max(blockBytes/frame, 1), len(dst))
		raw := b.bytes(m * frame)
		if err := p.src.readFull(raw, p.offset+begin*int64(frame)); err != nil {
			return err
		}
		decodeFloat(dst[:m], raw[channel*size:], frame, p.encoding)
		if p.encoding == Float32LE || p.encoding == Float64LE {
			if err := p.finite(dst[:m], begin); err != nil {
				return err
			}
		}
		dst, begin = dst[m:], begin+int64(m)
	}
	return nil
}

// fill16 reads a channel of 16-bit PCM by blocks.
func fill16[S sample](p *pcm, dst []S, channel int, begin int64) error {
	b := getBlock()
	defer putBlock(b)
	for len(dst) > 0 {
		m := min(max(blockBytes/(2*p.channels), 1), len(dst))
		x := b.int16s(m * p.channels)
		if err := p.frames16(x, begin); err != nil {
			return err
		}
		decode16(dst[:m], x[channel:], p.channels)
		dst, begin = dst[m:], begin+int64(m)
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

// decode16 takes samples that lie stride apart.
func decode16[S sample](dst []S, x []int16, stride int) {
	if stride == 1 {
		for ; len(dst) >= 8 && len(x) >= 8; dst, x = dst[8:], x[8:] {
			d, s := (*[8]S)(dst), (*[8]int16)(x)
			d[0], d[1], d[2], d[3] = S(s[0]), S(s[1]), S(s[2]), S(s[3])
			d[4], d[5], d[6], d[7] = S(s[4]), S(s[5]), S(s[6]), S(s[7])
		}
	}
	for i := range dst {
		dst[i] = S(x[i*stride])
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

// finite refuses float samples that are no numbers: one would spread over all
// the features of its frame, and from there into statistics and weights.
func (p *pcm) finite(x []float32, begin int64) error {
	for i, v := range x {
		if d := v - v; d != 0 { // NaN for NaN and both infinities
			return &Error{Path: p.src.path, At: fmt.Sprintf("sample %d", begin+int64(i)), Detail: fmt.Sprintf("the value is %v, want a finite number", v)}
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
