package gcs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptrace"
	"sync/atomic"

	"cloud.google.com/go/storage"

	"framewise/dataset"
)

// body is the answer to one request for the rest of an object.
type body struct {
	*storage.Reader
	ctx   context.Context
	watch *watch
}

// errCut is why the context of a body ends when the connection broke: the
// library would ask for the rest at once, and again for ever.
var errCut = fmt.Errorf("the connection broke: %w", dataset.ErrUnavailable)

// request asks for an object from a byte on.
func (s *Store) request(ctx context.Context, o *storage.ObjectHandle, from int64) (*body, error) {
	b := &body{}
	b.ctx, b.watch = s.watch(ctx)
	var answered atomic.Bool
	traced := httptrace.WithClientTrace(b.ctx, &httptrace.ClientTrace{GetConn: func(string) {
		if answered.Load() {
			b.watch.cancel(errCut)
		}
	}})
	var err error
	if b.Reader, err = o.NewRangeReader(traced, from, -1); err != nil {
		if cause := context.Cause(b.ctx); cause != nil {
			err = cause
		}
		b.watch.stop()
		return nil, err
	}
	answered.Store(true)
	return b, nil
}

// Read reads what comes. Nothing is waited for between calls.
func (b *body) Read(p []byte) (int, error) {
	b.watch.tick()
	n, err := b.Reader.Read(p)
	b.watch.timer.Stop()
	if err != nil && err != io.EOF {
		if cause := context.Cause(b.ctx); cause != nil {
			err = cause
		}
	}
	return n, err
}

func (b *body) Close() error {
	b.watch.stop()
	if err := b.Reader.Close(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
