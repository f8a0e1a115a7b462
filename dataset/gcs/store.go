package gcs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/storage"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/api/iterator"

	"framewise/dataset"
)

// Options say how patient a Store is. The zero value is for use over the
// Internet.
type Options struct {
	Attempts int           // of a request, or in a row without getting on; 0 = 8
	Backoff  gax.Backoff   // between them; zero = 0.5 s, doubled up to 30 s, with jitter
	Patience time.Duration // for an answer that does not come, or a chunk; 0 = 5 min
	Chunk    int           // bytes of an upload that are sent, and sent again, at a time; 0 = 16 MiB
	SpoolDir string        // for files that are being written; "" = os.TempDir
}

// Store is a folder of a bucket. It may be used by many goroutines.
type Store struct {
	bucket *storage.BucketHandle
	name   string // of the bucket
	prefix string // of its objects' names: "" or with a slash at its end
	opt    Options
}

var _ dataset.Store = (*Store)(nil)

// New is the store in a folder ("" for all of it) of a bucket, which has to exist.
func New(client *storage.Client, bucket, folder string, opt Options) *Store {
	if opt.Attempts < 1 {
		opt.Attempts = 8
	}
	if opt.Backoff.Initial == 0 {
		opt.Backoff = gax.Backoff{Initial: 500 * time.Millisecond, Max: 30 * time.Second, Multiplier: 2}
	}
	if opt.Chunk == 0 {
		opt.Chunk = 16 << 20
	}
	if opt.Patience == 0 {
		opt.Patience = 5 * time.Minute
	}
	s := &Store{name: bucket, opt: opt}
	if folder = strings.Trim(folder, "/"); folder != "" {
		s.prefix = folder + "/"
	}
	// Every request can be made again: writes carry preconditions.
	s.bucket = client.Bucket(bucket).Retryer(storage.WithPolicy(storage.RetryAlways),
		storage.WithMaxAttempts(opt.Attempts), storage.WithBackoff(opt.Backoff))
	return s
}

// uri is how errors call a file.
func (s *Store) uri(name string) string { return "gs://" + s.name + "/" + s.prefix + name }

func (s *Store) object(op, name string) (*storage.ObjectHandle, error) {
	if !fs.ValidPath(name) || name == "." {
		return nil, fmt.Errorf("%s %q: not a name for a file of a dataset: %w", op, name, fs.ErrInvalid)
	}
	return s.bucket.Object(s.prefix + name), nil
}

// attrs asks what an object is.
func (s *Store) attrs(ctx context.Context, op, name string) (*storage.ObjectAttrs, error) {
	o, err := s.object(op, name)
	if err != nil {
		return nil, err
	}
	ctx, done := context.WithTimeoutCause(ctx, s.opt.Patience, s.noAnswer())
	defer done()
	a, err := o.Attrs(ctx)
	if err != nil {
		return nil, s.failed(ctx, op, name, err)
	}
	return a, nil
}

func infoOf(name string, a *storage.ObjectAttrs) dataset.FileInfo {
	return dataset.FileInfo{Name: name, Size: a.Size, Version: strconv.FormatInt(a.Generation, 10)}
}

// Stat says how large an object is; its generation is the version.
func (s *Store) Stat(ctx context.Context, name string) (dataset.FileInfo, error) {
	a, err := s.attrs(ctx, "stat", name)
	if err != nil {
		return dataset.FileInfo{}, err
	}
	return infoOf(name, a), nil
}

// List lists the objects below a folder.
func (s *Store) List(ctx context.Context, folder string) ([]dataset.FileInfo, error) {
	if !fs.ValidPath(folder) {
		return nil, fmt.Errorf("list %q: not a name for a folder of a dataset: %w", folder, fs.ErrInvalid)
	}
	prefix := s.prefix
	if folder != "." {
		prefix += folder + "/"
	}
	q := &storage.Query{Prefix: prefix}
	if err := q.SetAttrSelection([]string{"Name", "Size", "Generation"}); err != nil {
		return nil, err
	}
	ctx, watch := s.watch(ctx)
	defer watch.stop()
	var out []dataset.FileInfo
	for objects := s.bucket.Objects(ctx, q); ; watch.tick() {
		a, err := objects.Next()
		if errors.Is(err, iterator.Done) {
			return out, nil // in the order of names: the service's promise
		}
		if err != nil {
			return nil, s.failed(ctx, "list", folder, err)
		}
		name := strings.TrimPrefix(a.Name, s.prefix)
		if !fs.ValidPath(name) {
			continue // the stand-in for a folder that consoles make, or nothing of ours
		}
		out = append(out, infoOf(name, a))
	}
}

// Remove removes the object that is there when it is called.
func (s *Store) Remove(ctx context.Context, name string) error {
	a, err := s.attrs(ctx, "remove", name)
	if err != nil {
		return err
	}
	return s.removeGeneration(ctx, name, a.Generation)
}

// removeGeneration removes a generation of an object. That it is not there any
// more is success: an answer may have been lost.
func (s *Store) removeGeneration(ctx context.Context, name string, generation int64) error {
	ctx, done := context.WithTimeoutCause(ctx, s.opt.Patience, s.noAnswer())
	defer done()
	err := s.bucket.Object(s.prefix + name).If(storage.Conditions{GenerationMatch: generation}).Delete(ctx)
	if err == nil || errors.Is(err, storage.ErrObjectNotExist) || status(err) == 412 {
		return nil
	}
	return s.failed(ctx, "remove", name, err)
}

// Clean has nothing to do: an upload that did not end is no object, and the
// service forgets it after a week.
func (s *Store) Clean(ctx context.Context) (int, error) { return 0, ctx.Err() }

// split takes gs://BUCKET/FOLDER apart.
func split(uri string) (bucket, folder string, err error) {
	rest, ok := strings.CutPrefix(uri, "gs://")
	bucket, folder, _ = strings.Cut(rest, "/")
	folder = strings.TrimSuffix(folder, "/")
	if !ok || (folder != "" && !fs.ValidPath(folder)) || bucket == "" || strings.ContainsAny(bucket, " ?#@:") {
		return "", "", fmt.Errorf("%q: want gs://BUCKET/FOLDER: %w", redact(uri), fs.ErrInvalid)
	}
	return bucket, folder, nil
}
