package pipelines

import (
	"context"
	"errors"
	"sync"
	"time"
)

// errOver is the error of a shard that came up for making after its build had
// ended.
var errOver = errors.New("the build that the shard is for is over")

// A gate is what goes through to make a build's shards in this process. A
// runner that is given up, or loses its patience, may come back before its
// workers: the gate then keeps them from beginning anything more, and knows when
// the last one is out.
type gate struct {
	mu     sync.Mutex
	over   context.Context
	shut   context.CancelFunc
	inside sync.WaitGroup
}

func newGate() *gate {
	g := &gate{}
	g.over, g.shut = context.WithCancel(context.Background())
	return g
}

// enter lets the caller make a shard until it calls leave, with a context that
// ends with the build.
func (g *gate) enter(ctx context.Context) (inside context.Context, leave func(), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over.Err() != nil {
		return nil, nil, errOver
	}
	g.inside.Add(1)
	inside, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(g.over, cancel)
	return inside, func() {
		stop()
		cancel()
		g.inside.Done()
	}, nil
}

// end ends the build: nobody enters any more, and who is inside is told to stop.
// The channel is closed once all have left.
func (g *gate) end() (empty <-chan struct{}) {
	g.mu.Lock()
	g.shut()
	g.mu.Unlock()
	left := make(chan struct{})
	go func() {
		g.inside.Wait()
		close(left)
	}()
	return left
}

// vacatePatience is how long a build waits for those that still make shards of
// it, before it leaves them behind. Only tests change it.
var vacatePatience = 2 * time.Second

// vacate ends a build in this process and lets its place go, but not before the
// last of its shards has stopped: whoever builds there next would find it
// written over what is his. If that takes long, as on a disk that hangs, the
// place stays locked after vacate has returned, which says so.
func vacate(id string, release func()) (left bool) {
	empty := countsOf(id).gate.end()
	select {
	case <-empty:
		release()
		return true
	case <-time.After(vacatePatience):
		go func() {
			<-empty
			release()
		}()
		return false
	}
}
