package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"

	"framewise/bench/result"
)

// group is the rows of one work against one peer: a line of a table.
type group struct {
	work, against string
	bySetting     map[string]result.Row
}

// section is everything about one target: where it ran, a table of times, one
// of memory if there is any, and what was left out.
func section(r result.Run, rows []result.Row) string {
	var b strings.Builder
	fmt.Fprintf(&b, "`%s` on %s, %d cores, %s at most, %s, %s, %s: medians of %d rounds.", r.Command, r.CPU, r.Cores, r.Vectors, r.System, r.Go, r.Date, r.Rounds)
	if r.Load > 0 {
		fmt.Fprintf(&b, " The load average was %.1f as they began.", r.Load)
	}
	b.WriteString("\n\n")
	fmt.Fprintf(&b, "Peers: %s.\n\n", strings.Join(r.Peers, ", "))
	var times, memory, skipped []result.Row
	for _, row := range rows {
		switch {
		case row.Skipped != "":
			skipped = append(skipped, row)
		case row.OursMB > 0:
			memory = append(memory, row)
		default:
			times = append(times, row)
		}
	}
	table(&b, times, "speed", speed)
	table(&b, memory, "memory", func(r result.Row) string { return number(r.OursMB) + " MB" })
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "- %s\n", oneLine(note))
	}
	for _, row := range skipped {
		fmt.Fprintf(&b, "- Not measured: %s against %s (%s): %s\n", row.Work, row.Against, row.Setting, oneLine(row.Skipped))
	}
	return b.String()
}

// table has a line a group and a column a setting, and one for our figure at
// the group's first setting.
func table(b *strings.Builder, rows []result.Row, title string, figure func(result.Row) string) {
	if len(rows) == 0 {
		return
	}
	groups, settings := collect(rows)
	fmt.Fprintf(b, "| work | against | our %s |", title)
	for _, s := range settings {
		fmt.Fprintf(b, " %s |", s)
	}
	b.WriteString("\n|" + strings.Repeat(" --- |", 3+len(settings)) + "\n")
	for _, g := range groups {
		fmt.Fprintf(b, "| %s | %s |", oneLine(g.work), oneLine(g.against))
		first := slices.IndexFunc(settings, func(s string) bool { _, ok := g.bySetting[s]; return ok })
		fmt.Fprintf(b, " %s |", figure(g.bySetting[settings[first]]))
		for _, s := range settings {
			row, ok := g.bySetting[s]
			if !ok {
				b.WriteString(" |")
				continue
			}
			fmt.Fprintf(b, " %s |", ratio(row))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
}

// collect groups rows; groups and settings keep the order of the rows.
func collect(rows []result.Row) (groups []group, settings []string) {
	for _, r := range rows {
		if !slices.Contains(settings, r.Setting) {
			settings = append(settings, r.Setting)
		}
		i := slices.IndexFunc(groups, func(g group) bool { return g.work == r.Work && g.against == r.Against })
		if i < 0 {
			i = len(groups)
			groups = append(groups, group{r.Work, r.Against, map[string]result.Row{}})
		}
		groups[i].bySetting[r.Setting] = r
	}
	return groups, settings
}

// speed is how much of the work is done in a second.
func speed(r result.Row) string {
	return number(r.Size/r.OursS) + " " + r.Unit + "/s"
}

// ratio is a cell: the median, the extremes and the target.
func ratio(r result.Row) string {
	s := fmt.Sprintf("**%s** (%s..%s)", number(r.Ratio), number(r.RatioMin), number(r.RatioMax))
	if r.Target > 0 {
		s += " of " + strconv.FormatFloat(r.Target, 'g', -1, 64)
	}
	return s
}

// number has some three significant digits, and commas from a thousand up.
func number(v float64) string {
	switch {
	case v < 9.995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 99.95:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v < 999.5:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	scale := 1.0
	for v/scale >= 1000 {
		scale *= 10
	}
	return humanize.Comma(int64(math.Round(v/scale) * scale))
}

// oneLine makes text fit for a cell.
func oneLine(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", "\\|")
}
