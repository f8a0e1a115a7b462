//go:build unix

package files

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

func TestPermissionsAreTheUmasks(t *testing.T) {
	for mask, want := range map[int]os.FileMode{0o022: 0o644, 0o002: 0o644, 0o077: 0o600, 0o027: 0o640} {
		old := syscall.Umask(mask)
		path := filepath.Join(t.TempDir(), "f")
		err := WriteBytes(path, nil)
		syscall.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("with the umask %03o the file has %03o, want %03o", mask, got, want)
		}
	}
}

func TestAFolderThatCannotBeSynced(t *testing.T) {
	if runtime.GOOS == "linux" { // /proc answers fsync with EINVAL
		if err := SyncDir("/proc"); err != nil {
			t.Error(err)
		}
	}
	if err := SyncDir(filepath.Join(t.TempDir(), "none")); !os.IsNotExist(err) {
		t.Errorf("a folder that is not there: %v", err)
	}
}
