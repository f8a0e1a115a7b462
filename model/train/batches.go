package train

import (
	"cmp"
	"slices"

	"framewise/corpus/draw"
	"framewise/model"
)

// item is an example as the planner sees it.
type item struct {
	index  int // in its split
	frames int
}

// lengthJitter is how far, as a share of its length, an example may wander
// from its place in the order of lengths, so that batches differ from epoch to
// epoch. It trades variety against padding: at 0.04 and 4800 frames a batch,
// some 3 % of the cells are padding.
const lengthJitter = 0.04

// planEpoch cuts the items into batches, as lists of indices, and shuffles
// them. It is a pure function of its arguments, whatever the order of the
// items; every item is in exactly one batch. Batches under a budget of frames
// hold examples of about one length, and no more than fit when padded to the
// longest; an example over the budget is a batch of its own.
func planEpoch(items []item, id func(index int) string, c BatchConfig, seed uint64, epoch int) [][]int {
	type entry struct {
		item
		hash   uint64
		length float64
	}
	entries := make([]entry, len(items))
	for i, it := range items {
		key := draw.New(seed, "batch", id(it.index), epoch)
		e := entry{item: it, hash: key.At(0)}
		if c.Utterances != 1 { // single utterances need no order of lengths
			e.length = float64(it.frames) * (1 + lengthJitter*(2*key.Float64(1)-1))
		}
		entries[i] = e
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.length, b.length), cmp.Compare(a.hash, b.hash), cmp.Compare(a.index, b.index))
	})
	lengths := make([]item, len(entries))
	for i, e := range entries {
		lengths[i] = e.item
	}
	plan := cut(lengths, c)
	shuffle(plan, draw.New(seed, "batch order", "", epoch))
	return plan
}

// shuffle puts the batches in a drawn order (Fisher and Yates).
func shuffle(plan [][]int, key draw.Key) {
	for i := len(plan) - 1; i > 0; i-- {
		j := key.IntN(i, i+1)
		plan[i], plan[j] = plan[j], plan[i]
	}
}

// planSorted cuts the items into batches in the order of their lengths, for a
// pass that trains nothing.
func planSorted(items []item, frames int) [][]int {
	sorted := slices.Clone(items)
	slices.SortFunc(sorted, func(a, b item) int {
		return cmp.Or(cmp.Compare(a.frames, b.frames), cmp.Compare(a.index, b.index))
	})
	return cut(sorted, BatchConfig{Frames: frames})
}

// cut divides a row of examples into batches that fit. Under a budget of
// frames their sizes are those that model.BatchSize allows, so that a network
// needs few graphs.
func cut(items []item, c BatchConfig) [][]int {
	var plan [][]int
	for len(items) > 0 {
		n := min(len(items), max(1, c.Utterances))
		if c.Frames > 0 {
			longest := 0
			for n = 0; n < len(items); n++ {
				longest = max(longest, items[n].frames)
				if n > 0 && longest*(n+1) > c.Frames {
					break
				}
			}
			n = model.BatchSize(n)
		}
		batch := make([]int, n)
		for i, it := range items[:n] {
			batch[i] = it.index
		}
		plan, items = append(plan, batch), items[n:]
	}
	return plan
}
