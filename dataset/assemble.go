package dataset

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"sort"

	"framewise/corpus"
	"framewise/transforms"
)

// Assembly is what a build knows when all its shards stand: the input of
// Assemble.
type Assembly struct {
	AlgorithmVersion int
	Seed             uint64
	SampleRate       int // Hz, of the build
	FeatureDim       int // F
	LabelSet         *corpus.LabelSet
	Features         transforms.FeatureConfig
	Augment          any // encoded as JSON
	Shard            ShardConfig
	Utterances       int64         // lines of the corpus manifest
	Used             int64         // of them, those that no reject names
	Splits           []SplitPlan   // in the order in which they are listed
	Rejects          []Reject      // of the manifest and the plan; those of the shards are in Results
	Results          []ShardResult // of every shard, in any order
}

// SplitPlan is what was planned for a split.
type SplitPlan struct {
	Name    string
	Shards  int
	Planned int64 // recipes
}

// Assemble puts a dataset's manifest together, and returns the rejects of the
// whole build in the order of rejects.jsonl. It fails with ErrReconcile, naming
// the numbers, unless every planned shard is there once, utterances = used +
// rejected, and in every split planned = examples + dropped.
func Assemble(a Assembly) (*Manifest, []Reject, error) {
	augment, err := json.Marshal(a.Augment)
	if err != nil {
		return nil, nil, fmt.Errorf("assemble: augment config: %w", err)
	}
	m := &Manifest{FormatVersion: FormatVersion, AlgorithmVersion: a.AlgorithmVersion, Seed: a.Seed, SampleRate: a.SampleRate,
		FeatureDim: a.FeatureDim, LabelSet: a.LabelSet, Features: a.Features, Augment: augment, Shard: a.Shard,
		Splits: []SplitInfo{}, CMVN: []CMVN{}}
	results := slices.Clone(a.Results)
	slices.SortFunc(results, func(x, y ShardResult) int {
		return cmp.Or(cmp.Compare(x.Split, y.Split), cmp.Compare(x.Shard, y.Shard))
	})
	lists := [][]Reject{a.Rejects}
	taken := 0
	for _, plan := range a.Splits {
		of, err := shardsOf(results, plan)
		if err != nil {
			return nil, nil, err
		}
		taken += len(of)
		info, cmvn, dropped, err := assembleSplit(plan, of, a.FeatureDim, numLabels(a.LabelSet))
		if err != nil {
			return nil, nil, err
		}
		m.Splits = append(m.Splits, info)
		m.CMVN = append(m.CMVN, cmvn...)
		m.Counts.Planned += plan.Planned
		m.Counts.Examples += info.Examples
		m.Counts.Dropped += dropped
		for i := range of {
			lists = append(lists, of[i].Rejects)
		}
	}
	if taken != len(results) {
		return nil, nil, fmt.Errorf("assemble: %d shards, want %d, those of the splits that were planned: %w", len(results), taken, ErrReconcile)
	}
	rejects := MergeRejects(lists...)
	m.Counts.Utterances, m.Counts.Used = a.Utterances, a.Used
	if err := m.Counts.reconcile(rejects); err != nil {
		return nil, nil, err
	}
	if _, err := m.Marshal(); err != nil {
		return nil, nil, err
	}
	return m, rejects, nil
}

// reconcile fills in Rejected and checks the counts of the whole build.
func (c *Counts) reconcile(rejects []Reject) error {
	dropped := int64(0)
	for i := range rejects {
		if rejects[i].Kind == RejectUtterance {
			c.Rejected++
		} else {
			dropped++
		}
	}
	if c.Utterances != c.Used+c.Rejected {
		return fmt.Errorf("assemble: %d utterances, but %d used + %d rejected = %d: %w",
			c.Utterances, c.Used, c.Rejected, c.Used+c.Rejected, ErrReconcile)
	}
	if c.Planned != c.Examples+c.Dropped || c.Dropped != dropped {
		return fmt.Errorf("assemble: %d recipes planned, but %d examples + %d dropped = %d, and %d examples among the rejects: %w",
			c.Planned, c.Examples, c.Dropped, c.Examples+c.Dropped, dropped, ErrReconcile)
	}
	return nil
}

// shardsOf are the results of a split, in order: every shard once.
func shardsOf(results []ShardResult, plan SplitPlan) ([]ShardResult, error) {
	begin := sort.Search(len(results), func(i int) bool { return results[i].Split >= plan.Name })
	end := sort.Search(len(results), func(i int) bool { return results[i].Split > plan.Name })
	of := results[begin:end]
	if len(of) != plan.Shards {
		return nil, fmt.Errorf("assemble: split %s has %d shards, want %d: %w", plan.Name, len(of), plan.Shards, ErrReconcile)
	}
	for i := range of {
		if of[i].Shard != i || of[i].Shards != plan.Shards || of[i].Path != ShardName(plan.Name, i, plan.Shards) {
			return nil, fmt.Errorf("assemble: split %s: shard %d of %d (%s) in place of %d of %d: %w", plan.Name,
				of[i].Shard, of[i].Shards, of[i].Path, i, plan.Shards, ErrReconcile)
		}
	}
	return of, nil
}

