package gcs

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"net/http"
	"os"

	"cloud.google.com/go/storage"

	"framewise/dataset"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// writer spools a file, and uploads it at Commit.
type writer struct {
	ctx   context.Context
	store *Store
	name  string
	base  int64    // generation of the object when the writer began; 0 = there was none
	spool *os.File // nil once committed or aborted
	size  int64
	crc   uint32
}

// Create starts a file. What Commit replaces is the object that is there now,
// or nothing.
func (s *Store) Create(ctx context.Context, name string) (dataset.FileWriter, error) {
	w := &writer{ctx: ctx, store: s, name: name}
	a, err := s.attrs(ctx, "create", name)
	switch {
	case err == nil:
		w.base = a.Generation
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	if w.spool, err = spool(s.opt.SpoolDir); err != nil {
		return nil, fmt.Errorf("create %s: %w", s.uri(name), err)
	}
	return w, nil
}

// spool is a file without a name, so that nothing is left of it when the
// process is killed. Where an open file cannot lose its name, Abort removes it.
func spool(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "framewise-upload-*")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(f.Name())
	return f, nil
}

func (w *writer) Write(p []byte) (int, error) {
	if w.spool == nil {
		return 0, fmt.Errorf("write %s: %w", w.store.uri(w.name), fs.ErrClosed)
	}
	n, err := w.spool.Write(p)
	w.size += int64(n)
	w.crc = crc32.Update(w.crc, castagnoli, p[:n])
	if err != nil {
		return n, fmt.Errorf("write %s: %w", w.store.uri(w.name), err)
	}
	return n, nil
}

// Abort removes the spool file.
func (w *writer) Abort() error {
	if w.spool == nil {
		return nil
	}
	f := w.spool
	w.spool = nil
	err := f.Close()
	if rmErr := os.Remove(f.Name()); !errors.Is(rmErr, fs.ErrNotExist) {
		err = errors.Join(err, rmErr)
	}
	return err
}

// Commit uploads the file. It tries again where what arrived is not what was
// sent.
func (w *writer) Commit() error {
	if w.spool == nil {
		return fmt.Errorf("commit %s: %w", w.store.uri(w.name), fs.ErrClosed)
	}
	var err error
	for range transfers {
		if err = w.upload(); !errors.Is(err, dataset.ErrCorrupt) {
			break
		}
	}
	return errors.Join(err, w.Abort())
}

// transfers is how often bytes that were damaged on the way are sent or
// fetched again.
const transfers = 3

// upload sends the spooled file once, and finds out what became of it.
func (w *writer) upload() error {
	ctx, watch := w.store.watch(w.ctx)
	defer watch.stop()
	a, err := w.send(ctx, watch)
	switch code := status(err); {
	case code == http.StatusPreconditionFailed:
		return w.conflict(err)
	case code == http.StatusBadRequest:
		// The service says so of bytes that are not those of the checksum.
		return newFailure("commit", w.store.uri(w.name), err, dataset.ErrCorrupt, "")
	case code == http.StatusNotFound:
		return newFailure("commit", w.store.uri(w.name), err, dataset.ErrNoStore, "; is there such a bucket?")
	case err != nil:
		return w.store.failed(ctx, "commit", w.name, err)
	}
	if a.Size == w.size && a.CRC32C == w.crc {
		return nil
	}
	bad := fmt.Errorf("%d bytes with CRC32C %08x arrived, %d with %08x were sent: %w", a.Size, a.CRC32C, w.size, w.crc, dataset.ErrCorrupt)
	return errors.Join(w.store.failed(ctx, "commit", w.name, bad), w.store.removeGeneration(w.ctx, w.name, a.Generation))
}

// send makes the requests of an upload.
func (w *writer) send(ctx context.Context, watch *watch) (*storage.ObjectAttrs, error) {
	cond := storage.Conditions{DoesNotExist: true}
	if w.base != 0 {
		cond = storage.Conditions{GenerationMatch: w.base}
	}
	// The library counts no attempts of an upload, so they are counted here,
	// anew after each chunk.
	failures := newCounter(w.store.opt.Attempts)
	out := w.store.bucket.Object(w.store.prefix + w.name).If(cond).
		Retryer(storage.WithErrorFunc(func(err error) bool { return storage.ShouldRetry(err) && failures.more() })).NewWriter(ctx)
	out.ContentType = "application/octet-stream"
	out.CRC32C, out.SendCRC32C = w.crc, true
	out.ChunkSize = int(min(int64(w.store.opt.Chunk), w.size/chunkUnit*chunkUnit+chunkUnit)) // the library allocates so much
	out.ChunkRetryDeadline, out.ChunkTransferTimeout = w.store.opt.Patience, w.store.opt.Patience
	out.ProgressFunc = func(int64) { failures.reset(); watch.tick() }
	if _, err := io.Copy(out, io.NewSectionReader(w.spool, 0, w.size)); err != nil {
		// Closing would make an object of what was sent: an upload ends with its context.
		watch.cancel(err)
		return nil, errors.Join(err, ignoreCanceled(out.Close()))
	}
	if err := out.Close(); err != nil {
		return nil, err
	}
	return out.Attrs(), nil
}

// chunkUnit is what the sizes of chunks are multiples of.
const chunkUnit = 256 << 10

func ignoreCanceled(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// conflict decides what a 412 means. Where the object is what was to be
// written, its writer was this one, whose answer was lost, or one as good.
func (w *writer) conflict(err error) error {
	a, statErr := w.store.attrs(w.ctx, "commit", w.name)
	switch {
	case statErr == nil && a.Size == w.size && a.CRC32C == w.crc:
		return nil
	case statErr != nil && !errors.Is(statErr, fs.ErrNotExist):
		return statErr
	}
	return newFailure("commit", w.store.uri(w.name), err, dataset.ErrConflict,
		fmt.Sprintf("; another program wrote or removed it since generation %d", w.base))
}

// WriteFile writes a whole object.
func (s *Store) WriteFile(ctx context.Context, name string, data []byte) error {
	w, err := s.Create(ctx, name)
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return errors.Join(err, w.Abort())
	}
	return w.Commit()
}
