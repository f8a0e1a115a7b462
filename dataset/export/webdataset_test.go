package export

import (
	"strings"
	"testing"
)

// FuzzWebKey holds that a key is what WebDataset takes for one and that no two
// ids share one.
func FuzzWebKey(f *testing.F) {
	f.Add("a.b", "a%2Eb")
	f.Add("/x/", "%2Fx%2F")
	f.Fuzz(func(t *testing.T, a, b string) {
		if a != b && webKey(a) == webKey(b) {
			t.Errorf("%q and %q share a key", a, b)
		}
		if key := webKey(a); strings.ContainsAny(key, ".\\\n\x00") || strings.HasPrefix(key, "/") || strings.HasSuffix(key, "/") {
			t.Errorf("%q: %q", a, key)
		}
	})
}
