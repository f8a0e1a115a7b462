// Package export writes a dataset in the formats that other training programs
// read: TFRecord, WebDataset, Kaldi's archives and Lhotse's cuts. docs/formats.md
// has the names and types of what is written.
//
// The bytes depend on the dataset, the format and its options alone; Kaldi's and
// Lhotse's lists also hold the name of the folder that was asked for.
package export

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"framewise/corpus"
	"framewise/dataset"
	"framewise/transforms"
)

// Options says what Export writes.
type Options struct {
	Format   string                  // one of Formats
	Gzip     bool                    // compress TFRecord files; the other formats have no such form
	Progress func(done, total int64) // examples written; may be nil
}

// SplitReport is what was written of a split.
type SplitReport struct {
	Name     string `json:"name"`
	Examples int64  `json:"examples"`
	Frames   int64  `json:"frames"`
}

// Report is what was written. It is the content of export.json too.
type Report struct {
	Format     string        `json:"format"`
	Dataset    string        `json:"dataset_sha256"` // the checksum of dataset.json
	FeatureDim int           `json:"feature_dim"`    // F
	Labels     []string      `json:"labels"`         // what label numbers stand for; null if there are none
	Splits     []SplitReport `json:"splits"`
}

// splitWriter writes one split in a format.
type splitWriter interface {
	// shard begins what belongs to shard i of n of the dataset.
	shard(i, n int) error
	// write takes an example. It keeps nothing of it.
	write(ex *dataset.Example) error
	// close ends the split. It is called once, unless something failed.
	close() error
}

// formats makes the writer of a split's folder.
var formats = map[string]func(x *exporter, dir *folder, split string) (splitWriter, error){
	"tfrecord":   newTFRecord,
	"webdataset": newWebDataset,
	"kaldi":      newKaldi,
	"lhotse":     newLhotse,
}

// Formats lists the names of the formats.
func Formats() []string {
	var names []string
	for name := range formats {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// exporter is an export under way.
type exporter struct {
	opt      Options
	out      string // the folder that was asked for, as the lists in it name it
	labels   *corpus.LabelSet
	features transforms.FeatureConfig
	f        int
}

// Export writes the dataset below the folder out, which must not be there or be
// empty, and returns what it wrote. Everything appears at once under its name:
// the files are written and synced in a folder beside it, which is renamed. Each
// split has a folder of its own, and export.json says what is there.
//
// The dataset is verified to the last byte before. An error wraps
// dataset.ErrCorrupt for one that is damaged, dataset.ErrReconcile for counts
// that are not those of dataset.json, fs.ErrExist for a folder with something
// in it; nothing is left behind then.
func Export(ctx context.Context, dir, out string, opt Options) (*Report, error) {
	newWriter, ok := formats[opt.Format]
	if !ok {
		return nil, fmt.Errorf("export: format %q, want one of %s", opt.Format, strings.Join(Formats(), ", "))
	}
	if opt.Gzip && opt.Format != "tfrecord" {
		return nil, fmt.Errorf("export: %s has no gzip form, only tfrecord has", opt.Format)
	}
	if err := checkFree(out); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	if _, err := dataset.Verify(ctx, dir, nil); err != nil {
		return nil, fmt.Errorf("export %q: %w", dir, err)
	}
	d, err := dataset.Open(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	root, err := newRoot(out)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	m := d.Manifest
	x := &exporter{opt: opt, out: filepath.Clean(out), labels: m.LabelSet, features: m.Features, f: m.FeatureDim}
	report := &Report{Format: opt.Format, Dataset: d.SHA256(), FeatureDim: m.FeatureDim}
	if m.LabelSet != nil {
		report.Labels = m.LabelSet.Labels
	}
	err = x.splits(ctx, d, root, newWriter, report)
	if err == nil {
		err = root.writeJSON("export.json", report)
	}
	if err == nil {
		err = root.publish(out)
	}
	if err != nil {
		return nil, fmt.Errorf("export %q: %w", dir, errors.Join(err, root.remove()))
	}
	return report, nil
}

func (x *exporter) splits(ctx context.Context, d *dataset.Dataset, root *folder, newWriter func(*exporter, *folder, string) (splitWriter, error), report *Report) error {
	done, total := int64(0), int64(0)
	for i := range d.Manifest.Splits {
		total += d.Manifest.Splits[i].Examples
	}
	step := func() {
		if done++; x.opt.Progress != nil {
			x.opt.Progress(done, total)
		}
	}
	for i := range d.Manifest.Splits {
		info := &d.Manifest.Splits[i]
		dir, err := root.sub(info.Name)
		if err != nil {
			return err
		}
		var r SplitReport
		w, err := newWriter(x, dir, info.Name)
		if err == nil {
			r, err = writeSplit(ctx, d, info, w, step)
		}
		if err != nil {
			return errors.Join(fmt.Errorf("split %s: %w", info.Name, err), dir.abandon())
		}
		if r.Examples != info.Examples || r.Frames != info.Frames {
			return fmt.Errorf("split %s: %d examples and %d frames written, %d and %d in %s: %w", info.Name, r.Examples, r.Frames, info.Examples, info.Frames, dataset.ManifestName, dataset.ErrReconcile)
		}
		report.Splits = append(report.Splits, r)
	}
	return nil
}

// writeSplit gives the examples of a split to its writer, in the order of the
// shards.
func writeSplit(ctx context.Context, d *dataset.Dataset, info *dataset.SplitInfo, w splitWriter, step func()) (r SplitReport, err error) {
	r.Name = info.Name
	s, err := d.Split(info.Name)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	next := 0
	for i := range info.Shards {
		if err := w.shard(i, len(info.Shards)); err != nil {
			return r, err
		}
		for range info.Shards[i].Examples {
			if err := ctx.Err(); err != nil {
				return r, err
			}
			ex, err := s.Example(next)
			if err != nil {
				return r, err
			}
			if err := w.write(ex); err != nil {
				return r, fmt.Errorf("example %q: %w", ex.ID, err)
			}
			next++
			r.Examples++
			r.Frames += int64(ex.NumFrames)
			step()
		}
	}
	return r, w.close()
}

// checkFree is an error unless nothing is at out, or an empty folder.
func checkFree(out string) error {
	entries, err := os.ReadDir(out)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return &fs.PathError{Op: "write", Path: out, Err: fmt.Errorf("the folder holds %s, want one that is new or empty: %w", entries[0].Name(), fs.ErrExist)}
	}
	return nil
}
