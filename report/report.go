package report

import (
	"io"
	"os"
	"path/filepath"

	"framewise/dataset"
)

// Write draws the folders, datasets and runs in the order given, as one HTML
// document. A folder with a dataset.json is a dataset, any other a run.
func Write(w io.Writer, title string, dirs ...string) error {
	p := &page{Title: title}
	for _, dir := range dirs {
		add := addRun
		if _, err := os.Stat(filepath.Join(dir, dataset.ManifestName)); err == nil {
			add = addDataset
		}
		if err := add(p, dir); err != nil {
			return err
		}
	}
	return p.render(w)
}
