package corpus

import (
	"bytes"
	"compress/gzip"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"framewise/internal/fuzzing"
)

// FuzzReadManifest: every line is given once, in order, with the place of its
// bytes, so that it can be read again by itself; and a line that is accepted
// holds what later stages rely on, whatever it was made of.
func FuzzReadManifest(f *testing.F) {
	f.Add([]byte(line() + "\n\n" + line() + "\r\n{\n" + `{"id":"b","split":"dev","problem":{"reason":"missing-audio","detail":"x"}}`))
	f.Add([]byte("\n \n\xff\n" + strings.Replace(line(), `"train"`, `"weekend"`, 1)))
	f.Add([]byte("\r\n\x00\n[]\nnull\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		last, end := 0, int64(0)
		err := ReadManifest(bytes.NewReader(text), "fuzz", func(n int, ref LineRef, u *Utterance, err error) error {
			if n <= last || ref.Offset < end || ref.Offset+int64(ref.Length) > int64(len(text)) {
				t.Fatalf("line %d at %+v after line %d, which ends at %d of %d", n, ref, last, end, len(text))
			}
			last, end = n, ref.Offset+int64(ref.Length)
			if got := 1 + bytes.Count(text[:ref.Offset], []byte("\n")); got != n {
				t.Fatalf("line %d is at byte %d, which is on line %d", n, ref.Offset, got)
			}
			again, againErr := ParseUtterance(text[ref.Offset:end])
			if (err == nil) != (againErr == nil) || !reflect.DeepEqual(u, again) {
				t.Fatalf("line %d: %+v (%v), by itself %+v (%v)", n, u, err, again, againErr)
			}
			if err != nil {
				if p := ProblemOf(err); p.At != lineProblem(n, "", "").At || p.Detail == "" {
					t.Fatalf("line %d: problem %+v", n, p)
				}
				return nil
			}
			checkAccepted(t, u)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// checkAccepted states what a line without a problem promises.
func checkAccepted(t *testing.T, u *Utterance) {
	t.Helper()
	if u.ID == "" || !slices.Contains(Splits, u.Split) {
		t.Fatalf("accepted %+v", u)
	}
	if u.Problem != nil {
		return
	}
	if u.URI == "" || u.Speaker == "" || len(u.SHA256) != 64 || u.Rate < 1 || u.Channel < 0 ||
		u.Begin < 0 || u.NumSamples() < 1 || u.End > u.Samples || u.LabelSet == "" && (u.Alignment != nil || u.Phones != nil) {
		t.Fatalf("accepted %+v", u)
	}
	end := int64(0)
	for _, s := range u.Alignment {
		if s.Begin < end || s.End <= s.Begin || s.End > u.Samples {
			t.Fatalf("accepted %+v after a segment that ends at %d of %d", s, end, u.Samples)
		}
		end = s.End
	}
}

// FuzzLabelSet: a set is one label a line, each once, and the same after it was
// written; what is refused is refused by file and line.
func FuzzLabelSet(f *testing.F) {
	f.Add([]byte("a\nb\nc\n"))
	f.Add([]byte("\ufeffsil\r\n aa \r\n"))
	f.Add([]byte("a\n\nb\n"))
	f.Add([]byte("a\nb\na\n"))
	f.Add([]byte("a\nb\xff\n"))
	f.Add([]byte("a\nb\x00c\n"))
	dir := f.TempDir()
	file := filepath.Join(dir, "x.labels")
	f.Fuzz(func(t *testing.T, text []byte) {
		fuzzing.Overwrite(t, file, text)
		l, err := LoadLabelSet("x", dir)
		if err != nil {
			if !strings.Contains(err.Error(), "x.labels") || len(text) > 0 && !strings.Contains(err.Error(), "line ") && !strings.Contains(err.Error(), "labels, want") {
				t.Fatalf("the error names no place: %v", err)
			}
			return
		}
		for i, label := range l.Labels {
			if label == "" || !utf8.ValidString(label) || strings.ContainsFunc(label, unicode.IsControl) || l.Index(label) != i {
				t.Fatalf("label %d is %q, which is looked up as %d", i, label, l.Index(label))
			}
		}
		fuzzing.Overwrite(t, file, []byte(strings.Join(l.Labels, "\n")+"\n"))
		if again, err := LoadLabelSet("x", dir); err != nil || !slices.Equal(again.Labels, l.Labels) {
			t.Fatalf("%q came back as %+v, %v", l.Labels, again, err)
		}
	})
}

// FuzzEachLine: lines come in order, trimmed, not empty and in UTF-8, through
// gzip as without it; an error names the file.
func FuzzEachLine(f *testing.F) {
	z := gzip.NewWriter(nil) // one for all inputs: it is a megabyte
	zipped := func(text string) []byte {
		var b bytes.Buffer
		z.Reset(&b)
		_, _ = z.Write([]byte(text))
		_ = z.Close()
		return b.Bytes()
	}
	f.Add([]byte("a\n\nb\r\n \tc"))
	f.Add([]byte("\ufeffa\n\xff\n\x1f\x8b"))
	f.Add(zipped("one\ntwo\n"))
	f.Add(zipped("one\ntwo\n")[:20])
	f.Add(append(zipped("one\n"), zipped("two\n")...))
	file := filepath.Join(f.TempDir(), "lines.gz")
	read := func(t *testing.T, text []byte) (lines []string, err error) {
		fuzzing.Overwrite(t, file, text)
		last := 0
		err = eachLine(file, func(n int, b []byte, p *Problem) error {
			if n <= last || (p == nil) != (len(b) > 0) || p == nil && (!utf8.Valid(b) || len(bytes.TrimSpace(b)) != len(b)) {
				t.Fatalf("line %d after %d: %q, %v", n, last, b, p)
			}
			last = n
			lines = append(lines, string(b))
			return nil
		})
		if err != nil && !strings.Contains(err.Error(), "lines.gz") {
			t.Fatalf("the error does not name the file: %v", err)
		}
		return lines, err
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		want, err := read(t, text)
		if err != nil || bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
			return
		}
		if got, err := read(t, zipped(string(text))); err != nil || !slices.Equal(got, want) {
			t.Fatalf("gzipped: %q, %v, want %q", got, err, want)
		}
	})
}

// FuzzTIMITText: a sentence is words with single spaces, without the sample
// numbers before it.
func FuzzTIMITText(f *testing.F) {
	f.Add([]byte("0 46797 The emperor had a mean temper.\n"))
	f.Add([]byte("12 monkeys"))
	f.Add([]byte("0 1\n\xff\x00 x"))
	file := filepath.Join(f.TempDir(), "SX1.TXT")
	f.Fuzz(func(t *testing.T, text []byte) {
		fuzzing.Overwrite(t, file, text)
		got := readTIMITText(file)
		if !utf8.ValidString(got) || got != strings.Join(strings.Fields(got), " ") || len(got) > 3*maxText {
			t.Fatalf("%q", got)
		}
		if again := readTIMITText(file); again != got {
			t.Fatalf("%q, then %q", got, again)
		}
	})
}

// FuzzLhotseSupervisions: recordings and supervisions, in files of their own.
func FuzzLhotseSupervisions(f *testing.F) {
	f.Add(lhotseRec("r"), lhotseSup("s", "r", ""))
	f.Add(lhotseRec("r")+"\n"+lhotseRec("r"), lhotseSup("s", "x", `, ["b", 0.5, 0.25, null]`)+"\n{}")
	f.Add(`{"id":"r","sources":[{"type":"url","channels":[3],"source":"a"}]}`, `{"id":"s","recording_id":"r","start":-1,"duration":1e300,"channel":[0,1]}`)
	f.Fuzz(func(t *testing.T, recordings, supervisions string) {
		l := lhotse{dir: "/corpus", notes: notes{}, tiers: notes{}, recordings: map[string]lhotsePlaced{}}
		for name, c := range map[string]struct {
			text string
			read func([]byte, lhotseLine) *Problem
		}{"recordings": {recordings, l.recording}, "supervisions": {supervisions, l.supervision}} {
			at := lhotseLine{corpusFile{rel: name, path: "/corpus/" + name}, 0, Train}
			for text := range strings.Lines(c.text) {
				at.line++
				if p := c.read([]byte(text), at); p != nil && p.Detail == "" {
					t.Fatalf("%+v", p)
				}
			}
		}
		l.noteUnused()
		l.noteTiers()
		for _, e := range l.entries {
			if e.at == "" && (e.problem == nil || e.problem.At == "") {
				t.Fatalf("%+v names no place", e)
			}
			checkEntry(t, e)
		}
	})
}
