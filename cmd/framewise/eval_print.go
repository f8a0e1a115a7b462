package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"framewise/model"
	"framewise/model/decode"
	"framewise/model/results"
)

// printEval prints the scores as tables, with details those by label and
// speaker too.
func printEval(cmd *cobra.Command, e *results.Eval, details bool) error {
	w := cmd.OutOrStdout()
	if err := table(w, []string{e.Split, "frame accuracy", ""}, accuracyRows(e)); err != nil {
		return err
	}
	printPER(w, e)
	if e.Loss == model.LossCTC {
		fmt.Fprintln(w, "trained with CTC: frames are judged by the likeliest class besides the blank")
	}
	parts := []func(io.Writer, *results.Eval) error{printBoundaries, printDurations}
	if details {
		parts = append(parts, printLabels, printSpeakers)
	}
	for _, part := range parts {
		if err := part(w, e); err != nil {
			return err
		}
	}
	fmt.Fprintln(w)
	printInvariance(w, e.BatchInvariance)
	_, err := fmt.Fprintf(w, "%d examples, %d frames scored, %d ignored\n", e.Examples, e.Frames, e.FramesIgnored)
	return err
}

func accuracyRows(e *results.Eval) [][]string {
	if e.Frames == 0 { // phones without alignments
		return [][]string{{"no frame has a label", "-", ""}}
	}
	rows := [][]string{{"this network", percent(e.FrameAccuracy), ""}}
	if i := e.Intervals; i != nil {
		rows[0][2] = interval(i.FrameAccuracy, i)
	}
	for _, name := range sortedKeys(e.Groups) {
		g := e.Groups[name]
		rows = append(rows, []string{fmt.Sprintf("  on %s alone (%d frames)", name, g.Frames), percent(g.FrameAccuracy), ""})
	}
	if e.LinearAccuracy != nil {
		rows = append(rows, []string{"linear softmax on single frames", percent(*e.LinearAccuracy), ""})
	}
	return append(rows, []string{"majority class", percent(e.MajorityAccuracy), ""})
}

// interval is "[79.1 %, 83.0 %], 95 % of resamples of 24 speakers".
func interval(v *[2]float64, i *results.Intervals) string {
	if v == nil {
		return ""
	}
	return fmt.Sprintf("[%s, %s], %.0f %% of resamples of %d %s", percent(v[0]), percent(v[1]), 100*i.Level, i.Units, i.Over)
}

func printPER(w io.Writer, e *results.Eval) {
	if e.PER == nil {
		return
	}
	fmt.Fprintf(w, "phone error rate %s (folding %s, decoding %s)", percent(*e.PER), e.PERFolding, decodingName(e.Decode))
	if i := e.Intervals; i != nil {
		fmt.Fprintf(w, " %s", interval(i.PER, i))
	}
	if c := e.Edits; c != nil {
		fmt.Fprintf(w, "\n  of %d phones %d substituted, %d deleted, %d inserted", c.Reference, c.Substitutions, c.Deletions, c.Insertions)
	}
	fmt.Fprintln(w)
}

func decodingName(c decode.Config) string {
	s := c.Name
	if c.Name == decode.ByBeam {
		s += fmt.Sprintf(" %d", c.Beam)
	}
	if c.BigramWeight > 0 {
		s += fmt.Sprintf(", bigram %g", c.BigramWeight)
	}
	if c.Insertion != 0 {
		s += fmt.Sprintf(", insertion %+g", c.Insertion)
	}
	return s
}

func printBoundaries(w io.Writer, e *results.Eval) error {
	var rows [][]string
	for _, b := range e.Boundaries {
		r := "-"
		if b.RValue != nil {
			r = fmt.Sprintf("%.3f", *b.RValue)
		}
		rows = append(rows, []string{fmt.Sprintf("%g ms", b.WithinMs), percent(b.Recall), percent(b.Precision), percent(b.F1), r,
			fmt.Sprintf("%.1f ms", b.ErrorMs), fmt.Sprintf("%+.1f ms", b.BiasMs)})
	}
	return titled(w, "boundaries", []string{"within", "recall", "precision", "F1", "R-value", "mean error", "late by"}, rows)
}

func printDurations(w io.Writer, e *results.Eval) error {
	rows := func(all []results.DurationScore, unit string, of func(results.DurationScore) []string) (rows [][]string) {
		for _, d := range all {
			to := "and more"
			if d.To != nil {
				to = fmt.Sprintf("to %g", *d.To)
			}
			rows = append(rows, append([]string{fmt.Sprintf("%g %s %s", d.From, to, unit)}, of(d)...))
		}
		return rows
	}
	err := titled(w, "by length of the utterance", []string{"length", "utterances", "frame accuracy", "PER"},
		rows(e.ByUtterance, "s", func(d results.DurationScore) []string {
			return []string{fmt.Sprint(d.Examples), accuracy(d.FrameAccuracy, d.Frames), optional(d.PER)}
		}))
	if err != nil {
		return err
	}
	return titled(w, "by length of the reference's segment", []string{"length", "segments", "frame accuracy", "found"},
		rows(e.BySegment, "ms", func(d results.DurationScore) []string {
			return []string{fmt.Sprint(d.Segments), percent(d.FrameAccuracy), optional(d.Found)}
		}))
}

// printLabels lists labels, the commonest first.
func printLabels(w io.Writer, e *results.Eval) error {
	names := slices.DeleteFunc(slices.Clone(e.Labels), func(name string) bool { return e.PerLabel[name].Frames == 0 })
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(e.PerLabel[b].Frames, e.PerLabel[a].Frames) })
	var rows [][]string
	for _, name := range names {
		l := e.PerLabel[name]
		rows = append(rows, []string{name, fmt.Sprint(l.Frames), percent(l.Recall), percent(l.Precision), percent(l.F1)})
	}
	return titled(w, "by label", []string{"label", "frames", "recall", "precision", "F1"}, rows)
}

func printSpeakers(w io.Writer, e *results.Eval) error {
	var rows [][]string
	for _, name := range sortedKeys(e.PerSpeaker) {
		s := e.PerSpeaker[name]
		rows = append(rows, []string{name, fmt.Sprint(s.Examples), fmt.Sprint(s.Frames), accuracy(s.FrameAccuracy, s.Frames), optional(s.PER)})
	}
	return titled(w, "by speaker", []string{"speaker", "utterances", "frames", "frame accuracy", "PER"}, rows)
}

func printInvariance(w io.Writer, b *results.BatchInvariance) {
	switch {
	case b == nil:
	case b.BitEqual:
		fmt.Fprintf(w, "posteriors of %d examples in %d batches drawn at random are those alone, bit for bit\n", b.Examples, b.Batches)
	default:
		fmt.Fprintf(w, "posteriors of %d examples in %d batches drawn at random differ from those alone by at most %g (up to %g is rounding), most in %q\n",
			b.Examples, b.Batches, b.MaxDifference, b.Tolerance, b.Worst.Example)
	}
}

// titled is a table under a line; nothing without rows.
func titled(w io.Writer, title string, header []string, rows [][]string) error {
	if len(rows) == 0 {
		return nil
	}
	fmt.Fprintf(w, "\n%s\n", title)
	return table(w, header, rows)
}

// accuracy is a share of frames, which nothing is known of without any.
func accuracy(share float64, frames int64) string {
	if frames == 0 {
		return "-"
	}
	return percent(share)
}

func optional(v *float64) string {
	if v == nil {
		return "-"
	}
	return percent(*v)
}
