package gcs_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"time"

	"cloud.google.com/go/storage"
	"github.com/googleapis/gax-go/v2"

	"framewise/dataset"
	"framewise/dataset/gcs"
	"framewise/dataset/gcs/gcstest"
	"framewise/dataset/storetest"
)

// quick is a store's patience in tests.
func quick(t *testing.T) gcs.Options {
	return gcs.Options{Attempts: 4, Backoff: gax.Backoff{Initial: time.Millisecond, Max: 5 * time.Millisecond, Multiplier: 2},
		Patience: 20 * time.Second, Chunk: 1 << 20, SpoolDir: t.TempDir()}
}

// start is a server with a bucket b and a store in its folder f.
func start(t *testing.T) (*gcstest.Server, *gcs.Store, *storage.Client) {
	s := gcstest.Start(t, "b")
	c := s.Client(t)
	return s, gcs.New(c, "b", "f", quick(t)), c
}

func TestStore(t *testing.T) {
	s := gcstest.Start(t, "whole", "shared")
	c := s.Client(t)
	n := 0
	t.Run("Folder", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) dataset.Store {
			n++
			return gcs.New(c, "shared", fmt.Sprintf("a/folder-%d", n), quick(t))
		})
	})
	t.Run("Bucket", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) dataset.Store {
			n++
			name := fmt.Sprintf("bucket-%d", n)
			if err := c.Bucket(name).Create(t.Context(), "project", nil); err != nil {
				t.Fatal(err)
			}
			return gcs.New(c, name, "", quick(t))
		})
	})
}

func TestOpen(t *testing.T) {
	gcstest.Start(t, "b")
	ctx := t.Context()
	s, err := dataset.OpenStore(ctx, "gs://b/some/folder/")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.WriteFile(ctx, "x/y", []byte("here")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"gs://b/some/folder", "gs://b/some", "gs://b", "gs://b/"} {
		other, err := dataset.OpenStore(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		files, err := other.List(ctx, ".")
		if err != nil || len(files) != 1 || files[0].Size != 4 {
			t.Errorf("%s lists %v, %v, want the one file", path, files, err)
		}
	}
	for _, path := range []string{"gs://", "gs:///f", "gs://b//f", "gs://b/../f", "gs://b?f", "s3://b/f", "gs://user:secret@b/f"} {
		if _, err := dataset.OpenStore(ctx, path); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("%s: error %v, want an invalid path", path, err)
		}
	}
}

func TestNoBucket(t *testing.T) {
	s := gcstest.Start(t)
	store := gcs.New(s.Client(t), "missing", "f", quick(t))
	err := store.WriteFile(t.Context(), "a", []byte("1"))
	if !errors.Is(err, dataset.ErrNoStore) {
		t.Errorf("write: error %v, want %v", err, dataset.ErrNoStore)
	}
	if _, err := store.List(t.Context(), "."); !errors.Is(err, dataset.ErrNoStore) {
		t.Errorf("list: error %v, want %v", err, dataset.ErrNoStore)
	}
	if _, err := store.Stat(t.Context(), "a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("stat: error %v, want not exist", err)
	}
}

// An open file stays what it was when it was opened.
func TestPinned(t *testing.T) {
	_, store, _ := start(t)
	ctx := context.Background()
	if err := store.WriteFile(ctx, "a", []byte("old")); err != nil {
		t.Fatal(err)
	}
	f, err := store.Open(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := store.WriteFile(ctx, "a", []byte("new")); err != nil {
		t.Fatal(err)
	}
	// The server keeps no old generations unless the bucket is versioned, so
	// what is left is an error: never the new content.
	if n, err := f.Read(make([]byte, 3)); err == nil {
		t.Errorf("read %d bytes of another generation than the one opened", n)
	}
}
