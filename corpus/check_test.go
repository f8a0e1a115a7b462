package corpus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// soundCorpus imports two speakers, one a split, and returns the manifest's
// folder and lines.
func soundCorpus(t *testing.T) (string, []Utterance) {
	t.Helper()
	dir := writeTree(t, timitTree("TRAIN/DR1/FAAA0", "TEST/DR1/MBBB0"))
	us, _, err := ImportTIMIT(dir, TIMITOptions{})
	if err != nil || len(us) != 2 || us[0].Split != Test {
		t.Fatalf("%+v, %v", us, err)
	}
	return dir, us
}

// checked writes the manifest and checks it.
func checked(t *testing.T, dir string, us []Utterance, more string, opt CheckOptions) *CheckReport {
	t.Helper()
	var b bytes.Buffer
	for i := range us { // in their order, not sorted
		if err := WriteManifest(&b, us[i:i+1]); err != nil {
			t.Fatal(err)
		}
	}
	b.WriteString(more)
	path := filepath.Join(dir, "corpus.jsonl")
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	r, err := Check(path, opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// summary is findings as "severity kind count: first example".
func summary(r *CheckReport) string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s %s %d", f.Severity, f.Kind, f.Count)
		if len(f.Examples) > 0 {
			e := f.Examples[0]
			fmt.Fprintf(&b, ": %d %s %s", e.Line, e.ID, e.Detail)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestCheckSound(t *testing.T) {
	dir, us := soundCorpus(t)
	last := 0
	r := checked(t, dir, us, "\n", CheckOptions{Progress: func(done, total int) { last = 10*done + total }})
	if len(r.Findings) != 0 || r.Errors() != 0 || r.Utterances != 2 || r.Recordings != 2 || last != 22 {
		t.Errorf("%+v, progress %d", r, last)
	}
	want := []SplitCount{{Split: Train, Utterances: 1, Speakers: 1, Seconds: 0.1}, {Split: Test, Utterances: 1, Speakers: 1, Seconds: 0.1}}
	if !reflect.DeepEqual(r.Splits, want) {
		t.Errorf("splits %+v", r.Splits)
	}
	b, err := json.Marshal(r)
	if err != nil || !strings.Contains(string(b), `"findings":[]`) {
		t.Errorf("%s, %v", b, err)
	}
	if r := checked(t, dir, us, "", CheckOptions{SkipAudio: true}); r.Recordings != 0 || len(r.Findings) != 0 {
		t.Errorf("without audio: %+v", r)
	}
	if _, err := Check(filepath.Join(dir, "no.jsonl"), CheckOptions{}); !os.IsNotExist(unwrapAll(err)) {
		t.Error(err)
	}
}

func TestCheckFindings(t *testing.T) {
	// us[0] is TEST/DR1/MBBB0/SX1 on line 1, us[1] is TRAIN/DR1/FAAA0/SX1 on line 2.
	for name, c := range map[string]struct {
		change func(us []Utterance, dir string)
		more   string
		opt    CheckOptions
		want   string
	}{
		"missing": {change: func(us []Utterance, dir string) { us[0].URI = "gone.wav" }, want: "error missing-audio 1: 1 TEST/DR1/MBBB0/SX1 there is no such file\n"},
		"unreadable": {change: func(us []Utterance, dir string) {
			os.WriteFile(filepath.Join(dir, us[0].URI), []byte("text"), 0o666)
		}, want: "error unreadable-audio 1: 1 TEST/DR1/MBBB0/SX1 byte 0: the file begins with \"text\""},
		"changed": {change: func(us []Utterance, dir string) {
			os.WriteFile(filepath.Join(dir, us[0].URI), []byte(wavBytes(16000, 1600, 99)), 0o666)
		}, want: "error audio-changed 1: 1 TEST/DR1/MBBB0/SX1 TEST/DR1/MBBB0/SX1.WAV: the sha256 is "},
		"other rate":    {change: func(us []Utterance, _ string) { us[0].Rate = 8000 }, want: "error audio-changed 1: 1 TEST/DR1/MBBB0/SX1 TEST/DR1/MBBB0/SX1.WAV: the rate is 16000, want 8000 as the manifest says\n"},
		"other length":  {change: func(us []Utterance, _ string) { us[0].Samples++ }, want: "the number of samples is 1600, want 1601"},
		"other channel": {change: func(us []Utterance, _ string) { us[0].Channel = 1 }, want: "the number of channels is 1, want at least 2"},
		"remote":        {change: func(us []Utterance, _ string) { us[0].URI = "gs://b/x.wav" }, want: "warning unchecked-audio 1: 1 TEST/DR1/MBBB0/SX1 gs://b/x.wav\n"},
		"outside":       {change: func(us []Utterance, _ string) { us[0].Alignment[2].End = 1601 }, want: "error outside-audio 1: 1 TEST/DR1/MBBB0/SX1 segment 2 (\"b\") ends at sample 1601, the recording has 1600\n"},
		"overlap":       {change: func(us []Utterance, _ string) { us[0].Alignment[2].Begin = 999 }, want: "error bad-alignment 1: 1 TEST/DR1/MBBB0/SX1 segment 2 (\"b\") begins at sample 999, want 1000 or later"},
		"unknown label": {change: func(us []Utterance, _ string) { us[0].Alignment[1].Label = "xx" }, want: "error unknown-label 1: 1 TEST/DR1/MBBB0/SX1 segment 1 has the label \"xx\""},
		"unknown set":   {change: func(us []Utterance, _ string) { us[0].LabelSet = "mine" }, want: "error unknown-label 1: 1 TEST/DR1/MBBB0/SX1 the label set \"mine\" is not built in and mine.labels beside the manifest does not load\n"},
		"duplicate id":  {change: func(us []Utterance, _ string) { us[1].ID = us[0].ID }, want: "error duplicate-id 1: 2 TEST/DR1/MBBB0/SX1 line 1 has this id too\n"},
		"speaker":       {change: func(us []Utterance, _ string) { us[1].Speaker = us[0].Speaker }, want: "error leak-speaker 1: 1 MBBB0 \"MBBB0\" is in train and test\n"},
		"same audio": {change: func(us []Utterance, dir string) {
			us[1].URI, us[1].SHA256 = us[0].URI, us[0].SHA256
		}, want: "error leak-audio 1: 1 TEST/DR1/MBBB0/SX1 "},
		"text":           {change: func(us []Utterance, _ string) { us[1].Text = strings.ToUpper(us[0].Text) + "!" }, want: "warning leak-text 1: 1 TEST/DR1/MBBB0/SX1 \"sentence 1 of the tests\" is in train and test\n"},
		"strict text":    {change: func(us []Utterance, _ string) { us[1].Text = us[0].Text }, opt: CheckOptions{StrictText: true}, want: "error leak-text 1"},
		"problem":        {change: func(us []Utterance, _ string) { us[0].Problem = &Problem{TooShort, "byte 7", "why"} }, want: "error too-short 1: 1 TEST/DR1/MBBB0/SX1 byte 7: why\n"},
		"junk":           {more: "junk\n", want: "error bad-manifest 1: 3  not an utterance"},
		"coverage":       {change: func(us []Utterance, _ string) { us[0].Alignment = us[0].Alignment[:2] }, want: "warning label-coverage 1: 1 TEST/DR1/MBBB0/SX1 62.5 % of its samples have a label\n"},
		"half unlabeled": {change: func(us []Utterance, _ string) { us[0].Alignment = nil }, want: "warning label-coverage 1: 1 TEST/DR1/MBBB0/SX1 0.0 % of its samples have a label\n"},
		"no labels":      {change: func(us []Utterance, _ string) { us[0].Alignment, us[1].Alignment = nil, nil }, want: ""},
		"dominant":       {change: func(us []Utterance, _ string) { us[0].Alignment = Alignment{{0, 1600, "h#"}} }, want: "warning dominant-label 1: 0 h# 62.5 % of the labelled samples\n"},
		"unusable": {opt: CheckOptions{Unusable: func(u *Utterance) *Problem {
			if u.Split == Train {
				return &Problem{Reason: BadManifest, Detail: "not in train"}
			}
			return nil
		}}, want: "error bad-manifest 1: 2 TRAIN/DR1/FAAA0/SX1 not in train\n"},
		"contradiction": {change: func(us []Utterance, _ string) {
			us[1].URI, us[1].Split, us[1].Speaker = us[0].URI, us[0].Split, us[0].Speaker
		}, want: "error bad-manifest 1: 2 TRAIN/DR1/FAAA0/SX1 the sha256, rate or samples of TEST/DR1/MBBB0/SX1.WAV are not those that line 1 gives\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, us := soundCorpus(t)
			if c.change != nil {
				c.change(us, dir)
			}
			got := summary(checked(t, dir, us, c.more, c.opt))
			if !strings.Contains(got, c.want) || c.want == "" && got != "" {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
			if n := strings.Count(got, "\n"); n > 1 {
				t.Errorf("%d findings, want one:\n%s", n, got)
			}
		})
	}
}

// TestCheckSharedRecording: several utterances of one recording are no fault
// within a split.
func TestCheckSharedRecording(t *testing.T) {
	dir, us := soundCorpus(t)
	a, b := us[0], us[0]
	a.End, b.Begin, b.ID = 800, 800, "TEST/DR1/MBBB0/SX2"
	r := checked(t, dir, []Utterance{a, b}, "", CheckOptions{})
	if len(r.Findings) != 0 || r.Recordings != 1 {
		t.Errorf("%d recordings\n%s", r.Recordings, summary(r))
	}
}

// TestCheckBrokenTree checks what was imported from a tree of troubles: each is
// an error, and the report does not depend on the number of workers.
func TestCheckBrokenTree(t *testing.T) {
	dir := writeTree(t, brokenTree())
	us, _, err := ImportTIMIT(dir, TIMITOptions{})
	if err != nil {
		t.Fatal(err)
	}
	one := checked(t, dir, us, "", CheckOptions{Workers: 1})
	if one.Errors() != 11 || one.Recordings != 2 {
		t.Errorf("%d errors in\n%s", one.Errors(), summary(one))
	}
	if many := checked(t, dir, us, "", CheckOptions{Workers: 7}); !reflect.DeepEqual(one, many) {
		t.Errorf("%s is not\n%s", summary(one), summary(many))
	}
}

// TestExamplesAreTheFirst adds cases out of order.
func TestExamplesAreTheFirst(t *testing.T) {
	f := findings{}
	for _, line := range []int{9, 3, 7, 1, 8, 2, 6, 5, 4} {
		f.add("k", SevereWarning, "cases", Case{Line: line})
	}
	f.add("a", SevereWarning, "", Case{})
	f.add("z", SevereError, "", Case{})
	l := f.list()
	if l[0].Kind != "z" || l[1].Kind != "a" || l[2].Count != 9 || len(l[2].Examples) != 5 {
		t.Fatalf("%+v", l)
	}
	for i, e := range l[2].Examples {
		if e.Line != i+1 {
			t.Errorf("example %d is of line %d", i, e.Line)
		}
	}
}

func TestProblemOf(t *testing.T) {
	if p := ProblemOf(fmt.Errorf("x: %w", &Problem{Reason: TooShort})); p.Reason != TooShort {
		t.Error(p)
	}
	if p := ProblemOf(os.ErrClosed); p.Reason != UnreadableAudio || p.Detail != "file already closed" {
		t.Error(p)
	}
}
