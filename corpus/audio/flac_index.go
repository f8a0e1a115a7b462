package audio

import (
	"os"
	"sort"
	"sync"
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
	}
}

// before is the last place at or before a sample. There is a first one.
func (x *flacIndex) before(sample int64) flacPlace {
	x.mu.Lock()
	defer x.mu.Unlock()
	i := sort.Search(len(x.places), func(i int) bool { return x.places[i].sample > sample })
	return x.places[max(i-1, 0)]
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
var indexes = indexCache{files: map[string]cachedIndex{}}

// maxIndexes bounds the cache: past it, it starts anew. An index of an hour at
// 16 kHz has 28 kB.
const maxIndexes = 1024

type indexCache struct {
	mu    sync.Mutex
	files map[string]cachedIndex
}

type cachedIndex struct {
	info  os.FileInfo // of the file as it was
	index *flacIndex
}

// of is the index of an open file, or nil if the source is not a file.
func (c *indexCache) of(s *source) *flacIndex {
	if s.info == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.files[s.path]; ok && SameFile(old.info, s.info) {
		return old.index
	}
	if len(c.files) >= maxIndexes {
		clear(c.files)
	}
	x := &flacIndex{}
	c.files[s.path] = cachedIndex{s.info, x}
	return x
}

// SameFile says whether two looks at a path saw one file of one size that was
// not written to between them.
func SameFile(a, b os.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
