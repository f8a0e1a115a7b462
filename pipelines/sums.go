package pipelines

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sync/singleflight"

	"framewise/corpus/audio"
)

// sums remembers the SHA-256 of the recordings that this process has read, so
// that a recording of many utterances, or of many examples, is hashed once.
var sums = newSumCache(maxSums, audio.Sum)

// maxSums bounds the cache. A checksum weighs 75 to 120 bytes, so that a million
// recordings come to at most as much as their planning does.
const maxSums = 1 << 20

// sumCache holds checksums in two generations: once the young one has half of
// the limit, it becomes the old one, whose checksums are forgotten unless
// somebody asked for them. What is asked for again and again therefore stays,
// without a list of who was asked for when, which would weigh more than the
// checksums.
type sumCache struct {
	limit  int
	hash   func(path string) (string, error)
	flight singleflight.Group

	mu         sync.Mutex
	young, old map[fileKey]digest
}

// fileKey names a file as it was when it was looked at: a hash of its path and
// of which file it is, of what size and from when.
type fileKey [16]byte

type digest [sha256.Size]byte

func newSumCache(limit int, hash func(path string) (string, error)) *sumCache {
	return &sumCache{limit: limit, hash: hash, young: map[fileKey]digest{}}
}

// fileSum is the checksum of a file as it was.
type fileSum struct {
	info os.FileInfo
	sum  string // SHA-256, hexadecimal
}

// stands says whether the file is still the one that was hashed.
func (f *fileSum) stands(path string) bool {
	info, err := os.Stat(path)
	return err == nil && audio.SameFile(f.info, info)
}

// of is the checksum of a file. Callers that ask for one file at once wait for
// one of them to compute it; one that failed is tried again.
func (c *sumCache) of(path string) (*fileSum, error) {
	info, err := os.Stat(path)
	if err != nil {
		_, err = audio.Sum(path) // has the words for it
		return nil, cmp.Or(err, errors.New("the file came while it was looked for"))
	}
	key := keyOf(path, info)
	sum, known := c.find(key)
	if !known {
		made, err, _ := c.flight.Do(string(key[:]), func() (any, error) { return c.make(key, path) })
		if err != nil {
			return nil, err
		}
		sum = made.(digest)
	}
	return &fileSum{info, hex.EncodeToString(sum[:])}, nil
}

// make computes the checksum of a file, unless somebody just did.
func (c *sumCache) make(key fileKey, path string) (sum digest, err error) {
	if sum, known := c.find(key); known {
		return sum, nil
	}
	text, err := c.hash(path)
	if err != nil {
		return sum, err
	}
	if _, err := hex.Decode(sum[:], []byte(text)); err != nil {
		return sum, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(key, sum)
	return sum, nil
}

// keyOf is as [audio.SameFile] has it: a file that was replaced by another of
// its size and time has another key.
func keyOf(path string, info os.FileInfo) fileKey {
	device, inode := inodeOf(info)
	h := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d %d %d %d", path, device, inode, info.Size(), info.ModTime().UnixNano()))
	return fileKey(h[:])
}

// find looks a checksum up, which makes it young again.
func (c *sumCache) find(key fileKey) (digest, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if sum, ok := c.young[key]; ok {
		return sum, true
	}
	sum, ok := c.old[key]
	if ok {
		c.keep(key, sum)
	}
	return sum, ok
}

// keep adds to the young generation.
func (c *sumCache) keep(key fileKey, sum digest) {
	if len(c.young) >= max(c.limit/2, 1) {
		c.old, c.young = c.young, map[fileKey]digest{}
	}
	delete(c.old, key)
	c.young[key] = sum
}
