package train

import (
	"context"
	"time"

	"framewise/dataset"
	"framewise/model"
)

// ahead is how many batches are ready before the network asks for them.
const ahead = 2

// loaded is a batch and where it came from.
type loaded struct {
	number   int // in the plan
	batch    *model.Batch
	examples []*dataset.Example
	err      error
}

// stream reads the batches of a plan in their order in a goroutine of its own,
// a bounded number ahead, into batches that are used again and again.
type stream struct {
	cancel context.CancelFunc
	ready  chan loaded
	spare  chan *model.Batch
	last   *model.Batch
	waited time.Duration // what next spent waiting
}

// open starts reading at batch number from. The stream must be closed.
func (r *reader) open(ctx context.Context, plan [][]int, from, epoch int) *stream {
	ctx, cancel := context.WithCancel(ctx)
	s := &stream{cancel: cancel, ready: make(chan loaded, ahead), spare: make(chan *model.Batch, ahead+2)}
	for range cap(s.spare) {
		s.spare <- &model.Batch{}
	}
	go func() {
		defer close(s.ready)
		for n := from; n < len(plan); n++ {
			var l loaded
			select {
			case b := <-s.spare:
				l = loaded{number: n, batch: b}
			case <-ctx.Done():
				return
			}
			l.examples, l.err = r.load(l.batch, plan[n], epoch)
			select {
			case s.ready <- l:
			case <-ctx.Done():
				return
			}
			if l.err != nil {
				return
			}
		}
	}()
	return s
}

// next gives the next batch, which is valid until next is called again, and
// false after the last.
func (s *stream) next() (loaded, bool) {
	if s.last != nil {
		s.spare <- s.last
	}
	begin := time.Now()
	l, ok := <-s.ready
	s.waited += time.Since(begin)
	s.last = l.batch
	return l, ok
}

// close ends the reading and waits for it, so that the reader can be used again.
func (s *stream) close() {
	s.cancel()
	for range s.ready { // until the goroutine closes it
	}
}
