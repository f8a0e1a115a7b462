package dataset

import (
	"context"
	"io"
)

// Store is a place for the files of a dataset. Names are relative, with
// forward slashes, and hold no "." or ".." element (io/fs.ValidPath). A file
// appears under its name whole or not at all, and replaces what was there.
// Errors for names that are not there wrap io/fs.ErrNotExist. A Store may be
// used by many goroutines; two writers of one name both end, and one wins. The
// other may be told so, by an error that wraps ErrConflict, if it had other
// bytes.
//
// The storetest package holds what every Store must do.
type Store interface {
	// Create starts a file. Nothing is visible under its name before Commit.
	Create(ctx context.Context, name string) (FileWriter, error)
	// Open opens a file for reading.
	Open(ctx context.Context, name string) (File, error)
	// Stat says how large a file is.
	Stat(ctx context.Context, name string) (FileInfo, error)
	// ReadFile reads a whole file.
	ReadFile(ctx context.Context, name string) ([]byte, error)
	// WriteFile writes a whole file, atomically.
	WriteFile(ctx context.Context, name string, data []byte) error
	// List lists the files below a folder ("." for all), sorted by name, and
	// none of the unfinished ones. A folder that is not there is empty.
	List(ctx context.Context, folder string) ([]FileInfo, error)
	// Remove removes a file.
	Remove(ctx context.Context, name string) error
	// Clean removes what unfinished writers left behind, and returns how many
	// files that were. No other writer may be at work in the store.
	Clean(ctx context.Context) (int, error)
}

// FileInfo is a file's name and size.
type FileInfo struct {
	Name    string
	Size    int64  // bytes
	Version string // another one whenever the content is, as far as the store can tell
}

// File is an open file.
type File interface {
	io.Reader
	io.ReaderAt
	io.Closer
	Size() int64 // bytes
}

// FileWriter writes one file of a Store.
type FileWriter interface {
	io.Writer
	// Commit makes the file durable and visible under its name. After an
	// error nothing of it is visible.
	Commit() error
	// Abort throws away what was written. After Commit it does nothing, so it
	// can be deferred.
	Abort() error
}
