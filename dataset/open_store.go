package dataset

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"sync"
)

// OpenFunc opens the store at a URI such as gs://BUCKET/FOLDER.
type OpenFunc func(ctx context.Context, uri string) (Store, error)

// schemes are the kinds of stores beside local folders. Packages that have one
// register it when they are imported, so that only programs that want a cloud
// link its libraries.
var schemes sync.Map // string -> OpenFunc

// RegisterScheme makes OpenStore use open for URIs of a scheme.
func RegisterScheme(scheme string, open OpenFunc) { schemes.Store(scheme, open) }

// OpenStore is the store at a path: a local folder, or a URI of a registered
// scheme. Nothing need be there yet.
func OpenStore(ctx context.Context, path string) (Store, error) {
	scheme, _, remote := strings.Cut(path, "://")
	if !remote {
		return NewLocal(path), nil
	}
	open, ok := schemes.Load(scheme)
	if !ok {
		return nil, fmt.Errorf("open %q: there is no storage called %q here; want a folder or gs://BUCKET/FOLDER: %w", path, scheme, fs.ErrInvalid)
	}
	return open.(OpenFunc)(ctx, path)
}

// SplitPath takes the path of a file apart into that of its store and its name.
func SplitPath(file string) (dir, name string) {
	if scheme, rest, ok := strings.Cut(file, "://"); ok {
		return scheme + "://" + path.Dir(rest), path.Base(rest)
	}
	return filepath.Dir(file), filepath.Base(file)
}

// JoinPath is the path of a file of the store at dir.
func JoinPath(dir, name string) string {
	if scheme, rest, ok := strings.Cut(dir, "://"); ok {
		return scheme + "://" + path.Join(rest, name)
	}
	return filepath.Join(dir, filepath.FromSlash(name))
}

// storeOf finds the store of a file.
func storeOf(ctx context.Context, file string) (Store, string, error) {
	dir, name := SplitPath(file)
	s, err := OpenStore(ctx, dir)
	return s, name, err
}

// OpenFile opens a file for reading, wherever it is.
func OpenFile(ctx context.Context, file string) (File, error) {
	s, name, err := storeOf(ctx, file)
	if err != nil {
		return nil, err
	}
	return s.Open(ctx, name)
}

// StatFile says how large a file is, wherever it is.
func StatFile(ctx context.Context, file string) (FileInfo, error) {
	s, name, err := storeOf(ctx, file)
	if err != nil {
		return FileInfo{}, err
	}
	return s.Stat(ctx, name)
}
