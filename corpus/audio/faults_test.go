package audio

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// brokenReader gives a file's bytes up to an offset, and an error for what
// lies behind it: io.EOF for a file that shrank after its size was taken.
type brokenReader struct {
	b     []byte
	upTo  int64
	err   error
	short bool // gives at most 7 bytes at a time
}

func (r *brokenReader) ReadAt(p []byte, at int64) (int, error) {
	want := len(p)
	if r.short {
		p = p[:min(len(p), 7)]
	}
	n := copy(p, r.b[min(at, r.upTo):r.upTo])
	switch {
	case n == want:
		return n, nil
	case r.short && n == len(p):
		return n, nil // fewer than asked for, and no error
	}
	return n, r.err
}

// A read that fails in the middle, a file that shrinks while it is read and
// reads that give too little end in an error that says so, or in the samples
// that are there: never in others.
func TestFaultsOfReads(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		t.Fatal(err)
	}
	injected := 0
	for _, path := range files {
		name := filepath.Base(path)
		whole := []byte(read(t, name))
		want, err := readAll(bytes.NewReader(whole), int64(len(whole)), name)
		if err != nil {
			continue // the fixture of an encoding that is not read, or no recording
		}
		outcomes := map[string]int{}
		for i := range 32 {
			for _, r := range []*brokenReader{{err: syscall.EIO}, {err: io.EOF}, {err: syscall.EIO, short: true}, {err: io.EOF, short: true}} {
				r.b, r.upTo = whole, int64(len(whole)*i/31)
				injected++
				got, err := readAll(r, int64(len(whole)), name)
				var e *Error
				switch {
				case err == nil && slices.Equal(got, want):
					outcomes["right samples"]++
				case err == nil:
					t.Errorf("%s, reads end at byte %d with %v (short reads: %v): other samples", name, r.upTo, r.err, r.short)
				case !errors.As(err, &e) || e.Detail == "":
					t.Errorf("%s, reads end at byte %d with %v: %v, want an *Error", name, r.upTo, r.err, err)
				case errors.Is(err, syscall.EIO):
					outcomes["error: input/output error"]++
				default:
					outcomes["error in words"]++
				}
			}
		}
		if outcomes["right samples"] == 0 || outcomes["error in words"] == 0 || outcomes["error: input/output error"] == 0 {
			t.Errorf("%s: %v, want some of each", name, outcomes)
		}
		t.Logf("reads of %s | EIO, shrunk, short reads at 32 places | %v | samples right or none", name, outcomes)
	}
	t.Logf("%d faults", injected)
}

// readAll reads the first channel of a recording, at once and as a stream, and
// says the samples only if both agree.
func readAll(r io.ReaderAt, size int64, name string) ([]float32, error) {
	f, err := New(r, size, name)
	if err != nil {
		return nil, err
	}
	n := f.Info.NumSamples
	once, err := f.ReadF32(nil, 0, 0, n)
	if err != nil {
		return nil, err
	}
	s, err := f.Stream(0, 0, n)
	if err != nil {
		return nil, err
	}
	pieces := make([]float32, n)
	for done := 0; done < int(n); {
		k, err := s.ReadF32(pieces[done:min(done+100, int(n))])
		if err != nil {
			return nil, err
		}
		done += k
	}
	if !slices.Equal(once, pieces) {
		return nil, errors.New("a stream gives other samples than one read")
	}
	return once, nil
}
