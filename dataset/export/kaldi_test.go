package export

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"framewise/dataset"
)

func TestKaldiKeys(t *testing.T) {
	for _, c := range []struct{ speaker, id, key, by string }{
		{"S1", "a/b+nb", "S1-a/b+nb", "S1"}, {"S 1", "a b%", "S%201-a%20b%25", "S%201"}, {dataset.ManySpeakers, "concat/1/x", "concat/1/x", "concat/1/x"},
	} {
		if key, by := kaldiKey(&dataset.Example{ID: c.id, Speaker: c.speaker}); key != c.key || by != c.by {
			t.Errorf("%q of %q: %q, %q", c.id, c.speaker, key, by)
		}
	}
	root, err := newRoot(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	k, err := newKaldi(&exporter{f: testF, out: "out"}, root, "train")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{{"a-b", "c"}, {"a", "b-c"}} {
		ex := testExample("x")
		ex.Speaker, ex.ID = c[0], c[1]
		if err := k.write(ex); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.close(); err == nil || !strings.Contains(err.Error(), `two examples have the key "a-b-c"`) {
		t.Error(err)
	}
}

func TestOnlyTFRecordHasGzip(t *testing.T) {
	if _, err := Export(context.Background(), "data", "out", Options{Format: "kaldi", Gzip: true}); err == nil || !strings.Contains(err.Error(), "kaldi has no gzip form") {
		t.Error(err)
	}
}

// FuzzKaldiWord holds that a key is one word and that no two ids share one.
func FuzzKaldiWord(f *testing.F) {
	f.Add("a b", "a\tb")
	f.Add("a%20b", "a b")
	f.Fuzz(func(t *testing.T, a, b string) {
		if a != b && kaldiWord(a) == kaldiWord(b) {
			t.Errorf("%q and %q share a key", a, b)
		}
		if strings.ContainsAny(kaldiWord(a), " \t\n\r") {
			t.Errorf("%q: %q", a, kaldiWord(a))
		}
	})
}
