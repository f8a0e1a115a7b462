package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"framewise/dataset"
)

// writeFile writes a file that appears whole or not at all.
func writeFile(ctx context.Context, path string, write func(io.Writer) error) error {
	f, err := dataset.NewLocal(filepath.Dir(path)).Create(ctx, filepath.Base(path))
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		return fmt.Errorf("write %s: %w", path, joinAbort(err, f))
	}
	return f.Commit()
}

// joinAbort throws the unfinished file away; err is the reason.
func joinAbort(err error, f dataset.FileWriter) error {
	if abort := f.Abort(); abort != nil {
		return fmt.Errorf("%w (and removing the unfinished file: %v)", err, abort)
	}
	return err
}

// seekable is a file under a temporary name, for encoders that go back.
type seekable struct {
	*os.File
	path string
}

func createSeekable(path string) (*seekable, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, err
	}
	return &seekable{f, path}, nil
}

func (s *seekable) commit() error {
	if err := errors.Join(s.Chmod(0o644), s.Sync(), s.Close()); err != nil {
		return err
	}
	return os.Rename(s.Name(), s.path)
}

// abort removes what was not committed.
func (s *seekable) abort() {
	_ = s.Close()
	_ = os.Remove(s.Name())
}
