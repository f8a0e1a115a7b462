package score

// Run is a stretch of frames [Begin, End) of one label.
type Run struct {
	Label      int
	Begin, End int // frames
}

// Collapse turns frame labels [T] into runs of equal labels that cover them in
// order. Of all ways to make every run at least minFrames long by giving frames
// other labels that occur, it takes the one that changes the fewest frames; of
// equals the one with the fewest runs, then, run by run, the one that ends
// earliest, with the label that occurs first. It is found by dynamic programming,
// in time proportional to frames times different labels. Fewer frames than
// minFrames are one run. minFrames <= 1 keeps every run.
func Collapse(labels []int, minFrames int) []Run {
	if minFrames <= 1 {
		return runsOf(labels)
	}
	short := false
	for _, r := range runsOf(labels) {
		short = short || r.frames() < minFrames
	}
	if !short {
		return runsOf(labels)
	}
	return smooth(labels, min(minFrames, len(labels)))
}

func (r Run) frames() int { return r.End - r.Begin }

func runsOf(labels []int) []Run {
	var runs []Run
	for t, l := range labels {
		if n := len(runs); n > 0 && runs[n-1].Label == l {
			runs[n-1].End = t + 1
			continue
		}
		runs = append(runs, Run{Label: l, Begin: t, End: t + 1})
	}
	return runs
}

// smooth solves Collapse from the end of the utterance: the best runs of the
// frames from t on begin with one of label l up to a frame e, and go on with the
// best runs from e on. A cost is changed frames times more than all runs, plus
// runs.
func smooth(labels []int, least int) []Run {
	n := len(labels)
	kinds := kindsOf(labels)
	change := n + 1
	const never = int(^uint(0) >> 2)
	best, end, kind := make([]int, n+1), make([]int, n), make([]int, n) // from each frame on
	costs := make([][]int, len(kinds))                                  // of keeping a label from a frame to the end
	cheapest, at := make([]int, len(kinds)), make([]int, len(kinds))    // best[e] - costs[e] over the ends so far
	for k, l := range kinds {
		costs[k], cheapest[k] = make([]int, n+1), never
		for t := n - 1; t >= 0; t-- {
			costs[k][t] = costs[k][t+1]
			if labels[t] != l {
				costs[k][t] += change
			}
		}
	}
	for t := n - 1; t >= 0; t-- {
		best[t] = never
		if t+least > n {
			continue
		}
		for k := range kinds {
			if e := t + least; best[e] < never && best[e]-costs[k][e] <= cheapest[k] { // of equals the earlier end
				cheapest[k], at[k] = best[e]-costs[k][e], e
			}
			if cheapest[k] == never {
				continue
			}
			cost := cheapest[k] + costs[k][t] + 1
			if cost < best[t] || cost == best[t] && at[k] < end[t] {
				best[t], end[t], kind[t] = cost, at[k], k
			}
		}
	}
	var runs []Run
	for t := 0; t < n; t = end[t] {
		runs = append(runs, Run{Label: kinds[kind[t]], Begin: t, End: end[t]})
	}
	return runs
}

// kindsOf lists the different labels in the order in which they first occur.
func kindsOf(labels []int) []int {
	var kinds []int
	seen := map[int]bool{}
	for _, l := range labels {
		if !seen[l] {
			kinds, seen[l] = append(kinds, l), true
		}
	}
	return kinds
}

// Labels lists the labels of runs, in order.
func Labels(runs []Run) []int {
	labels := make([]int, len(runs))
	for i, r := range runs {
		labels[i] = r.Label
	}
	return labels
}
