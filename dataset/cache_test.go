package dataset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// farStore is a remote store for tests: a folder whose files are counted when
// they are opened, and damaged the first few times.
type farStore struct {
	*Local
	opened, damage *atomic.Int64
}

func (s farStore) Open(ctx context.Context, name string) (File, error) {
	s.opened.Add(1)
	f, err := s.Local.Open(ctx, name)
	if err == nil && s.damage.Add(-1) >= 0 {
		return badFile{f}, nil
	}
	return f, err
}

type badFile struct{ File }

func (badFile) Read([]byte) (int, error) { return 0, corrupt("bytes were damaged on the way") }

// far makes far:// the paths of such a store, with an empty cache.
func far(t *testing.T) (s farStore, cacheDir string) {
	s = farStore{NewLocal(t.TempDir()), new(atomic.Int64), new(atomic.Int64)}
	RegisterScheme("far", func(_ context.Context, uri string) (Store, error) {
		dir := strings.TrimPrefix(uri, "far://")
		return farStore{NewLocal(s.Path(dir)), s.opened, s.damage}, nil
	})
	cacheDir = filepath.Join(t.TempDir(), "made", "when", "needed")
	t.Setenv(CacheEnv, cacheDir)
	t.Setenv(CacheSizeEnv, "")
	return s, cacheDir
}

func put(t *testing.T, s Store, name, content string) (sum string) {
	t.Helper()
	if err := s.WriteFile(t.Context(), name, []byte(content)); err != nil {
		t.Fatal(err)
	}
	h := sha256.Sum256([]byte(content))
	return hex.EncodeToString(h[:])
}

func wantCopy(t *testing.T, path string, err error, want string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); string(b) != want || err != nil {
		t.Errorf("the copy %s holds %q, %v, want %q", path, b, err, want)
	}
}

func TestLocalCopy(t *testing.T) {
	s, dir := far(t)
	ctx := t.Context()
	put(t, s, "c/corpus.jsonl", "one")
	for range 3 {
		path, err := LocalCopy(ctx, "far://c/corpus.jsonl")
		wantCopy(t, path, err, "one")
		if filepath.Base(path) != "corpus.jsonl" || !strings.HasPrefix(path, dir) {
			t.Errorf("the copy is %s, want one of that name in %s", path, dir)
		}
	}
	if n := s.opened.Load(); n != 1 {
		t.Errorf("fetched %d times, want once", n)
	}
	put(t, s, "c/corpus.jsonl", "another")
	path, err := LocalCopy(ctx, "far://c/corpus.jsonl")
	wantCopy(t, path, err, "another")
	if _, err := LocalCopy(ctx, "far://c/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v, want not exist", err)
	}
	if path, err := LocalCopy(ctx, "some/local.file"); path != "some/local.file" || err != nil {
		t.Errorf("a local path becomes %q, %v", path, err)
	}
}

func TestLocalCopyOf(t *testing.T) {
	s, _ := far(t)
	ctx := t.Context()
	sum := put(t, s, "a.wav", "sound")
	path, err := LocalCopyOf(ctx, "far://a.wav", sum, 5)
	wantCopy(t, path, err, "sound")
	put(t, s, "a.wav", "other")
	path, err = LocalCopyOf(ctx, "far://a.wav", sum, 5) // what was asked for is here
	wantCopy(t, path, err, "sound")

	if err := os.Truncate(path, 2); err != nil { // a copy that is cut short is none
		t.Fatal(err)
	}
	_, err = LocalCopyOf(ctx, "far://a.wav", sum, 5)
	var changed *ChangedError
	if !errors.As(err, &changed) || !errors.Is(err, ErrCorrupt) || changed.Want != sum || changed.Got == sum {
		t.Errorf("changed: %v, want a *ChangedError", err)
	}
	put(t, s, "a.wav", "sound")
	path, err = LocalCopyOf(ctx, "far://a.wav", sum, 5)
	wantCopy(t, path, err, "sound")
}

// A dataset whose shards have no checksum names no copies.
func TestRemoteShardWithoutChecksum(t *testing.T) {
	s, _ := far(t)
	m := buildDataset(t, s.Path("d"), DefaultShardConfig())
	m.Splits[0].Shards[0].SHA256 = ""
	doc, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "d/"+ManifestName, string(doc))
	d, err := Open(t.Context(), "far://d")
	if err == nil {
		_, err = d.Split(d.SplitNames()[0])
	}
	if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), `sha256 ""`) {
		t.Errorf("error %v, want %v and the checksum", err, ErrCorrupt)
	}
}

