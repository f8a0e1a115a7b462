package train

import (
	"context"
	"time"

	"framewise/dataset"
	"framewise/model"
)

// ahead is how many batches a goroutine has ready before the network asks for
// them.
const ahead = 2

// loaded is a batch and where it came from.
type loaded struct {
	number   int // in the plan
	of       int // batches of the plan
	batch    *model.Batch
	examples []*dataset.Example
	err      error
}

// frames is the number of frames of the batch's examples, without padding.
func (l loaded) frames() int {
	sum := 0
	for _, ex := range l.examples {
		sum += int(ex.NumFrames)
	}
	return sum
}

// stream gives the batches of a plan in their order. Goroutines of its own read
// them, a bounded number ahead, into batches that are used again and again.
type stream struct {
	cancel context.CancelFunc
	lanes  []lane
	turn   int           // the lane that has the next batch
	given  *model.Batch  // what next gave last, of the lane before
	waited time.Duration // what next spent waiting
}

// lane is one goroutine's part of a plan: with n of them every n-th batch. So
// the order of batches is the plan's, however fast each is read.
type lane struct {
	ready chan loaded
	spare chan *model.Batch
}

// open starts reading at batch number from. The stream must be closed.
func (r *reader) open(ctx context.Context, plan [][]int, from, epoch int) *stream {
	ctx, cancel := context.WithCancel(ctx)
	s := &stream{cancel: cancel, lanes: make([]lane, max(1, r.readers))}
	for i := range s.lanes {
		l := lane{ready: make(chan loaded, ahead), spare: make(chan *model.Batch, ahead+2)}
		for range cap(l.spare) {
			l.spare <- &model.Batch{}
		}
		s.lanes[i] = l
		own := *r // what it reads into is its own
		own.scratch, own.folded = nil, nil
		go func() {
			defer close(l.ready)
			for n := from + i; n < len(plan); n += len(s.lanes) {
				if !own.fill(ctx, l, plan, n, epoch) {
					return
				}
			}
		}()
	}
	return s
}

// fill reads batch number n into a lane. It reports false if that was the last.
func (r *reader) fill(ctx context.Context, l lane, plan [][]int, n, epoch int) bool {
	next := loaded{number: n, of: len(plan)}
	select {
	case next.batch = <-l.spare:
	case <-ctx.Done():
		return false
	}
	next.examples, next.err = r.load(next.batch, plan[n], epoch)
	select {
	case l.ready <- next:
	case <-ctx.Done():
		return false
	}
	return next.err == nil
}

// next gives the next batch, which is valid until next is called again, and
// false after the last.
func (s *stream) next() (loaded, bool) {
	if s.given != nil {
		s.lanes[(s.turn+len(s.lanes)-1)%len(s.lanes)].spare <- s.given
	}
	begin := time.Now()
	l, ok := <-s.lanes[s.turn].ready
	s.waited += time.Since(begin)
	s.given, s.turn = l.batch, (s.turn+1)%len(s.lanes)
	return l, ok
}

// close ends the reading and waits for it.
func (s *stream) close() {
	s.cancel()
	for _, l := range s.lanes {
		for range l.ready { // until the goroutine closes it
		}
	}
}
