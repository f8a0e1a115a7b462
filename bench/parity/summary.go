package main

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/stat"
)

// within is how far apart the programs' accuracies may be: a point.
const within = 0.01

// row is what came of one program: of the epochs kept, one a seed, the first of
// those that are best on dev, and of the last epochs.
type row struct {
	program         string
	dev, test, last []float64 // frame accuracies: kept on dev and test, last on dev
	loss            []float64 // of the last epoch, on train
}

// summarize makes a row for each program, in their order.
func summarize(curves []epoch) []row {
	var rows []row
	for _, name := range programs(curves) {
		r := row{program: name}
		for seed := uint64(1); ; seed++ {
			of := curve(curves, name, seed)
			if len(of) == 0 {
				break
			}
			best := of[0]
			for _, e := range of {
				if e.DevAccuracy > best.DevAccuracy {
					best = e
				}
			}
			end := of[len(of)-1]
			r.dev, r.last, r.loss = append(r.dev, best.DevAccuracy), append(r.last, end.DevAccuracy), append(r.loss, end.TrainLoss)
			if best.TestAccuracy == nil { // so that a mean over fewer seeds is seen
				r.test = append(r.test, math.NaN())
			} else {
				r.test = append(r.test, *best.TestAccuracy)
			}
		}
		rows = append(rows, r)
	}
	return rows
}

// programs lists who trained.
func programs(curves []epoch) []string {
	var names []string
	seen := map[string]bool{}
	for _, e := range curves {
		if !seen[e.Program] {
			seen[e.Program], names = true, append(names, e.Program)
		}
	}
	return names
}

// curve is the epochs of one program with one seed.
func curve(curves []epoch, program string, seed uint64) []epoch {
	var of []epoch
	for _, e := range curves {
		if e.Program == program && e.Seed == seed {
			of = append(of, e)
		}
	}
	return of
}

// table is the summary in Markdown.
func table(rows []row, still []batchLoss) string {
	var b strings.Builder
	b.WriteString("| | dev | test | dev, last epoch | train loss, last epoch |\n| --- | --- | --- | --- | --- |\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %.4f |\n", r.program, percent(r.dev), percent(r.test), percent(r.last), stat.Mean(r.loss, nil))
	}
	if len(rows) == 2 {
		difference := func(a, b []float64) string { return fmt.Sprintf("%+.2f", 100*(stat.Mean(a, nil)-stat.Mean(b, nil))) }
		p, q := rows[0], rows[1]
		fmt.Fprintf(&b, "| difference | %s | %s | %s | %+.4f |\n", difference(p.dev, q.dev), difference(p.test, q.test), difference(p.last, q.last),
			stat.Mean(p.loss, nil)-stat.Mean(q.loss, nil))
	}
	fmt.Fprintf(&b, "\nFrame accuracy in percent: the mean over seeds (%d), the lowest and the highest.\n", len(rows[0].dev))
	first, all := 0.0, 0.0
	epochs := 0
	for _, l := range still {
		d := math.Abs(l.Ours-l.Peers) / l.Peers
		if all, epochs = max(all, d), l.Epoch; l.Epoch == 1 {
			first = max(first, d)
		}
	}
	fmt.Fprintf(&b, "Without dropout the losses of the %d batches of %d epochs differ by %.1g of their size at most, those of the first epoch by %.1g.", len(still), epochs, all, first)
	return b.String()
}

// percent is a mean and its range.
func percent(x []float64) string {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range x {
		low, high = min(low, v), max(high, v)
	}
	return fmt.Sprintf("%.2f (%.2f to %.2f)", 100*stat.Mean(x, nil), 100*low, 100*high)
}

// verdict is an error if the programs differ by more than they may.
func verdict(rows []row) error {
	if len(rows) != 2 {
		return fmt.Errorf("curves of %d programs, want 2", len(rows))
	}
	for _, s := range []struct {
		split string
		p, q  []float64
	}{{"dev", rows[0].dev, rows[1].dev}, {"test", rows[0].test, rows[1].test}} {
		if d := stat.Mean(s.p, nil) - stat.Mean(s.q, nil); !(math.Abs(d) <= within) {
			return fmt.Errorf("frame accuracy on %s differs by %+.2f points, want at most %g", s.split, 100*d, 100*within)
		}
	}
	return nil
}
