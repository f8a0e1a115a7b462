// Package storetest holds what every dataset.Store must do, as one suite of
// tests: run it against a new store before anything is built on it.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"
	"testing"

	"framewise/dataset"
)

// Run tests the stores that open makes. Every call of open must return another,
// empty store, whose cleaning up is left to t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) dataset.Store) {
	for name, test := range map[string]func(*testing.T, dataset.Store){
		"WriteThenRead":       writeThenRead,
		"Empty":               empty,
		"NothingBeforeCommit": nothingBeforeCommit,
		"Abort":               abort,
		"Replace":             replace,
		"Missing":             missing,
		"List":                list,
		"Remove":              remove,
		"Clean":               clean,
		"BadNames":            badNames,
		"Canceled":            canceled,
		"Concurrent":          concurrent,
		"ReadAt":              readAt,
		"Version":             version,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

var ctx = context.Background()

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantContent(t *testing.T, s dataset.Store, name string, want []byte) {
	t.Helper()
	got, err := s.ReadFile(ctx, name)
	must(t, err)
	if !bytes.Equal(got, want) {
		t.Errorf("%s holds %.40q, want %.40q", name, got, want)
	}
}

func wantNames(t *testing.T, s dataset.Store, folder string, want ...string) {
	t.Helper()
	files, err := s.List(ctx, folder)
	must(t, err)
	got := []string{}
	for _, f := range files {
		got = append(got, f.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("List(%q) = %q, want %q", folder, got, want)
	}
}

func writeThenRead(t *testing.T, s dataset.Store) {
	data := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	w, err := s.Create(ctx, "train/a.arrow")
	must(t, err)
	for b := data; len(b) > 0; b = b[min(len(b), 100_003):] {
		_, err := w.Write(b[:min(len(b), 100_003)])
		must(t, err)
	}
	must(t, w.Commit())
	wantContent(t, s, "train/a.arrow", data)
	info, err := s.Stat(ctx, "train/a.arrow")
	must(t, err)
	if info.Name != "train/a.arrow" || info.Size != int64(len(data)) {
		t.Errorf("Stat is %+v, want %d bytes", info, len(data))
	}
	f, err := s.Open(ctx, "train/a.arrow")
	must(t, err)
	defer f.Close()
	got, err := io.ReadAll(f)
	must(t, err)
	if f.Size() != int64(len(data)) || !bytes.Equal(got, data) {
		t.Errorf("read %d of %d bytes, want those written", len(got), f.Size())
	}
}

func empty(t *testing.T, s dataset.Store) {
	must(t, s.WriteFile(ctx, "empty", nil))
	wantContent(t, s, "empty", nil)
	wantNames(t, s, ".", "empty")
}

func nothingBeforeCommit(t *testing.T, s dataset.Store) {
	w, err := s.Create(ctx, "d/a")
	must(t, err)
	_, err = w.Write([]byte("half"))
	must(t, err)
	if _, err := s.Stat(ctx, "d/a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before Commit Stat says %v, want not exist", err)
	}
	wantNames(t, s, ".")
	must(t, w.Commit())
	wantContent(t, s, "d/a", []byte("half"))
	must(t, w.Abort()) // does nothing now
	wantContent(t, s, "d/a", []byte("half"))
	if _, err := w.Write([]byte("more")); err == nil {
		t.Error("a committed file takes more")
	}
	if err := w.Commit(); err == nil {
		t.Error("a file commits twice")
	}
}

func abort(t *testing.T, s dataset.Store) {
	must(t, s.WriteFile(ctx, "a", []byte("old")))
	w, err := s.Create(ctx, "a")
	must(t, err)
	_, err = w.Write([]byte("new"))
	must(t, err)
	must(t, w.Abort())
	must(t, w.Abort())
	wantContent(t, s, "a", []byte("old"))
	wantNames(t, s, ".", "a")
	if n, err := s.Clean(ctx); n != 0 || err != nil {
		t.Errorf("after Abort Clean finds %d, %v", n, err)
	}
}

func replace(t *testing.T, s dataset.Store) {
	must(t, s.WriteFile(ctx, "a", []byte("a long first version")))
	must(t, s.WriteFile(ctx, "a", []byte("second")))
	wantContent(t, s, "a", []byte("second"))
}

func missing(t *testing.T, s dataset.Store) {
	_, errStat := s.Stat(ctx, "x/y")
	_, errOpen := s.Open(ctx, "x/y")
	_, errRead := s.ReadFile(ctx, "x/y")
	for i, err := range []error{errStat, errOpen, errRead, s.Remove(ctx, "x/y")} {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("operation %d on a missing file: %v, want not exist", i, err)
		}
	}
}

