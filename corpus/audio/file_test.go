package audio

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	goaudio "github.com/go-audio/audio"
	"github.com/go-audio/wav"
)

// expectation is what libsndfile read from a fixture: testdata/make_fixtures.py.
type expectation struct {
	Rate     int         `json:"rate"`
	Channels int         `json:"channels"`
	Samples  [][]float64 `json:"samples"` // [channel, N], int16 scale
}

func expectations(t testing.TB) map[string]expectation {
	t.Helper()
	b, err := os.ReadFile("testdata/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]expectation
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// values is a buffer's samples, whatever their type.
func values(b *goaudio.PCMBuffer) []float32 {
	if b.DataType == goaudio.DataTypeF32 {
		return b.F32
	}
	var x []float32
	for _, v := range b.I16 {
		x = append(x, float32(v))
	}
	return x
}

func TestGolden(t *testing.T) {
	for name, want := range expectations(t) {
		t.Run(name, func(t *testing.T) {
			f, err := Open(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			n := int64(len(want.Samples[0]))
			if f.Info.Rate != want.Rate || f.Info.Channels != want.Channels || f.Info.NumSamples != n {
				t.Fatalf("info %+v, want rate %d, %d channels, %d samples", f.Info, want.Rate, want.Channels, n)
			}
			if err := f.Verify(); err != nil {
				t.Error(err)
			}
			is16 := strings.Contains(name, "s16") || name == "rf64.wav"
			for ch, x := range want.Samples {
				loaded, _, err := Load(f.path, ch, 7, 93)
				if err != nil {
					t.Fatal(err)
				}
				for i, v := range loaded {
					if w := float32(x[7+i]); v != w {
						t.Fatalf("channel %d sample %d loads as %v, want %v", ch, 7+i, v, w)
					}
				}
				// The whole, and ranges at both ends and within.
				for _, r := range [][2]int64{{0, n}, {0, 1}, {n - 1, n}, {7, 93}, {5, 5}} {
					b, err := f.Read(ch, r[0], r[1])
					if err != nil {
						t.Fatal(err)
					}
					if (b.DataType == goaudio.DataTypeI16) != is16 {
						t.Fatalf("data type %v for %s", b.DataType, name)
					}
					if b.Format.NumChannels != 1 || b.Format.SampleRate != want.Rate {
						t.Fatalf("format %+v", b.Format)
					}
					got := values(b)
					if len(got) != int(r[1]-r[0]) {
						t.Fatalf("range %v has %d samples", r, len(got))
					}
					for i, v := range got {
						if w := float32(x[r[0]+int64(i)]); v != w {
							t.Fatalf("channel %d sample %d = %v, want %v", ch, r[0]+int64(i), v, w)
						}
					}
				}
			}
		})
	}
}

// TestAgainstGoAudio holds our WAV reader against another one for integer
// PCM. (go-audio/wav takes the bits of float samples for integers, which is
// why none of its decoding is used.)
func TestAgainstGoAudio(t *testing.T) {
	for name, shift := range map[string]float32{"s16.wav": 1, "s16-3ch.wav": 1, "s24-2ch.wav": 256, "s32.wav": 65536} {
		f, err := os.Open(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		all, err := wav.NewDecoder(f).FullPCMBuffer()
		if err != nil {
			t.Fatal(err)
		}
		channels := all.Format.NumChannels
		for ch := range channels {
			got, _, err := Load(filepath.Join("testdata", name), ch, 0, -1)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range got {
				if w := float32(all.Data[i*channels+ch]) / shift; v != w {
					t.Fatalf("%s channel %d sample %d = %v, go-audio/wav has %v", name, ch, i, v, w)
				}
			}
		}
	}
}

func TestLoadAndSum(t *testing.T) {
	x, rate, err := Load("testdata/s16-le.sph", 0, 3, 10)
	if err != nil || rate != 11025 || len(x) != 7 {
		t.Fatalf("%v, %d Hz, %v", x, rate, err)
	}
	y, _, err := Load("testdata/s24.wav", 0, 3, -1)
	if err != nil || len(y) != 157 {
		t.Fatalf("%d samples, %v", len(y), err)
	}
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, []byte("abc"), 0o666); err != nil {
		t.Fatal(err)
	}
	// FIPS 180-2, appendix B.1.
	if got, err := Sum(path); err != nil || got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("Sum = %s, %v", got, err)
	}
	for _, f := range []func(string) error{
		func(p string) error { _, err := Sum(p); return err },
		func(p string) error { _, _, err := Load(p, 0, 0, -1); return err },
	} {
		var e *Error
		if err := f(path + ".no"); !errors.As(err, &e) || !e.Missing || !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a missing file gives %v", err)
		}
		if err := f(t.TempDir()); err == nil {
			t.Error("a folder was read")
		}
	}
}

func TestReadBounds(t *testing.T) {
	f, err := Open("testdata/s16-3ch.wav")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, r := range [][3]int64{{-1, 0, 1}, {3, 0, 1}, {0, -1, 1}, {0, 2, 1}, {0, 0, 161}, {0, 1 << 62, 1<<62 + 1}} {
		if _, err := f.Read(int(r[0]), r[1], r[2]); err == nil || !strings.Contains(err.Error(), "asked for") {
			t.Errorf("Read%v: %v", r, err)
		}
	}
}

// TestEveryTruncation cuts every fixture at every length: either the header
// shows it when the file is opened, or decoding does.
func TestEveryTruncation(t *testing.T) {
	for name := range expectations(t) {
		whole, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		full := allSamples(t, whole, name)
		for n := range whole {
			f, err := New(strings.NewReader(string(whole[:n])), int64(n), name)
			if err == nil {
				err = f.Verify()
			}
			if err != nil {
				var e *Error
				if !errors.As(err, &e) || e.Path != name || e.Detail == "" {
					t.Fatalf("%s cut to %d bytes: error %v of type %T", name, n, err, err)
				}
				continue
			}
			// The samples were all there: what was cut came after them.
			if !slices.Equal(allSamples(t, whole[:n], name), full) {
				t.Fatalf("%s cut to %d of %d bytes is accepted and has other samples", name, n, len(whole))
			}
		}
	}
}

func allSamples(t testing.TB, b []byte, name string) []float32 {
	t.Helper()
	f, err := New(strings.NewReader(string(b)), int64(len(b)), name)
	if err != nil {
		t.Fatal(err)
	}
	var x []float32
	for ch := range f.Info.Channels {
		buf, err := f.Read(ch, 0, f.Info.NumSamples)
		if err != nil {
			t.Fatal(err)
		}
		x = append(x, values(buf)...)
	}
	return x
}
