package corpus

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestReadPHN(t *testing.T) {
	a, err := ReadPHN(strings.NewReader("0 10 h#\r\n\n 10\t20  aa \n20 20 q"))
	if want := (Alignment{{0, 10, "h#"}, {10, 20, "aa"}, {20, 20, "q"}}); err != nil || !reflect.DeepEqual(a, want) {
		t.Errorf("%v, %v", a, err)
	}
	for text, want := range map[string]string{
		"":                                      "bad-alignment: there are no segments",
		"0 10 h#\nten 20 aa\n":                  `bad-alignment: line 2: begin is "ten", want a sample number`,
		"0 1.5 h#":                              `line 1: end is "1.5"`,
		"-1 5 h#":                               `begin is "-1"`,
		"0 99999999999999999999 h#":             `end is "99999999999999999999"`,
		"5 4 h#":                                "line 1: the segment ends at sample 4 before it begins at 5",
		"0 10":                                  `line 1: "0 10" has 2 words, want "begin end label"`,
		"0 10 a b":                              "has 4 words",
		"0 10 a\n" + strings.Repeat("x", 1<<17): "line 2: the line has more than 65536 bytes",
	} {
		_, err := ReadPHN(strings.NewReader(text))
		var p *Problem
		if !errors.As(err, &p) || p.Reason != BadAlignment || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %s", text, err, want)
		}
	}
}

// FuzzReadPHN: nothing panics, and what settles is a sound alignment.
func FuzzReadPHN(f *testing.F) {
	f.Add("0 10 h#\n10 20 aa\n", int64(20))
	f.Add("0 10 h#\n5 20 aa\n20 20 q", int64(15))
	f.Add("0 10\u00a0h#\n\x00 1 x\n-1 +2 y\n9223372036854775807 9223372036854775808 z", int64(1))
	f.Fuzz(func(t *testing.T, text string, samples int64) {
		a, err := ReadPHN(strings.NewReader(text))
		if err != nil {
			if p := ProblemOf(err); p.Reason != BadAlignment || p.Detail == "" || p.At == "" && strings.TrimSpace(text) != "" {
				t.Fatalf("the error names no place: %+v", p)
			}
			return
		}
		var out strings.Builder
		if err := WritePHN(&out, a); err != nil {
			t.Fatal(err)
		}
		if again, err := ReadPHN(strings.NewReader(out.String())); err != nil || !slices.Equal(again, a) {
			t.Fatalf("%v came back as %v, %v", a, again, err)
		}
		if samples < 1 || samples > 1<<40 {
			return
		}
		b, p := a.settle(samples, 16000, func(string) {})
		if p != nil {
			return
		}
		if p := b.check(samples); p != nil || len(b) == 0 {
			t.Fatalf("%v settles to %v: %v", a, b, p)
		}
	})
}

func TestSettle(t *testing.T) {
	// At 16 kHz segments may overlap by 160 samples, and end 400 past the recording.
	const samples = 2000
	for name, c := range map[string]struct {
		in, want Alignment
		notes    string
		reason   Reason
	}{
		"as it should be":   {in: Alignment{{0, 1000, "a"}, {1000, 2000, "b"}}, want: Alignment{{0, 1000, "a"}, {1000, 2000, "b"}}},
		"gaps":              {in: Alignment{{5, 900, "a"}, {1000, 1400, "b"}, {1500, 1990, "c"}}, want: Alignment{{5, 900, "a"}, {1000, 1400, "b"}, {1500, 1990, "c"}}, notes: "late-begin gap early-end"},
		"an overlap":        {in: Alignment{{0, 1000, "a"}, {840, 2000, "b"}}, want: Alignment{{0, 1000, "a"}, {1000, 2000, "b"}}, notes: "overlap-moved"},
		"too much":          {in: Alignment{{0, 1000, "a"}, {839, 2000, "b"}}, reason: BadAlignment},
		"within the other":  {in: Alignment{{0, 1000, "a"}, {950, 1000, "b"}}, reason: BadAlignment},
		"backwards":         {in: Alignment{{1000, 2000, "a"}, {0, 1000, "b"}}, reason: BadAlignment},
		"a little past":     {in: Alignment{{0, 1000, "a"}, {1000, 2400, "b"}}, want: Alignment{{0, 1000, "a"}, {1000, 2000, "b"}}, notes: "end-clipped"},
		"a segment past":    {in: Alignment{{0, 2000, "a"}, {2000, 2400, "b"}}, want: Alignment{{0, 2000, "a"}}, notes: "end-clipped"},
		"well past":         {in: Alignment{{0, 1000, "a"}, {1000, 2401, "b"}}, reason: OutsideAudio},
		"an empty segment":  {in: Alignment{{0, 1000, "a"}, {1000, 1000, "q"}, {1000, 2000, "b"}}, want: Alignment{{0, 1000, "a"}, {1000, 2000, "b"}}, notes: "empty-segment"},
		"nothing but empty": {in: Alignment{{0, 0, "a"}}, reason: BadAlignment},
	} {
		t.Run(name, func(t *testing.T) {
			var notes []string
			got, p := c.in.settle(samples, 16000, func(k string) { notes = append(notes, k) })
			if c.reason != "" {
				if p == nil || p.Reason != c.reason {
					t.Errorf("problem %v, want %s", p, c.reason)
				}
				return
			}
			if p != nil || !reflect.DeepEqual(got, c.want) || !slices.Equal(notes, strings.Fields(c.notes)) {
				t.Errorf("%v with notes %v, problem %v", got, notes, p)
			}
		})
	}
}
