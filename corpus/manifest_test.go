package corpus

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

var sha0 = strings.Repeat("0", 64)

// line is a sound line with replacements "old", "new", ...
func line(replace ...string) string {
	s := `{"id":"a","uri":"a.wav","sha256":"` + sha0 + `","rate":16000,"channel":0,"samples":100,"begin":0,"end":100,"speaker":"s","split":"train","text":"t","label_set":"timit61","alignment":[[0,50,"h#"],[50,100,"aa"]],"phones":null,"problem":null}`
	if len(replace) > 0 && !strings.Contains(s, replace[0]) {
		panic("no such text in the line: " + replace[0])
	}
	return strings.NewReplacer(replace...).Replace(s)
}

func TestParseUtterance(t *testing.T) {
	for name, c := range map[string]struct {
		line   string
		reason Reason
		want   string
	}{
		"sound":                  {line(), "", ""},
		"a gap":                  {line(`50,100,"aa"`, `60,100,"aa"`), "", ""},
		"no alignment":           {line(`[[0,50,"h#"],[50,100,"aa"]]`, "null"), "", ""},
		"no labels, no set":      {line(`[[0,50,"h#"],[50,100,"aa"]]`, "null", "timit61", ""), "", ""},
		"a field more":           {line(`"text"`, `"dialect":"DR1","text"`), "", ""},
		"a problem needs little": {`{"id":"a","split":"dev","problem":{"reason":"missing-audio","detail":"x"}}`, "", ""},
		"not JSON":               {"{", BadManifest, "not an utterance: unexpected end of JSON input"},
		"two objects":            {line() + line(), BadManifest, "not an utterance"},
		"a string for a number":  {line("16000", `"16 kHz"`), BadManifest, "rate"},
		"a segment of two":       {line(`[0,50,"h#"]`, `[0,50]`), BadManifest, `segment [0,50] has 2 parts, want [begin, end, "label"]`},
		"a fraction":             {line(`[0,50,"h#"]`, `[0,50.5,"h#"]`), BadManifest, "part 2"},
		"a segment object":       {line(`[0,50,"h#"]`, `{"a":1}`), BadManifest, "segment"},
		"no id":                  {line(`"a",`, `"",`), BadManifest, "the id is empty"},
		"a control character":    {line(`"a",`, `"a\n",`), BadManifest, "control characters"},
		"a split":                {line("train", "training"), BadManifest, `the split is "training", want one of train, dev, test, test-rest`},
		"a problem of no reason": {line(`"problem":null`, `"problem":{}`), BadManifest, "the problem has no reason"},
		"no uri":                 {line("a.wav", ""), BadManifest, "the uri is empty"},
		"a short sum":            {line(sha0, "abc"), BadManifest, `the sha256 is "abc", want 64`},
		"a sum in capitals":      {line(sha0, strings.Repeat("A", 64)), BadManifest, "lower-case"},
		"no rate":                {line("16000", "0"), BadManifest, "the rate is 0 Hz"},
		"a channel":              {line(`"channel":0`, `"channel":-1`), BadManifest, "the channel is -1"},
		"end before begin":       {line(`"begin":0`, `"begin":100`), BadManifest, "samples 100 to 100 of 100"},
		"end past the samples":   {line(`"end":100`, `"end":101`), BadManifest, "samples 0 to 101 of 100"},
		"no speaker":             {line(`"speaker":"s"`, `"speaker":""`), BadManifest, "the speaker is empty"},
		"no label set":           {line("timit61", ""), BadManifest, "label_set is empty"},
		"an empty segment":       {line(`0,50`, `50,50`), BadAlignment, `segment 0 ("h#") is samples 50 to 50`},
		"a negative segment":     {line(`0,50`, `-1,50`), BadAlignment, "want 0 <= begin < end"},
		"an overlap":             {line(`50,100,"aa"`, `49,100,"aa"`), BadAlignment, `segment 1 ("aa") begins at sample 49, want 50 or later`},
		"past the audio":         {line(`50,100,"aa"`, `50,101,"aa"`), OutsideAudio, `segment 1 ("aa") ends at sample 101, the recording has 100`},
	} {
		t.Run(name, func(t *testing.T) {
			u, err := ParseUtterance([]byte(c.line))
			if c.reason == "" {
				if err != nil || u == nil {
					t.Fatal(err)
				}
				return
			}
			var p *Problem
			if !errors.As(err, &p) || p.Reason != c.reason || !strings.Contains(p.Detail, c.want) {
				t.Errorf("error %v, want %s: %s", err, c.reason, c.want)
			}
		})
	}
}

