package audio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// riff makes a WAV file of chunks; sizes are the bodies' own.
func riff(chunks ...string) string {
	body := "WAVE" + strings.Join(chunks, "")
	return "RIFF" + u32(len(body)) + body
}

func u16(v int) string { return string(binary.LittleEndian.AppendUint16(nil, uint16(v))) }
func u32(v int) string { return string(binary.LittleEndian.AppendUint32(nil, uint32(v))) }

// chunk makes a chunk with the padding that an odd size needs.
func chunk(id, body string) string {
	return id + u32(len(body)) + body + strings.Repeat("\x00", len(body)&1)
}

// fmtChunk makes a fmt chunk.
func fmtChunk(tag, channels, rate, bits int) string {
	align := channels * ((bits + 7) / 8)
	return chunk("fmt ", u16(tag)+u16(channels)+u32(rate)+u32(rate*align)+u16(align)+u16(bits))
}

// sphere makes a SPHERE file of header lines and samples.
func sphere(lines, samples string) string {
	h := "NIST_1A\n   1024\n" + lines
	return h + strings.Repeat(" ", 1024-len(h)) + samples
}

const pcmLines = "channel_count -i 1\nsample_rate -i 16000\nsample_n_bytes -i 2\nsample_byte_format -s2 01\n"

func TestErrors(t *testing.T) {
	flac := read(t, "s16.flac")
	for name, c := range map[string]struct{ file, want string }{
		"empty":                {"", `: the file is empty, want WAV, SPHERE or FLAC`},
		"text":                 {"hello, this is no recording", `byte 0: the file begins with "hello, this ", want "RIFF" (WAV), "NIST_1A" (SPHERE) or "fLaC" (FLAC)`},
		"mp3":                  {"ID3\x04rest", "MP3"},
		"ogg":                  {"OggS\x00", "this is Ogg (Vorbis or Opus), want WAV, SPHERE or FLAC: convert it"},
		"m4a":                  {"\x00\x00\x00\x20ftypM4A ", "this is MP4"},
		"lfs":                  {"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"},
		"raw shorten":          {"ajkg\x02", "this is shorten"},
		"avi":                  {"RIFF\x04\x00\x00\x00AVI ", `byte 8: a RIFF file of kind "AVI ", want "WAVE"`},
		"four bytes":           {"RIFF", `byte 4: the file ends at byte 4 before its "fmt " chunk`},
		"no data":              {riff(fmtChunk(1, 1, 8000, 16)), `byte 36: the file ends at byte 36 before its "data" chunk`},
		"data first":           {riff(chunk("data", "1234"), fmtChunk(1, 1, 8000, 16)), `byte 12: the "data" chunk comes before the "fmt " chunk`},
		"truncated":            {riff(fmtChunk(1, 1, 8000, 16), chunk("data", strings.Repeat("a", 400)))[:100], `byte 36: the "data" chunk says 400 bytes, the file holds 56 after it: it is truncated`},
		"short fmt":            {riff(chunk("fmt ", "123456")), `the "fmt " chunk has 6 bytes, want at least 16`},
		"cut fmt":              {riff(fmtChunk(1, 1, 8000, 16))[:26], `the file ends at byte 26 within its "fmt " chunk`},
		"12 bits in 3 bytes":   {riff(chunk("fmt ", u16(1)+u16(1)+u32(8000)+u32(0)+u16(3)+u16(12))), "byte 32: 3 bytes a sample frame, want 2 (1 channels of 2 bytes)"},
		"no channels":          {riff(fmtChunk(1, 0, 8000, 16)), "0 channels, want at least 1"},
		"no rate":              {riff(fmtChunk(1, 1, 0, 16)), "a sample rate of 0 Hz, want 1 to 1000000"},
		"4 GHz":                {riff(fmtChunk(1, 1, math.MaxUint32, 16)), "a sample rate of 4294967295 Hz"},
		"0 bits":               {riff(fmtChunk(1, 1, 8000, 0)), "integer samples of 0 bits, want 8, 16, 24 or 32"},
		"64-bit integers":      {riff(fmtChunk(1, 1, 8000, 64)), "integer samples of 64 bits"},
		"16-bit floats":        {riff(fmtChunk(3, 1, 8000, 16)), "float samples of 16 bits, want 32 or 64"},
		"16-bit ulaw":          {riff(fmtChunk(7, 1, 8000, 16)), "G.711 samples of 16 bits, want 8"},
		"gsm":                  {riff(fmtChunk(0x31, 1, 8000, 0)), "the encoding is GSM 6.10, want PCM"},
		"unknown tag":          {riff(fmtChunk(0x4242, 1, 8000, 16)), "the encoding is unknown (tag 0x4242)"},
		"short extensible":     {riff(fmtChunk(tagExtensible, 1, 8000, 16)), `the "fmt " chunk of an extensible file has 16 bytes, want 40`},
		"extensible ambisonic": {riff(chunk("fmt ", fmtChunk(tagExtensible, 1, 8000, 16)[8:]+strings.Repeat("x", 24))), "byte 44: the sub-format 7878"},
		"many chunks":          {riff(strings.Repeat(chunk("junk", ""), maxChunks+1)), `more than 4096 chunks and no "data" among them`},
		"negative ds64":        {riff(chunk("ds64", strings.Repeat("\xff", 16)), fmtChunk(1, 1, 8000, 16), "data\xff\xff\xff\xff1234"), `the "data" chunk says 18446744073709551615 bytes, the file holds 4 after it: it is truncated`},
		"short ds64":           {riff(chunk("ds64", "123")), `the "ds64" chunk has 3 bytes, want at least 16`},

		"sphere stub":        {"NIST_1A\n", `want the lines "NIST_1A" and "   1024"`},
		"flac boast":         {flac[:21] + "\xff\xff\xff\xff\xff" + flac[26:], "samples, a file of 418 bytes holds"},
		"sphere size":        {"NIST_1A\n   ten\nmore more", `byte 8: the header's size is "ten"`},
		"sphere large":       {"NIST_1A\n   9999999999999\n", "the header's size is"},
		"sphere cut header":  {sphere(pcmLines+"end_head\n", "")[:200], "the header says it has 1024 bytes, the file has 200: it is truncated"},
		"sphere no end":      {sphere(pcmLines, ""), `ends without a line "end_head"`},
		"sphere no field":    {sphere("hello\nend_head\n", ""), `header line 3: "hello" is not a field`},
		"sphere no integer":  {sphere("sample_count -i many\nend_head\n", ""), `header line 3: sample_count is "many", want an integer`},
		"sphere string type": {sphere("a -sx b\nend_head\n", ""), `a has the type "-sx"`},
		"sphere truncated":   {sphere("sample_count -i 1000\n"+pcmLines+"end_head\n", "12345678"), "byte 1024: sample_count is 1000, the file holds 4 samples after its header: it is truncated"},
		"sphere negative":    {sphere("sample_count -i -1\n"+pcmLines+"end_head\n", "12345678"), "sample_count is -1"},
		"sphere shorten":     {sphere(pcmLines+"sample_coding -s26 pcm,embedded-shorten-v2.00\nend_head\n", ""), "compressed with shorten (\"embedded-shorten-v2.00\"), want pcm, ulaw or alaw: unpack the file, for example `sph2pipe -f wav in out`"},
		"sphere shortpack":   {sphere("sample_n_bytes -i 2\nsample_byte_format -s12 shortpack-v0\nend_head\n", ""), "compressed with shortpack"},
		"sphere wavpack":     {sphere("sample_coding -s20 pcm,embedded-wavpack-\nend_head\n", ""), "compressed with wavpack"},
		"sphere other":       {sphere("sample_coding -s4 mpeg\nend_head\n", ""), `sample_coding is "mpeg"`},
		"sphere other embed": {sphere("sample_coding -s10 pcm,secret\nend_head\n", ""), `sample_coding is "pcm,secret"`},
		"sphere no bytes":    {sphere("sample_rate -i 8000\nend_head\n", ""), "no sample_n_bytes"},
		"sphere 9 bytes":     {sphere("sample_n_bytes -i 9\nend_head\n", ""), "sample_n_bytes is 9, want 1 to 4"},
		"sphere order":       {sphere("sample_n_bytes -i 2\nsample_byte_format -s2 11\nend_head\n", ""), `sample_byte_format is "11" with sample_n_bytes 2, want "01" (little-endian) or "10"`},
		"sphere wide ulaw":   {sphere("sample_n_bytes -i 2\nsample_coding -s4 ulaw\nend_head\n", ""), `sample_n_bytes is 2 with sample_coding "ulaw", want 1`},
		"sphere rate":        {sphere("sample_n_bytes -i 2\nsample_byte_format -s2 01\nend_head\n", ""), "sample_rate is 0 Hz"},
		"sphere channels":    {sphere("channel_count -i 0\nsample_rate -i 8000\nsample_n_bytes -i 1\nend_head\n", ""), "channel_count is 0"},
		"sphere planar":      {sphere("channel_count -i 2\nchannels_interleaved -s5 FALSE\nsample_rate -i 8000\nsample_n_bytes -i 1\nend_head\n", ""), "the 2 channels are not interleaved"},

		"flac cut":       {flac[:30], "header: the file ends at byte 30 in the middle: it is truncated"},
		"flac frame cut": {flac[:len(flac)-5], "it is truncated"},
		"flac no frames": {flac[:len(flac)-330], "truncated"},
		"flac damaged":   {flac[:300] + "\x55" + flac[301:], "damaged FLAC"},
		"flac md5":       {flac[:26] + "\x55\x55" + flac[28:], "the samples' MD5 is"},
		"flac rate":      {flac[:18] + "\x00\x00\x00" + flac[21:], "invalid sample rate"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := New(strings.NewReader(c.file), int64(len(c.file)), "x.wav")
			if err == nil {
				err = f.Verify()
			}
			var e *Error
			if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), `read audio "x.wav": `) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error\n%v\nwant\n%s", err, c.want)
			}
			if e != nil && e.Missing {
				t.Error("Missing is set")
			}
		})
	}
}

