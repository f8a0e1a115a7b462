package audio

import (
	"encoding/binary"
	"fmt"
	"math"

	goaudio "github.com/go-audio/audio"
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

// blockBytes is how much of a file is in memory at a time, besides the samples
// that were asked for.
const blockBytes = 64 << 10

// pcm is a run of interleaved samples of one fixed size in a file.
type pcm struct {
	src      *source
	encoding Encoding
	offset   int64 // of the first sample, in bytes
	channels int
}

// verify has nothing to do: opening held the header against the file's size.
func (p *pcm) verify() error { return nil }

// read decodes samples [begin, end) of a channel, block by block.
func (p *pcm) read(channel int, begin, end int64, float bool) (*goaudio.PCMBuffer, error) {
	size := p.encoding.size()
	frame := int64(size * p.channels)
	n := int(end - begin)
	buf := &goaudio.PCMBuffer{DataType: goaudio.DataTypeF32, SourceBitDepth: uint8(size)}
	is16 := (p.encoding == PCM16LE || p.encoding == PCM16BE) && !float
	if is16 {
		buf.DataType, buf.I16 = goaudio.DataTypeI16, make([]int16, n)
	} else {
		buf.F32 = make([]float32, n)
	}
	perBlock := max(int(blockBytes/frame), 1)
	block := make([]byte, int64(min(perBlock, n))*frame)
	for done := 0; done < n; {
		m := min(perBlock, n-done)
		b := block[:int64(m)*frame]
		if err := p.src.readFull(b, p.offset+(begin+int64(done))*frame); err != nil {
			return nil, err
		}
		b = b[channel*size:]
		if is16 {
			decode16(buf.I16[done:done+m], b, int(frame), p.encoding == PCM16BE)
		} else {
			decodeFloat(buf.F32[done:done+m], b, int(frame), p.encoding)
		}
		done += m
	}
	if p.encoding == Float32LE || p.encoding == Float64LE {
		if err := p.finite(buf.F32, begin); err != nil {
			return nil, err
		}
	}
	return buf, nil
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

// decode16 reads 16-bit samples that lie stride bytes apart.
func decode16(dst []int16, b []byte, stride int, bigEndian bool) {
	switch {
	case bigEndian:
		for i := range dst {
			dst[i] = int16(binary.BigEndian.Uint16(b[i*stride:]))
		}
	case stride == 2:
		for i := range dst {
			dst[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
		}
	default:
		for i := range dst {
			dst[i] = int16(binary.LittleEndian.Uint16(b[i*stride:]))
		}
	}
}

// decodeFloat reads samples of any encoding into int16 scale.
// Integers are scaled by a power of two, which is exact; what does not fit the
// 24 bits of a float32 is rounded once.
func decodeFloat(dst []float32, b []byte, stride int, e Encoding) {
	var one func(b []byte) float32
	switch e {
	case PCM16LE: // by far the most frequent: a loop of its own
		for i := range dst {
			dst[i] = float32(int16(binary.LittleEndian.Uint16(b[i*stride:])))
		}
		return
	case PCM16BE:
		one = func(b []byte) float32 { return float32(int16(binary.BigEndian.Uint16(b))) }
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
	case Float32LE:
		one = func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) * 32768 }
	case Float64LE:
		one = func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b)) * 32768) }
	}
	for i := range dst {
		dst[i] = one(b[i*stride:])
	}
}
