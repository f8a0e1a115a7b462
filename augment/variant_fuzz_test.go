package augment

import "testing"

// FuzzVariant: a name is a variant if it is the one that its steps have, and
// then it makes a length and ids that a corpus may not have itself.
func FuzzVariant(f *testing.F) {
	for _, v := range []string{"original", "narrowband", "speed-0.9", "speed-1.125+narrowband", "speed-1", "speed-0.90", "+narrowband", "speed-1e0"} {
		f.Add(v, int64(16000))
	}
	f.Fuzz(func(t *testing.T, name string, samples int64) {
		v := Variant(name)
		s, err := v.parse()
		n := v.BaseSamples(Member{Rate: 16000, Samples: samples}, 16000)
		if err != nil {
			if n != 0 {
				t.Fatalf("%q (%v) has %d samples", v, err, n)
			}
			return
		}
		if s.variant() != v {
			t.Fatalf("%q is read as %q", v, s.variant())
		}
		if suffix := s.suffix(); (suffix != "") != DerivedID("a"+suffix) || (suffix == "") != (v == Original) {
			t.Fatalf("%q makes ids such as %q", v, "a"+suffix)
		}
		if samples > 0 && samples < 1<<40 && (n < samples/2 || n > 2*samples) {
			t.Fatalf("%q makes %d samples of %d", v, n, samples)
		}
	})
}
