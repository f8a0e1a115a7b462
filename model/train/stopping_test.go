package train

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"framewise/corpus/files"
	"framewise/model/results"
)

// A run that was stopped early goes on with more patience, and not with the
// same.
func TestResumeWithMorePatience(t *testing.T) {
	c := toyConfig(t, "linear")
	c.Epochs, c.EarlyStopping, c.Optimizer.LR = 6, StoppingConfig{By: "accuracy", Patience: 1}, 1e-30
	train, dev, dir := toy(6, 20, 1), toy(2, 20, 2), t.TempDir()
	for _, k := range []struct{ patience, epochs int }{{1, 2}, {1, 2}, {3, 4}, {0, 6}} {
		c.EarlyStopping.Patience = k.patience
		if _, err := runToy(t, context.Background(), c, train, dev, dir, func(o *Options) { o.Resume = true }); err != nil {
			t.Fatal(err)
		}
		if e := lastEpoch(t, dir); e.Epoch != k.epochs {
			t.Errorf("patience %d: %d epochs, want %d", k.patience, e.Epoch, k.epochs)
		}
	}
}

// What a killed process left half written is removed.
func TestResumeSweeps(t *testing.T) {
	c := toyConfig(t, "linear")
	c.Epochs = 1
	train, dir := toy(4, 20, 1), t.TempDir()
	if _, err := runToy(t, context.Background(), c, train, nil, dir, nil); err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, name := range []string{results.BigramFile, results.LastFile, results.RunFile} {
		left = append(left, filepath.Join(dir, files.TempPrefix+name+"-ABC"))
	}
	for _, path := range left {
		if err := os.WriteFile(path, []byte("{"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := runToy(t, context.Background(), c, train, nil, dir, func(o *Options) { o.Resume = true }); err != nil {
		t.Fatal(err)
	}
	for _, path := range left {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q is still there (%v)", path, err)
		}
	}
}
