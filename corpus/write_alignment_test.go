package corpus

import (
	"strings"
	"testing"
)

var written = Alignment{{0, 1600, "h#"}, {1600, 3200, `a"b`}, {4000, 4800, "sh"}}

func TestWritePHN(t *testing.T) {
	var b strings.Builder
	if err := WritePHN(&b, written); err != nil {
		t.Fatal(err)
	}
	if want := "0 1600 h#\n1600 3200 a\"b\n4000 4800 sh\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func TestWriteCTM(t *testing.T) {
	var b strings.Builder
	if err := WriteCTM(&b, "utt", written[:1], 16000); err != nil {
		t.Fatal(err)
	}
	if want := "utt 1 0.0000 0.1000 h#\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func TestWriteTextGridCoversTheRecording(t *testing.T) {
	var b strings.Builder
	if err := WriteTextGrid(&b, []Tier{{"phones", written}}, 5000, 16000); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	for _, want := range []string{
		`intervals: size = 5`, `text = "a""b"`, // a quote is doubled
		"intervals [3]:\n            xmin = 0.200000\n            xmax = 0.250000\n            text = \"\"", // the gap
		"intervals [5]:\n            xmin = 0.300000\n            xmax = 0.312500\n            text = \"\"", // the rest
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
}

func TestFillGapsCutsOverlapsAndOutside(t *testing.T) {
	got := fillGaps(Alignment{{-5, 10, "a"}, {8, 20, "b"}, {15, 18, "c"}, {30, 99, "d"}}, 40)
	want := Alignment{{0, 10, "a"}, {10, 20, "b"}, {20, 30, ""}, {30, 40, "d"}}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}
