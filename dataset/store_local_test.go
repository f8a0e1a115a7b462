package dataset_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"framewise/dataset"
	"framewise/dataset/storetest"
)

func TestLocalStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) dataset.Store {
		return dataset.NewLocal(filepath.Join(t.TempDir(), "made", "when", "needed"))
	})
}

func TestLocalStoreReportsWhatIsInTheWay(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	s := dataset.NewLocal(dir)
	if err := s.WriteFile(ctx, "file", nil); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteFile(ctx, "file/below", nil); err == nil {
		t.Error("wrote below a file")
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ReadFile(ctx, "folder"); err == nil {
		t.Error("read a folder")
	}
	if err := s.WriteFile(ctx, "folder", nil); err == nil {
		t.Error("replaced a folder")
	}
	if n, err := s.Clean(ctx); n != 0 || err != nil {
		t.Errorf("the failed write left %d files, %v", n, err)
	}
	if err := os.Symlink(filepath.Join(dir, "folder"), filepath.Join(dir, "loop")); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		t.Fatal(err)
	}
	if _, err := s.List(ctx, "."); err != nil {
		t.Errorf("List with a link: %v", err)
	}
}
