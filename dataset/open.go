package dataset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sort"

	"framewise/corpus"
	"framewise/transforms"
)

// Dataset is a finished dataset, in a local folder or a remote store.
type Dataset struct {
	Manifest *Manifest
	dir      string
	ctx      context.Context // for fetching shards
}

// Open reads the dataset.json of a folder, local or gs://, and checks its
// version and its own checksum. The context is for all that has to be fetched
// from a remote store, shards later on included. The error wraps ErrUnfinished
// if there is no dataset.json, ErrVersion or ErrCorrupt.
func Open(ctx context.Context, dir string) (*Dataset, error) {
	store, err := OpenStore(ctx, dir)
	if err != nil {
		return nil, err
	}
	b, err := store.ReadFile(ctx, ManifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open dataset %q: %w", dir, ErrUnfinished)
	}
	if err != nil {
		return nil, fmt.Errorf("open dataset: %w", err)
	}
	m, err := ParseManifest(b)
	if err != nil {
		return nil, fmt.Errorf("open dataset %q: %w", dir, err)
	}
	return &Dataset{Manifest: m, dir: dir, ctx: ctx}, nil
}

// Dir is the folder of the dataset, or its URI.
func (d *Dataset) Dir() string { return d.dir }

// SHA256 is the checksum of dataset.json, and through the checksums in it of
// the whole dataset.
func (d *Dataset) SHA256() string { return d.Manifest.SHA256 }

// SplitNames lists the splits in their order.
func (d *Dataset) SplitNames() []string {
	names := make([]string, len(d.Manifest.Splits))
	for i := range names {
		names[i] = d.Manifest.Splits[i].Name
	}
	return names
}

// CMVN returns the sums of a (split, speaker, variant), and whether there are
// any.
func (d *Dataset) CMVN(split, speaker, variant string) (transforms.Stats, bool) {
	for i := range d.Manifest.CMVN {
		c := &d.Manifest.CMVN[i]
		if c.Split == split && c.Speaker == speaker && c.Variant == variant {
			return c.Stats, true
		}
	}
	return transforms.Stats{}, false
}

// GlobalStats are the sums over all of train's speakers and variants: what
// CMVN "global" means. They are empty if there is no train split.
func (d *Dataset) GlobalStats() transforms.Stats { return d.splitStats(corpus.Train) }

func (d *Dataset) splitStats(split string) transforms.Stats {
	var s transforms.Stats
	for i := range d.Manifest.CMVN {
		if c := &d.Manifest.CMVN[i]; c.Split == split {
			// The widths are equal: ParseManifest has checked them.
			_ = s.Merge(c.Stats)
		}
	}
	return s
}

// Split is one split of a dataset, its shards mapped into memory. Its methods
// may be used by many goroutines at once, except Close.
type Split struct {
	info   *SplitInfo
	shards []*shard
	unmaps []func() error
	starts []int // first example of each shard, and the number of examples
	byID   map[string]int
}

// Split maps the shards of a split and reads the ids, speakers and lengths of
// their rows; features stay in the files until they are asked for. Everything
// that the schema, the metadata and the offsets of a shard claim is held
// against dataset.json. Errors wrap ErrCorrupt and name the shard and row.
//
// What it does not do is read every byte: Verify does.
func (d *Dataset) Split(name string) (*Split, error) {
	info := d.Manifest.Split(name)
	if info == nil {
		return nil, fmt.Errorf("dataset %q has no split %q, it has %v", d.dir, name, d.SplitNames())
	}
	s := &Split{info: info, starts: []int{0}, byID: make(map[string]int, min(info.Examples, maxHint))}
	for i := range info.Shards {
		if err := s.add(d, i); err != nil {
			return nil, errors.Join(fmt.Errorf("dataset %q: shard %s: %w", d.dir, info.Shards[i].Path, err), s.Close())
		}
	}
	return s, nil
}

// maxHint bounds the room that is made for so many examples as dataset.json
// says there are, before they are seen.
const maxHint = 1 << 16

