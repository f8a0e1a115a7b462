package corpus

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// plainForms are lines that are read the short way, and others that are not.
var plainForms = map[string]bool{
	line(): true,
	line(`"text":"t"`, `"text":"é \"quoted\" \u00e9 \ud83d\ude00"`): true,
	line(`"text":"t"`, `"text":"`+"\xff"+`"`):                       true,
	line(`:`, ` : `, `,`, " ,\t", `[`, `[ `, `]`, ` ]`) + " \r\n":   true,
	line(`"aa"`, `"a\u0061"`):                                       true,
	line(`"aa"`, `"é"`):                                             true,
	line(`"phones":null`, `"phones":["aa","\"",""]`):                true,
	line(`"phones":null`, `"phones":[]`):                            true,
	line(`[[0,50,"h#"],[50,100,"aa"]]`, `[]`):                       true,
	line(`[[0,50,"h#"],[50,100,"aa"]]`, `null`):                     true,
	line(`[0,50,`, `[-0,50,`):                                       true,
	line(`"channel":0`, `"channel":-1`):                             true,
	`{"id":"a","split":"dev"}`:                                      true,
	`{}`:                                                            true,
	line(`16000`, `16000.0`):                                        false,
	line(`16000`, `016000`):                                         false,
	line(`16000`, `1e3`):                                            false,
	line(`16000`, `12345678901234567890`):                           false,
	line(`16000`, `-`):                                              false,
	line(`"text"`, `"TEXT"`):                                        false,
	line(`"text"`, `"id":"b","text"`):                               false,
	line(`"text"`, `"dialect":1,"text"`):                            false,
	line(`"text":"t"`, `"text":null`):                               false,
	line(`"text":"t"`, `"text":"\q"`):                               false,
	line(`"text":"t"`, "\"text\":\"\t\""):                           false,
	line(`"text":"t"`, `"text":"\`):                                 false,
	line(`"problem":null`, `"problem":{"reason":"x"}`):              false,
	line(`[0,50,"h#"],`, `[0,50,"h#"],,`):                           false,
	line(`[0,50,"h#"]`, `[0,50,"h#",1]`):                            false,
	line(`[0,50,"h#"]`, `null`):                                     false,
	line(`}`, `,}`):                                                 false,
	line(`{`, `{,`):                                                 false,
	line() + line():                                                 false,
	line()[:200]:                                                    false,
	``:                                                              false,
	`{"id":"a"`:                                                     false,
	`{"id" "a"}`:                                                    false,
	`{"id":"a" "split":"dev"}`:                                      false,
	`[` + line() + `]`:                                              false,
}

func TestParsePlain(t *testing.T) {
	for text, want := range plainForms {
		if got := comparePlain(t, []byte(text)); got != want {
			t.Errorf("%s: read the short way: %v, want %v", text, got, want)
		}
	}
}

// comparePlain holds what parsePlain reads against encoding/json, and says
// whether it read the line.
func comparePlain(t *testing.T, text []byte) bool {
	t.Helper()
	var got, want Utterance
	if !parsePlain(text, &got) {
		return false
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Errorf("%q is no JSON (%v), and was read", text, err)
	} else if !reflect.DeepEqual(got, want) {
		t.Errorf("%q\nis   %+v\nwant %+v", text, got, want)
	}
	return true
}

func FuzzParsePlain(f *testing.F) {
	for text := range plainForms {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) { comparePlain(t, text) })
}

// What is kept of a line does not keep the line: ids do not share its memory,
// and what was read does not change with the caller's.
func TestParsePlainCopies(t *testing.T) {
	text := []byte(line())
	var u, want Utterance
	if !parsePlain(text, &u) || json.Unmarshal(text, &want) != nil {
		t.Fatal("not read")
	}
	for i := range text {
		text[i] = 'x'
	}
	if !reflect.DeepEqual(u, want) {
		t.Errorf("%+v, want %+v", u, want)
	}
}

// A manifest of many stretches, with lines longer than one, comes in order and
// with true references.
func TestReadManifestOrder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "corpus.jsonl")
	var b strings.Builder
	const n = 3000
	for i := range n {
		text := "t"
		if i%700 == 5 {
			text = strings.Repeat("long ", stretchBytes/4)
		}
		b.WriteString(line(`"channel":0`, `"channel":`+itoa(int64(i)), `"text":"t"`, `"text":"`+text+`"`))
		b.WriteString("\n\n"[:1+i%2])
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	next, number := 0, 1
	err = ReadManifest(f, path, func(line int, ref LineRef, u *Utterance, err error) error {
		if err != nil || u.Channel != next || line != number || !strings.Contains(b.String()[ref.Offset:ref.Offset+int64(ref.Length)], `"channel":`+itoa(int64(next))+`,`) {
			t.Fatalf("line %d is utterance %d at %+v (%v), want line %d, utterance %d", line, u.Channel, ref, err, number, next)
		}
		number += 1 + next%2
		next++
		return nil
	})
	if err != nil || next != n {
		t.Errorf("%d lines, %v, want %d", next, err, n)
	}
}
