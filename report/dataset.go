package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"framewise/corpus"
	"framewise/dataset"
)

// addDataset draws a dataset folder: counts, one example with its labels, its
// augmented versions beside it, and the distribution of lengths and labels.
func addDataset(ctx context.Context, p *page, dir string) (err error) {
	d, err := dataset.Open(ctx, dir)
	if err != nil {
		return err
	}
	m := d.Manifest
	s := p.section("Dataset: " + filepath.Base(dir))
	c := m.Counts
	s.facts([]fact{
		{"utterances", fmt.Sprintf("%s = %s used + %s rejected", count(c.Utterances), count(c.Used), count(c.Rejected))},
		{"planned examples", fmt.Sprintf("%s = %s made + %s dropped", count(c.Planned), count(c.Examples), count(c.Dropped))},
		{"features", fmt.Sprintf("%d a frame, %s", m.FeatureDim, m.Features.Kind)},
		{"sample rate", fmt.Sprintf("%s Hz", count(int64(m.SampleRate)))},
		{"seed", fmt.Sprint(m.Seed)},
		{"sha256", d.SHA256()},
	})
	s.table([]string{"split", "examples", "hours", "frames", "shards", "padding, as stored", "padding, sorted by length"}, splitRows(m))
	s.table([]string{"split", "variant", "examples"}, variantRows(m))
	if err := addExamples(s, d); err != nil {
		return err
	}
	if err := addDistributions(s, m); err != nil {
		return err
	}
	return addText(p, "Build configuration", filepath.Join(dir, dataset.ConfigName))
}

func splitRows(m *dataset.Manifest) [][]string {
	var rows [][]string
	for i := range m.Splits {
		sp := &m.Splits[i]
		rows = append(rows, []string{sp.Name, count(sp.Examples), fmt.Sprintf("%.2f", sp.AudioSeconds()/3600), count(sp.Frames),
			count(int64(len(sp.Shards))), percent(sp.Padding.InOrder), percent(sp.Padding.ByLength)})
	}
	return rows
}

func variantRows(m *dataset.Manifest) [][]string {
	var rows [][]string
	for _, sp := range m.Splits {
		for _, v := range sp.Variants {
			name := v.Variant
			if v.Concatenated {
				name += ", concatenated"
			}
			rows = append(rows, []string{sp.Name, name, count(v.Examples)})
		}
	}
	return rows
}

// addExamples shows a concatenation, its first part alone, and that part's
// narrowband copy, as far as the dataset has them.
func addExamples(s *section, d *dataset.Dataset) (err error) {
	sp, err := d.Split(exampleSplit(d))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sp.Close()) }()
	if sp.Len() == 0 {
		return nil
	}
	framing, err := d.Manifest.Features.Framing(d.Manifest.SampleRate)
	if err != nil {
		return err
	}
	hop := 1000 * float64(framing.Hop) / float64(d.Manifest.SampleRate)
	for _, shown := range chooseExamples(sp) {
		ex, err := sp.Example(shown.index)
		if err != nil {
			return err
		}
		picture := spectrogramOf(ex, d.Manifest.LabelSet, d.Manifest.FeatureDim, hop)
		html, err := picture.HTML()
		if err != nil {
			return err
		}
		s.figure(shown.caption+" "+ex.Text, html)
	}
	return nil
}

// exampleSplit is train where there is any, else the first split.
func exampleSplit(d *dataset.Dataset) string {
	names := d.SplitNames()
	if slices.Contains(names, corpus.Train) {
		return corpus.Train
	}
	return names[0]
}

// shownExample is an example of a split and what to say of it.
type shownExample struct {
	index   int
	caption string
}

// chooseExamples picks the shortest concatenation of originals, its first part
// on its own, and that part's narrowband copy.
func chooseExamples(sp *dataset.Split) []shownExample {
	joined, single := -1, 0
	for i := range sp.Len() {
		m := sp.Meta(i)
		if m.Parts > 1 && m.Variant == "original" && (joined < 0 || m.NumFrames < sp.Meta(joined).NumFrames) {
			joined = i
		}
	}
	var shown []shownExample
	if joined >= 0 {
		if ex, err := sp.Example(joined); err == nil {
			if i, ok := sp.Find(ex.Parts[0].Utterance); ok {
				single = i
			}
		}
	}
	id := strings.TrimSuffix(sp.Meta(single).ID, "+nb")
	if i, ok := sp.Find(id); ok {
		shown = append(shown, shownExample{i, "An original."})
	}
	if i, ok := sp.Find(id + "+nb"); ok {
		shown = append(shown, shownExample{i, "Its narrowband copy: half the bandwidth, the same frames and labels."})
	}
	if joined >= 0 {
		shown = append(shown, shownExample{joined, "A concatenation that begins with it; dashed lines are the joints, gaps before them."})
	}
	return shown
}

func spectrogramOf(ex *dataset.Example, set *corpus.LabelSet, f int, hopMs float64) *Spectrogram {
	s := &Spectrogram{Title: ex.ID, Features: ex.Features, F: f, HopMs: hopMs}
	for _, part := range ex.Parts[1:] {
		s.Joints = append(s.Joints, float64(part.BeginFrame)*hopMs)
	}
	if ex.Labels == nil || set == nil {
		return s
	}
	s.Labels = make([]string, len(ex.Labels))
	for t, l := range ex.Labels {
		if l >= 0 {
			s.Labels[t] = set.Labels[l]
		}
	}
	return s
}

// addDistributions draws, for every split, how long its examples are, and for
// train how many frames each label has.
func addDistributions(s *section, m *dataset.Manifest) error {
	for _, sp := range m.Splits {
		first, last := span(sp.Lengths.Counts)
		var bars []bar
		for i := first; i < last; i++ {
			bars = append(bars, bar{fmt.Sprint(sp.Lengths.Edges[i]), float64(sp.Lengths.Counts[i])})
		}
		if len(bars) == 0 {
			continue
		}
		chart, err := barChart("frames, from", "examples", bars, green, 0)
		if err != nil {
			return err
		}
		s.figure("Lengths of the examples of "+sp.Name+".", chart)
	}
	if m.LabelSet == nil {
		return nil
	}
	sp := m.Split(corpus.Train)
	if sp == nil {
		sp = &m.Splits[0]
	}
	var bars []bar
	for i, n := range sp.Labels {
		if n > 0 {
			bars = append(bars, bar{m.LabelSet.Labels[i], float64(n)})
		}
	}
	if len(bars) == 0 {
		return nil
	}
	slices.SortStableFunc(bars, func(a, b bar) int { return cmp.Compare(b.value, a.value) })
	chart, err := barChart("", "frames", bars, blue, 0)
	if err != nil {
		return err
	}
	s.figure("Frames by label in "+sp.Name+".", chart)
	return nil
}

// span is the range of bins from the first to the last that holds anything.
func span(counts []int64) (first, end int) {
	first = len(counts)
	for i, n := range counts {
		if n > 0 {
			first, end = min(first, i), i+1
		}
	}
	return min(first, end), end
}
