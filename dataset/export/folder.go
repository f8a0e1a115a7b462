package export

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sync/errgroup"

	"framewise/corpus/files"
)

// folder is a folder under a temporary name, or one in it. Files in it may be
// written by several goroutines.
type folder struct {
	path string
	mu   sync.Mutex
	open map[*file]bool

	later errgroup.Group // small files that are being written
}

// filesAtOnce is how many small files are written at a time: each waits for the
// disk, which makes several durable as fast as one.
const filesAtOnce = 16

func newFolder(path string) *folder {
	d := &folder{path: path, open: map[*file]bool{}}
	d.later.SetLimit(filesAtOnce)
	return d
}

// newRoot makes a folder beside out under a temporary name.
func newRoot(out string) (*folder, error) {
	parent, name := filepath.Split(filepath.Clean(out))
	if parent == "" {
		parent = "."
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, err
	}
	path, err := os.MkdirTemp(parent, files.TempPrefix+name+"-*")
	if err != nil {
		return nil, err
	}
	return newFolder(path), os.Chmod(path, 0o755)
}

func (d *folder) sub(name string) (*folder, error) {
	path := filepath.Join(d.path, name)
	return newFolder(path), os.MkdirAll(path, 0o755)
}

// file is a file that is written from begin to end.
type file struct {
	*bufio.Writer
	f   *os.File
	dir *folder
	n   int64 // bytes written
}

// create starts a file. Its folder is made if need be.
func (d *folder) create(name string) (*file, error) {
	path := filepath.Join(d.path, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	w := &file{f: f, dir: d}
	w.Writer = bufio.NewWriterSize(io.MultiWriter(f, (*counter)(&w.n)), 256<<10)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open[w] = true
	return w, nil
}

// offset is where the next byte will be.
func (w *file) offset() int64 { return w.n + int64(w.Buffered()) }

// counter counts the bytes that pass.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// close makes the file durable.
func (w *file) close() error {
	w.dir.mu.Lock()
	delete(w.dir.open, w)
	w.dir.mu.Unlock()
	return errors.Join(w.Flush(), w.f.Sync(), w.f.Close())
}

// abandon closes the files that are open, after something failed. No file of
// the folder is written after it.
func (d *folder) abandon() error {
	_ = d.wait() // whatever failed first is told already
	d.mu.Lock()
	defer d.mu.Unlock()
	var errs []error
	for w := range d.open {
		errs = append(errs, w.f.Close())
	}
	clear(d.open)
	return errors.Join(errs...)
}

func (d *folder) writeFile(name string, data []byte) error {
	w, err := d.create(name)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return errors.Join(err, w.close())
}

// writeLater is writeFile by and by; wait returns its error.
func (d *folder) writeLater(name string, data []byte) {
	d.later.Go(func() error { return d.writeFile(name, data) })
}

// wait waits for the files of writeLater, and returns the first error.
func (d *folder) wait() error { return d.later.Wait() }

func (d *folder) writeJSON(name string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return d.writeFile(name, append(b, '\n'))
}

// publish makes the folder's names durable and gives it its own, which an empty
// folder may have.
func (d *folder) publish(out string) error {
	err := filepath.WalkDir(d.path, func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		return files.SyncDir(path)
	})
	if err != nil {
		return err
	}
	if err := os.Remove(out); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(d.path, out); err != nil {
		return err
	}
	return files.SyncDir(filepath.Dir(filepath.Clean(out)))
}

func (d *folder) remove() error { return os.RemoveAll(d.path) }
