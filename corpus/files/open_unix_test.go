//go:build unix

package files

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe that nobody writes to is refused by its name, and not waited for.
func TestPipesAreNotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func(string) ([]byte, error){"ReadRegular": ReadRegular, "ReadInput": ReadInput} {
		if b, err := read(path); !errors.Is(err, ErrNotRegular) || !strings.Contains(err.Error(), path) || b != nil {
			t.Errorf("%s gives %q, %v; want ErrNotRegular and the path", name, b, err)
		}
		if err := os.WriteFile(path+".txt", []byte("text"), 0o644); err != nil {
			t.Fatal(err)
		}
		if b, err := read(path + ".txt"); err != nil || string(b) != "text" {
			t.Errorf("%s of a file gives %q, %v", name, b, err)
		}
	}
}

// A pipe that this process has open, as a shell's <(command), is an input and
// no regular file.
func TestInputMayBeAPipeThatIsOpen(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	path := fmt.Sprintf("/dev/fd/%d", r.Fd())
	if _, err := os.Stat(path); err != nil {
		t.Skipf("this system has no %s", path)
	}
	if _, err := w.WriteString("text"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if _, err := ReadRegular(path); !errors.Is(err, ErrNotRegular) {
		t.Errorf("ReadRegular gives %v, want ErrNotRegular", err)
	}
	if b, err := ReadInput(path); err != nil || string(b) != "text" {
		t.Errorf("ReadInput gives %q, %v", b, err)
	}
}