func read(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestAccepted holds files that stray from the rules and are read all the same.
func TestAccepted(t *testing.T) {
	samples := "\x01\x00\x02\x00\x03\x00"
	flac := read(t, "s16.flac")
	for name, c := range map[string]struct {
		file string
		want int64
	}{
		"fact":                   {riff(chunk("fact", "abcde"), fmtChunk(1, 1, 8000, 16), chunk("data", samples)), 3},
		"written to a pipe":      {riff(fmtChunk(1, 1, 8000, 16), "data\xff\xff\xff\xff"+samples), 3},
		"half a sample more":     {riff(fmtChunk(1, 1, 8000, 16), chunk("data", samples+"\x09")), 3},
		"12 bits in 16":          {riff(fmtChunk(1, 1, 8000, 12), chunk("data", samples)), 3},
		"no samples":             {riff(fmtChunk(1, 1, 8000, 16), chunk("data", "")), 0},
		"old sphere":             {sphere("sample_count -i 3\n"+pcmLines+"end_head\nrubbish", samples), 3},
		"sphere to a pipe":       {sphere(pcmLines+"; a comment\nreal -r 0.5\n\nend_head\n", samples), 3},
		"sphere with CRLF":       {strings.Replace(sphere("sample_count -i 3\r\n"+strings.ReplaceAll(pcmLines, "\n", "\r\n")+"end_head\r\n", samples), "NIST_1A\n   1024\n", "NIST_1A\r\n  1024\n", 1), 3},
		"sphere mu-law":          {sphere("sample_n_bytes -i 1\nsample_rate -i 8000\nsample_byte_format -s6 mu-law\nend_head\n", samples), 6},
		"flac and a tag":         {flac + "TAG" + strings.Repeat("\x00", 125), 160},
		"flac of unknown length": {flac[:21] + string([]byte{flac[21] & 0xf0}) + "\x00\x00\x00\x00" + flac[26:], 160},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := New(strings.NewReader(c.file), int64(len(c.file)), "x")
			if err != nil {
				t.Fatal(err)
			}
			if f.Info.NumSamples != c.want {
				t.Fatalf("%d samples, want %d", f.Info.NumSamples, c.want)
			}
			if err := f.Verify(); err != nil {
				t.Error(err)
			}
			if _, err := f.Read(0, 0, f.Info.NumSamples); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFloatsMustBeFinite(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e30} {
		body := string(binary.LittleEndian.AppendUint64(nil, math.Float64bits(0.5))) + string(binary.LittleEndian.AppendUint64(nil, math.Float64bits(bad)))
		file := riff(fmtChunk(3, 1, 8000, 64), chunk("data", body))
		f, err := New(strings.NewReader(file), int64(len(file)), "x")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Read(0, 1, 2); err == nil || !strings.Contains(err.Error(), "sample 1: the value is "+fmt.Sprint(float32(bad))) {
			t.Errorf("%v: %v", bad, err)
		}
		if b, err := f.Read(0, 0, 1); err != nil || b.F32[0] != 16384 {
			t.Errorf("a range without it: %v", err)
		}
	}
}

// TestShrunk reads a file that became shorter after it was opened.
func TestShrunk(t *testing.T) {
	file := riff(fmtChunk(1, 1, 8000, 16), chunk("data", strings.Repeat("ab", 100)))
	path := filepath.Join(t.TempDir(), "x.wav")
	if err := os.WriteFile(path, []byte(file), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.Truncate(path, 60); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read(0, 0, 100); err == nil || !strings.Contains(err.Error(), "byte 44: the file ends after 16 of 200 bytes") {
		t.Error(err)
	}
}
