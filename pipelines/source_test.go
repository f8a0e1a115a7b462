package pipelines

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"framewise/corpus"
)

// A recording that is changed between the checksum and the samples is seen.
func TestRecordingChangesWhileRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.wav")
	writeWAV(t, path, make([]int16, 1000), 16000)
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func() error{
		"shrinks": func() error { return os.Truncate(path, 500) },
		"changes": func() error { flip(t, path); return nil },
		"goes":    func() error { return os.Remove(path) },
	} {
		writeWAV(t, path, make([]int16, 1000), 16000)
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
		file, err := sums.of(path)
		if err != nil || !file.stands(path) {
			t.Fatalf("%s: %v before anything happened", what, err)
		}
		if err := change(); err != nil {
			t.Fatal(err)
		}
		if file.stands(path) {
			t.Errorf("a file that %s stands as it was", what)
		}
	}
}

// Only the process's own limits end a build; what is wrong with a recording
// is a problem of the recording.
func TestLimitsAreNoProblemsOfRecordings(t *testing.T) {
	for no, limit := range map[syscall.Errno]bool{syscall.EMFILE: true, syscall.ENFILE: true, syscall.ENOMEM: true, syscall.EIO: false, syscall.EACCES: false} {
		err := problemOf("x.wav", &fs.PathError{Op: "open", Path: "x.wav", Err: no})
		if problem := errors.As(err, new(*corpus.Problem)); problem == limit || limit && !errors.Is(err, no) || !strings.Contains(err.Error(), no.Error()) {
			t.Errorf("%v becomes %v", no, err)
		}
	}
}
