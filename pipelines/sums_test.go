package pipelines

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"framewise/corpus/audio"
)

// countedSums is a cache that counts how often each file was hashed.
func countedSums(limit int) (*sumCache, func(path string) int64) {
	var counts sync.Map
	count := func(path string) *atomic.Int64 {
		n, _ := counts.LoadOrStore(path, &atomic.Int64{})
		return n.(*atomic.Int64)
	}
	hash := func(path string) (string, error) { count(path).Add(1); return audio.Sum(path) }
	return newSumCache(limit, hash), func(path string) int64 { return count(path).Load() }
}

func (c *sumCache) size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.young) + len(c.old)
}

func mustSum(t *testing.T, c *sumCache, path string) string {
	t.Helper()
	f, err := c.of(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := audio.Sum(path)
	if err != nil || f.sum != want {
		t.Fatalf("%s: SHA-256 %s, want %s (%v)", path, f.sum, want, err)
	}
	return f.sum
}

// numbered writes n little files.
func numbered(t *testing.T, n int) []string {
	t.Helper()
	dir := t.TempDir()
	paths := make([]string, n)
	for i := range paths {
		paths[i] = filepath.Join(dir, fmt.Sprint(i))
		writeFile(t, paths[i], []byte(paths[i]))
	}
	return paths
}

// Recordings that are met again are hashed once, as long as their checksums
// have room; one that is met all the time is, however many come between.
func TestRecordingsAreHashedOnce(t *testing.T) {
	paths := numbered(t, 40)
	c, hashed := countedSums(2 * len(paths))
	for range 4 {
		for i := range paths {
			mustSum(t, c, paths[i*7%len(paths)])
		}
	}
	for _, p := range paths {
		if n := hashed(p); n != 1 {
			t.Errorf("%s was hashed %d times, want once", p, n)
		}
	}
	c, hashed = countedSums(10)
	hot := paths[0]
	for range 3 {
		for _, p := range paths[1:] {
			mustSum(t, c, p)
			mustSum(t, c, hot)
			if n := c.size(); n > 10 {
				t.Fatalf("%d checksums are kept, want at most 10", n)
			}
		}
	}
	if n := hashed(hot); n != 1 {
		t.Errorf("a recording that is asked for all the time was hashed %d times, want once", n)
	}
	if n := hashed(paths[1]); n != 3 {
		t.Errorf("a recording of a round of %d was hashed %d times in 3 rounds with room for 10", len(paths), n)
	}
}

// Many that ask for one recording at once wait for one of them.
func TestOneRecordingAtOnceIsHashedOnce(t *testing.T) {
	path := numbered(t, 1)[0]
	c, hashed := countedSums(4)
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			if _, err := c.of(path); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n := hashed(path); n != 1 {
		t.Errorf("hashed %d times, want once", n)
	}
}

// A file that takes the place of another of its size and time is hashed again.
func TestReplacedRecordingIsHashedAgain(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no inodes that os.Stat tells")
	}
	dir := t.TempDir()
	path, other := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	old := time.Now().Add(-time.Hour)
	for _, f := range [][2]string{{path, "one"}, {other, "two"}} {
		writeFile(t, f[0], []byte(f[1]))
		if err := os.Chtimes(f[0], old, old); err != nil {
			t.Fatal(err)
		}
	}
	c, _ := countedSums(4)
	mustSum(t, c, path)
	before, err := c.of(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other, path); err != nil {
		t.Fatal(err)
	}
	if before.stands(path) {
		t.Error("the file that was replaced stands")
	}
	mustSum(t, c, path)
}

// A checksum that could not be computed is computed again: what failed once
// may work now.
func TestFailedChecksumIsNotKept(t *testing.T) {
	path := numbered(t, 1)[0]
	fails := true
	c := newSumCache(4, func(path string) (string, error) {
		if fails {
			return "", errors.New("no luck")
		}
		return audio.Sum(path)
	})
	if _, err := c.of(path); err == nil || c.size() != 0 {
		t.Errorf("%v, and %d checksums", err, c.size())
	}
	fails = false
	mustSum(t, c, path)
	if _, err := sums.of(t.TempDir()); err == nil {
		t.Error("a folder has a checksum")
	}
}
