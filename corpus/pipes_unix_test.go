//go:build unix

package corpus

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ends is what read returns, and a failure if it waits.
func ends[T any](t *testing.T, read func() T) T {
	t.Helper()
	done := make(chan T, 1)
	go func() { done <- read() }()
	select {
	case v := <-done:
		return v
	case <-time.After(time.Minute):
		t.Fatal("it waits for somebody to write to the pipe")
		panic("unreachable")
	}
}

// A pipe that nobody writes to, in the place of each file that an importer or a
// check reads.
func TestPipesAreNotWaitedFor(t *testing.T) {
	type importFunc func(string, ImportOptions) ([]Utterance, ImportReport, error)
	for _, c := range []struct {
		name, pipe string
		beside     map[string]string
		read       importFunc
		rejected   bool // it is a problem of its utterance, not an error
	}{
		{"kaldi", "wav.scp", nil, ImportKaldi, false},
		{"kaldi", "segments", map[string]string{"wav.scp": "a a.wav\n"}, ImportKaldi, false},
		{"kaldi", "text", map[string]string{"wav.scp": "a a.wav\n"}, ImportKaldi, false},
		{"kaldi", "utt2spk", map[string]string{"wav.scp": "a a.wav\n"}, ImportKaldi, false},
		{"kaldi", "phones.ctm", map[string]string{"wav.scp": "a a.wav\n"}, ImportKaldi, false},
		{"ctm", "phones.ctm", nil, ImportCTM, false},
		{"nemo", "train.json", nil, ImportNeMo, false},
		{"lhotse", "cuts.jsonl", nil, ImportLhotse, false},
		{"lhotse", "recordings.jsonl", map[string]string{"supervisions.jsonl": ""}, ImportLhotse, false},
		{"lhotse", "supervisions.jsonl", map[string]string{"recordings.jsonl": ""}, ImportLhotse, false},
		{"textgrid", "a.TextGrid", map[string]string{"a.wav": ""}, ImportTextGrid, true},
		{"check", "corpus.jsonl", nil, func(dir string, _ ImportOptions) ([]Utterance, ImportReport, error) {
			_, err := Check(filepath.Join(dir, "corpus.jsonl"), CheckOptions{})
			return nil, ImportReport{}, err
		}, false},
	} {
		t.Run(c.name+" "+c.pipe, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range c.beside {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			path := filepath.Join(dir, c.pipe)
			if err := syscall.Mkfifo(path, 0o644); err != nil {
				t.Fatal(err)
			}
			got := ends(t, func() string {
				us, _, err := c.read(dir, ImportOptions{LabelSet: "own"})
				if c.rejected && err == nil && len(us) == 1 && us[0].Problem != nil {
					return us[0].Problem.At + ": " + us[0].Problem.Detail
				}
				return fmt.Sprint(err)
			})
			if !strings.Contains(got, c.pipe) || !strings.Contains(got, "not a regular file") {
				t.Errorf("it gave %q, want that %s is not a regular file", got, c.pipe)
			}
			if os.Symlink("/dev/zero", path+".zero") != nil || os.Rename(path+".zero", path) != nil {
				t.Fatal("no device could be put in the pipe's place")
			}
			if got := ends(t, func() string { _, _, err := c.read(dir, ImportOptions{LabelSet: "own"}); return fmt.Sprint(err) }); !c.rejected && !strings.Contains(got, "not a regular file") {
				t.Errorf("a device without end: %q", got)
			}
		})
	}
}

// A manifest that another program writes is checked as it comes:
// jq ... | framewise check /dev/stdin, framewise check <(jq ...).
func TestCheckReadsWhatIsPiped(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	go func() {
		defer w.Close()
		fmt.Fprintln(w, `{"id":"a","uri":"/a.wav","sha256":"`+strings.Repeat("0", 64)+`","rate":8000,"samples":80,"begin":0,"end":80,"speaker":"s","split":"train"}`)
		fmt.Fprintln(w, `no line`)
	}()
	path := fmt.Sprintf("/dev/fd/%d", r.Fd())
	if _, err := os.Stat(path); err != nil {
		t.Skipf("this system has no %s", path)
	}
	report := ends(t, func() *CheckReport {
		report, err := Check(path, CheckOptions{SkipAudio: true})
		if err != nil {
			t.Error(err)
		}
		return report
	})
	if report == nil || report.Utterances != 2 || report.Errors() != 1 {
		t.Errorf("the report is %+v, want 2 lines of which one does not parse", report)
	}
}
