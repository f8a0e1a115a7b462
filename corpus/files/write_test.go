package files

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// content is the file's, and "" if there is none.
func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(b)
}

// only fails unless the folder holds these names and no other.
func only(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("the folder holds %q, want %q", got, names)
	}
}

func TestAFileAppearsWholeOrNotAtAll(t *testing.T) {
	for what, commit := range map[string]func(*Writer) error{"durable": (*Writer).Commit, "unsynced": (*Writer).CommitUnsynced} {
		dir := t.TempDir()
		path := filepath.Join(dir, "f")
		w, err := Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, "xxole"); err != nil {
			t.Fatal(err)
		}
		if at, err := w.Seek(0, io.SeekStart); at != 0 || err != nil {
			t.Fatalf("%s: Seek gave %d, %v", what, at, err)
		}
		if _, err := io.WriteString(w, "wh"); err != nil {
			t.Fatal(err)
		}
		if got := content(t, path); got != "" {
			t.Errorf("%s: before the commit the file holds %q", what, got)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, TempPrefix+"f-*")); len(left) != 1 {
			t.Errorf("%s: temporary files %v, want one that begins with %sf-", what, left, TempPrefix)
		}
		if err := errors.Join(commit(w), w.Abort()); err != nil {
			t.Fatal(err)
		}
		if got := content(t, path); got != "whole" {
			t.Errorf("%s: the file holds %q, want %q", what, got, "whole")
		}
		only(t, dir, "f")
		if _, err := w.Write(nil); !errors.Is(err, fs.ErrClosed) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: writing after the commit: %v", what, err)
		}
		if err := commit(w); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("%s: a second commit: %v", what, err)
		}
	}
}

func TestWhatFailsLeavesWhatWasThere(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := WriteBytes(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	fault := errors.New("no more")
	err := Write(path, func(w *Writer) error {
		_, err := io.WriteString(w, "ne")
		return errors.Join(err, fault)
	})
	if !errors.Is(err, fault) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want %v and the path", err, fault)
	}
	if got := content(t, path); got != "old" {
		t.Errorf("the file holds %q, want what it held", got)
	}
	only(t, dir, "f")

	folder := filepath.Join(dir, "g")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := WriteBytes(folder, nil); err == nil || !strings.Contains(err.Error(), folder) {
		t.Errorf("writing over a folder: %v", err)
	}
	only(t, dir, "f", "g")
	if err := WriteBytes(filepath.Join(path, "below"), nil); err == nil || !strings.Contains(err.Error(), "below") {
		t.Errorf("writing below a file: %v", err)
	}
}

func TestMakeDirs(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "a", "b", "c")
	for range 2 {
		if err := MakeDirs(deep); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteBytes(filepath.Join(deep, "f"), nil); err != nil {
		t.Fatal(err)
	}
	if err := MakeDirs(filepath.Join(deep, "f", "g")); err == nil || !strings.Contains(err.Error(), "a file is in the way") {
		t.Errorf("a folder below a file: %v", err)
	}
}
