package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/dustin/go-humanize"
	"golang.org/x/sync/singleflight"

	"framewise/corpus"
)

// CacheEnv names the folder in which copies of remote files are kept, and
// CacheSizeEnv how many bytes of them ("50 GB").
const (
	CacheEnv     = "FRAMEWISE_CACHE"
	CacheSizeEnv = "FRAMEWISE_CACHE_SIZE"
)

const defaultCacheSize = 100 << 30

// ChangedError says that a remote file is not the one that was asked for. It is
// an ErrCorrupt.
type ChangedError struct {
	URI       string
	Got, Want string // SHA-256, hexadecimal
}

func (e *ChangedError) Error() string {
	return fmt.Sprintf("%s: SHA-256 %s, want %s", e.URI, e.Got, e.Want)
}

// Is says that it is an ErrCorrupt.
func (e *ChangedError) Is(target error) bool { return target == ErrCorrupt }

// LocalCopy is where the content of a file lies on this machine: path itself
// for a local one, and for a remote one a copy in the cache of what is there
// now.
func LocalCopy(ctx context.Context, path string) (string, error) {
	if !corpus.IsRemote(path) {
		return path, nil
	}
	info, err := StatFile(ctx, path)
	if err != nil {
		return "", err
	}
	key := sha256.Sum256([]byte(path + "\x00" + info.Version))
	return cached(ctx, path, hex.EncodeToString(key[:]), "", info.Size)
}

// LocalCopyOf is LocalCopy of the file with this SHA-256. A copy that is in the
// cache needs no look at the remote file; one that has to be made is checked,
// and another content is a *ChangedError. size is the file's in bytes, or -1.
func LocalCopyOf(ctx context.Context, path, sum string, size int64) (string, error) {
	if !corpus.IsRemote(path) {
		return path, nil
	}
	return cached(ctx, path, sum, sum, size)
}

func cached(ctx context.Context, uri, key, sum string, size int64) (string, error) {
	c, err := openCache()
	if err != nil {
		return "", err
	}
	return c.get(ctx, &copyJob{uri: uri, key: key, sum: sum, size: size})
}

// cache is a folder of copies. Each lies in a folder named by its key, under
// its own name.
type cache struct {
	dir    string
	limit  int64
	store  *Local
	flight singleflight.Group

	mu   sync.Mutex
	used int64 // bytes; -1 before they are counted
}

// copyJob is a copy to be found or made.
type copyJob struct {
	uri  string
	key  string // hexadecimal
	sum  string // SHA-256 that it must have; "" for any
	size int64  // bytes; -1 for any
}

var caches sync.Map // folder -> *cache

// openCache is the cache that the environment names.
func openCache() (*cache, error) {
	dir, limit := os.Getenv(CacheEnv), uint64(defaultCacheSize)
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("no folder for copies of remote files: %w; name one with %s", err, CacheEnv)
		}
		dir = filepath.Join(base, "framewise")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if text := os.Getenv(CacheSizeEnv); text != "" {
		if limit, err = humanize.ParseBytes(text); err != nil {
			return nil, fmt.Errorf("%s is %q, want a number of bytes as in 50GB: %w", CacheSizeEnv, text, fs.ErrInvalid)
		}
	}
	c, _ := caches.LoadOrStore(fmt.Sprintf("%d %s", limit, dir), &cache{dir: dir, limit: int64(min(limit, 1<<62)), store: NewLocal(dir), used: -1})
	return c.(*cache), nil
}

// get finds a copy or makes it.
func (c *cache) get(ctx context.Context, j *copyJob) (string, error) {
	_, base := SplitPath(j.uri)
	name := j.key[:2] + "/" + j.key + "/" + base
	path := c.store.Path(name)
	here := func() bool {
		info, err := c.store.Stat(ctx, name)
		return err == nil && (j.size < 0 || info.Size == j.size)
	}
	for {
		if here() {
			touch(path)
			return path, nil
		}
		_, err, shared := c.flight.Do(name, func() (any, error) {
			if here() { // it came in between, and may be in use
				return nil, nil
			}
			return nil, c.fetch(ctx, name, j)
		})
		if err == nil {
			return path, nil
		}
		if !shared || ctx.Err() != nil || !errors.Is(err, context.Canceled) {
			return "", err
		}
		// Another's context ended, who was at it first.
	}
}

// transfers is how often a file that was damaged on the way is fetched again.
const transfers = 3

func (c *cache) fetch(ctx context.Context, name string, j *copyJob) (err error) {
	var n int64
	for range transfers {
		if n, err = c.fetchOnce(ctx, name, j); !errors.Is(err, ErrCorrupt) || errors.As(err, new(*ChangedError)) {
			break
		}
	}
	if err != nil {
		return err
	}
	return c.added(n)
}

func (c *cache) fetchOnce(ctx context.Context, name string, j *copyJob) (int64, error) {
	f, err := OpenFile(ctx, j.uri)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	w, err := c.store.Create(ctx, name)
	if err != nil {
		return 0, fmt.Errorf("copy %s: %w", j.uri, err)
	}
	defer func() { _ = w.Abort() }() // after Commit it does nothing
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, h), f)
	if err != nil {
		return n, err
	}
	if sum := hex.EncodeToString(h.Sum(nil)); j.sum != "" && sum != j.sum {
		return n, &ChangedError{j.uri, sum, j.sum}
	}
	return n, w.Commit()
}
