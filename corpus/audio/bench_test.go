package audio

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-audio/wav"
)

// BenchmarkRead reads a minute of 16 kHz, by this package and by go-audio/wav.
func BenchmarkRead(b *testing.B) {
	const seconds = 60
	samples := strings.Repeat("\x01\x02\xfe\xff", seconds*16000/2)
	files := map[string]string{
		"s16": riff(fmtChunk(1, 1, 16000, 16), chunk("data", samples)),
		"f32": riff(fmtChunk(3, 1, 16000, 32), chunk("data", strings.Repeat("\x00\x00\x00\x3f", seconds*16000))),
	}
	dir := b.TempDir()
	for name, file := range files {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(file), 0o666); err != nil {
			b.Fatal(err)
		}
		b.Run("impl=framewise/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := Load(path, 0, 0, -1); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(seconds*float64(b.N)/b.Elapsed().Seconds(), "audio-s/s")
		})
	}
	b.Run("impl=go-audio/s16", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := wav.NewDecoder(bytes.NewReader([]byte(files["s16"]))).FullPCMBuffer(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(seconds*float64(b.N)/b.Elapsed().Seconds(), "audio-s/s")
	})
}
