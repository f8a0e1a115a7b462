package gcs

import (
	"context"
	"fmt"
	"time"

	"framewise/dataset"
)

// watch ends a context when nothing has moved for the store's patience: a
// connection that hangs is no reason to hang too.
type watch struct {
	timer    *time.Timer
	patience time.Duration
	cancel   context.CancelCauseFunc
}

func (s *Store) noAnswer() error {
	return fmt.Errorf("no answer for %s: %w", s.opt.Patience, dataset.ErrUnavailable)
}

// watch begins one. What it watches calls tick whenever it gets on.
func (s *Store) watch(ctx context.Context) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watch{patience: s.opt.Patience, cancel: cancel}
	w.timer = time.AfterFunc(w.patience, func() { cancel(s.noAnswer()) })
	return ctx, w
}

func (w *watch) tick() { w.timer.Reset(w.patience) }

func (w *watch) stop() {
	w.timer.Stop()
	w.cancel(nil)
}
