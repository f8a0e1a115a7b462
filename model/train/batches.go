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
// longest; an example over the budget is a batch of its own. Where all are
// padded to the longest of all, they are in batches of one size, of any lengths.
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
		if c.Utterances != 1 && c.Padding != PaddingLongest { // otherwise lengths need no order
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

// maxPadding is the share of a plan's cells that may be padding.
const maxPadding = 0.05

// paddingLimits are shares of one batch's cells that may be padding, tried in
// their order until those of the whole plan are few enough. Few examples, whose
// lengths are far apart, make small batches; the last limit is maxPadding, so
// that no plan has more.
var paddingLimits = []float64{1, 0.2, 0.15, 0.12, 0.1, 0.08, 0.065, maxPadding}

// cut divides a row of examples into batches that fit. Under a budget of
// frames their sizes are those that model.BatchSize allows, so that a network
// needs few graphs.
func cut(items []item, c BatchConfig) [][]int {
	size := c.Utterances
	if longest := c.target(items); longest > 0 && c.Frames > 0 {
		size = model.BatchSize(max(1, c.Frames/longest))
	}
	if size > 0 {
		plan, _ := divide(items, func(rest []item) int { return min(len(rest), size) })
		return plan
	}
	var plan [][]int
	padding := 1.0
	for i := 0; i < len(paddingLimits) && padding > maxPadding; i++ {
		plan, padding = divide(items, func(rest []item) int { return fitting(rest, c.Frames, paddingLimits[i]) })
	}
	return plan
}

// divide cuts a row of examples into batches of the next examples, as many as
// size says, and gives the share of padding.
func divide(items []item, size func(rest []item) int) (plan [][]int, padding float64) {
	frames, cells := 0, 0
	for len(items) > 0 {
		n := size(items)
		batch, longest := make([]int, n), 0
		for i, it := range items[:n] {
			batch[i] = it.index
			longest, frames = max(longest, it.frames), frames+it.frames
		}
		cells += longest * n
		plan, items = append(plan, batch), items[n:]
	}
	return plan, 1 - float64(frames)/float64(max(1, cells))
}

// fitting is how many of the first items make a batch: the largest size within
// the budget of frames and the limit of padding.
func fitting(items []item, budget int, limit float64) int {
	best, longest, frames := 1, 0, 0
	for i, it := range items {
		longest, frames = max(longest, it.frames), frames+it.frames
		cells := longest * (i + 1)
		if i > 0 && cells > budget {
			break
		}
		if model.BatchSize(i+1) == i+1 && float64(cells-frames) <= limit*float64(cells) {
			best = i + 1
		}
	}
	return best
}
