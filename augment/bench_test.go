package augment

import "testing"

// BenchmarkPlan plans a corpus of TIMIT's size with the default configuration.
func BenchmarkPlan(b *testing.B) {
	ms, c := randomCorpus(4620, 462, 1), DefaultConfig()
	for b.Loop() {
		Plan(ms, c, 1, baseRate)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(ms)), "ns/utterance")
}

// BenchmarkRender renders concatenations of three utterances with gaps.
func BenchmarkRender(b *testing.B) {
	l := newLibrary(baseRate, "a", "b", "c")
	for _, v := range []Variant{Original, Narrowband} {
		b.Run("variant="+string(v), func(b *testing.B) {
			x, r := NewRenderer(baseRate, DefaultConfig(), 1, "h#"), recipeOf(v, 1600, "a", "b", "c")
			var samples int64
			b.ReportAllocs()
			for b.Loop() {
				out, err := x.Render(r, l.load)
				if err != nil {
					b.Fatal(err)
				}
				samples += out.BaseSamples
			}
			b.ReportMetric(float64(samples)/baseRate/b.Elapsed().Seconds(), "audio-s/s")
		})
	}
}
