package dataset

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// benchExamples are rows of 3 seconds of 80 features.
func benchExamples(n int) []*Example {
	var out []*Example
	features := make([]float32, 300*80)
	for i := range features {
		features[i] = float32(i%977) / 50
	}
	for _, id := range testIDs("bench", n) {
		out = append(out, &Example{ID: id, Speaker: "S", SampleRate: 16000, NumSamples: 48000, NumFrames: 300, Features: features,
			Labels: make([]int16, 300), Parts: []Part{{Utterance: id, Speaker: "S", Variant: "original", Rate: 16000,
				NumSamples: 48000, NumFrames: 300, Effects: "{}"}}})
	}
	return out
}

func BenchmarkWriter(b *testing.B) {
	rows := benchExamples(256)
	h := testHeader(b)
	h.F = 80
	for _, comp := range []string{CompressionNone, CompressionZstd} {
		b.Run(comp, func(b *testing.B) {
			c := DefaultShardConfig()
			c.Compression = comp
			b.SetBytes(256 * 300 * 80 * 4)
			b.ReportAllocs()
			for b.Loop() {
				w, err := NewWriter(io.Discard, h, c)
				if err != nil {
					b.Fatal(err)
				}
				for _, ex := range rows {
					if err := w.Write(ex); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReader(b *testing.B) {
	rows := benchExamples(256)
	h := testHeader(b)
	h.F = 80
	path := filepath.Join(b.TempDir(), "shard.arrow")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w, err := NewWriter(f, h, DefaultShardConfig())
	if err != nil {
		b.Fatal(err)
	}
	for _, ex := range rows {
		if err := w.Write(ex); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := w.Close(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	data, unmap, err := mapFile(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = unmap() })
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if _, err := openShard(data); err != nil {
				b.Fatal(err)
			}
		}
	})
	s, err := openShard(data)
	if err != nil {
		b.Fatal(err)
	}
	for _, stride := range []int{1, 101} {
		b.Run(fmt.Sprintf("example/stride=%d", stride), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i += stride {
				if _, err := s.example(i % len(s.metas)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
