package corpus

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// text writes a TextGrid in the short form, exactly.
func (g *TextGrid) text() string {
	var b strings.Builder
	num := func(v float64) { fmt.Fprintln(&b, strconv.FormatFloat(v, 'g', -1, 64)) }
	b.WriteString("File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n")
	num(g.XMin)
	num(g.XMax)
	fmt.Fprintf(&b, "<exists>\n%d\n", len(g.Tiers))
	for _, t := range g.Tiers {
		class := "IntervalTier"
		if t.Points {
			class = "TextTier"
		}
		fmt.Fprintf(&b, "%q\n%s\n", class, quotePraat(t.Name))
		num(t.XMin)
		num(t.XMax)
		fmt.Fprintln(&b, len(t.Entries))
		for _, e := range t.Entries {
			num(e.Begin)
			if !t.Points {
				num(e.End)
			}
			fmt.Fprintln(&b, quotePraat(e.Text))
		}
	}
	return b.String()
}

// asUTF16 is a text in UTF-16 with a byte order mark.
func asUTF16(s string, bigEndian bool) string {
	var b []byte
	for _, u := range append([]uint16{0xfeff}, utf16.Encode([]rune(s))...) {
		if bigEndian {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

var someGrid = TextGrid{XMax: 1.5, Tiers: []TextGridTier{
	{Name: `a "tier"`, XMax: 1.5, Entries: []TextGridEntry{{0, 0.25, "ʃ\nb"}, {0.25, 1.5, ""}}},
	{Name: "points", Points: true, XMax: 1.5, Entries: []TextGridEntry{{0.5, 0.5, "!"}}},
	{Name: "none", XMax: 1.5},
}}

func TestReadTextGridForms(t *testing.T) {
	short := someGrid.text()
	comment := strings.Replace(short, "<exists>\n", "<exists> ! the tiers: \"3\" 4\n", 1)
	for name, text := range map[string]string{
		"short": short, "CRLF": strings.ReplaceAll(strings.ReplaceAll(short, "ʃ\nb", "ʃ\rb"), "\n", "\r\n"), "CR": strings.ReplaceAll(short, "\n", "\r"),
		"BOM": "\ufeff" + short, "UTF-16 LE": asUTF16(short, false), "UTF-16 BE": asUTF16(short, true), "comments": comment,
		"old header": strings.Replace(short, "ooTextFile", "ooTextFile short", 1),
	} {
		g, err := ReadTextGrid(strings.NewReader(text))
		if err != nil || !reflect.DeepEqual(*g, someGrid) {
			t.Errorf("%s: %+v, %v", name, g, err)
		}
	}
	half := asUTF16("\n\n", true) + "\xd8\x00"
	if _, err := ReadTextGrid(strings.NewReader(half)); err == nil || !strings.Contains(err.Error(), "line 3: half a UTF-16 surrogate pair") {
		t.Error(err)
	}
}

// TestReadsOwnTextGrid reads what WriteTextGrid writes, to the microsecond.
func TestReadsOwnTextGrid(t *testing.T) {
	var b strings.Builder
	if err := WriteTextGrid(&b, []Tier{{"phones", written}}, 5000, 16000); err != nil {
		t.Fatal(err)
	}
	g, err := ReadTextGrid(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	a, p := align(g.Tiers[0].spans(""), 16000, textGridUnit)
	if p != nil || !reflect.DeepEqual(a, written) {
		t.Errorf("%v, %v, want %v", a, p, written)
	}
}

func FuzzReadTextGrid(f *testing.F) {
	f.Add(someGrid.text())
	f.Add(asUTF16(someGrid.text(), false))
	f.Add(shortGrid("phones", `0 1 "a"`))
	var long strings.Builder
	if err := WriteTextGrid(&long, []Tier{{"phones", written}}, 5000, 16000); err != nil {
		f.Fatal(err)
	}
	f.Add(long.String())
	f.Fuzz(func(t *testing.T, text string) {
		g, err := ReadTextGrid(strings.NewReader(text))
		if err != nil {
			if p := ProblemOf(err); p.Reason != BadAlignment || p.Detail == "" {
				t.Fatalf("not a problem of the file: %v", err)
			}
			return
		}
		again, err := ReadTextGrid(strings.NewReader(g.text()))
		if err != nil || !reflect.DeepEqual(again, g) {
			t.Fatalf("%+v, %v, want %+v", again, err, g)
		}
		for _, tier := range g.Tiers {
			a, p := align(tier.spans("sil"), 16000, textGridUnit)
			if p == nil {
				a, p = a.settle(16000, 16000, func(string) {})
			}
			if p == nil && a.check(16000) != nil {
				t.Fatalf("%v: %v", a, a.check(16000))
			}
		}
	})
}