func (s *Split) add(d *Dataset, i int) error {
	want := &s.info.Shards[i]
	path, err := LocalCopyOf(d.ctx, JoinPath(d.dir, want.Path), want.SHA256, want.Bytes)
	if err != nil {
		return missingIsCorrupt(err)
	}
	data, unmap, err := mapFile(path)
	if err != nil {
		return missingIsCorrupt(err)
	}
	s.unmaps = append(s.unmaps, unmap)
	if int64(len(data)) != want.Bytes {
		return corrupt("%d bytes, want %d", len(data), want.Bytes)
	}
	sh, err := openShard(data)
	if err != nil {
		return err
	}
	if err := sh.agrees(d.Manifest, s.info, i); err != nil {
		return err
	}
	for k := range sh.metas {
		s.byID[sh.metas[k].ID] = len(s.byID)
	}
	s.shards = append(s.shards, sh)
	s.starts = append(s.starts, s.starts[i]+len(sh.metas))
	return nil
}

// missingIsCorrupt is the error for a file that dataset.json lists.
func missingIsCorrupt(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return corrupt("%w", err)
	}
	return err
}

// agrees says whether a shard is the one that a manifest lists as shard i of a
// split.
func (s *shard) agrees(m *Manifest, split *SplitInfo, i int) error {
	want := &split.Shards[i]
	switch {
	case s.info.Split != split.Name:
		return corrupt("split %q, want %q", s.info.Split, split.Name)
	case s.info.Digest != want.Digest:
		return corrupt("digest %s, want %s", s.info.Digest, want.Digest)
	case s.info.rawLabelSet != m.rawLabelSet:
		return corrupt("label set %.80s, want that of %s", s.info.rawLabelSet, ManifestName)
	case s.info.rawFeatures != m.rawFeatures:
		return corrupt("feature config %.80s, want that of %s", s.info.rawFeatures, ManifestName)
	case s.info.Layout != m.Shard.Layout:
		return corrupt("layout %s, want %s", s.info.Layout, m.Shard.Layout)
	case s.info.DType != m.Shard.DType:
		return corrupt("features are %s, want %s", s.info.DType, m.Shard.DType)
	case s.info.F != m.FeatureDim && (len(s.metas) > 0 || s.info.Layout == LayoutNested):
		return corrupt("features are %d wide, want %d", s.info.F, m.FeatureDim)
	case int64(len(s.metas)) != want.Examples:
		return corrupt("%d rows, want %d", len(s.metas), want.Examples)
	}
	frames := int64(0)
	for k := range s.metas {
		frames += int64(s.metas[k].NumFrames)
	}
	if frames != want.Frames {
		return corrupt("%d frames, want %d", frames, want.Frames)
	}
	return s.checkRows(i, len(split.Shards))
}

// Name is the split's name.
func (s *Split) Name() string { return s.info.Name }

// Info is what dataset.json says of the split.
func (s *Split) Info() *SplitInfo { return s.info }

// Len is the number of examples.
func (s *Split) Len() int { return s.starts[len(s.starts)-1] }

// Meta is the metadata of example i, 0 <= i < Len. It costs no reading.
func (s *Split) Meta(i int) Meta {
	k, row := s.locate(i)
	return s.shards[k].metas[row]
}

func (s *Split) locate(i int) (shard, row int) {
	k := sort.SearchInts(s.starts, i+1) - 1
	return k, i - s.starts[k]
}

// Example reads example i, 0 <= i < Len, and checks it.
//
// Features and Labels alias the mapped file: they are valid until Close, and
// writing to them ends the program. View.Apply copies. A compressed shard is
// decoded a record batch at a time and keeps the last one, so that reading in
// order is cheap and reading at random is not.
func (s *Split) Example(i int) (*Example, error) {
	k, row := s.locate(i)
	ex, err := s.shards[k].example(row)
	if err != nil {
		return nil, fmt.Errorf("shard %s: %w", s.info.Shards[k].Path, err)
	}
	return ex, nil
}

// Find is the number of the example with an id, and whether there is one.
func (s *Split) Find(id string) (int, bool) {
	i, ok := s.byID[id]
	return i, ok
}

// Close unmaps the shards. No example of the split may be used after it.
func (s *Split) Close() error {
	var errs []error
	for _, unmap := range s.unmaps {
		errs = append(errs, unmap())
	}
	s.unmaps, s.shards, s.starts, s.byID = nil, nil, []int{0}, nil
	return errors.Join(errs...)
}
