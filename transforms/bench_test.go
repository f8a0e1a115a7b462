package transforms

import "testing"

// BenchmarkExtractor reports seconds of 16 kHz audio per second.
func BenchmarkExtractor(b *testing.B) {
	for _, c := range []struct {
		name    string
		preset  string
		filters int
	}{{"kaldi-fbank80", "kaldi-fbank", 80}, {"psf-logfbank40", "psf-logfbank", 40}, {"kaldi-mfcc", "kaldi-mfcc", 23}, {"psf-mfcc", "psf-mfcc", 26}} {
		b.Run(c.name, func(b *testing.B) {
			cfg, err := Preset(c.preset)
			if err != nil {
				b.Fatal(err)
			}
			cfg.NumFilters = c.filters
			x, err := NewExtractor(cfg, 16000)
			if err != nil {
				b.Fatal(err)
			}
			s := testSignal(10 * 16000)
			var dst []float32
			b.ReportAllocs()
			for b.Loop() {
				dst = x.ComputeI16(dst, s)
			}
			b.ReportMetric(10*float64(b.N)/b.Elapsed().Seconds(), "audio-s/s")
		})
	}
}

// BenchmarkResampler reports seconds of input audio per second.
func BenchmarkResampler(b *testing.B) {
	for _, c := range []struct {
		name    string
		in, out int
	}{{"16k-8k", 16000, 8000}, {"8k-16k", 8000, 16000}, {"44.1k-16k", 44100, 16000}, {"48k-16k", 48000, 16000}, {"speed-0.9", 9, 10}, {"speed-1.1", 11, 10}} {
		b.Run(c.name, func(b *testing.B) {
			r, err := NewResampler(c.in, c.out)
			if err != nil {
				b.Fatal(err)
			}
			src := make([]float32, 10*max(c.in, 16000)) // of the speeds: at 16 kHz
			for i, v := range testSignal(len(src)) {
				src[i] = float32(v)
			}
			var dst []float32
			b.ReportAllocs()
			for b.Loop() {
				dst = r.Resample(dst, src)
			}
			b.ReportMetric(10*float64(b.N)/b.Elapsed().Seconds(), "audio-s/s")
		})
	}
}
