package audio

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// maxSphereHeader bounds a SPHERE header; the usual one has 1,024 bytes.
const maxSphereHeader = 1 << 20

// sphereHeader is the fields of a SPHERE header that reading needs.
type sphereHeader struct {
	size    int64 // of the header, in bytes
	ints    map[string]int64
	strings map[string]string
}

// openSPHERE reads the header of a NIST SPHERE file: the line "NIST_1A", the
// header's size in decimal on a line, lines "name -type value" with the types
// i (integer), r (real) and sN (N characters), and "end_head".
func openSPHERE(s *source) (Info, decoder, error) {
	var info Info
	h, err := parseSPHERE(s)
	if err != nil {
		return info, nil, err
	}
	if info.Encoding, err = h.encoding(s); err != nil {
		return info, nil, err
	}
	channels, rate := int64(1), int64(0)
	if v, ok := h.ints["channel_count"]; ok {
		channels = v
	}
	if v, ok := h.ints["sample_rate"]; ok {
		rate = v
	}
	switch {
	case channels < 1 || channels > math.MaxUint16:
		return info, nil, s.errorf(0, "channel_count is %d, want 1 to %d", channels, math.MaxUint16)
	case rate < 1 || rate > maxRate:
		return info, nil, s.errorf(0, "sample_rate is %d Hz, want 1 to %d", rate, maxRate)
	case channels > 1 && strings.EqualFold(h.strings["channels_interleaved"], "FALSE"):
		return info, nil, s.errorf(0, "the %d channels are not interleaved, want one channel or interleaved ones: `sph2pipe -f wav in out`", channels)
	}
	info.Rate, info.Channels = int(rate), int(channels)
	frame := channels * int64(info.Encoding.size())
	have := (s.size - h.size) / frame
	info.NumSamples = have
	if n, ok := h.ints["sample_count"]; ok { // absent when written to a pipe
		if n < 0 || n > have {
			return info, nil, s.errorf(h.size, "sample_count is %d, the file holds %d samples after its header: it is truncated", n, have)
		}
		info.NumSamples = n
	}
	return info, &pcm{src: s, encoding: info.Encoding, offset: h.size, channels: info.Channels}, nil
}

// parseSPHERE reads the header's lines.
func parseSPHERE(s *source) (*sphereHeader, error) {
	b, err := s.head(32)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(b), "\n")
	if len(lines) < 3 || strings.TrimSpace(lines[0]) != "NIST_1A" {
		return nil, s.errorf(0, "the file begins with %q, want the lines \"NIST_1A\" and \"   1024\"", b)
	}
	size, err := strconv.ParseInt(strings.TrimSpace(lines[1]), 10, 64)
	if err != nil || size < 16 || size > maxSphereHeader {
		return nil, s.errorf(8, "the header's size is %q, want a number from 16 to %d", strings.TrimSpace(lines[1]), maxSphereHeader)
	}
	if size > s.size {
		return nil, s.errorf(8, "the header says it has %d bytes, the file has %d: it is truncated", size, s.size)
	}
	if b, err = s.head(int(size)); err != nil {
		return nil, err
	}
	h := &sphereHeader{size: size, ints: map[string]int64{}, strings: map[string]string{}}
	lines = strings.Split(string(b), "\n")
	for i, line := range lines[min(2, len(lines)):] {
		line = strings.TrimRight(line, "\r ")
		if line == "end_head" {
			return h, nil
		}
		if line == "" || strings.HasPrefix(line, ";") {
			continue
		}
		if err := h.field(line); err != nil {
			return nil, &Error{Path: s.path, At: fmt.Sprintf("header line %d", i+3), Detail: err.Error()}
		}
	}
	return nil, s.errorf(size, "the header of %d bytes ends without a line \"end_head\"", size)
}

// field reads one line "name -type value".
func (h *sphereHeader) field(line string) error {
	name, rest, _ := strings.Cut(line, " ")
	typ, value, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	switch {
	case typ == "-i":
		v, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		if err != nil {
			return fmt.Errorf("%s is %.40q, want an integer", name, value)
		}
		h.ints[name] = v
	case strings.HasPrefix(typ, "-s"):
		n, err := strconv.Atoi(typ[2:])
		if err != nil || n < 0 {
			return fmt.Errorf("%s has the type %.40q, want -i, -r or -sN", name, typ)
		}
		h.strings[name] = value[:min(n, len(value))]
	case typ == "-r": // no real number matters here
	default:
		return fmt.Errorf("%.60q is not a field, want \"name -type value\" with the type -i, -r or -sN", line)
	}
	return nil
}

// encoding is the encoding that sample_coding, sample_n_bytes and
// sample_byte_format tell. Headers of TIMIT's time have no sample_coding: they
// are pcm.
func (h *sphereHeader) encoding(s *source) (Encoding, error) {
	coding, packed, _ := strings.Cut(h.strings["sample_coding"], ",")
	order := h.strings["sample_byte_format"]
	for _, c := range []string{packed, coding, order} {
		for _, name := range []string{"shorten", "shortpack", "wavpack"} {
			if strings.Contains(c, name) {
				return "", s.errorf(0, "the samples are compressed with %s (%q), want pcm, ulaw or alaw: unpack the file, for example `sph2pipe -f wav in out`", name, c)
			}
		}
	}
	n, stated := h.ints["sample_n_bytes"]
	if order == "mu-law" || order == "ulaw" || order == "alaw" { // as some old headers say it
		coding = order
	}
	switch coding {
	case "ulaw", "mu-law", "alaw":
		if stated && n != 1 {
			return "", s.errorf(0, "sample_n_bytes is %d with sample_coding %q, want 1", n, coding)
		}
		if coding == "alaw" {
			return ALaw, nil
		}
		return ULaw, nil
	case "", "pcm":
	default:
		return "", s.errorf(0, "sample_coding is %q, want pcm, ulaw or alaw", coding)
	}
	if packed != "" {
		return "", s.errorf(0, "sample_coding is %q, want pcm, ulaw or alaw: `sph2pipe -f wav in out`", h.strings["sample_coding"])
	}
	if !stated {
		return "", s.errorf(0, "the header has no sample_n_bytes, want 1 to 4")
	}
	return pcmEncoding(s, n, order)
}

// pcmEncoding is the encoding of n bytes a sample in an order such as "01",
// which lists the bytes as they lie in the file, 0 being the lowest. Some
// writers (libsndfile) say "01" or "10" whatever n is.
func pcmEncoding(s *source, n int64, order string) (Encoding, error) {
	little := map[int64]Encoding{1: PCMS8, 2: PCM16LE, 3: PCM24LE, 4: PCM32LE}
	big := map[int64]Encoding{1: PCMS8, 2: PCM16BE, 3: PCM24BE, 4: PCM32BE}
	e, ok := little[n]
	if !ok {
		return "", s.errorf(0, "sample_n_bytes is %d, want 1 to 4", n)
	}
	switch {
	case n == 1, order == "01", order == "0123"[:n]:
		return e, nil
	case order == "10", order == "3210"[4-n:]:
		return big[n], nil
	}
	return "", s.errorf(0, "sample_byte_format is %q with sample_n_bytes %d, want %q (little-endian) or %q", order, n, "0123"[:n], "3210"[4-n:])
}
