package corpus

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestImportsPeersTextGrids(t *testing.T) {
	checkPeers(t, peerCase{dir: "textgrid", read: ImportTextGrid, each: 5, id: "any", noSplit: true})
}

// TestImportsRealTextGrids reads two recordings that people aligned.
func TestImportsRealTextGrids(t *testing.T) {
	dir := filepath.Join("..", "..", "shared", "data", "textgrid")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no recordings: %v", err)
	}
	us, r, err := ImportTextGrid(dir, ImportOptions{LabelSet: "x"})
	if err != nil || len(us) != 2 || len(r.Problems) != 0 {
		t.Fatalf("%d utterances, %+v, %v", len(us), r, err)
	}
	for _, u := range us {
		for i, s := range u.Alignment {
			if i > 0 && s.Begin != u.Alignment[i-1].End {
				t.Errorf("%s: segment %d begins at %d, the one before it ends at %d", u.ID, i, s.Begin, u.Alignment[i-1].End)
			}
		}
	}
	if us[1].Text != "mary rolled the barrel" || us[1].Alignment[0] != (Segment{15140, 18493, "m"}) || len(us[1].Alignment) != 14 {
		t.Errorf("%q %v", us[1].Text, us[1].Alignment)
	}
	if _, _, err := ImportTextGrid(dir, ImportOptions{Tier: "frames"}); err == nil || !strings.Contains(err.Error(), `called "frames"; they have phone,`) {
		t.Error(err)
	}
}

// shortGrid is a TextGrid in the short form with one interval tier.
func shortGrid(tier string, rows ...string) string {
	return "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n0\n0.1\n<exists>\n1\n\"IntervalTier\"\n\"" + tier + "\"\n0\n0.1\n" +
		strconv.Itoa(len(rows)) + "\n" + strings.Join(rows, "\n") + "\n"
}

