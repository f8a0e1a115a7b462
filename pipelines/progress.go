package pipelines

import (
	"sync"
	"sync/atomic"
)

// The stages of a build, as progress is told.
const (
	StageSurvey = "survey" // bytes of the manifest
	StagePlan   = "plan"   // utterances
	StageMake   = "make"   // examples
)

// counts are a build's counters in this process. DoFns that run elsewhere
// count for nobody.
type counts struct {
	members  atomic.Int64 // utterances read by the pipeline
	examples atomic.Int64 // examples made, dropped, or found made already
	made     atomic.Int64 // shards
	kept     atomic.Int64 // shards
	steps    atomic.Int64 // anything at all: what the watchdog looks at
	gate     *gate

	fault atomic.Pointer[error] // the first that ended a shard
}

// fail takes down the error that ends a shard, and returns it. A runner passes
// it on as words only.
func (c *counts) fail(err error) error {
	c.fault.CompareAndSwap(nil, &err)
	return err
}

// explain is the error of a run: what ended the first shard, if that was in
// this process, or what the runner says.
func (c *counts) explain(err error) error {
	if fault := c.fault.Load(); fault != nil {
		return *fault
	}
	return err
}

// builds are the builds of this process. They stay when they are over: a worker
// that comes late has to find that out.
var builds sync.Map // of *counts by Job.ID

// countsOf are the counters of a build; those of an unknown one in a process
// that only works for it.
func countsOf(id string) *counts {
	c, ok := builds.Load(id)
	if !ok {
		c, _ = builds.LoadOrStore(id, &counts{gate: newGate()})
	}
	return c.(*counts)
}

// slots limits the examples that are made at once in this process, over all
// DoFns and builds, to the number that the latest job asked for.
var slots = newLimiter()

// limiter is a semaphore whose size may change.
type limiter struct {
	mu    sync.Mutex
	freed *sync.Cond
	size  int
	used  int
}

func newLimiter() *limiter {
	l := &limiter{size: 1}
	l.freed = sync.NewCond(&l.mu)
	return l
}

func (l *limiter) resize(n int) {
	l.mu.Lock()
	l.size = max(n, 1)
	l.mu.Unlock()
	l.freed.Broadcast()
}

func (l *limiter) acquire() {
	l.mu.Lock()
	for l.used >= l.size {
		l.freed.Wait()
	}
	l.used++
	l.mu.Unlock()
}

func (l *limiter) release() {
	l.mu.Lock()
	l.used--
	l.mu.Unlock()
	l.freed.Signal()
}
