//go:build unix

package dataset

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// spyStore calls a function whenever a file of it is read.
type spyStore struct {
	Store
	see func()
}

func (s spyStore) Open(ctx context.Context, name string) (File, error) {
	f, err := s.Store.Open(ctx, name)
	return spyFile{f, s.see}, err
}

type spyFile struct {
	File
	see func()
}

func (f spyFile) Read(p []byte) (int, error) {
	f.see()
	return f.File.Read(p)
}

// A verify that is killed while it fetches a shard leaves no file behind: there
// is none by name.
func TestVerifyLeavesNothing(t *testing.T) {
	dir, tmp := t.TempDir(), t.TempDir()
	buildDataset(t, dir, DefaultShardConfig())
	t.Setenv("TMPDIR", tmp)
	reads := 0
	RegisterScheme("spied", func(context.Context, string) (Store, error) {
		return spyStore{NewLocal(dir), func() {
			reads++
			if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
				t.Errorf("at read %d there is %v (%v), want nothing", reads, left, err)
			}
		}}, nil
	})
	report, err := Verify(t.Context(), "spied://d", nil)
	if err != nil || report.Shards == 0 || reads <= report.Shards {
		t.Errorf("%+v, %v after %d reads", report, err, reads)
	}
}

// A pipe in a shard's place would be waited for.
func TestAPipeIsNoShard(t *testing.T) {
	dir := t.TempDir()
	buildDataset(t, dir, DefaultShardConfig())
	name := ShardName("dev", 0, 1)
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o644)); err != nil {
		t.Fatal(err)
	}
	_, err := openDataset(t, dir).Split("dev")
	if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("opening the split: %v", err)
	}
}
