package dataset

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"framewise/corpus"
)

// Summary is what is in a dataset or a single shard: the data of
// `framewise inspect`.
type Summary struct {
	Path       string          `json:"path"`
	SHA256     string          `json:"sha256,omitempty"` // of dataset.json; "" for a shard
	Digest     string          `json:"digest,omitempty"` // of the shard; "" for a dataset
	FeatureDim int             `json:"feature_dim"`      // F; 0 for a shard of the flat layout without rows
	Layout     string          `json:"layout"`
	LabelSet   string          `json:"label_set"` // its name, "" if there is none
	Labels     []string        `json:"labels"`
	Features   json.RawMessage `json:"features"`         // the feature config
	Counts     *Counts         `json:"counts,omitempty"` // of the build; nil for a shard
	Splits     []SplitSummary  `json:"splits"`
}

// SplitSummary is what is in a split, or in the one shard that was looked at.
type SplitSummary struct {
	Name      string           `json:"name"`
	Shards    int              `json:"shards"`
	Bytes     int64            `json:"bytes"`
	Examples  int64            `json:"examples"`
	Frames    int64            `json:"frames"`
	Hours     float64          `json:"hours"` // of audio
	Rates     []RateCount      `json:"rates"`
	Labels    []int64          `json:"labels"` // frames by label index
	Unlabeled int64            `json:"unlabeled"`
	Lengths   Histogram        `json:"lengths"`
	Padding   Padding          `json:"padding"`
	Variants  []VariantCount   `json:"variants"`
	Speakers  []SpeakerSummary `json:"speakers"` // by name; of the examples that are not concatenations
}

// SpeakerSummary is the share of a speaker.
type SpeakerSummary struct {
	Speaker string `json:"speaker"`
	Frames  int64  `json:"frames"`
}

// Inspect summarizes the dataset in a folder, or one shard. For a dataset it
// reads dataset.json alone; a shard is read whole, and checked on the way. Of
// what is remote, a path that ends in .arrow is a shard.
func Inspect(ctx context.Context, path string) (*Summary, error) {
	shard := strings.HasSuffix(path, shardSuffix)
	if !corpus.IsRemote(path) {
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("inspect: %w", err)
		}
		shard = !info.IsDir()
	}
	if !shard {
		return inspectDataset(ctx, path)
	}
	local, err := LocalCopy(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("inspect: %w", err)
	}
	s, err := inspectShard(local)
	if err != nil {
		return nil, fmt.Errorf("inspect shard %q: %w", path, err)
	}
	s.Path = path
	return s, nil
}

func inspectDataset(ctx context.Context, dir string) (*Summary, error) {
	d, err := Open(ctx, dir)
	if err != nil {
		return nil, err
	}
	m := d.Manifest
	s := &Summary{Path: dir, SHA256: m.SHA256, FeatureDim: m.FeatureDim, Layout: m.Shard.Layout,
		Features: json.RawMessage(m.rawFeatures), Counts: &m.Counts, Labels: []string{}, Splits: []SplitSummary{}}
	if m.LabelSet != nil {
		s.LabelSet, s.Labels = m.LabelSet.Name, m.LabelSet.Labels
	}
	for i := range m.Splits {
		of := []CMVN{}
		for _, c := range m.CMVN {
			if c.Split == m.Splits[i].Name {
				of = append(of, c)
			}
		}
		s.Splits = append(s.Splits, summarize(&m.Splits[i], of))
	}
	return s, nil
}

func inspectShard(path string) (s *Summary, err error) {
	data, unmap, err := mapFile(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unmap()) }()
	sh, err := openShard(data)
	if err != nil {
		return nil, err
	}
	if err := sh.checkRows(0, 0); err != nil {
		return nil, err
	}
	stats, err := sh.count(nil)
	if err != nil {
		return nil, err
	}
	info := SplitInfo{Name: sh.info.Split, Shards: []ShardInfo{{Path: filepath.Base(path), Bytes: int64(len(data))}}}
	cmvn, err := info.addStats([]ShardStats{stats}, sh.info.F, len(sh.labels()))
	if err != nil {
		return nil, err
	}
	s = &Summary{Path: path, Digest: sh.info.Digest, FeatureDim: sh.info.F, Layout: sh.info.Layout, Labels: []string{},
		Features: json.RawMessage(sh.info.rawFeatures), Splits: []SplitSummary{summarize(&info, cmvn)}}
	if l := sh.info.LabelSet; l != nil {
		s.LabelSet, s.Labels = l.Name, l.Labels
	}
	return s, nil
}

func summarize(info *SplitInfo, cmvn []CMVN) SplitSummary {
	s := SplitSummary{Name: info.Name, Shards: len(info.Shards), Examples: info.Examples, Frames: info.Frames,
		Hours: info.AudioSeconds() / 3600, Rates: info.Rates, Variants: info.Variants, Labels: info.Labels, Unlabeled: info.Unlabeled,
		Lengths: info.Lengths, Padding: info.Padding}
	for i := range info.Shards {
		s.Bytes += info.Shards[i].Bytes
	}
	speakers := map[string]int64{}
	for i := range cmvn {
		speakers[cmvn[i].Speaker] += cmvn[i].Frames
	}
	s.Speakers = sorted(speakers, func(name string, n int64) SpeakerSummary { return SpeakerSummary{name, n} },
		func(a, b SpeakerSummary) int { return cmp.Compare(a.Speaker, b.Speaker) })
	return s
}

// TopLabels lists the indices of the n labels with the most frames, the most
// frequent first; equal counts stand in the order of the label set.
func (s *SplitSummary) TopLabels(n int) []int {
	order := make([]int, len(s.Labels))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(s.Labels[b], s.Labels[a]) })
	return order[:min(max(n, 0), len(order))]
}
