package corpus

import (
	"reflect"
	"strings"
	"testing"
)

func TestImportsPeersCTM(t *testing.T) {
	checkPeers(t, peerCase{dir: "ctm", read: ImportCTM, each: 1, within: 40, noText: true, noSplit: true})
}

func TestImportCTMBlemishes(t *testing.T) {
	files := map[string]string{
		"b.phones.ctm": strings.Join([]string{
			";; a comment", "",
			"ok 1 0.00 0.05 a 0.99", "ok 1 0.05 0.05 b",
			"overlap 1 0.00 0.08 a", "overlap 1 0.05 0.05 b",
			"touching 1 0.00 0.05 a", "touching 1 0.04 0.06 b", "touching 1 0.11 0.01 c",
			"unordered 1 0.05 0.05 b", "unordered 1 0.00 0.05 a",
			"negative 1 -0.05 0.05 a", "backward 1 0.05 -0.01 a", "letters 1 x 0.05 a", "nan 1 NaN 0.05 a", "short 1 0.0 0.1",
			"long 1 0.00 0.10 a 0.9 x y", "past 1 0.00 0.50 a", "no-audio 1 0.00 0.05 a", "alt 1 * * <ALT_BEGIN>", "channel X1 0.00 0.05 a",
			"far 2 0.00 0.05 a", "twice 1 0.00 0.05 a", "\xff\xfe 1 0 1 a", "lone", "zero 1 0.05 0.00 a",
		}, "\n"),
		"c.phones.ctm": "twice 1 0.05 0.05 b\n" + strings.Repeat("y", 10<<20) + " 1 0 1 a\n" + strings.Repeat("z", 17<<20) + "\n",
		"words.ctm":    "ok 1 0.00 0.10 word\n",
	}
	names := strings.Fields("ok overlap touching unordered negative backward letters nan short long past alt channel far twice lone zero unnamed")
	for i, name := range names {
		files["spk/"+name+".wav"] = wavBytes(16000, 1600, byte(i))
	}
	us, r, err := ImportCTM(writeTree(t, files), ImportOptions{LabelSet: "x"})
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("y", 10<<20)
	wantProblems(t, us, map[string]string{
		"ok": "", "touching": "", "unordered": "",
		"overlap":         "bad-alignment: b.phones.ctm: segment 2 (800 1600 b) overlaps the one before it",
		"negative":        `bad-alignment: b.phones.ctm line 12: begin is "-0.05", want seconds from 0`,
		"backward":        `bad-alignment: b.phones.ctm line 13: duration is "-0.01", want seconds from 0`,
		"letters":         `b.phones.ctm line 14: begin is "x"`,
		"nan":             `b.phones.ctm line 15: begin is "NaN"`,
		"short":           `b.phones.ctm line 16: "short 1 0.0 0.1" has 4 words, want "name channel begin duration label"`,
		"long":            `b.phones.ctm line 17: "long 1 0.00 0.10 a 0.9 x y" has 8 words`,
		"past":            "outside-audio: b.phones.ctm: segment 1 (0 8000 a) ends past the recording's 1600 samples",
		"no-audio":        `missing-audio: b.phones.ctm: no recording is called "no-audio"`,
		"alt":             `b.phones.ctm line 20: "alt 1 * * <ALT_BEGIN>" begins or ends alternatives`,
		"channel":         `bad-alignment: b.phones.ctm: the channel of "channel" is "X1", want 1, 2, ... or A, B`,
		"far":             "unreadable-audio: channel 1 was asked for, the file has 1",
		"twice":           "bad-alignment: c.phones.ctm line 1: b.phones.ctm is about \"twice\" too",
		"b.phones.ctm:24": "bad-alignment: b.phones.ctm line 24: \"\\xff\\xfe 1 0 1 a\" is not UTF-8",
		"lone":            "has 1 words",
		"zero":            "bad-alignment: b.phones.ctm: no segment holds a sample",
		"unnamed":         "missing-alignment: no line of the CTM files is about this recording",
		long:              "missing-audio",
		"c.phones.ctm:3":  "the line has 17825793 bytes, want at most",
	})
	got := byID(us)
	if a := got["touching"].Alignment; !reflect.DeepEqual(a, Alignment{{0, 640, "a"}, {640, 1760 - 160, "b"}}) && !reflect.DeepEqual(a, Alignment{{0, 640, "a"}, {640, 1600, "b"}}) {
		t.Errorf("segments a last digit apart: %v", a)
	}
	if a := got["unordered"].Alignment; a[0].Label != "a" || a[1] != (Segment{800, 1600, "b"}) {
		t.Errorf("lines out of order: %v", a)
	}
	if n := noteCounts(r); n["other-ctm"] != 1 {
		t.Errorf("notes %v", n)
	}
	if got["ok"].Speaker != "spk" {
		t.Errorf("speaker %q", got["ok"].Speaker)
	}
}

