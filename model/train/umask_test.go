//go:build unix

package train

import (
	"context"
	"os"
	"syscall"
	"testing"
)

// What the umask takes away is taken from every file of a run.
func TestRunFilesFollowTheUmask(t *testing.T) {
	c := toyConfig(t, "linear")
	c.Epochs = 2 // the metrics are appended to
	dir := t.TempDir()
	old := syscall.Umask(0o077)
	_, err := runToy(t, context.Background(), c, toy(4, 20, 1), toy(2, 20, 2), dir, nil)
	syscall.Umask(old)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 8 {
		t.Fatalf("%d files in the run folder (%v)", len(entries), err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("with the umask 077 %s has %03o, want 600", e.Name(), got)
		}
	}
}
