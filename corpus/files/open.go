package files

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrNotRegular says that a path names a folder, a pipe or a device.
var ErrNotRegular = errors.New("not a regular file")

// OpenRegular opens a file, and no folder, pipe or device: to open a pipe is to
// wait until somebody writes to it, and a device may have no end. The error is
// the operating system's, or is ErrNotRegular.
func OpenRegular(path string) (*os.File, fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, &fs.PathError{Op: "open", Path: path, Err: ErrNotRegular}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	if info, err = f.Stat(); err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, info, nil
}

// OpenInput is OpenRegular for what is read once, from begin to end: it opens
// what this process has open already too, such as /dev/stdin, or /dev/fd/63
// which is a shell's <(command).
func OpenInput(path string) (*os.File, error) {
	if dir := filepath.Dir(path); path == "/dev/stdin" || dir == "/dev/fd" || dir == "/proc/self/fd" {
		return os.Open(path)
	}
	f, _, err := OpenRegular(path)
	return f, err
}

// ReadRegular is os.ReadFile for a regular file.
func ReadRegular(path string) ([]byte, error) {
	f, _, err := OpenRegular(path)
	if err != nil {
		return nil, err
	}
	return readAll(f)
}

// ReadInput is os.ReadFile for what OpenInput opens.
func ReadInput(path string) ([]byte, error) {
	f, err := OpenInput(path)
	if err != nil {
		return nil, err
	}
	return readAll(f)
}

func readAll(f *os.File) ([]byte, error) {
	b, err := io.ReadAll(f)
	return b, errors.Join(err, f.Close())
}