// assembleSplit adds up the shards of a split.
func assembleSplit(plan SplitPlan, of []ShardResult, f, labels int) (SplitInfo, []CMVN, int64, error) {
	s := SplitInfo{Name: plan.Name, Shards: []ShardInfo{}}
	dropped := int64(0)
	stats := make([]ShardStats, len(of))
	for i := range of {
		r := &of[i]
		stats[i] = r.Stats
		s.Shards = append(s.Shards, ShardInfo{Path: r.Path, Bytes: r.Bytes, SHA256: r.SHA256, Digest: r.Digest,
			Examples: r.Stats.Examples, Frames: r.Stats.Frames, AudioSamples: r.Stats.AudioSamples})
		for k := range r.Rejects {
			if r.Rejects[k].Kind == RejectExample {
				dropped++
			}
		}
	}
	cmvn, err := s.addStats(stats, f, labels)
	if err != nil {
		return s, nil, 0, fmt.Errorf("assemble: split %s: %w", plan.Name, err)
	}
	if plan.Planned != s.Examples+dropped {
		return s, nil, 0, fmt.Errorf("assemble: split %s: %d recipes planned, but %d examples + %d dropped = %d: %w",
			plan.Name, plan.Planned, s.Examples, dropped, s.Examples+dropped, ErrReconcile)
	}
	return s, cmvn, dropped, nil
}

// addStats sums the statistics of a split's shards, in their order, into s.
func (s *SplitInfo) addStats(stats []ShardStats, f, labels int) ([]CMVN, error) {
	s.Labels = make([]int64, labels)
	lengths, rates, cmvn := map[int32]int64{}, map[int32]RateCount{}, map[[2]string]*CMVN{}
	variants := map[variantKey]VariantCount{}
	padded := int64(0)
	for i := range stats {
		st := &stats[i]
		s.Examples += st.Examples
		s.Frames += st.Frames
		s.AudioSamples += st.AudioSamples
		s.Unlabeled += st.Unlabeled
		padded += st.PaddedFrames
		if len(st.Labels) != labels {
			return nil, fmt.Errorf("shard %d counts %d labels, want %d: %w", i, len(st.Labels), labels, ErrReconcile)
		}
		for k, n := range st.Labels {
			s.Labels[k] += n
		}
		for _, l := range st.Lengths {
			lengths[l.Frames] += l.Examples
		}
		for _, v := range st.Variants {
			addVariant(variants, v)
		}
		for _, r := range st.Rates {
			sum := rates[r.Rate]
			rates[r.Rate] = RateCount{r.Rate, sum.Examples + r.Examples, sum.Samples + r.Samples}
		}
		for _, c := range st.CMVN {
			key := [2]string{c.Speaker, c.Variant}
			if cmvn[key] == nil {
				cmvn[key] = &CMVN{Split: s.Name, Speaker: c.Speaker, Variant: c.Variant}
			}
			if err := cmvn[key].Merge(c.Stats); err != nil || len(c.Sum) != f {
				return nil, fmt.Errorf("shard %d has CMVN sums of width %d, want %d: %w", i, len(c.Sum), f, ErrReconcile)
			}
		}
	}
	s.Rates, s.Variants = sortedRates(rates), sortedVariants(variants)
	byLength := sortedLengths(lengths)
	s.Lengths = lengthHistogram(byLength)
	s.Padding = padding(s.Frames, padded, byLength)
	return sortedCMVN(cmvn), nil
}

func lengthHistogram(lengths []LengthCount) Histogram {
	h := Histogram{Edges: slices.Clone(LengthEdges), Counts: make([]int64, len(LengthEdges))}
	for _, l := range lengths {
		bin, found := slices.BinarySearch(LengthEdges, l.Frames)
		if !found {
			bin--
		}
		h.Counts[max(bin, 0)] += l.Examples
	}
	return h
}

// padding computes the padding figures of frames in batches of PaddingBatch:
// padded is what they come to in row order, padding included.
func padding(frames, padded int64, byLength []LengthCount) Padding {
	p := Padding{Batch: PaddingBatch}
	if padded > 0 {
		p.InOrder = float64(padded-frames) / float64(padded)
	}
	// Walking up the lengths, every batch is as long as its last example.
	total, inBatch := int64(0), int64(0)
	longest := int64(0)
	for _, l := range byLength {
		longest = int64(l.Frames)
		inBatch += l.Examples
		total += inBatch / PaddingBatch * PaddingBatch * longest
		inBatch %= PaddingBatch
	}
	if total += inBatch * longest; total > 0 {
		p.ByLength = float64(total-frames) / float64(total)
	}
	return p
}
