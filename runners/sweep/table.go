package sweep

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// A Score is what came of a point. Shares are from 0 to 1, NaN where there is
// none.
type Score struct {
	FrameAccuracy float64
	PER           float64
	TrainAccuracy float64 // of frames, in the epoch that was kept, as training counts them
	Padding       float64 // share of that epoch's cells
	Parameters    int
	Seconds       float64 // of training
}

// Result is a point and its score.
type Result struct {
	Point Point
	Score Score
}

// Mean is a mean over seeds and half the width of its 95 % interval by
// Student's t; the interval is NaN with fewer than two seeds. It covers the
// draws of weights, batches and dropout, not the choice of speakers.
type Mean struct {
	N    int
	Mean float64
	Half float64
}

// Row is a combination of levels over its seeds.
type Row struct {
	Levels        []string
	FrameAccuracy Mean
	PER           Mean
	Difference    Mean // of frame accuracy from the first row's, seed by seed
	TrainAccuracy Mean
	Padding       float64 // mean; NaN where there is none
	Parameters    int
	Seconds       float64 // of training, mean
}

// Rows are the combinations of levels, in the order of the results.
func Rows(results []Result) []Row {
	var keys []string
	groups := map[string][]Result{}
	for _, r := range results {
		key := strings.Join(r.Point.Levels, "\x00")
		if groups[key] == nil {
			keys = append(keys, key)
		}
		groups[key] = append(groups[key], r)
	}
	var rows []Row
	for _, key := range keys {
		rows = append(rows, row(groups[key], groups[keys[0]]))
	}
	return rows
}

func row(group, first []Result) Row {
	r := Row{Levels: group[0].Point.Levels, Parameters: group[0].Score.Parameters}
	var accuracy, per, difference, seconds, learned, padding []float64
	for _, g := range group {
		if !math.IsNaN(g.Score.TrainAccuracy) {
			learned, padding = append(learned, g.Score.TrainAccuracy), append(padding, g.Score.Padding)
		}
		accuracy, seconds = append(accuracy, g.Score.FrameAccuracy), append(seconds, g.Score.Seconds)
		if !math.IsNaN(g.Score.PER) {
			per = append(per, g.Score.PER)
		}
		i := slices.IndexFunc(first, func(f Result) bool { return f.Point.Seed == g.Point.Seed })
		if i >= 0 {
			difference = append(difference, g.Score.FrameAccuracy-first[i].Score.FrameAccuracy)
		}
	}
	r.FrameAccuracy, r.PER, r.Difference, r.Seconds = mean(accuracy), mean(per), mean(difference), stat.Mean(seconds, nil)
	r.TrainAccuracy, r.Padding = mean(learned), mean(padding).Mean
	return r
}

func mean(x []float64) Mean {
	m := Mean{N: len(x), Mean: math.NaN(), Half: math.NaN()}
	if m.N == 0 {
		return m
	}
	m.Mean = stat.Mean(x, nil)
	if m.N > 1 {
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(m.N - 1)}
		m.Half = t.Quantile(0.975) * stat.StdErr(stat.StdDev(x, nil), float64(m.N))
	}
	return m
}

// String is the mean in percent, with the interval if there is one.
func (m Mean) String() string {
	switch {
	case math.IsNaN(m.Mean):
		return "-"
	case math.IsNaN(m.Half):
		return fmt.Sprintf("%.2f", 100*m.Mean)
	}
	return fmt.Sprintf("%.2f ± %.2f", 100*m.Mean, 100*m.Half)
}

// Header are the titles of Cells.
func (g Grid) Header() []string {
	var names []string
	for _, a := range g.Axes {
		names = append(names, a.Name)
	}
	return append(names, "seeds", "frame accuracy %", "from the first row", "PER %", "train frame accuracy %", "padding %", "parameters", "training s")
}

// Cells is a row as text.
func (r Row) Cells() []string {
	return append(slices.Clone(r.Levels), strconv.Itoa(r.FrameAccuracy.N), r.FrameAccuracy.String(), r.Difference.String(), r.PER.String(),
		r.TrainAccuracy.String(), share(r.Padding), strconv.Itoa(r.Parameters), fmt.Sprintf("%.0f", r.Seconds))
}

// share is a share in percent, if there is one.
func share(x float64) string {
	if math.IsNaN(x) {
		return "-"
	}
	return fmt.Sprintf("%.1f", 100*x)
}

// WriteMarkdown writes the rows as a table.
func (g Grid) WriteMarkdown(w io.Writer, rows []Row) error {
	var b strings.Builder
	line := func(cells []string) {
		for _, c := range cells {
			b.WriteString("| " + strings.ReplaceAll(c, "|", `\|`) + " ")
		}
		b.WriteString("|\n")
	}
	line(g.Header())
	line(slices.Repeat([]string{"---"}, len(g.Header())))
	for _, r := range rows {
		line(r.Cells())
	}
	b.WriteString("\nMeans over seeds, and 95 % intervals by Student's t: they cover the draws of weights, batches and dropout, not the choice of speakers.\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteCSV writes a line for every point, for other programs.
func (g Grid) WriteCSV(w io.Writer, results []Result) error {
	out := csv.NewWriter(w)
	var header []string
	for _, a := range g.Axes {
		header = append(header, a.Name)
	}
	records := [][]string{append(header, "seed", "frame_accuracy", "per", "train_accuracy", "padding", "parameters", "seconds_training")}
	number := func(x float64) string {
		if math.IsNaN(x) {
			return ""
		}
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	for _, r := range results {
		records = append(records, append(slices.Clone(r.Point.Levels), strconv.FormatUint(r.Point.Seed, 10), number(r.Score.FrameAccuracy),
			number(r.Score.PER), number(r.Score.TrainAccuracy), number(r.Score.Padding), strconv.Itoa(r.Score.Parameters), number(r.Score.Seconds)))
	}
	return out.WriteAll(records)
}
