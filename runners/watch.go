package runners

import (
	"context"
	"fmt"
	"time"
)

// watch calls run and gives it up when activity's number stays the same for
// longer than stall. A run that does not come back when its context ends is
// left behind: engines that lost their workers wait for ever. What it may still
// do is for its caller to fence off, as pipelines.Build does.
func watch(ctx context.Context, stall time.Duration, activity func() int64, run func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	var tick <-chan time.Time
	if stall > 0 && activity != nil {
		t := time.NewTicker(min(stall/4+1, time.Second))
		defer t.Stop()
		tick = t.C
	} else {
		activity = func() int64 { return 0 }
	}
	last, since := activity(), time.Now()
	for {
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
			return leave(ctx, done)
		case <-tick:
			if n := activity(); n != last {
				last, since = n, time.Now()
			} else if time.Since(since) > stall {
				cancel(fmt.Errorf("%w for %v: are the workers running?", ErrStalled, stall))
			}
		}
	}
}

// leave waits a little for a run whose context has ended, so that it can put
// its house in order, and says why it ended.
func leave(ctx context.Context, done <-chan error) error {
	select {
	case <-done:
	case <-time.After(2 * time.Second):
	}
	return context.Cause(ctx)
}
