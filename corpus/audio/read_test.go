package audio

import (
	"errors"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// drain reads a stream to its end in pieces whose lengths piece chooses.
func drain[S sample](t testing.TB, read func([]S) (int, error), piece func() int) []S {
	t.Helper()
	var all []S
	for {
		buf := make([]S, piece())
		n, err := read(buf)
		all = append(all, buf[:n]...)
		if err == io.EOF && n == 0 {
			return all
		}
		if err != nil || n > len(buf) {
			t.Fatalf("%d samples, then %d of %d: %v", len(all), n, len(buf), err)
		}
	}
}

// TestStreamGivesWhatReadGives cuts ranges of every fixture at random.
func TestStreamGivesWhatReadGives(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for name := range expectations(t) {
		f, err := Open(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for range 20 {
			ch, begin := rng.Intn(f.Info.Channels), rng.Int63n(f.Info.NumSamples+1)
			end := begin + rng.Int63n(f.Info.NumSamples-begin+1)
			most := 1 + rng.Intn(70)
			piece := func() int { return 1 + rng.Intn(most) }
			stream := func() *Stream {
				s, err := f.Stream(ch, begin, end)
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			want, err := f.ReadF32(nil, ch, begin, end)
			if err != nil {
				t.Fatal(err)
			}
			if got := drain(t, stream().ReadF32, piece); !slices.Equal(got, want) {
				t.Fatalf("%s channel %d, samples %d to %d: float32 stream differs from ReadF32", name, ch, begin, end)
			}
			if !f.Info.Int16() {
				continue
			}
			ints, err := f.ReadI16(nil, ch, begin, end)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range ints {
				if float32(v) != want[i] {
					t.Fatalf("%s sample %d is %d as int16 and %v as float32", name, i, v, want[i])
				}
			}
			if got := drain(t, stream().ReadI16, piece); !slices.Equal(got, ints) {
				t.Fatalf("%s channel %d, samples %d to %d: int16 stream differs from ReadI16", name, ch, begin, end)
			}
		}
	}
}

// TestBlocks reads more samples than a block holds, of one channel and of
// more channels than a block holds samples.
func TestBlocks(t *testing.T) {
	for _, channels := range []int{1, 3, 40000} {
		n := 3*blockBytes/(2*channels) + 7
		body := make([]byte, 2*n*channels)
		rand.New(rand.NewSource(2)).Read(body)
		file := riff(fmtChunk(1, channels&0xffff, 16000, 16), chunk("data", string(body)))
		if channels == 40000 { // 2*40000 overflows the chunk's 16-bit field
			if _, err := New(strings.NewReader(file), int64(len(file)), "x"); err == nil {
				t.Error("a sample frame of 80,000 bytes fits 16 bits")
			}
			file = sphere("channel_count -i 40000\nsample_rate -i 16000\nsample_n_bytes -i 2\nsample_byte_format -s2 01\nend_head\n", string(body))
		}
		f, err := New(strings.NewReader(file), int64(len(file)), "x")
		if err != nil {
			t.Fatal(err)
		}
		ch := channels - 1
		got, err := f.ReadI16(nil, ch, 1, int64(n))
		if err != nil {
			t.Fatal(err)
		}
		floats, err := f.ReadF32(nil, ch, 1, int64(n))
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			at := 2 * ((i+1)*channels + ch)
			if want := int16(uint16(body[at]) | uint16(body[at+1])<<8); got[i] != want || floats[i] != float32(want) {
				t.Fatalf("%d channels, sample %d: %d and %v, want %d", channels, i+1, got[i], floats[i], want)
			}
		}
	}
}

func TestSwap16(t *testing.T) {
	for n := range 20 {
		x := make([]int16, n+2)
		for i := range x {
			x[i] = int16(i*257 + 3)
		}
		want := slices.Clone(x)
		for i := range n {
			want[1+i] = int16(uint16(want[1+i])<<8 | uint16(want[1+i])>>8)
		}
		if swap16(x[1 : 1+n]); !slices.Equal(x, want) {
			t.Errorf("%d samples: %x, want %x", n, x, want)
		}
	}
}

// TestSteadyState reads PCM into the caller's memory, whole and by pieces:
// nothing is allocated.
func TestSteadyState(t *testing.T) {
	for _, name := range []string{"s16.wav", "s16-3ch.wav", "s16-be.sph", "s24.wav", "f32.wav", "ulaw.sph"} {
		f, err := Open(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var floats []float32
		var ints []int16
		s, err := f.Stream(0, 0, f.Info.NumSamples)
		if err != nil {
			t.Fatal(err)
		}
		piece := make([]float32, 3)
		if n := testing.AllocsPerRun(20, func() {
			floats, err = f.ReadF32(floats, 0, 0, f.Info.NumSamples)
			if err == nil && f.Info.Int16() {
				ints, err = f.ReadI16(ints, 0, 0, f.Info.NumSamples)
			}
			if err == nil {
				_, err = s.ReadF32(piece)
			}
		}); n != 0 || err != nil {
			t.Errorf("%s: %v allocations, %v", name, n, err)
		}
	}
}

// TestFileAfterFile loads a long recording again and again: what is allocated
// is the handle, and not in proportion to the recording.
func TestFileAfterFile(t *testing.T) {
	const n = 1 << 20
	path := filepath.Join(t.TempDir(), "x.wav")
	if err := os.WriteFile(path, []byte(riff(fmtChunk(1, 1, 8000, 16), chunk("data", strings.Repeat("ab", n)))), 0o666); err != nil {
		t.Fatal(err)
	}
	var ints []int16
	var floats []float32
	load := func() {
		var err, err2 error
		ints, _, err = LoadI16(ints, path, 0, 0, -1)
		floats, _, err2 = LoadF32(floats, path, 0, 0, -1)
		if err != nil || err2 != nil || len(ints) != n || len(floats) != n {
			t.Fatalf("%d and %d samples, %v, %v", len(ints), len(floats), err, err2)
		}
	}
	load()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const times = 20
	for range times {
		load()
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / (2 * times); got > 4<<10 {
		t.Errorf("%d bytes allocated a file", got)
	}
}

func TestInt16OfOtherEncodings(t *testing.T) {
	f, err := Open("testdata/s24.wav")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := f.Stream(0, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	_, fromStream := s.ReadI16(make([]int16, 10))
	_, fromFile := f.ReadI16(nil, 0, 0, 10)
	_, _, fromLoad := LoadI16(nil, "testdata/s24.wav", 0, 0, -1)
	for _, err := range []error{fromStream, fromFile, fromLoad} {
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), "the file has pcm_s24le, which is read as float32") {
			t.Error(err)
		}
	}
	if n, err := s.ReadF32(make([]float32, 10)); n != 10 || err != nil {
		t.Errorf("after the refusal: %d samples, %v", n, err)
	}
}

// TestStreamOfShrunkFile streams a file that becomes shorter: the samples that
// are there come, then an error that stays.
func TestStreamOfShrunkFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.wav")
	file := riff(fmtChunk(1, 1, 8000, 16), chunk("data", strings.Repeat("ab", 100)))
	if err := os.WriteFile(path, []byte(file), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := f.Stream(0, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 60); err != nil {
		t.Fatal(err)
	}
	buf := make([]int16, 6)
	if n, err := s.ReadI16(buf); n != 6 || err != nil {
		t.Errorf("%d samples, %v", n, err)
	}
	for range 2 {
		if n, err := s.ReadI16(buf); n != 0 || err == nil || !strings.Contains(err.Error(), "byte 56: the file ends after 4 of 12 bytes") {
			t.Errorf("%d samples, %v", n, err)
		}
	}
	if _, err := f.Stream(0, 5, 101); err == nil || !strings.Contains(err.Error(), "asked for") {
		t.Error(err)
	}
}
