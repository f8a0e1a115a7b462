package train

import (
	"maps"
	"regexp"
	"slices"

	"framewise/corpus"
	"framewise/model/results"
	"framewise/model/score"
)

// The tables by duration begin a row at each of these.
var (
	utteranceSeconds = []float64{0, 1, 2, 3, 4, 6, 10}
	segmentMs        = []float64{0, 30, 60, 90, 150, 250}
)

// boundaryMs are the tolerances of boundary scores.
var boundaryMs = []float64{10, 20}

// intervalLevel and resamples are of the bootstrap over speakers.
const (
	intervalLevel = 0.95
	resamples     = 1000
)

// groupOf names groups of examples that are scored apart: TIMIT's SI sentences
// are read by one speaker each, so that no text of them is in two splits.
var groupOf = map[string]*regexp.Regexp{"si": regexp.MustCompile(`(?i)(^|/)SI[0-9]+$`)}

// tally gathers the scores of a split.
type tally struct {
	hop        float64 // ms
	phones     *phoneScorer
	minFrames  int // of segments that boundaries are taken from
	all        *score.Confusion
	linear     *score.Confusion
	edits      score.Edits
	speakers   map[string]*bucket
	groups     map[string]*bucket
	utterances []bucket           // by utteranceSeconds
	segments   []bucket           // by segmentMs
	boundaries []score.Boundaries // by boundaryMs; nil with CTC, which knows only roughly where phones are
	examples   int
}

// bucket counts what belongs to a speaker, a group or a row of a table.
type bucket struct {
	examples        int
	frames, correct int64
	edits           score.Edits
	segments, found int // of the reference; found = most of its frames are right
}

func newTally(t *trained, set *corpus.LabelSet, fold *corpus.Folding, d *decoder) (*tally, error) {
	framing, err := t.front.Features.Framing(t.front.SampleRate)
	if err != nil {
		return nil, err
	}
	k := len(fold.Labels)
	y := &tally{hop: 1000 * float64(framing.Hop) / float64(t.front.SampleRate), minFrames: d.cfg.MinFrames,
		all: score.NewConfusion(k), linear: score.NewConfusion(k), speakers: map[string]*bucket{}, groups: map[string]*bucket{},
		utterances: make([]bucket, len(utteranceSeconds)), segments: make([]bucket, len(segmentMs))}
	if !t.cfg.Loss.CTC() {
		y.boundaries = make([]score.Boundaries, len(boundaryMs))
	}
	y.phones, err = newPhoneScorer(set, fold, d.cfg.MinFrames)
	return y, err
}

// row is the place of the last edge that is not above v.
func row(edges []float64, v float64) int {
	i := len(edges) - 1
	for i > 0 && edges[i] > v {
		i--
	}
	return i
}

func bucketOf(m map[string]*bucket, key string) *bucket {
	if m[key] == nil {
		m[key] = &bucket{}
	}
	return m[key]
}

func (y *tally) add(s *scored) error {
	y.examples++
	one := bucket{examples: 1, edits: y.phones.edits(s)}
	for i, label := range s.labels {
		y.all.Add(label, s.best[i])
		if s.linear != nil {
			y.linear.Add(label, s.linear[i])
		}
		if label >= 0 {
			one.frames++
			if label == s.best[i] {
				one.correct++
			}
		}
	}
	y.edits.Add(one.edits)
	into := []*bucket{bucketOf(y.speakers, s.ex.Speaker), &y.utterances[row(utteranceSeconds, float64(s.ex.NumFrames)*y.hop/1000)]}
	for name, ids := range groupOf {
		if ids.MatchString(s.ex.ID) {
			into = append(into, bucketOf(y.groups, name))
		}
	}
	for _, b := range into {
		b.add(one)
	}
	y.addSegments(s)
	y.addBoundaries(s)
	return nil
}

func (b *bucket) add(o bucket) {
	b.examples += o.examples
	b.frames += o.frames
	b.correct += o.correct
	b.segments += o.segments
	b.found += o.found
	b.edits.Add(o.edits)
}

// addSegments scores the frames of each segment of the reference.
func (y *tally) addSegments(s *scored) {
	for _, r := range score.Collapse(s.labels, 1) {
		if r.Label < 0 {
			continue
		}
		one := bucket{segments: 1, frames: int64(r.End - r.Begin)}
		for _, k := range s.best[r.Begin:r.End] {
			if k == r.Label {
				one.correct++
			}
		}
		if 2*one.correct > one.frames {
			one.found = 1
		}
		y.segments[row(segmentMs, float64(one.frames)*y.hop)].add(one)
	}
}

