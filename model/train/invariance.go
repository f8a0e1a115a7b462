package train

import (
	"context"
	"fmt"
	"math"
	"slices"

	"framewise/corpus/draw"
	"framewise/model"
	"framewise/model/results"
)

// invarianceTolerance is how far a posterior may be from itself in another
// batch. Where sums are made in one order whatever the batch, the difference is
// 0; the rounding of kernels that take another order for another shape stays
// below it.
const invarianceTolerance = 1e-5

// The size of the check: that many examples, evenly over the lengths that there
// are, that many ways to put them into batches of up to that many.
const (
	invarianceExamples = 64
	invarianceRounds   = 4
	invarianceTogether = 16
)

// batchInvariance compares the posteriors of examples alone with those of the
// same examples in batches drawn at random: of any size, beside any others, at
// any place.
func (t *trained) batchInvariance(ctx context.Context, r *reader, fit []item) (*results.BatchInvariance, error) {
	fit = spread(fit, invarianceExamples)
	c := &invariance{reader: r, net: t.net, fit: fit, alone: make([][]float32, len(fit)),
		out: &results.BatchInvariance{Examples: len(fit), Rounds: invarianceRounds, Tolerance: invarianceTolerance}}
	for i := range fit {
		if err := c.batch(ctx, []int{i}); err != nil {
			return nil, err
		}
	}
	for round := range invarianceRounds {
		for _, batch := range drawBatches(len(fit), t.cfg.Seed, round) {
			if err := c.batch(ctx, batch); err != nil {
				return nil, err
			}
			c.out.Batches++
		}
	}
	c.out.BitEqual = c.out.MaxDifference == 0
	c.out.Holds = c.out.MaxDifference <= c.out.Tolerance
	return c.out, nil
}

// spread takes up to n items, evenly over their order by length.
func spread(items []item, n int) []item {
	sorted := slices.Clone(items)
	slices.SortStableFunc(sorted, func(a, b item) int { return a.frames - b.frames })
	if len(sorted) <= n {
		return sorted
	}
	some := make([]item, n)
	for i := range some {
		some[i] = sorted[i*(len(sorted)-1)/(n-1)]
	}
	return some
}

// drawBatches cuts 0 to n-1, in a drawn order, into batches of drawn sizes.
func drawBatches(n int, seed uint64, round int) [][]int {
	order := make([][]int, n)
	for i := range order {
		order[i] = []int{i}
	}
	key := draw.New(seed, "batch invariance", "", round)
	shuffle(order, key)
	var batches [][]int
	for len(order) > 0 {
		size := min(1+key.IntN(n+len(batches), invarianceTogether), len(order))
		batches = append(batches, slices.Concat(order[:size]...))
		order = order[size:]
	}
	return batches
}

// invariance is a check under way.
type invariance struct {
	reader *reader
	net    *model.Network
	fit    []item
	alone  [][]float32 // posteriors, once known
	b      model.Batch
	out    *results.BatchInvariance
}

// batch runs examples together. The first time that it meets an example it
// keeps its posteriors, later it compares with them.
func (c *invariance) batch(ctx context.Context, places []int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	indices := make([]int, len(places))
	for j, i := range places {
		indices[j] = c.fit[i].index
	}
	if _, err := c.reader.load(&c.b, indices, 0); err != nil {
		return err
	}
	p, err := c.net.Forward(&c.b)
	if err != nil {
		return err
	}
	for j, i := range places {
		n := c.net.OutLen(c.b.Lens[j])
		if c.alone[i] == nil {
			for t := range n {
				c.alone[i] = append(c.alone[i], p.Row(t, j)...)
			}
			continue
		}
		if len(c.alone[i]) != n*p.K {
			return fmt.Errorf("example %q has %d posteriors alone and %d in a batch", c.b.IDs[j], len(c.alone[i]), n*p.K)
		}
		for t := range n {
			for k, v := range p.Row(t, j) {
				c.differs(float64(v)-float64(c.alone[i][t*p.K+k]), j, t+p.Crop, k)
			}
		}
	}
	return nil
}

// differs notes a difference if it is the largest so far; a NaN is.
func (c *invariance) differs(d float64, column, frame, class int) {
	if d = math.Abs(d); d != d {
		d = math.Inf(1)
	}
	if d <= c.out.MaxDifference {
		return
	}
	c.out.MaxDifference = math.Min(d, math.MaxFloat64) // JSON has no infinity
	c.out.Worst = &results.BatchDifference{Example: c.b.IDs[column], Frame: frame, Class: class,
		Batch: slices.Clone(c.b.IDs), Difference: c.out.MaxDifference}
}
