package audio

import (
	"encoding/binary"
	"fmt"
)

// The format tags of a WAV file's fmt chunk (Microsoft, mmreg.h).
const (
	tagPCM        = 0x0001
	tagFloat      = 0x0003
	tagALaw       = 0x0006
	tagULaw       = 0x0007
	tagExtensible = 0xfffe
)

// wavCodecs names the compressed encodings that a WAV file may hold and that
// are refused.
var wavCodecs = map[uint16]string{
	0x0002: "Microsoft ADPCM", 0x0011: "IMA ADPCM", 0x0014: "G.723 ADPCM", 0x0031: "GSM 6.10",
	0x0040: "G.721 ADPCM", 0x0050: "MPEG", 0x0055: "MPEG Layer III", 0x00ff: "AAC",
}

// guidTail is what follows the format tag in the sub-format GUIDs of
// WAVE_FORMAT_EXTENSIBLE.
const guidTail = "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"

// maxChunks bounds the walk over a file that is nothing but chunk headers.
const maxChunks = 4096

// unknownSize is the chunk size of a writer that could not seek back (a pipe),
// and of RF64, where the chunk "ds64" holds the real one.
const unknownSize = 0xffffffff

// openWAV walks the chunks of a RIFF file up to its samples.
func openWAV(s *source) (Info, decoder, error) {
	var (
		info   Info
		format *wavFormat
		data64 int64
		has64  bool
	)
	at := int64(12)
	for range maxChunks {
		var h [8]byte
		if at+8 > s.size {
			want := `"fmt "`
			if format != nil {
				want = `"data"`
			}
			return info, nil, s.errorf(min(at, s.size), "the file ends at byte %d before its %s chunk", s.size, want)
		}
		if err := s.readFull(h[:], at); err != nil {
			return info, nil, err
		}
		id, size, body := string(h[:4]), int64(binary.LittleEndian.Uint32(h[4:])), at+8
		switch id {
		case "fmt ":
			f, err := parseFmt(s, body, size)
			if err != nil {
				return info, nil, err
			}
			format = f
		case "ds64":
			b, err := s.chunk(id, body, size, 16, 16)
			if err != nil {
				return info, nil, err
			}
			data64, has64 = int64(binary.LittleEndian.Uint64(b[8:])), true
		case "data":
			if format == nil {
				return info, nil, s.errorf(at, "the \"data\" chunk comes before the \"fmt \" chunk, want it after")
			}
			return openData(s, format, body, size, data64, has64)
		}
		at = body + size + size&1 // chunks begin at even bytes
	}
	return info, nil, s.errorf(at, "more than %d chunks and no \"data\" among them", maxChunks)
}

// chunk reads the first bytes of a chunk's body: at least need, at most limit.
func (s *source) chunk(id string, body, size int64, need, limit int) ([]byte, error) {
	if size < int64(need) {
		return nil, s.errorf(body-8, "the %q chunk has %d bytes, want at least %d", id, size, need)
	}
	if body+int64(need) > s.size {
		return nil, s.errorf(body-8, "the file ends at byte %d within its %q chunk", s.size, id)
	}
	b := make([]byte, min(size, int64(limit), s.size-body))
	return b, s.readFull(b, body)
}

// wavFormat is a fmt chunk that made sense.
type wavFormat struct {
	encoding Encoding
	rate     int
	channels int
}

// parseFmt reads a fmt chunk.
func parseFmt(s *source, body, size int64) (*wavFormat, error) {
	b, err := s.chunk("fmt ", body, size, 16, 40)
	if err != nil {
		return nil, err
	}
	tag, bits := binary.LittleEndian.Uint16(b), int(binary.LittleEndian.Uint16(b[14:]))
	channels, rate, align := int(binary.LittleEndian.Uint16(b[2:])), int64(binary.LittleEndian.Uint32(b[4:])), int(binary.LittleEndian.Uint16(b[12:]))
	if tag == tagExtensible {
		if len(b) < 40 {
			return nil, s.errorf(body-8, "the \"fmt \" chunk of an extensible file has %d bytes, want 40", len(b))
		}
		if string(b[26:40]) != guidTail {
			return nil, s.errorf(body+24, "the sub-format %x is not one that is read, want PCM, float, ulaw or alaw", b[24:40])
		}
		tag = binary.LittleEndian.Uint16(b[24:])
	}
	e, err := wavEncoding(s, body, tag, bits)
	if err != nil {
		return nil, err
	}
	if channels < 1 {
		return nil, s.errorf(body+2, "0 channels, want at least 1")
	}
	if rate < 1 || rate > maxRate {
		return nil, s.errorf(body+4, "a sample rate of %d Hz, want 1 to %d", rate, maxRate)
	}
	if align != channels*e.size() {
		return nil, s.errorf(body+12, "%d bytes a sample frame, want %d (%d channels of %d bytes)", align, channels*e.size(), channels, e.size())
	}
	return &wavFormat{encoding: e, rate: int(rate), channels: channels}, nil
}

// wavEncoding is the encoding of a format tag with so many bits a sample. Bits
// that fill no whole byte (12 in 16) are left-justified in the file, so the
// container decides.
func wavEncoding(s *source, body int64, tag uint16, bits int) (Encoding, error) {
	switch tag {
	case tagPCM:
		switch e := (bits + 7) / 8; {
		case bits < 1:
		case e == 1:
			return PCMU8, nil
		case e == 2:
			return PCM16LE, nil
		case e == 3:
			return PCM24LE, nil
		case e == 4:
			return PCM32LE, nil
		}
		return "", s.errorf(body+14, "integer samples of %d bits, want 8, 16, 24 or 32", bits)
	case tagFloat:
		switch bits {
		case 32:
			return Float32LE, nil
		case 64:
			return Float64LE, nil
		}
		return "", s.errorf(body+14, "float samples of %d bits, want 32 or 64", bits)
	case tagULaw, tagALaw:
		if bits != 8 {
			return "", s.errorf(body+14, "G.711 samples of %d bits, want 8", bits)
		}
		if tag == tagULaw {
			return ULaw, nil
		}
		return ALaw, nil
	}
	name, ok := wavCodecs[tag]
	if !ok {
		name = fmt.Sprintf("unknown (tag 0x%04x)", tag)
	}
	return "", s.errorf(body, "the encoding is %s, want PCM, float, ulaw or alaw: %s", name, toWAV)
}

// openData checks the data chunk's size against the file. A size that a
// streaming writer left open means all that follows.
func openData(s *source, f *wavFormat, body, size, data64 int64, has64 bool) (Info, decoder, error) {
	info := Info{Encoding: f.encoding, Rate: f.rate, Channels: f.channels}
	have := s.size - body
	switch {
	case size == unknownSize && has64:
		size = data64
	case size == unknownSize:
		size = have
	}
	if size < 0 || size > have { // ds64 has 64 bits
		return info, nil, s.errorf(body-8, "the \"data\" chunk says %d bytes, the file holds %d after it: it is truncated", uint64(size), have)
	}
	info.NumSamples = size / int64(f.channels*f.encoding.size())
	return info, &pcm{src: s, encoding: f.encoding, offset: body, channels: f.channels}, nil
}
