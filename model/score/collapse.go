package score

// Run is a stretch of frames [Begin, End) of one label.
type Run struct {
	Label      int
	Begin, End int // frames
}

// Collapse turns frame labels [T] into runs of equal labels that cover them in
// order. Runs shorter than minFrames are given up one after the other, shortest
// first (the earliest of several), to the longer of their neighbours (the
// earlier of two equals), and neighbours that have become equal are joined; a
// single run stays whatever its length. minFrames <= 1 keeps every run.
func Collapse(labels []int, minFrames int) []Run {
	var runs []Run
	for t, l := range labels {
		if n := len(runs); n > 0 && runs[n-1].Label == l {
			runs[n-1].End = t + 1
			continue
		}
		runs = append(runs, Run{Label: l, Begin: t, End: t + 1})
	}
	for len(runs) > 1 {
		i := shortest(runs)
		if runs[i].frames() >= minFrames {
			break
		}
		runs = absorb(runs, i)
	}
	return runs
}

func (r Run) frames() int { return r.End - r.Begin }

// shortest is the index of the earliest run of the least length.
func shortest(runs []Run) int {
	at := 0
	for i, r := range runs {
		if r.frames() < runs[at].frames() {
			at = i
		}
	}
	return at
}

// absorb gives run i to its longer neighbour and joins what has become equal.
func absorb(runs []Run, i int) []Run {
	switch {
	case i == 0:
		runs[1].Begin = runs[0].Begin
	case i == len(runs)-1:
		runs[i-1].End = runs[i].End
	case runs[i-1].Label == runs[i+1].Label:
		runs[i-1].End = runs[i+1].End
		return append(runs[:i], runs[i+2:]...)
	case runs[i-1].frames() >= runs[i+1].frames():
		runs[i-1].End = runs[i].End
	default:
		runs[i+1].Begin = runs[i].Begin
	}
	return append(runs[:i], runs[i+1:]...)
}

// Sequence lists the labels of the runs, without the negative ones: the phone
// sequence that is compared with a reference.
func Sequence(runs []Run) []int {
	var seq []int
	for _, r := range runs {
		if r.Label >= 0 {
			seq = append(seq, r.Label)
		}
	}
	return seq
}