func TestImportTextGridBlemishes(t *testing.T) {
	wav := func(mark byte) string { return wavBytes(16000, 1600, mark) }
	files := map[string]string{
		"ok.TextGrid":       shortGrid("Phones", `0 0.05 "a"`, `0.05 0.1 "b b"`),
		"empty.TextGrid":    shortGrid("phones", `0 0.05 ""`, `0.05 0.1 " "`),
		"overlap.TextGrid":  shortGrid("phones", `0 0.08 "a"`, `0.05 0.1 "b"`),
		"drift.TextGrid":    shortGrid("phones", `0 0.0500000001 "a"`, `0.05 0.1 "b"`),
		"negative.TextGrid": shortGrid("phones", `-0.05 0.08 "a"`),
		"backward.TextGrid": shortGrid("phones", `0.08 0.05 "a"`),
		"past.TextGrid":     shortGrid("phones", `0 0.05 "a"`, `0.05 0.2 "b"`),
		"bit-past.TextGrid": shortGrid("phones", `0 0.05 "a"`, `0.05 0.12 "b"`),
		"huge.TextGrid":     shortGrid("phones", `0 1e300 "a"`),
		"words.TextGrid":    shortGrid("words", `0 0.1 "a"`),
		"control.TextGrid":  shortGrid("phones", "0 0.1 \"a\nb\""),
		"cut.TextGrid":      shortGrid("phones", `0 0.1 "a`),
		"few.TextGrid":      strings.Replace(shortGrid("phones", `0 0.1 "a"`), "\n1\n0 0.1", "\n2000000000\n0 0.1", 1),
		"more.TextGrid":     shortGrid("phones", `0 0.1 "a"`) + "\"IntervalTier\"",
		"letters.TextGrid":  shortGrid("phones", `0 "x" "a"`),
		"utf8.TextGrid":     shortGrid("phones", "0 0.1 \"\xff\""),
		"utf16.TextGrid":    "\xff\xfeabc",
		"binary.TextGrid":   "ooBinaryFile\x08TextGrid",
		"other.TextGrid":    "not a grid at all",
		"sound.TextGrid":    "File type = \"ooTextFile\"\nObject class = \"Sound\"\n0 1",
		"chrono.TextGrid":   "\"Praat chronological TextGrid text file\"\n0 1",
		"half.TextGrid":     strings.Replace(shortGrid("phones", `0 0.1 "a"`), "\n1\n0 0.1", "\n1.5\n0 0.1", 1),
		"class.TextGrid":    strings.Replace(shortGrid("phones", `0 0.1 "a"`), "IntervalTier", "Tier", 1),
		"points.TextGrid":   "\"ooTextFile\" \"TextGrid\" 0 1 <exists> 1 \"TextTier\" \"phones\" 0 1 1 0.5 \"a\"",
		"no-tiers.TextGrid": "\"ooTextFile\" \"TextGrid\" 0 1 <absent>",
		"no-audio.TextGrid": shortGrid("phones", `0 0.1 "a"`),
		"long.TextGrid":     shortGrid("phones", `0 0.1 "`+strings.Repeat("x", 10<<20)+`"`),
	}
	mark := byte(0)
	for name := range files {
		if name != "no-audio.TextGrid" {
			files[strings.TrimSuffix(name, "TextGrid")+"wav"] = wav(mark)
			mark++
		}
	}
	files["no-grid.wav"], files["two.wav"], files["two_words.TextGrid"], files["two_phones.textgrid"] = wav(200), wav(201), shortGrid("words", `0 0.1 "a b"`), shortGrid("phones", `0 0.1 "a"`)
	files["bad-audio.wav"], files["bad-audio.TextGrid"] = "x", shortGrid("phones", `0 0.1 "a"`)
	us, r, err := ImportTextGrid(writeTree(t, files), ImportOptions{LabelSet: "x"})
	if err != nil {
		t.Fatal(err)
	}
	wantProblems(t, us, map[string]string{
		"ok": "", "drift": "", "bit-past": "", "two": "", "long": "",
		"empty":     "bad-alignment: empty.TextGrid: no segment holds a sample",
		"overlap":   "bad-alignment: overlap.TextGrid: segment 2 (800 1600 b) overlaps the one before it, which ends at 1280",
		"negative":  `bad-alignment: negative.TextGrid: segment 1 ("a") is -0.05 s to 0.08 s, want 0 <= begin <= end`,
		"backward":  `bad-alignment: backward.TextGrid: segment 1 ("a") is 0.08 s to 0.05 s`,
		"past":      "outside-audio: past.TextGrid: segment 2 (800 3200 b) ends past the recording's 1600 samples",
		"huge":      "bad-alignment: huge.TextGrid: segment 1",
		"words":     "missing-alignment: words.TextGrid: there is no interval tier called phones, phone, phn, phns, phonemes, phoneme, segments, segment; there are words",
		"control":   `bad-alignment: control.TextGrid: segment 1 has the label "a\nb", want one line of text`,
		"cut":       `bad-alignment: cut.TextGrid line 13: tier 1 ("phones"), entry 1 of 1: a quote is opened and never closed`,
		"few":       `bad-alignment: few.TextGrid line 14: tier 1 ("phones"), entry 2 of 2000000000: the file ends before xmin, want a number`,
		"more":      `bad-alignment: more.TextGrid line 14: "IntervalTier" after the last of the 1 tiers that the header tells of`,
		"letters":   `bad-alignment: letters.TextGrid line 13: tier 1 ("phones"), entry 1 of 1: xmax is "x", want a number`,
		"utf8":      `bad-alignment: utf8.TextGrid line 13: "0 0.1 \"\xff\"\n" is not UTF-8`,
		"utf16":     "bad-alignment: utf16.TextGrid: the file begins as UTF-16 does and has 5 bytes",
		"binary":    "bad-alignment: binary.TextGrid: this is a binary TextGrid",
		"other":     "bad-alignment: other.TextGrid line 1: the file ends before the file type, want a text in quotes",
		"sound":     `sound.TextGrid line 2: the object class is "Sound", want "TextGrid"`,
		"chrono":    "chrono.TextGrid line 1: this is a chronological TextGrid",
		"half":      "half.TextGrid line 12: tier 1: the number of entries is 1.5, want a whole number",
		"class":     `class.TextGrid line 11: tier 1: the class is "Tier", want`,
		"points":    "missing-alignment: points.TextGrid: there is no interval tier, want one",
		"no-tiers":  "missing-alignment: no-tiers.TextGrid: there is no interval tier",
		"no-audio":  "missing-audio: there is no-audio.TextGrid and no recording beside it, want no-audio.wav",
		"no-grid":   "missing-alignment: there is a recording and no TextGrid beside it, want no-grid.TextGrid",
		"bad-audio": "unreadable-audio: ",
	})
	got := byID(us)
	if a := got["drift"].Alignment; a[0].End != 800 || a[1].Begin != 800 {
		t.Errorf("two boundaries that are one: %v", a)
	}
	if u := got["two"]; u.Text != "a b" || len(u.Alignment) != 1 {
		t.Errorf("a TextGrid a tier: %+v", u)
	}
	if n := noteCounts(r); n["end-clipped"] != 1 {
		t.Errorf("notes %v", n)
	}
}

