package synth

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"framewise/corpus/files"
)

const headerSize = 1024

// sphere is a NIST SPHERE file: a header of 1024 bytes, then 16-bit
// little-endian samples.
func sphere(id string, samples []int16) []byte {
	var b bytes.Buffer
	b.Grow(headerSize + 2*len(samples))
	lo, hi := int16(0), int16(0)
	for _, s := range samples {
		lo, hi = min(lo, s), max(hi, s)
	}
	fmt.Fprintf(&b, "NIST_1A\n%7d\n", headerSize)
	fmt.Fprintf(&b, "database_id -s5 synth\ndatabase_version -s3 1.0\n")
	fmt.Fprintf(&b, "utterance_id -s%d %s\n", len(id), id)
	fmt.Fprintf(&b, "channel_count -i 1\nsample_count -i %d\nsample_rate -i %d\n", len(samples), Rate)
	fmt.Fprintf(&b, "sample_min -i %d\nsample_max -i %d\n", lo, hi)
	b.WriteString("sample_n_bytes -i 2\nsample_byte_format -s2 01\nsample_sig_bits -i 16\nsample_coding -s3 pcm\nend_head\n")
	b.WriteString(strings.Repeat(" ", headerSize-b.Len()))
	out := b.Bytes()
	for _, s := range samples {
		out = binary.LittleEndian.AppendUint16(out, uint16(s))
	}
	return out
}

// phnFile is the .PHN file: begin, end and label of each phone, in samples.
func phnFile(segs []segment) []byte {
	var b bytes.Buffer
	for _, s := range segs {
		fmt.Fprintf(&b, "%d %d %s\n", s.begin, s.end, s.label)
	}
	return b.Bytes()
}

// wrdFile is the .WRD file: a word reaches from its first phone to its last.
func wrdFile(s sentence, segs []segment) []byte {
	var b bytes.Buffer
	for i := 0; i < len(segs); {
		w, begin := segs[i].word, segs[i].begin
		end := segs[i].end
		for i++; i < len(segs) && segs[i].word == w; i++ {
			end = segs[i].end
		}
		if w >= 0 {
			fmt.Fprintf(&b, "%d %d %s\n", begin, end, strings.ToLower(s.words[w].text))
		}
	}
	return b.Bytes()
}

// txtFile is the .TXT file: the sample range of the recording and its text.
func txtFile(s sentence, n int) []byte { return fmt.Appendf(nil, "0 %d %s\n", n, s.text) }

// writeFile makes path whole or not at all. It does not wait for the disk:
// another run makes the same corpus.
func writeFile(path string, data []byte) error {
	w, err := files.Create(path)
	if err != nil {
		return fmt.Errorf("synth: %w", err)
	}
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("synth: write %q: %w", path, errors.Join(err, w.Abort()))
	}
	if err := w.CommitUnsynced(); err != nil {
		return fmt.Errorf("synth: %w", err)
	}
	return nil
}