// addBoundaries compares boundaries between segments of the network's classes.
func (y *tally) addBoundaries(s *scored) {
	if y.boundaries == nil {
		return
	}
	hyp := s.found
	if !s.searched {
		for _, r := range score.Collapse(s.best, y.minFrames) {
			for range r.End - r.Begin {
				hyp = append(hyp, r.Label)
			}
		}
	}
	ref, said := score.Edges(s.labels, s.labels), score.Edges(hyp, s.labels)
	for i, ms := range boundaryMs {
		y.boundaries[i].Add(score.MatchBoundaries(ref, said, int(ms/y.hop+1e-9)))
	}
}

func (y *tally) result(t *trained, fold *corpus.Folding) *results.Eval {
	e := &results.Eval{LabelSet: t.run.LabelSet, Loss: t.cfg.Loss.Name, Folding: fold.Name, Examples: y.examples,
		Frames: y.all.Frames(), FramesIgnored: y.all.Ignored, FrameAccuracy: y.all.Accuracy(),
		MajorityAccuracy: y.all.ClassAccuracy(max(0, slices.Index(fold.Labels, t.run.Majority))),
		PER:              rateOf(y.edits), PERFolding: y.phones.to.Name, PerSpeaker: scores(y.speakers), Groups: scores(y.groups),
		PerLabel: map[string]results.LabelScore{}, Labels: fold.Labels, Confusion: y.all.Counts, FrameMs: y.hop,
		ByUtterance: durations(utteranceSeconds, y.utterances), BySegment: durations(segmentMs, y.segments), Boundaries: y.boundaryScores()}
	if t.linear != nil {
		v := y.linear.Accuracy()
		e.LinearAccuracy = &v
	}
	if y.edits.Reference > 0 {
		e.Edits = &results.EditCounts{Reference: y.edits.Reference, Substitutions: y.edits.Substitutions, Deletions: y.edits.Deletions, Insertions: y.edits.Insertions}
	}
	for i, label := range fold.Labels {
		c := y.all.Class(i)
		e.PerLabel[label] = results.LabelScore{Frames: c.Frames, Recall: c.Recall, Precision: c.Precision, F1: c.F1}
	}
	e.Intervals = y.intervals(t.cfg.Seed)
	return e
}

func rateOf(e score.Edits) *float64 {
	if r, ok := e.Rate(); ok {
		return &r
	}
	return nil
}

func share(part, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(part) / float64(of)
}

func scores(m map[string]*bucket) map[string]results.ScoreCount {
	s := make(map[string]results.ScoreCount, len(m))
	for key, b := range m {
		s[key] = results.ScoreCount{Frames: b.frames, FrameAccuracy: share(b.correct, b.frames), Examples: b.examples, Phones: b.edits.Reference, PER: rateOf(b.edits)}
	}
	return s
}

// durations are the rows of a table that hold anything.
func durations(edges []float64, rows []bucket) []results.DurationScore {
	var all []results.DurationScore
	for i, b := range rows {
		if b.frames == 0 && b.examples == 0 {
			continue
		}
		d := results.DurationScore{From: edges[i], Examples: b.examples, Segments: b.segments, Frames: b.frames,
			FrameAccuracy: share(b.correct, b.frames), PER: rateOf(b.edits)}
		if i+1 < len(edges) {
			d.To = &edges[i+1]
		}
		if b.segments > 0 {
			v := share(int64(b.found), int64(b.segments))
			d.Found = &v
		}
		all = append(all, d)
	}
	return all
}

func (y *tally) boundaryScores() []results.BoundaryScore {
	var all []results.BoundaryScore
	for i, b := range y.boundaries {
		s := results.BoundaryScore{WithinMs: boundaryMs[i], Reference: b.Reference, Hypothesis: b.Hypothesis, Hits: b.Hits,
			Precision: b.Precision(), Recall: b.Recall(), F1: b.F1(),
			ErrorMs: y.hop * share(b.Off, int64(b.Hits)), BiasMs: y.hop * share(b.Late, int64(b.Hits))}
		if r, ok := b.RValue(); ok {
			s.RValue = &r
		}
		all = append(all, s)
	}
	return all
}

// intervals are of the bootstrap over speakers, in the order of their names.
func (y *tally) intervals(seed uint64) *results.Intervals {
	var frames, phones []score.Ratio
	for _, name := range slices.Sorted(maps.Keys(y.speakers)) {
		b := y.speakers[name]
		frames = append(frames, score.Ratio{Part: b.correct, Of: b.frames})
		phones = append(phones, score.Ratio{Part: int64(b.edits.Distance()), Of: int64(b.edits.Reference)})
	}
	out := &results.Intervals{Over: "speakers", Units: len(y.speakers), Level: intervalLevel, Resamples: resamples, Seed: seed}
	of := func(units []score.Ratio) *[2]float64 {
		if lo, hi, ok := score.Interval(units, intervalLevel, resamples, seed); ok {
			return &[2]float64{lo, hi}
		}
		return nil
	}
	if out.FrameAccuracy, out.PER = of(frames), of(phones); out.FrameAccuracy == nil && out.PER == nil {
		return nil
	}
	return out
}
