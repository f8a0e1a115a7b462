package gcs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"

	"cloud.google.com/go/storage"
	"github.com/googleapis/gax-go/v2"

	"framewise/dataset"
)

// file is a generation of an object, open for reading.
type file struct {
	ctx    context.Context
	store  *Store
	name   string
	object *storage.ObjectHandle // of the generation
	size   int64
	crc    uint32 // as the service states it

	body *body // what Read reads; nil when it has to be asked for
	read int64
	sum  uint32
	err  error // that Read ended with
}

// Open opens the object that is there now. It is not read before Read or ReadAt
// are called.
func (s *Store) Open(ctx context.Context, name string) (dataset.File, error) {
	return s.open(ctx, name)
}

func (s *Store) open(ctx context.Context, name string) (*file, error) {
	a, err := s.attrs(ctx, "open", name)
	if err != nil {
		return nil, err
	}
	if a.ContentEncoding != "" {
		// The service would unpack it on the way, and no size or checksum would fit.
		return nil, fmt.Errorf("open %s: it is stored with the content encoding %q, want bytes as they are: upload it again without compression", s.uri(name), a.ContentEncoding)
	}
	return &file{ctx: ctx, store: s, name: name, size: a.Size, crc: a.CRC32C,
		object: s.bucket.Object(s.prefix + name).Generation(a.Generation)}, nil
}

func (f *file) Size() int64 { return f.size }

// Read reads the object from its beginning. What it has read by io.EOF has the
// object's size and CRC32C. A connection that breaks is made again.
func (f *file) Read(p []byte) (int, error) {
	if f.err != nil || len(p) == 0 {
		return 0, f.err
	}
	pauses := f.store.opt.Backoff
	for failures := 1; ; failures++ {
		n, err := f.more(p)
		f.read += int64(n)
		f.sum = crc32.Update(f.sum, castagnoli, p[:n])
		switch {
		case err == nil && f.read <= f.size:
			return n, nil
		case err == nil || err == io.EOF || f.read >= f.size:
			f.err = f.ended(err)
			return n, f.err
		case n > 0:
			return n, nil // it broke after these; the next call goes on
		case !f.passes(err) || failures >= f.store.opt.Attempts:
			f.err = f.store.failed(f.ctx, "read", f.name, err)
			return 0, f.err
		}
		if err := gax.Sleep(f.ctx, pauses.Pause()); err != nil {
			f.err = f.store.failed(f.ctx, "read", f.name, err)
			return 0, f.err
		}
	}
}

// more reads some bytes, and closes the body if it fails.
func (f *file) more(p []byte) (n int, err error) {
	if f.body == nil {
		if f.body, err = f.store.request(f.ctx, f.object, f.read); err != nil {
			return 0, err
		}
	}
	n, err = f.body.Read(p)
	if err != nil {
		_ = f.body.Close() // err says more
		f.body = nil
	}
	return n, err
}

// passes says whether an error may not come again. What the library has tried
// again for long enough is none of these.
func (f *file) passes(err error) bool {
	return f.ctx.Err() == nil && (errors.Is(err, errCut) || errors.Is(err, io.ErrUnexpectedEOF))
}

// ended says what the end of the object means.
func (f *file) ended(err error) error {
	if f.read == f.size && f.sum == f.crc && (err == nil || err == io.EOF) {
		return io.EOF
	}
	err = fmt.Errorf("%d bytes with CRC32C %08x arrived, the object has %d with %08x", f.read, f.sum, f.size, f.crc)
	return newFailure("read", f.store.uri(f.name), err, dataset.ErrCorrupt, "")
}

// ReadAt reads a range, with a request of its own. Of a range the service
// states no checksum.
func (f *file) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 {
		return 0, fmt.Errorf("read %s: at %d, want 0 or more", f.store.uri(f.name), at)
	}
	want := min(int64(len(p)), f.size-at)
	if want <= 0 {
		if len(p) == 0 {
			return 0, nil
		}
		return 0, io.EOF
	}
	ctx, watch := f.store.watch(f.ctx)
	defer watch.stop()
	r, err := f.object.NewRangeReader(ctx, at, want)
	if err != nil {
		return 0, f.store.failed(ctx, "read", f.name, err)
	}
	n, err := io.ReadFull(r, p[:want])
	if err = errors.Join(err, r.Close()); err != nil {
		return n, f.store.failed(ctx, "read", f.name, err)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *file) Close() error {
	if f.err = fs.ErrClosed; f.body == nil {
		return nil
	}
	return f.body.Close()
}

// ReadFile reads a whole object, and again if it was damaged on the way.
func (s *Store) ReadFile(ctx context.Context, name string) (b []byte, err error) {
	for range transfers {
		if b, err = s.readOnce(ctx, name); !errors.Is(err, dataset.ErrCorrupt) {
			break
		}
	}
	return b, err
}

func (s *Store) readOnce(ctx context.Context, name string) (b []byte, err error) {
	f, err := s.open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var buf bytes.Buffer
	if _, err := buf.ReadFrom(f); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
