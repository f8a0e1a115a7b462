package train

import (
	"maps"
	"slices"

	"framewise/corpus"
	"framewise/model/results"
	"framewise/model/score"
)

// intervalLevel and resamples are of the bootstrap over speakers.
const (
	intervalLevel = 0.95
	resamples     = 1000
)

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
