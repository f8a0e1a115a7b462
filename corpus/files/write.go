// Package files opens what is read, and makes files that appear whole or not
// at all.
package files

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// TempPrefix begins the names of files that are being written. They lie in the
// folder of the file that they become, because a rename is atomic only within
// a file system. A process that is killed leaves them behind, and whoever owns
// the folder knows them by it.
const TempPrefix = ".tmp-"

// Writer writes a file under a temporary name. It can go back, as encoders do
// that fill in sizes.
type Writer struct {
	file *os.File // nil once committed or aborted
	path string
}

// Create starts the file that is to be path, in a folder that is there. Its
// permissions are 0644 but for what the umask takes away.
func Create(path string) (*Writer, error) {
	dir, name := filepath.Split(path)
	f, err := os.OpenFile(filepath.Join(dir, TempPrefix+name+"-"+rand.Text()[:10]), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	return &Writer{file: f, path: path}, nil
}

func (w *Writer) Write(p []byte) (int, error) {
	if w.file == nil {
		return 0, fmt.Errorf("write %q: %w", w.path, fs.ErrClosed)
	}
	return w.file.Write(p)
}

// Seek is os.File's.
func (w *Writer) Seek(offset int64, whence int) (int64, error) {
	if w.file == nil {
		return 0, fmt.Errorf("seek in %q: %w", w.path, fs.ErrClosed)
	}
	return w.file.Seek(offset, whence)
}

// Commit makes the file durable and visible under its name, in place of what
// was there.
func (w *Writer) Commit() error { return w.commit(true) }

// CommitUnsynced is Commit that does not wait for the disk, for what can be
// made again: when the power fails, the name may be there and the content not.
func (w *Writer) CommitUnsynced() error { return w.commit(false) }

func (w *Writer) commit(sync bool) error {
	if w.file == nil {
		return fmt.Errorf("commit %q: %w", w.path, fs.ErrClosed)
	}
	f := w.file
	w.file = nil
	var err error
	if sync {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), w.path)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	} else if sync {
		err = SyncDir(filepath.Dir(w.path))
	}
	if err != nil {
		return fmt.Errorf("commit %q: %w", w.path, err)
	}
	return nil
}

// Abort throws away what was written. After Commit it does nothing, so that it
// can be deferred.
func (w *Writer) Abort() error {
	if w.file == nil {
		return nil
	}
	f := w.file
	w.file = nil
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// Write writes the file path, durably: whatever write writes, or nothing if it
// fails.
func Write(path string, write func(w *Writer) error) error {
	w, err := Create(path)
	if err != nil {
		return fmt.Errorf("write %q: %w", path, err)
	}
	if err := write(w); err != nil {
		return errors.Join(fmt.Errorf("write %q: %w", path, err), w.Abort())
	}
	return w.Commit()
}

// WriteBytes is Write of what is there already.
func WriteBytes(path string, data []byte) error {
	return Write(path, func(w *Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// MakeDirs makes a folder and those above it, and makes their names durable.
func MakeDirs(dir string) error {
	if info, err := os.Stat(dir); err == nil {
		if !info.IsDir() {
			return &fs.PathError{Op: "mkdir", Path: dir, Err: errors.New("a file is in the way")}
		}
		return nil
	}
	parent := filepath.Dir(dir)
	if parent == dir {
		return os.Mkdir(dir, 0o755)
	}
	if err := MakeDirs(parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return SyncDir(parent)
}
