package train

import (
	"regexp"

	"framewise/corpus"
	"framewise/model/score"
)

// The tables by duration begin a row at each of these.
var (
	utteranceSeconds = []float64{0, 1, 2, 3, 4, 6, 10}
	segmentMs        = []float64{0, 30, 60, 90, 150, 250}
)

// boundaryMs are the tolerances of boundary scores.
var boundaryMs = []float64{10, 20}

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
