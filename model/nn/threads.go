package nn

import (
	"runtime"
	"sync"
	"sync/atomic"
)

var threads atomic.Int64

func init() { threads.Store(int64(runtime.GOMAXPROCS(0))) }

// SetThreads sets the number of goroutines that an operation may use, from 1;
// it is GOMAXPROCS at first. Results do not depend on it.
func SetThreads(n int) { threads.Store(int64(max(1, n))) }

// Threads is the number of goroutines that an operation may use.
func Threads() int { return int(threads.Load()) }

// parallel runs f over [0, n) in up to `parts` ranges of at least least
// elements, one goroutine each.
func parallel(parts, n, least int, f func(lo, hi int)) {
	parts = max(1, min(parts, n/max(1, least)))
	var wg sync.WaitGroup
	for i := 1; i < parts; i++ {
		wg.Go(func() { f(i*n/parts, (i+1)*n/parts) })
	}
	f(0, n/parts)
	wg.Wait()
}
