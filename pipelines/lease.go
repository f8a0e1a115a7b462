package pipelines

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"

	"framewise/corpus"
	"framewise/dataset"
)

// A lease is what a lock is where no operating system knows who is alive: an
// object that says who builds, and until when. It relies on stores other than
// local folders to refuse a writer whose file changed since it began
// (dataset.ErrConflict), and on clocks that agree to well within a leaseTerm.

// leaseTerm is how long a lease holds without being renewed, and leaseRenewal
// how often it is. Only tests change them.
var leaseTerm, leaseRenewal = 5 * time.Minute, time.Minute

// lease is the content of the object.
type lease struct {
	LockHolder
	Nonce string    `json:"nonce"` // of the build
	Ends  time.Time `json:"ends"`
}

// ownLeases are the nonces of this process's builds.
var ownLeases sync.Map

// claim makes this process the only builder of a place until release is called.
// The context that it returns ends when the place was lost to another. stale is
// a holder that was killed, nil if there was none.
func claim(ctx context.Context, out string, store dataset.Store) (owned context.Context, release func(), stale *LockHolder, err error) {
	if !corpus.IsRemote(out) {
		release, stale, err = lock(out)
		return ctx, release, stale, err
	}
	l := &lease{LockHolder: thisProcess(), Nonce: uuid.NewString()}
	ownLeases.Store(l.Nonce, true)
	if stale, err = l.take(ctx, store); err != nil {
		ownLeases.Delete(l.Nonce)
		return nil, nil, nil, fmt.Errorf("build into %q: %w", out, err)
	}
	owned, lose := context.WithCancelCause(ctx)
	// The lease is kept after a build was interrupted, until its last worker is out.
	kept, end := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := l.keep(kept, store); err != nil {
			lose(fmt.Errorf("build into %q: %w", out, err))
		}
	}()
	return owned, func() {
		lose(nil)
		end()
		<-done
		l.release(ctx, store)
		ownLeases.Delete(l.Nonce)
	}, stale, nil
}

// take writes the lease if nobody's holds.
func (l *lease) take(ctx context.Context, store dataset.Store) (stale *LockHolder, err error) {
	w, old, err := replace(ctx, store)
	if err != nil {
		return nil, err
	}
	if old != nil && !old.over(time.Now()) {
		who := fmt.Errorf("%w: %s; wait for its end, or name another place (its lease %s ends %s unless it is renewed)",
			ErrLocked, old.LockHolder, lockName, old.Ends.Format(time.RFC3339))
		return nil, errors.Join(who, w.Abort())
	}
	if err := l.write(w); errors.Is(err, dataset.ErrConflict) {
		return nil, fmt.Errorf("%w: it took the lease %s at this moment", ErrLocked, lockName)
	} else if err != nil {
		return nil, err
	}
	if old != nil {
		stale = &old.LockHolder
	}
	return stale, nil
}

// replace begins to replace the lease that is there, nil if there is none. That
// it begins before it reads is what makes Commit notice others.
func replace(ctx context.Context, store dataset.Store) (dataset.FileWriter, *lease, error) {
	w, err := store.Create(ctx, lockName)
	if err != nil {
		return nil, nil, err
	}
	b, err := store.ReadFile(ctx, lockName)
	if errors.Is(err, fs.ErrNotExist) {
		return w, nil, nil
	}
	if err != nil {
		return nil, nil, errors.Join(err, w.Abort())
	}
	old := &lease{}
	if err := json.Unmarshal(b, old); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%s is no lease: %w; remove it if no build is at work", lockName, err), w.Abort())
	}
	return w, old, nil
}

func (l *lease) write(w dataset.FileWriter) error {
	next := *l
	next.Ends = time.Now().Add(leaseTerm).UTC().Truncate(time.Millisecond)
	b, err := json.Marshal(next)
	if err == nil {
		_, err = w.Write(append(b, '\n'))
	}
	if err != nil {
		return errors.Join(err, w.Abort())
	}
	if err := w.Commit(); err != nil {
		return err
	}
	l.Ends = next.Ends
	return nil
}

// over says whether a lease holds no more: its time is up, or its holder was a
// process that would be seen here, and is gone.
func (l *lease) over(now time.Time) bool {
	if now.After(l.Ends) {
		return true
	}
	me := thisProcess()
	if l.Host != me.Host || l.PIDs == "" || l.PIDs != me.PIDs {
		return false
	}
	if l.PID == me.PID { // this build, or one whose PID came to be this process's
		_, mine := ownLeases.Load(l.Nonce)
		return !mine
	}
	p, err := os.FindProcess(l.PID)
	return err != nil || errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}

// keep renews the lease until the context ends. The error says why it is lost.
func (l *lease) keep(ctx context.Context, store dataset.Store) error {
	tick := time.NewTicker(leaseRenewal)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := l.renew(ctx, store)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, ErrLocked):
			return err
		case err != nil && time.Now().After(l.Ends):
			return fmt.Errorf("the lease %s could not be renewed in time: %w", lockName, err)
		}
	}
}

func (l *lease) renew(ctx context.Context, store dataset.Store) error {
	ctx, cancel := context.WithDeadline(ctx, l.Ends) // whoever is slower has lost it
	defer cancel()
	w, now, err := replace(ctx, store)
	if err != nil {
		return err
	}
	if now == nil || now.Nonce != l.Nonce {
		lost := fmt.Errorf("%w: it took the lease %s over, which this build had not renewed in time", ErrLocked, lockName)
		return errors.Join(lost, w.Abort())
	}
	if err := l.write(w); errors.Is(err, dataset.ErrConflict) {
		return fmt.Errorf("%w: it took the lease %s over", ErrLocked, lockName)
	} else if err != nil {
		return err
	}
	return nil
}

// release removes the lease, if it is still this build's. If that fails, it
// ends by itself.
func (l *lease) release(ctx context.Context, store dataset.Store) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	var now lease
	if b, err := store.ReadFile(ctx, lockName); err == nil && json.Unmarshal(b, &now) == nil && now.Nonce == l.Nonce {
		_ = store.Remove(ctx, lockName)
	}
}
