package audio

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
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
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
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
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > slack+perByte*uint64(len(b)) {
		t.Fatalf("%d bytes allocated for a file of %d", got, len(b))
	}
}

func FuzzWAV(f *testing.F) {
	seedAll(f, ".wav")
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