func TestReadManifest(t *testing.T) {
	long := `{"id":"` + strings.Repeat("x", MaxLine) + `"}`
	text := strings.Join([]string{line(), "", " \t", line(`"a",`, `"b",`) + "\r", "junk", long, line(`"a",`, `"c",`)}, "\n")
	type row struct {
		line int
		id   string
		err  string
	}
	var got []row
	err := ReadManifest(iotest.HalfReader(strings.NewReader(text)), "m", func(n int, ref LineRef, u *Utterance, err error) error {
		r := row{line: n}
		if u != nil {
			r.id = u.ID
			// The reference leads back to the line.
			again, aerr := ParseUtterance([]byte(text[ref.Offset : ref.Offset+int64(ref.Length)]))
			if aerr != nil || !reflect.DeepEqual(again, u) {
				t.Errorf("line %d: %+v is at %+v", n, again, ref)
			}
		}
		if err != nil {
			r.err = err.Error()
		}
		got = append(got, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []row{
		{1, "a", ""}, {4, "b", ""},
		{5, "", "bad-manifest: line 5: not an utterance: invalid character 'j' looking for beginning of value"},
		{6, "", fmt.Sprintf("bad-manifest: line 6: the line has %d bytes, want at most %d", len(long)+1, MaxLine)},
		{7, "c", ""},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestReadManifestStops(t *testing.T) {
	stop := errors.New("enough")
	n := 0
	if err := ReadManifest(strings.NewReader(line()+"\n"+line()), "m", func(int, LineRef, *Utterance, error) error { n++; return stop }); err != stop || n != 1 {
		t.Errorf("%v after %d lines", err, n)
	}
	broken := io.MultiReader(strings.NewReader(line()+"\n{"), iotest.ErrReader(stop))
	if err := ReadManifest(broken, "m", func(int, LineRef, *Utterance, error) error { return nil }); !errors.Is(err, stop) || !strings.Contains(err.Error(), `read manifest "m": line 2`) {
		t.Error(err)
	}
}

func TestWriteManifest(t *testing.T) {
	a, err := ParseUtterance([]byte(line(`"text":"t"`, `"text":"<a & b>"`)))
	if err != nil {
		t.Fatal(err)
	}
	b := *a
	b.ID, b.Alignment, b.Phones = "B", nil, []string{"aa", "h#"}
	c := Utterance{ID: "b", Split: Test, Problem: &Problem{Reason: MissingAudio, Detail: "gone"}}
	var one, two bytes.Buffer
	if err := errors.Join(WriteManifest(&one, []Utterance{c, *a, b}), WriteManifest(&two, []Utterance{b, c, *a})); err != nil {
		t.Fatal(err)
	}
	if one.String() != two.String() {
		t.Error("the order of the input shows")
	}
	var got []Utterance
	if err := ReadManifest(&one, "m", func(_ int, _ LineRef, u *Utterance, err error) error {
		got = append(got, *u)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if want := []Utterance{b, *a, c}; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	// The contract's own example, key by key in its order.
	if first, _, _ := strings.Cut(two.String(), "\n"); !strings.HasPrefix(first, `{"id":"B","uri":"a.wav","sha256":"0`) || !strings.Contains(two.String(), `"text":"<a & b>","label_set":"timit61","alignment":[[0,50,"h#"],[50,100,"aa"]],"phones":null,"problem":null}`) {
		t.Errorf("written as\n%s", two.String())
	}
	if err := WriteManifest(failingWriter{}, []Utterance{*a}); err == nil {
		t.Error("a full disk goes unseen")
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestIsRemote(t *testing.T) {
	for path, want := range map[string]bool{
		"gs://b/corpus.jsonl": true, "s3://b": true, "file:///a/b": true,
		"": false, "-": false, "a.wav": false, "/abs/a.wav": false, "gs:/b/a.wav": false,
		`C:\data\a.wav`: false, "a:b//c.wav": false,
	} {
		if got := IsRemote(path); got != want {
			t.Errorf("IsRemote(%q) = %t, want %t", path, got, want)
		}
	}
}

func TestResolveURI(t *testing.T) {
	for _, c := range [][3]string{
		{"data/corpus.jsonl", "TRAIN/a.wav", "data/TRAIN/a.wav"},
		{"data/corpus.jsonl", "../x/a.wav", "x/a.wav"},
		{"corpus.jsonl", "a.wav", "a.wav"},
		{"data/corpus.jsonl", "/abs/a.wav", "/abs/a.wav"},
		{"data/corpus.jsonl", "gs://b/a.wav", "gs://b/a.wav"},
		{"gs://b/data/corpus.jsonl", "TRAIN/a.wav", "gs://b/data/TRAIN/a.wav"},
		{"gs://b/corpus.jsonl", "a.wav", "gs://b/a.wav"},
	} {
		if got := ResolveURI(c[0], c[1]); got != c[2] {
			t.Errorf("ResolveURI(%q, %q) = %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

// FuzzParseUtterance: nothing panics, and what is accepted comes back the same
// after it was written.
func FuzzParseUtterance(f *testing.F) {
	f.Add([]byte(line()))
	f.Add([]byte(`{"id":"a","split":"dev","problem":{"reason":"missing-audio","detail":"x"}}`))
	f.Add([]byte(`{"id":"a","alignment":[[1,2]]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		u, err := ParseUtterance(b)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := WriteManifest(&out, []Utterance{*u}); err != nil {
			t.Fatal(err)
		}
		v, err := ParseUtterance(out.Bytes())
		if err != nil {
			t.Fatalf("%s: %v", out.Bytes(), err)
		}
		var again bytes.Buffer
		if err := WriteManifest(&again, []Utterance{*v}); err != nil || again.String() != out.String() {
			t.Fatalf("%s became %s, %v", out.Bytes(), again.Bytes(), err)
		}
	})
}

// TestSegmentForms reads segments that are not as we write them.
func TestSegmentForms(t *testing.T) {
	for text, want := range map[string]Segment{
		`[0,50,"h#"]`: {0, 50, "h#"}, `[ 1, 2 , "a" ]`: {1, 2, "a"}, `[1,2,"\u0061\""]`: {1, 2, `a"`}, `[-1,2,"é"]`: {-1, 2, "é"},
		`[1,2,""]`: {1, 2, ""}, `[1000000000000000000,2,"a,b"]`: {1e18, 2, "a,b"},
	} {
		var s Segment
		if err := s.UnmarshalJSON([]byte(text)); err != nil || s != want {
			t.Errorf("%s is %+v, %v", text, s, err)
		}
	}
}
