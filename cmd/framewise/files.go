package main

import (
	"context"
	"io"
	"path/filepath"

	"framewise/corpus/files"
)

// writeFile writes a file that appears whole or not at all, in a folder that is
// made if need be.
func writeFile(ctx context.Context, path string, write func(io.Writer) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := files.MakeDirs(filepath.Dir(path)); err != nil {
		return err
	}
	return files.Write(path, func(w *files.Writer) error { return write(w) })
}
