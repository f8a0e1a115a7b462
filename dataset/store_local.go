package dataset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"framewise/corpus/files"
)

// Local is a Store in a folder of the local file system.
type Local struct{ dir string }

// NewLocal is the store in folder dir. The folder need not exist before the
// first file is written.
func NewLocal(dir string) *Local { return &Local{dir: dir} }

// Dir is the store's folder.
func (l *Local) Dir() string { return l.dir }

// Path is where the file called name lies in the local file system.
func (l *Local) Path(name string) string { return filepath.Join(l.dir, filepath.FromSlash(name)) }

func (l *Local) check(op, name string) (string, error) {
	if !fs.ValidPath(name) || name == "." || strings.HasPrefix(filepath.Base(name), files.TempPrefix) {
		return "", fmt.Errorf("%s %q: not a name for a file of a dataset: %w", op, name, fs.ErrInvalid)
	}
	return l.Path(name), nil
}

// Create starts a file under a temporary name in its own folder, which is made
// if need be.
func (l *Local) Create(ctx context.Context, name string) (FileWriter, error) {
	path, err := l.check("create", name)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("create %q: %w", name, err)
	}
	if err := files.MakeDirs(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("create %q: %w", name, err)
	}
	w, err := files.Create(path)
	if err != nil {
		return nil, fmt.Errorf("create %q: %w", name, err)
	}
	return w, nil
}

type localFile struct {
	*os.File
	size int64
}

func (f localFile) Size() int64 { return f.size }

// Open opens a file.
func (l *Local) Open(ctx context.Context, name string) (File, error) {
	info, err := l.Stat(ctx, name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(l.Path(name))
	if err != nil {
		return nil, err
	}
	return localFile{f, info.Size}, nil
}

// Stat says how large a file is. A folder is not a file.
func (l *Local) Stat(ctx context.Context, name string) (FileInfo, error) {
	path, err := l.check("stat", name)
	if err != nil {
		return FileInfo{}, err
	}
	if err := ctx.Err(); err != nil {
		return FileInfo{}, fmt.Errorf("stat %q: %w", name, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return FileInfo{}, err
	}
	if !info.Mode().IsRegular() {
		return FileInfo{}, fmt.Errorf("stat %q: not a regular file (%s)", path, info.Mode().Type())
	}
	return localInfo(name, info), nil
}

func localInfo(name string, info fs.FileInfo) FileInfo {
	return FileInfo{Name: name, Size: info.Size(), Version: fmt.Sprintf("%d-%d", info.Size(), info.ModTime().UnixNano())}
}

// ReadFile reads a whole file.
func (l *Local) ReadFile(ctx context.Context, name string) ([]byte, error) {
	if _, err := l.Stat(ctx, name); err != nil {
		return nil, err
	}
	return os.ReadFile(l.Path(name))
}

// WriteFile writes a whole file, atomically.
func (l *Local) WriteFile(ctx context.Context, name string, data []byte) error {
	w, err := l.Create(ctx, name)
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return errors.Join(fmt.Errorf("write %q: %w", name, err), w.Abort())
	}
	return w.Commit()
}

// List lists the files below a folder. Symbolic links are not followed.
func (l *Local) List(ctx context.Context, folder string) ([]FileInfo, error) {
	var out []FileInfo
	err := l.walk(ctx, folder, func(path, name string, d fs.DirEntry) error {
		if strings.HasPrefix(d.Name(), files.TempPrefix) {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		out = append(out, localInfo(name, info))
		return nil
	})
	// WalkDir puts a/b before a-b; byte order, which object stores use, does not.
	slices.SortFunc(out, func(a, b FileInfo) int { return strings.Compare(a.Name, b.Name) })
	return out, err
}

// walk visits the files below a folder.
func (l *Local) walk(ctx context.Context, folder string, visit func(path, name string, d fs.DirEntry) error) error {
	if !fs.ValidPath(folder) {
		return fmt.Errorf("list %q: not a name for a folder of a dataset: %w", folder, fs.ErrInvalid)
	}
	root := l.Path(folder)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil // never there, or gone since its folder was read
		}
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(l.dir, path)
		if err != nil {
			return err
		}
		return visit(path, filepath.ToSlash(rel), d)
	})
	if err != nil {
		return fmt.Errorf("list %q: %w", folder, err)
	}
	return nil
}

// Remove removes a file.
func (l *Local) Remove(ctx context.Context, name string) error {
	if _, err := l.Stat(ctx, name); err != nil {
		return err
	}
	if err := os.Remove(l.Path(name)); err != nil {
		return err
	}
	return files.SyncDir(filepath.Dir(l.Path(name)))
}

// Clean removes the temporary files that writers left when they were killed.
func (l *Local) Clean(ctx context.Context) (int, error) {
	n := 0
	err := l.walk(ctx, ".", func(path, _ string, d fs.DirEntry) error {
		if !strings.HasPrefix(d.Name(), files.TempPrefix) {
			return nil
		}
		n++
		return os.Remove(path)
	})
	return n, err
}
