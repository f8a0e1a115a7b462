package audio

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"framewise/internal/fuzzing"
)

// seedAll gives a fuzz target the fixtures with a suffix, whole and cut.
func seedAll(f *testing.F, suffix string) {
	files, err := filepath.Glob(filepath.Join("testdata", "*"+suffix))
	if err != nil || len(files) == 0 {
		f.Fatalf("no fixtures: %v", err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
}

// slack is what opening and reading may allocate beside what is in proportion
// to the file: the blocks and, for FLAC, a frame of 8 channels of 65,535
// samples with its bookkeeping.
const slack = 16 << 20

// tryAll opens b and reads all of it. Nothing may panic, an error must be an
// *Error, and no header may make the reader allocate much more than the file is
// long (a FLAC frame may stand for many samples in few bytes).
func tryAll(t *testing.T, b []byte, perByte uint64) {
	fuzzing.Allocations(t, slack+perByte*uint64(len(b)), func() { tryOnce(t, b) })
}

func tryOnce(t *testing.T, b []byte) {
	f, err := New(bytes.NewReader(b), int64(len(b)), "fuzz")
	if err == nil && f.Info.NumSamples < 1<<20 {
		if f.Info.Rate < 1 || f.Info.Channels < 1 || f.Info.NumSamples < 0 {
			t.Fatalf("accepted with %+v", f.Info)
		}
		err = f.Verify()
		if err == nil {
			var n int
			buf, rerr := f.Read(f.Info.Channels-1, 0, f.Info.NumSamples)
			if rerr == nil {
				n = len(values(buf))
			} else if !strings.Contains(rerr.Error(), "want a finite number") {
				t.Fatalf("verified, and then: %v", rerr)
			}
			if rerr == nil && int64(n) != f.Info.NumSamples {
				t.Fatalf("%d samples, want %d", n, f.Info.NumSamples)
			}
		}
	}
	if err != nil {
		var e *Error
		if !errors.As(err, &e) || e.Detail == "" {
			t.Fatalf("error %v of type %T", err, err)
		}
	}
}

func FuzzWAV(f *testing.F) {
	seedAll(f, ".wav")
	f.Add([]byte(riff(fmtChunk(1, 1, 16000, 16), "data\xf0\xff\xff\xffabcd"))) // claims 4 GB
	f.Fuzz(func(t *testing.T, b []byte) { tryAll(t, b, 64) })
}

func FuzzSPHERE(f *testing.F) {
	seedAll(f, ".sph")
	f.Fuzz(func(t *testing.T, b []byte) { tryAll(t, b, 64) })
}

func FuzzFLAC(f *testing.F) {
	seedAll(f, ".flac")
	f.Fuzz(func(t *testing.T, b []byte) { tryAll(t, b, 1<<20) })
}

// FuzzStream holds a stream in pieces against the whole range at once, errors
// included.
func FuzzStream(f *testing.F) {
	for _, name := range []string{"s16.wav", "s16-2ch.flac", "s24-be.sph", "f64.wav"} {
		b := []byte(read(f, name))
		f.Add(b, uint16(7), uint16(150), uint8(13))
		f.Add(b[:len(b)*3/4], uint16(0), uint16(160), uint8(1))
	}
	f.Fuzz(func(t *testing.T, b []byte, begin, end uint16, piece uint8) {
		file, err := New(bytes.NewReader(b), int64(len(b)), "fuzz")
		if err != nil {
			return
		}
		want, wantErr := file.ReadF32(nil, file.Info.Channels-1, int64(begin), int64(end))
		var got []float32
		s, err := file.Stream(file.Info.Channels-1, int64(begin), int64(end))
		buf := make([]float32, 1+int(piece))
		for n := 0; err == nil; got = append(got, buf[:n]...) {
			n, err = s.ReadF32(buf)
		}
		if err == io.EOF {
			err = nil
		}
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("stream: %v, whole: %v", err, wantErr)
		}
		if err == nil && !slices.Equal(got, want) {
			t.Fatal("the stream's samples differ from the range's")
		}
	})
}