func TestImportTextGridOptions(t *testing.T) {
	grid := shortGrid("KAN", `0 0.05 ""`, `0.05 0.1 "aa"`)
	dir := writeTree(t, map[string]string{
		"s1/a.wav": wavBytes(16000, 1600, 1), "s1/a.TextGrid": grid, "s2/b.wav": wavBytes(16000, 1600, 2), "s2/b.TextGrid": grid,
		"x9_c.flac": wavBytes(16000, 1600, 3), "x9_c.TextGrid": grid,
	})
	us, _, err := ImportTextGrid(dir, ImportOptions{LabelSet: "x", Tier: "kan", EmptyLabel: "sil", TestSpeakers: "s2", DevSpeakers: "x9", SpeakerPattern: regexp.MustCompile(`^(x.)_|^s.`)})
	if err != nil {
		t.Fatal(err)
	}
	wantProblems(t, us, map[string]string{"s1/a": "", "s2/b": "", "x9_c": ""})
	if got := splitsOf(us); got != "train: s1; dev: x9; test: s2" {
		t.Error(got)
	}
	if set := LabelsOf(us, "x"); !slices.Equal(set.Labels, []string{"aa", "sil"}) || us[0].Alignment[0] != (Segment{0, 800, "sil"}) {
		t.Errorf("%v %v", set, us[0].Alignment)
	}
	us, r, err := ImportTextGrid(dir, ImportOptions{LabelSet: TIMIT61, Tier: "KAN"})
	if err != nil || len(r.Problems) != 0 || us[0].LabelSet != TIMIT61 {
		t.Errorf("a built-in label set: %+v, %v", r, err)
	}
	if us[2].Speaker != filepath.Base(dir) || us[0].Speaker != "s1" {
		t.Errorf("speakers %q and %q", us[2].Speaker, us[0].Speaker)
	}
	us, _, err = ImportTextGrid(dir, ImportOptions{LabelSet: FSDD10, Tier: "KAN"})
	if err != nil || us[0].Problem == nil || us[0].Problem.Reason != UnknownLabel {
		t.Errorf("labels that the set does not have: %+v, %v", us[0], err)
	}
	for want, opt := range map[string]ImportOptions{
		"no TextGrid below":                               {},
		"test-speakers 4: there are 3 speakers":           {Tier: "KAN", TestSpeakers: "4"},
		"dev-speakers and test-speakers both name s1, s2": {Tier: "KAN", TestSpeakers: "s1,s2", DevSpeakers: "s1,s2"},
	} {
		if _, _, err := ImportTextGrid(dir, opt); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, _, err := ImportTextGrid(writeTree(t, map[string]string{"a.wav": ""}), ImportOptions{}); err == nil || !strings.Contains(err.Error(), "no TextGrid below") {
		t.Error(err)
	}
}
