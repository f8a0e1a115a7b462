package audio

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
	"github.com/mewkiz/flac/meta"
)

// meter counts the bytes that are read.
type meter struct {
	r    io.ReaderAt
	read atomic.Int64
}

func (m *meter) ReadAt(b []byte, at int64) (int, error) {
	n, err := m.r.ReadAt(b, at)
	m.read.Add(int64(n))
	return n, err
}

// longFLAC is a FLAC file of n samples of 16 bits, uncompressed, in frames of
// 4096.
func longFLAC(t *testing.T, n int, stated bool) []byte {
	t.Helper()
	var b bytes.Buffer
	info := &meta.StreamInfo{BlockSizeMin: 4096, BlockSizeMax: 4096, SampleRate: 16000, NChannels: 1, BitsPerSample: 16}
	if stated {
		info.NSamples = uint64(n)
	}
	enc, err := flac.NewEncoder(&b, info)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < n; at += 4096 {
		x := make([]int32, min(4096, n-at))
		for i := range x {
			x[i] = int32(int16((at + i) * 40503))
		}
		err := enc.WriteFrame(&frame.Frame{
			Header:    frame.Header{HasFixedBlockSize: true, BlockSize: uint16(len(x)), SampleRate: 16000, Channels: frame.ChannelsMono, BitsPerSample: 16, Num: uint64(at / 4096)},
			Subframes: []*frame.Subframe{{SubHeader: frame.SubHeader{Pred: frame.PredVerbatim}, Samples: x, NSamples: len(x)}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := enc.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Segments of a long FLAC file, in any order and at once, are the samples of
// the whole, and come to about one pass over the file.
func TestLongFLACIsDecodedOnce(t *testing.T) {
	const n, piece = 1_000_000, 10_000
	data := longFLAC(t, n, true)
	m := &meter{r: bytes.NewReader(data)}
	f, err := New(m, int64(len(data)), "long.flac")
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for w := range 2 {
		wait.Go(func() {
			for i := w; i < n/piece; i += 2 {
				begin := int64(i * 37 % (n / piece) * piece)
				x, err := f.ReadI16(nil, 0, begin, begin+piece)
				if err != nil {
					t.Error(err)
					return
				}
				for k, v := range x {
					if want := int16((int(begin) + k) * 40503); v != want {
						t.Errorf("sample %d is %d, want %d", int(begin)+k, v, want)
						return
					}
				}
			}
		})
	}
	wait.Wait()
	// Two workers may both make the first pass; each segment of 20 kB costs the
	// frames from the last known place on, and a buffer.
	most := int64(2*len(data) + n/piece*(2*indexStep+2*4096*3+blockBytes+2*piece))
	if got := m.read.Load(); got > most {
		t.Errorf("%d bytes were read of a file of %d, want at most %d", got, len(data), most)
	}
}

// The index of a file outlives its File, until the file changes.
func TestFLACIndexIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "long.flac")
	for _, stated := range []bool{true, false} {
		for _, n := range []int{400_000, 300_000} {
			if err := os.WriteFile(path, longFLAC(t, n, stated), 0o644); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				x, rate, err := LoadI16(nil, path, 0, int64(n)-100, -1)
				if err != nil || rate != 16000 || len(x) != 100 || x[99] != int16((n-1)*40503) {
					t.Fatalf("the last of %d samples: %d samples at %d Hz, %v", n, len(x), rate, err)
				}
			}
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			x := indexes.of(&source{path: path, info: info})
			if p := x.before(int64(n)).sample; p < int64(n-2*indexStep) {
				t.Errorf("the last place known of %d samples is %d", n, p)
			}
			if x.count() > 0 == stated {
				t.Errorf("counted %d samples of a file that states them: %v", x.count(), stated)
			}
		}
	}
	if x := indexes.of(&source{path: path}); x != nil {
		t.Error("a source that is not a file has an index")
	}
}

// Of many files, the indexes of those that are asked for stay, and no more than
// the limit is kept.
func TestFLACIndexesAreBounded(t *testing.T) {
	dir := t.TempDir()
	const places = 100
	c := newIndexCache(10 * (filePlaces + places))
	get := func(name string) *flacIndex {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err != nil {
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		x := c.of(&source{path: path, info: info})
		if x.len() == 0 {
			x.places = make([]flacPlace, places)
			c.places.Add(places)
		}
		return x
	}
	hot := get("hot")
	for i := range 100 {
		get(strconv.Itoa(i))
		if get("hot") != hot {
			t.Fatal("the index that is asked for all the time is forgotten")
		}
		if n := len(c.young) + len(c.old); n > 12 {
			t.Fatalf("%d indexes are kept, want about 10", n)
		}
	}
	if _, kept := c.old["0"]; kept {
		t.Error("what nobody asks for is kept")
	}
}

// A range of an uncompressed file costs its bytes and the header's.
func TestRangesReadNoMore(t *testing.T) {
	for _, name := range []string{"s16.wav", "s24-2ch.wav", "s16-be.sph", "ulaw.sph", "f32.wav"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		m := &meter{r: bytes.NewReader(data)}
		f, err := New(m, int64(len(data)), name)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := f.ReadF32(nil, 0, 0, f.Info.NumSamples)
		if err != nil {
			t.Fatal(err)
		}
		m.read.Store(0)
		got, err := f.ReadF32(nil, 0, 50, 60)
		if err != nil || !slices.Equal(got, whole[50:60]) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, whole[50:60])
		}
		if want := int64(10 * f.Info.Encoding.size() * f.Info.Channels); m.read.Load() != want {
			t.Errorf("%s: %d bytes read for 10 samples, want %d", name, m.read.Load(), want)
		}
	}
}