// What is damaged on the way is fetched again, and never kept.
func TestCopyIsFetchedAgain(t *testing.T) {
	s, dir := far(t)
	sum := put(t, s, "a", "whole")
	s.damage.Store(2)
	path, err := LocalCopyOf(t.Context(), "far://a", sum, 5)
	wantCopy(t, path, err, "whole")
	sum = put(t, s, "b", "never")
	s.damage.Store(1000)
	if _, err := LocalCopyOf(t.Context(), "far://b", sum, 5); !errors.Is(err, ErrCorrupt) {
		t.Errorf("error %v, want %v", err, ErrCorrupt)
	}
	if files, err := NewLocal(dir).List(t.Context(), "."); len(files) != 1 || err != nil {
		t.Errorf("the cache has %v, %v, want the good copy alone", files, err)
	}
	if n, err := NewLocal(dir).Clean(t.Context()); n != 0 || err != nil {
		t.Errorf("%d unfinished files were left, %v", n, err)
	}
}

func TestCopiesAtOnce(t *testing.T) {
	s, _ := far(t)
	sum := put(t, s, "a", strings.Repeat("x", 1<<20))
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if _, err := LocalCopyOf(t.Context(), "far://a", sum, 1<<20); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := s.opened.Load(); n != 1 {
		t.Errorf("fetched %d times, want once", n)
	}
}

// The cache keeps to its size, and lets go first of what was used longest ago.
func TestCacheSize(t *testing.T) {
	s, dir := far(t)
	t.Setenv(CacheSizeEnv, "10 kB")
	ctx := t.Context()
	var paths []string
	for i := range 12 {
		name := fmt.Sprintf("f%02d", i)
		sum := put(t, s, name, strings.Repeat("x", 1000)+name)
		path, err := LocalCopyOf(ctx, "far://"+name, sum, -1)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
		long := time.Now().Add(-time.Hour).Add(time.Duration(i) * time.Minute)
		if i == 0 {
			long = time.Now() // in use: it stays
		}
		if err := os.Chtimes(filepath.Dir(path), long, long); err != nil {
			t.Fatal(err)
		}
	}
	files, err := NewLocal(dir).List(ctx, ".")
	total := int64(0)
	for _, f := range files {
		total += f.Size
	}
	if err != nil || total > 10000 || len(files) < 5 {
		t.Errorf("%d files of %d bytes, %v, want 5 or more of 10000 in all", len(files), total, err)
	}
	for i, want := range map[int]bool{0: true, 1: false, 2: false, 11: true} {
		if _, err := os.Stat(paths[i]); (err == nil) != want {
			t.Errorf("file %d: kept %v, want %v", i, err == nil, want)
		}
	}
	t.Setenv(CacheSizeEnv, "plenty")
	if _, err := LocalCopy(ctx, "far://f00"); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("size %q: %v, want invalid", "plenty", err)
	}
}

// A remote dataset reads as the local one does, from the cache, and Verify
// trusts no cache.
func TestRemoteDataset(t *testing.T) {
	s, _ := far(t)
	src := os.DirFS("testdata/v1")
	var names []string
	err := fs.WalkDir(src, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		names = append(names, name)
		b, err := fs.ReadFile(src, name)
		if err == nil {
			put(t, s, "d/"+name, string(b))
		}
		return err
	})
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	read := func(dir string) (all []byte) {
		d, err := Open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range d.SplitNames() {
			split, err := d.Split(name)
			if err != nil {
				t.Fatal(err)
			}
			for i := range split.Len() {
				ex, err := split.Example(i)
				if err != nil {
					t.Fatal(err)
				}
				all = fmt.Appendf(all, "%+v\n", *ex)
			}
			if err := split.Close(); err != nil {
				t.Fatal(err)
			}
		}
		return all
	}
	want := read("testdata/v1")
	if got := read("far://d"); !bytes.Equal(got, want) {
		t.Error("the remote dataset reads differently")
	}
	before := s.opened.Load()
	read("far://d")
	if n := s.opened.Load() - before; n != 0 {
		t.Errorf("the second reading opened %d shards, want those of the cache", n)
	}
	if report, err := Verify(t.Context(), "far://d", nil); err != nil || len(report.Findings) > 0 {
		t.Fatalf("verify: %+v, %v", report, err)
	}
	d, err := Open(t.Context(), "far://d")
	if err != nil {
		t.Fatal(err)
	}
	shard := d.Manifest.Splits[0].Shards[0].Path
	if sum, err := Inspect(t.Context(), "far://d/"+shard); err != nil || sum.Path != "far://d/"+shard {
		t.Errorf("inspect shard: %+v, %v", sum, err)
	}
	f, err := s.Local.Open(t.Context(), "d/"+shard)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	put(t, s, "d/"+shard, string(b))
	if report, err := Verify(t.Context(), "far://d", nil); !errors.Is(err, ErrCorrupt) || report == nil || report.Findings[0].Path != shard {
		t.Errorf("verify of a damaged shard: %+v, %v", report, err)
	}
}