func list(t *testing.T, s dataset.Store) {
	wantNames(t, s, ".")
	wantNames(t, s, "nowhere")
	for _, name := range []string{"b", "a/2", "a/1", "a-b", "a/c/3", "ab/4"} {
		must(t, s.WriteFile(ctx, name, []byte(name)))
	}
	wantNames(t, s, ".", "a-b", "a/1", "a/2", "a/c/3", "ab/4", "b")
	wantNames(t, s, "a", "a/1", "a/2", "a/c/3")
	wantNames(t, s, "a/c", "a/c/3")
	files, err := s.List(ctx, "ab")
	must(t, err)
	if len(files) != 1 || files[0].Size != 4 {
		t.Fatalf("List(ab) = %+v, want one file of 4 bytes", files)
	}
	if info, err := s.Stat(ctx, "ab/4"); err != nil || info != files[0] {
		t.Errorf("Stat(ab/4) = %+v, %v, want %+v as in the list", info, err, files[0])
	}
}

func remove(t *testing.T, s dataset.Store) {
	must(t, s.WriteFile(ctx, "d/a", []byte("1")))
	must(t, s.WriteFile(ctx, "d/b", []byte("2")))
	must(t, s.Remove(ctx, "d/a"))
	wantNames(t, s, ".", "d/b")
}

func clean(t *testing.T, s dataset.Store) {
	must(t, s.WriteFile(ctx, "d/keep", []byte("1")))
	w, err := s.Create(ctx, "d/lost") // as a writer that was killed leaves it
	must(t, err)
	_, err = w.Write([]byte("half"))
	must(t, err)
	_, err = s.Clean(ctx) // a store that keeps nothing unfinished has nothing to count
	must(t, err)
	wantNames(t, s, ".", "d/keep")
	if n, err := s.Clean(ctx); n != 0 || err != nil {
		t.Errorf("a second Clean finds %d, %v", n, err)
	}
	_ = w.Abort() // what it would remove may be gone
}

func badNames(t *testing.T, s dataset.Store) {
	for _, name := range []string{"", ".", "..", "../a", "/a", "a/../b", "a//b", "a/"} {
		if w, err := s.Create(ctx, name); err == nil {
			t.Errorf("Create(%q): no error", name)
			must(t, w.Abort())
		}
		if _, err := s.Stat(ctx, name); err == nil {
			t.Errorf("Stat(%q): no error", name)
		}
	}
	if _, err := s.List(ctx, "../x"); err == nil {
		t.Error("List(../x): no error")
	}
}

func canceled(t *testing.T, s dataset.Store) {
	must(t, s.WriteFile(ctx, "a", nil))
	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, errCreate := s.Create(gone, "b")
	_, errStat := s.Stat(gone, "a")
	_, errList := s.List(gone, ".")
	for i, err := range []error{errCreate, errStat, errList} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("operation %d with a canceled context: %v", i, err)
		}
	}
}

func concurrent(t *testing.T, s dataset.Store) {
	const writers, rounds = 8, 5
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for r := range rounds {
				own := fmt.Sprintf("own/%d", i)
				if err := s.WriteFile(ctx, own, []byte(own)); err != nil {
					t.Error(err)
				}
				err := s.WriteFile(ctx, "shared", bytes.Repeat([]byte{byte('a' + i)}, 1000+r))
				if err != nil && !errors.Is(err, dataset.ErrConflict) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for i := range writers {
		wantContent(t, s, fmt.Sprintf("own/%d", i), fmt.Appendf(nil, "own/%d", i))
	}
	got, err := s.ReadFile(ctx, "shared")
	must(t, err)
	if len(got) < 1000 || !bytes.Equal(got, bytes.Repeat(got[:1], len(got))) {
		t.Errorf("two writers of one name left %d bytes mixed of both", len(got))
	}
}

func readAt(t *testing.T, s dataset.Store) {
	must(t, s.WriteFile(ctx, "a", []byte("0123456789")))
	f, err := s.Open(ctx, "a")
	must(t, err)
	defer f.Close()
	b := make([]byte, 4)
	_, err = f.ReadAt(b, 3)
	must(t, err)
	if string(b) != "3456" {
		t.Errorf("ReadAt(3) = %q", b)
	}
	if n, err := f.ReadAt(b, 8); n != 2 || err != io.EOF {
		t.Errorf("ReadAt over the end = %d, %v, want 2, EOF", n, err)
	}
}

func version(t *testing.T, s dataset.Store) {
	seen := map[string]bool{}
	for _, content := range []string{"one", "two!", "three"} {
		must(t, s.WriteFile(ctx, "a", []byte(content)))
		info, err := s.Stat(ctx, "a")
		must(t, err)
		if info.Version == "" || seen[info.Version] {
			t.Errorf("version %q of %q, want one of its own", info.Version, content)
		}
		seen[info.Version] = true
	}
}