func TestImportCTMChannels(t *testing.T) {
	files := map[string]string{
		"c.ctm":      "two A 0 0.05 a\ntwo B 0.0 0.05 b\none 2 0 0.05 a\n",
		"s/two.wav":  stereoBytes(16000, 1600, 1),
		"s/one.flac": stereoBytes(16000, 1600, 2),
	}
	us, _, err := ImportCTM(writeTree(t, files), ImportOptions{LabelSet: "x"})
	if err != nil {
		t.Fatal(err)
	}
	wantProblems(t, us, map[string]string{"one": "", "two-A": "", "two-B": ""})
	if got := byID(us); got["one"].Channel != 1 || got["two-A"].Channel != 0 || got["two-B"].Channel != 1 || got["two-B"].Alignment[0].Label != "b" {
		t.Errorf("%+v", us)
	}
	if _, _, err := ImportCTM(writeTree(t, map[string]string{"a.wav": ""}), ImportOptions{}); err == nil || !strings.Contains(err.Error(), "no .ctm file below") {
		t.Error(err)
	}
}

// TestReadsOwnCTM reads what WriteCTM writes.
func TestReadsOwnCTM(t *testing.T) {
	var b strings.Builder
	if err := WriteCTM(&b, "utt", written, 16000); err != nil {
		t.Fatal(err)
	}
	var spans []span
	err := ReadCTM(strings.NewReader(b.String()), func(_ int, c CTMLine, err error) error {
		spans = append(spans, span{c.Begin, c.Begin + c.Duration, c.Label})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if a, p := align(spans, 16000, 1e-4); p != nil || !reflect.DeepEqual(a, written) {
		t.Errorf("%v, %v, want %v", a, p, written)
	}
}

func FuzzReadCTM(f *testing.F) {
	f.Add("a 1 0.00 0.05 b\na 1 0.05 0.05 c 0.9\n;; x\n\nb A 1 2 d\r\n")
	f.Add("a 1 0 1 <ALT_BEGIN>\n\xff\n a\t1  1e3 2.50 x")
	f.Fuzz(func(t *testing.T, text string) {
		err := ReadCTM(strings.NewReader(text), func(line int, c CTMLine, err error) error {
			if err != nil {
				if p := ProblemOf(err); p.Reason != BadAlignment || p.At == "" {
					t.Fatalf("not a problem of a line: %v", err)
				}
				return nil
			}
			if c.Name == "" || c.Channel == "" || c.Label == "" || !(c.Begin >= 0 && c.Duration >= 0 && c.Begin+c.Duration <= 2*maxSeconds) || line < 1 {
				t.Fatalf("%+v", c)
			}
			again := strings.Join([]string{c.Name, c.Channel, formatSeconds(c.Begin), formatSeconds(c.Duration), c.Label}, " ")
			d, detail := parseCTM(again)
			if d.Decimals = c.Decimals; detail != "" || d != c {
				t.Fatalf("%q: %s, %+v, want %+v", again, detail, d, c)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
