package report

import (
	"cmp"
	"fmt"
	"slices"

	"framewise/model/decode"
	"framewise/model/results"
)

func addEval(p *page, e *results.Eval) error {
	s := p.section("Evaluation on " + e.Split)
	s.table([]string{"what", "frame accuracy", ""}, evalRows(e))
	s.facts(evalFacts(e))
	if rows := boundaryRows(e); len(rows) > 0 {
		s.table([]string{"boundaries within", "recall", "precision", "F1", "R-value", "mean error", "late by"}, rows)
	}
	matrix, err := confusionFigure(e)
	if err != nil {
		return err
	}
	s.figure("Confusion matrix: rows are what was spoken, columns what was heard; the darker, the larger the share of the row.", matrix)
	if top := topConfusions(e, 12); len(top) > 0 {
		s.table([]string{"spoken", "heard", "frames", "share of spoken"}, top)
	}
	for _, c := range evalCharts(e) {
		if len(c.bars) == 0 {
			continue
		}
		top := 1.0
		for _, b := range c.bars {
			top = max(top, b.value) // an error rate may be above 1
		}
		chart, err := barChart(c.x, "share", c.bars, blue, top)
		if err != nil {
			return err
		}
		s.figure(c.caption, chart)
	}
	return nil
}

func evalFacts(e *results.Eval) []fact {
	facts := []fact{
		{"examples", count(int64(e.Examples))},
		{"frames scored", count(e.Frames)},
		{"frames ignored", count(e.FramesIgnored)},
		{"phone error rate", optionalPercent(e.PER)},
	}
	if i := e.Intervals; i != nil && i.PER != nil {
		facts[3].Value += " " + interval(i.PER, i)
	}
	if c := e.Edits; c != nil {
		facts = append(facts, fact{"edits", fmt.Sprintf("of %s phones %s substituted, %s deleted, %s inserted",
			count(int64(c.Reference)), count(int64(c.Substitutions)), count(int64(c.Deletions)), count(int64(c.Insertions)))})
	}
	if d := e.Decode; d.Name != "" {
		text := d.Name
		if d.Name == decode.ByBeam {
			text = fmt.Sprintf("%s of %d prefixes", d.Name, d.Beam)
		}
		if d.BigramWeight != 0 || d.Insertion != 0 {
			text += fmt.Sprintf(", bigram %g, insertion %g", d.BigramWeight, d.Insertion)
		}
		facts = append(facts, fact{"decoding", text})
	}
	return facts
}

// interval is "[79.1 %, 83.0 %] (95 % of resamples of 24 speakers)".
func interval(v *[2]float64, i *results.Intervals) string {
	return fmt.Sprintf("[%s, %s] (%.0f %% of resamples of %d %s)", percent(v[0]), percent(v[1]), 100*i.Level, i.Units, i.Over)
}

func evalRows(e *results.Eval) [][]string {
	rows := [][]string{{"this network", percent(e.FrameAccuracy), ""}}
	if i := e.Intervals; i != nil && i.FrameAccuracy != nil {
		rows[0][2] = interval(i.FrameAccuracy, i)
	}
	rows = append(rows,
		[]string{"linear softmax on single frames", optionalPercent(e.LinearAccuracy), ""},
		[]string{"always the commonest class of train", percent(e.MajorityAccuracy), ""})
	names := make([]string, 0, len(e.Groups))
	for name := range e.Groups {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		g := e.Groups[name]
		rows = append(rows, []string{fmt.Sprintf("this network, %s only (%s frames)", name, count(g.Frames)), percent(g.FrameAccuracy), ""})
	}
	return rows
}

func boundaryRows(e *results.Eval) [][]string {
	var rows [][]string
	for _, b := range e.Boundaries {
		r := "none"
		if b.RValue != nil {
			r = fmt.Sprintf("%.3f", *b.RValue)
		}
		rows = append(rows, []string{fmt.Sprintf("%g ms", b.WithinMs), percent(b.Recall), percent(b.Precision), percent(b.F1), r,
			fmt.Sprintf("%.1f ms", b.ErrorMs), fmt.Sprintf("%+.1f ms", b.BiasMs)})
	}
	return rows
}

// evalChart is a bar chart of shares.
type evalChart struct {
	caption, x string
	bars       []bar
}

func evalCharts(e *results.Eval) []evalChart {
	var recall, f1, speakers, per []bar
	for name, l := range e.PerLabel {
		if l.Frames > 0 {
			recall, f1 = append(recall, bar{name, l.Recall}), append(f1, bar{name, l.F1})
		}
	}
	for name, c := range e.PerSpeaker {
		speakers = append(speakers, bar{name, c.FrameAccuracy})
		if c.PER != nil {
			per = append(per, bar{name, *c.PER})
		}
	}
	for _, bars := range [][]bar{recall, f1} {
		slices.SortFunc(bars, func(a, b bar) int { return cmp.Or(cmp.Compare(b.value, a.value), cmp.Compare(a.name, b.name)) })
	}
	for _, bars := range [][]bar{speakers, per} {
		slices.SortFunc(bars, func(a, b bar) int { return cmp.Compare(a.name, b.name) })
	}
	accuracy := func(d results.DurationScore) (float64, bool) { return d.FrameAccuracy, d.Frames > 0 }
	return []evalChart{
		{"Share of each label's frames that were heard right.", "", recall},
		{"F1 of each label: what was heard wrongly as it counts too.", "", f1},
		{"Frame accuracy by speaker.", "", speakers},
		{"Phone error rate by speaker.", "", per},
		{"Frame accuracy by length of the utterance.", "seconds", durationBars(e.ByUtterance, accuracy)},
		{"Phone error rate by length of the utterance.", "seconds", durationBars(e.ByUtterance, func(d results.DurationScore) (float64, bool) {
			if d.PER == nil {
				return 0, false
			}
			return *d.PER, true
		})},
		{"Frame accuracy by length of the segment that was spoken.", "ms", durationBars(e.BySegment, accuracy)},
	}
}

func durationBars(rows []results.DurationScore, of func(results.DurationScore) (float64, bool)) []bar {
	var bars []bar
	for _, d := range rows {
		name := fmt.Sprintf("%g+", d.From)
		if d.To != nil {
			name = fmt.Sprintf("%g\u2013%g", d.From, *d.To)
		}
		if v, ok := of(d); ok {
			bars = append(bars, bar{name, v})
		}
	}
	return bars
}
