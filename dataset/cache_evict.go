package dataset

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// settled is how long a copy is left alone after it was used: somebody may be
// about to open it.
const settled = 10 * time.Minute

// touch notes that a copy was used, at its folder: the file's own time says
// that it did not change.
func touch(path string) {
	now := time.Now()
	_ = os.Chtimes(filepath.Dir(path), now, now)
}

// copyFile is a copy in the cache.
type copyFile struct {
	path string
	size int64
	used time.Time
}

// added takes n more bytes into account, and makes room if they are too many.
func (c *cache) added(n int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.used >= 0 {
		if c.used += n; c.used <= c.limit {
			return nil
		}
	}
	files, err := c.list()
	if err != nil {
		return err
	}
	c.used = 0
	for _, f := range files {
		c.used += f.size
	}
	if c.used <= c.limit {
		return nil
	}
	// Down to nine tenths, so that not every file that comes needs a look at all.
	slices.SortFunc(files, func(a, b copyFile) int { return a.used.Compare(b.used) })
	for _, f := range files {
		if c.used <= c.limit/10*9 || time.Since(f.used) < settled {
			break
		}
		if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		_ = os.Remove(filepath.Dir(f.path)) // of its key, if it is empty now
		c.used -= f.size
	}
	return nil
}

// list lists the copies, and what was left of those that were never finished.
func (c *cache) list() ([]copyFile, error) {
	var files []copyFile
	err := filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return ignoreMissing(err)
		}
		info, err := d.Info()
		if err != nil {
			return ignoreMissing(err)
		}
		key, err := os.Stat(filepath.Dir(path))
		if err != nil {
			return ignoreMissing(err)
		}
		files = append(files, copyFile{path, info.Size(), key.ModTime()})
		return nil
	})
	slices.SortFunc(files, func(a, b copyFile) int { return cmp.Compare(a.path, b.path) })
	return files, err
}
