package decode

import (
	"cmp"
	"math"
	"slices"
)

// candidate is a prefix that may be kept: one of the beam, or one of the beam
// longer by a class.
type candidate struct {
	score float64
	from  int32 // place in the beam
	class int32 // -1: not longer
	order int32 // in which it was offered
}

// worse says whether c loses against o.
func (c candidate) worse(o candidate) bool {
	return c.score < o.score || c.score == o.score && c.order > o.order
}

func compareDown(a, b float64) int { return cmp.Compare(b, a) }

// heap keeps the best candidates that it was offered, as many as it has room
// for, the worst of them on top.
type heap struct {
	room    int
	offered int32
	c       []candidate
}

func (h *heap) reset() { h.c, h.offered = h.c[:0], 0 }

// offer takes a candidate if it is possible and among the best so far.
func (h *heap) offer(c candidate) {
	c.order = h.offered
	h.offered++
	if math.IsInf(c.score, -1) {
		return
	}
	if len(h.c) < h.room {
		h.c = append(h.c, c)
		h.up(len(h.c) - 1)
		return
	}
	if h.c[0].worse(c) {
		h.c[0] = c
		h.down()
	}
}

func (h *heap) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !h.c[i].worse(h.c[parent]) {
			return
		}
		h.c[i], h.c[parent] = h.c[parent], h.c[i]
		i = parent
	}
}

func (h *heap) down() {
	for i := 0; ; {
		worst := i
		for _, j := range [2]int{2*i + 1, 2*i + 2} {
			if j < len(h.c) && h.c[j].worse(h.c[worst]) {
				worst = j
			}
		}
		if worst == i {
			return
		}
		h.c[i], h.c[worst] = h.c[worst], h.c[i]
		i = worst
	}
}

// sorted gives what was kept, the best first; the heap has to be reset after it.
func (h *heap) sorted() []candidate {
	slices.SortFunc(h.c, func(a, b candidate) int {
		return cmp.Or(compareDown(a.score, b.score), cmp.Compare(a.order, b.order))
	})
	return h.c
}
