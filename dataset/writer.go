package dataset

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Writer writes one shard. It holds one record batch in memory, and the bytes
// it writes are a function of the header, the configuration and the examples.
// It is not for concurrent use.
type Writer struct {
	header Header
	schema *arrow.Schema
	ipc    *ipc.FileWriter
	buf    *bufio.Writer
	sum    hash.Hash
	bytes  int64
	batch  *batch
	gather *gatherer

	scratch []float32 // of rounded

	lastID string
	last   uint64 // RowKey(lastID)
	err    error
}

// NewWriter starts a shard on w. The caller closes w, after Close.
func NewWriter(w io.Writer, h Header, c ShardConfig) (*Writer, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := h.validate(); err != nil {
		return nil, err
	}
	md, err := h.metadata()
	if err != nil {
		return nil, err
	}
	out := &Writer{header: h, schema: arrowSchema(c.Layout, c.DType, h.F, &md), sum: sha256.New(),
		batch: newBatch(c.Layout, c.DType, h.F), gather: newGatherer(h.Split, h.F, numLabels(h.LabelSet))}
	out.buf = bufio.NewWriterSize(io.MultiWriter(w, out.sum, (*countWriter)(&out.bytes)), 1<<16)
	// The Go allocator hands out zeroed memory, which Arrow's writer relies on
	// where it makes bitmaps of its own.
	opts := []ipc.Option{ipc.WithSchema(out.schema), ipc.WithAllocator(memory.NewGoAllocator())}
	if c.Compression == CompressionZstd {
		opts = append(opts, ipc.WithZstd())
	}
	if out.ipc, err = ipc.NewFileWriter(out.buf, opts...); err != nil {
		return nil, fmt.Errorf("write shard: %w", err)
	}
	return out, nil
}

type countWriter int64

func (c *countWriter) Write(p []byte) (int, error) {
	*c += countWriter(len(p))
	return len(p), nil
}

// Write adds an example. Examples must come in row order (RowLess), with ids
// that differ and belong to the shard; features must be T*F finite numbers and
// labels T or nil. After an error the writer is of no use any more.
func (w *Writer) Write(ex *Example) error {
	if w.err == nil {
		w.err = w.write(ex)
	}
	return w.err
}

func (w *Writer) write(ex *Example) error {
	if err := checkExample(ex, w.header.F, numLabels(w.header.LabelSet)); err != nil {
		return fmt.Errorf("write example %q: %w", ex.ID, err)
	}
	if err := checkFinite(ex.Features, w.header.F); err != nil {
		return fmt.Errorf("write example %q: %w", ex.ID, err)
	}
	if len(ex.Features) > math.MaxInt32-maxBatchBytes/4 {
		return fmt.Errorf("write example %q: %d frames are too many for one row", ex.ID, ex.NumFrames)
	}
	if err := w.checkOrder(ex.ID); err != nil {
		return err
	}
	if w.batch.dtype == DTypeFloat16 {
		var err error
		if ex, err = w.rounded(ex); err != nil {
			return fmt.Errorf("write example %q: %w", ex.ID, err)
		}
	}
	if w.batch.rows > 0 && 4*(w.batch.values()+len(ex.Features)) > maxBatchBytes {
		if err := w.flush(); err != nil {
			return err
		}
	}
	w.batch.add(ex)
	w.gather.add(ex)
	if w.batch.rows == BatchRows {
		return w.flush()
	}
	return nil
}

// rounded is the example as a reader of half precision will see it, which is
// what is counted.
func (w *Writer) rounded(ex *Example) (*Example, error) {
	seen := *ex
	w.scratch = resize(w.scratch, len(ex.Features))
	seen.Features = w.scratch
	for i, v := range ex.Features {
		if !HalfHolds(v) {
			return ex, fmt.Errorf("feature %d of frame %d is %g, which float16 does not hold: at most %d; want shard.dtype: %s", i%w.header.F, i/w.header.F, v, maxHalf, DTypeFloat32)
		}
		seen.Features[i] = fromHalf(toHalf(v))
	}
	return &seen, nil
}

func (w *Writer) checkOrder(id string) error {
	key := RowKey(id)
	if n := w.header.Shards; n > 0 && int(key%uint64(n)) != w.header.Shard {
		return fmt.Errorf("write example %q: belongs to shard %d of %d, this is shard %d", id, key%uint64(n), n, w.header.Shard)
	}
	if w.gather.stats.Examples > 0 && !rowLess(w.last, key, w.lastID, id) {
		if w.lastID == id {
			return fmt.Errorf("write example %q: the id is in the shard already", id)
		}
		return fmt.Errorf("write example %q: comes after %q, want the order of the hash", id, w.lastID)
	}
	w.last, w.lastID = key, id
	return nil
}

