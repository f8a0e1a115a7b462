//go:build unix

package gcs_test

import (
	"bytes"
	"os"
	"testing"

	"framewise/dataset/gcs"
	"framewise/dataset/gcs/gcstest"
)

// A process that is killed while it writes leaves no file behind: there is none
// by name, whatever is in it.
func TestSpoolHasNoName(t *testing.T) {
	opt := quick(t)
	store := gcs.New(gcstest.Start(t, "b").Client(t), "b", "f", opt)
	w, err := store.Create(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	want := bytes.Repeat([]byte("content"), 1000)
	if _, err := w.Write(want); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(opt.SpoolDir); err != nil || len(left) > 0 {
		t.Errorf("while it writes there is %v (%v), want nothing", left, err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	if got, err := store.ReadFile(t.Context(), "a"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes arrived (%v), want %d", len(got), err, len(want))
	}
	if w, err = store.Create(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	if err := w.Abort(); err != nil {
		t.Errorf("abort: %v", err)
	}
}
