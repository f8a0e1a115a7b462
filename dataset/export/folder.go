package export

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// folder is a folder under a temporary name, or one in it.
type folder struct {
	path string
	open map[*file]bool
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
	path, err := os.MkdirTemp(parent, ".tmp-"+name+"-*")
	if err != nil {
		return nil, err
	}
	return &folder{path, map[*file]bool{}}, os.Chmod(path, 0o755)
}

func (d *folder) sub(name string) (*folder, error) {
	path := filepath.Join(d.path, name)
	return &folder{path, map[*file]bool{}}, os.MkdirAll(path, 0o755)
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
	delete(w.dir.open, w)
	return errors.Join(w.Flush(), w.f.Sync(), w.f.Close())
}

// abandon closes the files that are open, after something failed.
func (d *folder) abandon() error {
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

func (d *folder) writeJSON(name string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return d.writeFile(name, append(b, '\n'))
}

// publish gives the folder its name, which an empty folder may have.
func (d *folder) publish(out string) error {
	if err := os.Remove(out); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(d.path, out); err != nil {
		return err
	}
	parent, err := os.Open(filepath.Dir(filepath.Clean(out)))
	if err != nil {
		return err
	}
	return errors.Join(parent.Sync(), parent.Close())
}

func (d *folder) remove() error { return os.RemoveAll(d.path) }
