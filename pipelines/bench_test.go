package pipelines

import (
	"testing"

	"framewise/augment"
)

// BenchmarkMake makes an example of 3 s of audio at 16 kHz, loading not
// counted. The rate is in seconds of audio.
func BenchmarkMake(b *testing.B) {
	m, err := NewMaker(DefaultBuildConfig(), 16000, nil)
	if err != nil {
		b.Fatal(err)
	}
	src := &augment.Source{Samples: hum(48000), Rate: 16000, Speaker: "F"}
	for _, v := range []augment.Variant{augment.Original, augment.Narrowband} {
		b.Run(string(v), func(b *testing.B) {
			r := recipe("x", v, augment.Part{Utterance: "x"})
			for b.Loop() {
				if _, err := m.Make(r, func(augment.Part) (*augment.Source, error) { return src, nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(3*float64(b.N)/b.Elapsed().Seconds(), "audio-s/s")
		})
	}
}
