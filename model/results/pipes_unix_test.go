//go:build unix

package results

import (
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"framewise/corpus/files"
)

// A pipe that nobody writes to is refused by its name, and not waited for.
func TestPipesAreNotWaitedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o644); err != nil {
		t.Fatal(err)
	}
	_, errRun := ReadRun(path)
	_, errEval := ReadEval(path)
	_, errMetrics := ReadMetrics(path)
	for _, err := range []error{errRun, errEval, errMetrics} {
		if !errors.Is(err, files.ErrNotRegular) || !strings.Contains(err.Error(), path) {
			t.Errorf("%v, want that %s is not a regular file", err, path)
		}
	}
}
