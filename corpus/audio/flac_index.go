package audio

import (
	"os"
	"sort"
	"sync"
	"sync/atomic"
)

// flacIndex remembers where frames of a FLAC file begin, as passes over it come
// by. A range is then decoded from the last such place before it: an hour that
// is cut into a thousand utterances is decoded once, not a thousand times from
// its beginning. Seeking by a guess and a frame's sync code would need no
// memory, but a sync code may be part of the samples.
type flacIndex struct {
	mu     sync.Mutex
	places []flacPlace // rising, from the first frame on without a hole
	total  int64       // samples of a file that does not state them; 0 = not counted yet
}

// flacPlace is the beginning of a frame.
type flacPlace struct{ sample, offset int64 }

// indexStep is the samples between two places, at least: a few frames.
const indexStep = 1 << 15

// note adds a place that a pass has come to.
func (x *flacIndex) note(p flacPlace) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if n := len(x.places); n == 0 || p.sample >= x.places[n-1].sample+indexStep {
		x.places = append(x.places, p)
		indexes.places.Add(1)
	}
}

// before is the last place at or before a sample. There is a first one.
func (x *flacIndex) before(sample int64) flacPlace {
	x.mu.Lock()
	defer x.mu.Unlock()
	i := sort.Search(len(x.places), func(i int) bool { return x.places[i].sample > sample })
	return x.places[max(i-1, 0)]
}

func (x *flacIndex) len() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.places)
}

func (x *flacIndex) count() int64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.total
}

func (x *flacIndex) setCount(n int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.total = n
}

// indexes keeps the indexes of this process, since recordings are opened anew
// for every utterance.
var indexes = newIndexCache(maxPlaces)

// maxPlaces bounds what the cache holds: 64 MB, or more than 2000 hours at
// 16 kHz. A file weighs as much as so many places beside its own.
const (
	maxPlaces  = 1 << 22
	filePlaces = 32
)

// indexCache holds indexes in two generations: once the young one has half of
// the places, it becomes the old one, and what is in that is forgotten unless
// it was asked for.
type indexCache struct {
	limit  int64
	places atomic.Int64 // of the young

	mu         sync.Mutex
	young, old map[string]cachedIndex // by path
}

type cachedIndex struct {
	info  os.FileInfo // of the file as it was
	index *flacIndex
}

func newIndexCache(limit int64) *indexCache {
	return &indexCache{limit: limit, young: map[string]cachedIndex{}}
}

// of is the index of an open file, or nil if the source is not a file.
func (c *indexCache) of(s *source) *flacIndex {
	if s.info == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if x, ok := c.young[s.path]; ok && SameFile(x.info, s.info) {
		return x.index
	}
	x, ok := c.old[s.path]
	if !ok || !SameFile(x.info, s.info) {
		x = cachedIndex{s.info, &flacIndex{}}
	}
	if c.places.Load() >= c.limit/2 {
		c.old, c.young = c.young, map[string]cachedIndex{}
		c.places.Store(0)
	}
	delete(c.old, s.path)
	c.young[s.path] = x
	c.places.Add(filePlaces + int64(x.index.len()))
	return x.index
}

// SameFile says whether two looks at a path saw one file of one size that was
// not written to between them.
func SameFile(a, b os.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
