package audio

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-audio/wav"
)

// BenchmarkRead reads ten minutes of 16 kHz, and three seconds, from the page cache, by this
// package and by go-audio/wav, opening the file each time.
func BenchmarkRead(b *testing.B) {
	const seconds = 600
	dir := b.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			b.Fatal(err)
		}
		return path
	}
	samples := strings.Repeat("\x01\x02\xfe\xff", seconds*16000/2)
	s16 := file("s16.wav", riff(fmtChunk(1, 1, 16000, 16), chunk("data", samples)))
	be16 := file("s16-be.sph", sphere("channel_count -i 1\nsample_rate -i 16000\nsample_n_bytes -i 2\nsample_byte_format -s2 10\nend_head\n", samples))
	f32 := file("f32.wav", riff(fmtChunk(3, 1, 16000, 32), chunk("data", strings.Repeat("\x00\x00\x00\x3f", seconds*16000))))

	short := file("short.wav", riff(fmtChunk(1, 1, 16000, 16), chunk("data", samples[:3*32000])))

	run := func(name string, seconds int, read func() error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := read(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(seconds)*float64(b.N)/b.Elapsed().Seconds(), "audio-s/s")
		})
	}
	var ints []int16
	var floats []float32
	into16 := func(path string) func() error {
		return func() (err error) { ints, _, err = LoadI16(ints, path, 0, 0, -1); return err }
	}
	into32 := func(path string) func() error {
		return func() (err error) { floats, _, err = LoadF32(floats, path, 0, 0, -1); return err }
	}
	run("impl=framewise/file=s16/as=int16", seconds, into16(s16))
	run("impl=framewise/file=s16/as=int16-new", seconds, func() error { _, _, err := LoadI16(nil, s16, 0, 0, -1); return err })
	run("impl=framewise/file=s16/as=float32", seconds, into32(s16))
	run("impl=framewise/file=s16/as=float32-new", seconds, func() error { _, _, err := Load(s16, 0, 0, -1); return err })
	run("impl=framewise/file=s16/as=int16-stream", seconds, func() error { return streamAll(s16) })
	run("impl=framewise/file=s16-3s/as=int16", 3, into16(short))
	run("impl=framewise/file=s16-3s/as=float32", 3, into32(short))
	run("impl=framewise/file=s16-be/as=int16", seconds, into16(be16))
	run("impl=framewise/file=f32/as=float32", seconds, into32(f32))
	run("impl=go-audio/file=s16/as=int", seconds, func() error {
		b, err := os.ReadFile(s16) // from a file it would make a system call a sample
		if err == nil {
			_, err = wav.NewDecoder(bytes.NewReader(b)).FullPCMBuffer()
		}
		return err
	})
}

// streamAll reads a recording by seconds.
func streamAll(path string) error {
	f, err := Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	s, err := f.Stream(0, 0, f.Info.NumSamples)
	for buf := make([]int16, 16000); err == nil; {
		_, err = s.ReadI16(buf)
	}
	if err == io.EOF {
		return nil
	}
	return err
}