// flush writes the batch. Arrow panics on what it cannot write.
func (w *Writer) flush() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("write shard: %v", p)
		}
	}()
	if w.batch.rows == 0 {
		return nil
	}
	if err := w.ipc.Write(w.batch.record(w.schema)); err != nil {
		return fmt.Errorf("write shard: %w", err)
	}
	w.batch.reset()
	return nil
}

// Close ends the shard and returns what was counted. A shard without examples
// is a valid file.
func (w *Writer) Close() (ShardStats, error) {
	if w.err == nil {
		w.err = w.flush()
	}
	if w.err == nil {
		if err := errors.Join(w.ipc.Close(), w.buf.Flush()); err != nil {
			w.err = fmt.Errorf("write shard: %w", err)
		}
	}
	if w.err != nil {
		return ShardStats{}, w.err
	}
	w.err = errors.New("write shard: it is closed")
	return w.gather.finish(), nil
}

// Bytes is the size of the shard. It is final after Close.
func (w *Writer) Bytes() int64 { return w.bytes }

// SHA256 is the checksum of the shard, hexadecimal. It is final after Close.
func (w *Writer) SHA256() string { return hex.EncodeToString(w.sum.Sum(nil)) }

// ShardWriter writes a shard and its sidecar into a Store.
type ShardWriter struct {
	*Writer
	store Store
	file  FileWriter
}

// CreateShard starts shard h.Shard of h.Shards of split h.Split in a store.
// Nothing is visible before Commit; Abort, which can be deferred, throws it away.
func CreateShard(ctx context.Context, store Store, h Header, c ShardConfig) (*ShardWriter, error) {
	if h.Shards < 1 {
		return nil, fmt.Errorf("create shard: the header has no number of shards")
	}
	file, err := store.Create(ctx, ShardName(h.Split, h.Shard, h.Shards))
	if err != nil {
		return nil, err
	}
	w, err := NewWriter(file, h, c)
	if err != nil {
		return nil, errors.Join(err, file.Abort())
	}
	return &ShardWriter{Writer: w, store: store, file: file}, nil
}

// Commit ends the shard, makes it visible, and then its sidecar, so that a
// sidecar never speaks of a shard that is not there.
func (w *ShardWriter) Commit(ctx context.Context, rejects []Reject) (*ShardResult, error) {
	stats, err := w.Close()
	if err != nil {
		return nil, errors.Join(err, w.file.Abort())
	}
	if err := w.file.Commit(); err != nil {
		return nil, err
	}
	h := w.header
	r := &ShardResult{FormatVersion: FormatVersion, Split: h.Split, Shard: h.Shard, Shards: h.Shards,
		Path: ShardName(h.Split, h.Shard, h.Shards), Bytes: w.Bytes(), SHA256: w.SHA256(), Digest: h.Digest,
		Stats: stats, Rejects: MergeRejects(rejects)}
	b, err := MarshalShardResult(r)
	if err != nil {
		return nil, err
	}
	return r, w.store.WriteFile(ctx, SidecarName(h.Split, h.Shard, h.Shards), b)
}

// Abort throws away what was written. After Commit it does nothing.
func (w *ShardWriter) Abort() error { return w.file.Abort() }

// StandingShard returns the result of a shard that need not be made again: its
// sidecar speaks of this digest, and the file has the sidecar's size and
// SHA-256. It returns nil if it has to be made; the error is for a store that
// cannot be read.
func StandingShard(ctx context.Context, store Store, split string, shard, shards int, digest string) (*ShardResult, error) {
	b, err := store.ReadFile(ctx, SidecarName(split, shard, shards))
	if err != nil {
		return nil, ignoreMissing(err)
	}
	r, err := ParseShardResult(b)
	if err != nil || r.Digest != digest || r.Path != ShardName(split, shard, shards) {
		return nil, nil
	}
	f, err := store.Open(ctx, r.Path)
	if err != nil {
		return nil, ignoreMissing(err)
	}
	defer f.Close()
	if f.Size() != r.Bytes {
		return nil, nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return nil, fmt.Errorf("read shard %s: %w", r.Path, err)
	}
	if hex.EncodeToString(h.Sum(nil)) != r.SHA256 {
		return nil, nil
	}
	return r, nil
}
