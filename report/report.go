package report

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"framewise/corpus"
	"framewise/dataset"
)

// Write draws the folders, datasets and runs in the order given, as one HTML
// document. A folder with a dataset.json is a dataset, any other a run. What is
// remote is a dataset; the context is for fetching it.
func Write(ctx context.Context, w io.Writer, title string, dirs ...string) error {
	p := &page{Title: title}
	for _, dir := range dirs {
		add := func() error { return addRun(p, dir) }
		if _, err := os.Stat(filepath.Join(dir, dataset.ManifestName)); err == nil || corpus.IsRemote(dir) {
			add = func() error { return addDataset(ctx, p, dir) }
		}
		if err := add(); err != nil {
			return err
		}
	}
	return p.render(w)
}
