package gcs

import "sync/atomic"

// counter counts failures in a row.
type counter struct {
	left  atomic.Int64
	start int64
}

// newCounter allows attempts in all, the first among them.
func newCounter(attempts int) *counter {
	c := &counter{start: int64(attempts) - 1}
	c.reset()
	return c
}

// more says whether another attempt is allowed.
func (c *counter) more() bool { return c.left.Add(-1) >= 0 }

func (c *counter) reset() { c.left.Store(c.start) }
