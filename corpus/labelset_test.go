package corpus

import (
	"slices"
	"strings"
	"testing"

	"framewise/transforms"
)

func TestBuiltInLabelSets(t *testing.T) {
	l, err := LoadLabelSet(TIMIT61, "")
	if err != nil || len(l.Labels) != 61 || l.Silence != "h#" || !slices.IsSorted(l.Labels) {
		t.Fatalf("%+v, %v", l, err)
	}
	for i, s := range l.Labels {
		if l.Index(s) != i {
			t.Errorf("Index(%q) = %d, want %d", s, l.Index(s), i)
		}
	}
	if l.Index("sil") != -1 || l.Index("") != -1 {
		t.Error("a label is known that is not there")
	}
	d, err := LoadLabelSet(FSDD10, "")
	if err != nil || strings.Join(d.Labels, "") != "0123456789" || d.Silence != "" || d.Index("7") != 7 {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestCustomLabelSet(t *testing.T) {
	dir := writeTree(t, map[string]string{
		"ok.labels": "b\na\r\nc d\n", "twice.labels": "a\nb\na\n", "gap.labels": "a\n\nb\n", "empty.labels": "",
		"many.labels": "a\n" + strings.Repeat("x", 70000), "deep/x.labels": "a\n",
		"bom.labels": "\ufeffa\nb\n", "latin1.labels": "a\nb\xe9\n", "control.labels": "a\x00b\n",
	})
	l, err := LoadLabelSet("ok", dir)
	if err != nil || l.Index("a") != 1 || l.Index("c d") != 2 || l.Silence != "" {
		t.Errorf("%+v, %v", l, err)
	}
	if l, err := LoadLabelSet("bom", dir); err != nil || l.Index("a") != 0 {
		t.Errorf("with a byte order mark: %+v, %v", l, err)
	}
	for name, want := range map[string]string{
		"twice": `line 3 is "a", which line 1 is too`, "gap": "line 2 is empty", "empty": "has 0 labels, want 1 to 32767", "many": "line 2: bufio.Scanner: token too long",
		"latin1": `line 2 is "b\xe9", want a label in UTF-8`, "control": `line 1 is "a\x00b", want`,
		"no": "not built in (timit61, fsdd10 are)", "": "want timit61, fsdd10 or the name of a file", "../x": "want", "deep/x": "want", ".x": "want", `a\b`: "want",
	} {
		if _, err := LoadLabelSet(name, dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", name, err, want)
		}
	}
}

func TestUnknownLabels(t *testing.T) {
	l, _ := LoadLabelSet(FSDD10, "")
	for want, u := range map[string]*Utterance{
		`segment 1 has the label "x", which fsdd10 does not have`: {Alignment: Alignment{{0, 1, "1"}, {1, 2, "x"}}},
		`phone 0 is "y", which fsdd10 does not have`:              {Phones: []string{"y"}},
	} {
		if p := l.Unknown(u); p == nil || p.Reason != UnknownLabel || p.Detail != want {
			t.Errorf("%v, want %s", p, want)
		}
	}
	if p := l.Unknown(&Utterance{Alignment: Alignment{{0, 1, "1"}}, Phones: []string{"2"}}); p != nil {
		t.Error(p)
	}
}

// TestFoldTo39 holds the two-step tables against Lee and Hon's direct one.
func TestFoldTo39(t *testing.T) {
	direct := map[string]string{
		"ao": "aa", "ax": "ah", "ax-h": "ah", "axr": "er", "hv": "hh", "ix": "ih", "el": "l", "em": "m", "en": "n", "nx": "n", "eng": "ng", "zh": "sh", "ux": "uw",
		"bcl": "sil", "dcl": "sil", "gcl": "sil", "pcl": "sil", "tcl": "sil", "kcl": "sil", "h#": "sil", "pau": "sil", "epi": "sil",
	}
	l, _ := LoadLabelSet(TIMIT61, "")
	f, err := l.Fold(Fold39)
	if err != nil || len(f.Labels) != 39 || f.Silence != "sil" {
		t.Fatalf("%+v, %v", f, err)
	}
	for i, s := range l.Labels {
		want := s
		if d, ok := direct[s]; ok {
			want = d
		}
		switch c := f.Map[i]; {
		case s == "q":
			if c != -1 {
				t.Errorf("q is class %d, want it masked", c)
			}
		case c < 0 || f.Labels[c] != want:
			t.Errorf("%s is class %d, want %s", s, c, want)
		}
	}
}

func TestFoldTo48(t *testing.T) {
	l, _ := LoadLabelSet(TIMIT61, "")
	f, err := l.Fold(Fold48)
	if err != nil || len(f.Labels) != 48 || !slices.IsSorted(f.Labels) {
		t.Fatalf("%+v, %v", f, err)
	}
	for s, want := range map[string]string{
		"ao": "ao", "ax": "ax", "ix": "ix", "el": "el", "en": "en", "zh": "zh", "epi": "epi", // apart
		"ax-h": "ax", "axr": "er", "gcl": "vcl", "kcl": "cl", "h#": "sil", "pau": "sil", "ux": "uw", "em": "m",
	} {
		if got := f.Labels[f.Map[l.Index(s)]]; got != want {
			t.Errorf("%s folds to %s, want %s", s, got, want)
		}
	}
	if f.Map[l.Index("q")] != -1 {
		t.Error("q is not masked")
	}
}

func TestFoldOthers(t *testing.T) {
	l, _ := LoadLabelSet(TIMIT61, "")
	d, _ := LoadLabelSet(FSDD10, "")
	f, err := d.Fold(FoldNone)
	if err != nil || !slices.Equal(f.Labels, d.Labels) || f.Map[9] != 9 {
		t.Errorf("%+v, %v", f, err)
	}
	if _, err := d.Fold(Fold39); err == nil || !strings.Contains(err.Error(), `fold fsdd10 to "39": this label set has the folding "none" only`) {
		t.Error(err)
	}
	if _, err := l.Fold("12"); err == nil || !strings.Contains(err.Error(), "want none, 48 or 39") {
		t.Error(err)
	}
	// Pinned, since checkpoints hold them: a table that changes must show.
	for name, want := range map[string]string{
		FoldNone: "52542f2b0163b22b", Fold48: "1ddd97c85a18e15b", Fold39: "6758f912fa9cee60",
	} {
		f, _ := l.Fold(name)
		if got := f.Digest(); got[:16] != want {
			t.Errorf("digest of %s = %s, want %s", name, got[:16], want)
		}
	}
}

// TestFrameLabels holds the walk against its definition: the label of the
// segment with the frame's centre.
func TestFrameLabels(t *testing.T) {
	a := Alignment{{100, 300, "1"}, {300, 301, "2"}, {500, 1200, "3"}, {1200, 1300, "no digit"}}
	l, _ := LoadLabelSet(FSDD10, "")
	for _, rule := range []transforms.FramingRule{transforms.FramingPSF, transforms.FramingKaldiSnip, transforms.FramingKaldi} {
		f, err := transforms.NewFraming(rule, 8000, 4, 1.25)
		if err != nil {
			t.Fatal(err)
		}
		for _, begin := range []int64{0, 100, 250} {
			T := f.NumFrames(1500)
			got := FrameLabels(make([]int16, 3), a, begin, f, T, l.Index)
			if len(got) != T {
				t.Fatalf("%d labels, want %d", len(got), T)
			}
			for i, v := range got {
				want := int16(-1)
				for _, s := range a {
					if c := begin + int64(f.Center(i)); s.Begin <= c && c < s.End {
						want = int16(l.Index(s.Label))
					}
				}
				if v != want {
					t.Errorf("%s from %d: frame %d is %d, want %d", rule, begin, i, v, want)
				}
			}
		}
	}
	dst := make([]int16, 5)
	if got := FrameLabels(dst, nil, 0, transforms.Framing{Win: 2, Hop: 1}, 4, l.Index); &got[0] != &dst[0] || !slices.Equal(got, []int16{-1, -1, -1, -1}) {
		t.Errorf("without an alignment: %v", got)
	}
}

func TestCovered(t *testing.T) {
	a := Alignment{{0, 10, "a"}, {20, 30, "b"}}
	for _, c := range [][3]int64{{0, 30, 20}, {5, 25, 10}, {10, 20, 0}, {-5, 100, 20}} {
		if got := a.Covered(c[0], c[1]); got != c[2] {
			t.Errorf("Covered(%d, %d) = %d, want %d", c[0], c[1], got, c[2])
		}
	}
}
