package score

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// mostSubstitutions is the largest number of substitutions among alignments
// with the least distance, by trying all.
func mostSubstitutions(a, b []int) (distance, substitutions int) {
	if len(a) == 0 || len(b) == 0 {
		return len(a) + len(b), 0
	}
	distance, substitutions = mostSubstitutions(a[1:], b[1:])
	if a[0] != b[0] {
		distance, substitutions = distance+1, substitutions+1
	}
	for _, rest := range [][2][]int{{a[1:], b}, {a, b[1:]}} {
		d, s := mostSubstitutions(rest[0], rest[1])
		if d++; d < distance || d == distance && s > substitutions {
			distance, substitutions = d, s
		}
	}
	return distance, substitutions
}

func TestAlignHasTheMostSubstitutions(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	for range 1500 {
		a, b := randomLabels(r, 7, 3), randomLabels(r, 7, 3)
		e := Align(a, b)
		if d, s := mostSubstitutions(a, b); e.Distance() != d || e.Substitutions != s {
			t.Fatalf("Align(%v, %v) = %+v, want distance %d with %d substitutions", a, b, e, d, s)
		}
	}
}

// slowCollapse tries every labelling and compares them by Collapse's words:
// fewest changes, fewest runs, earliest ends, labels in order of occurrence.
func slowCollapse(labels []int, least int) []Run {
	kinds := kindsOf(labels)
	least = min(least, len(labels))
	var best []Run
	var bestKey []int
	try := make([]int, len(labels))
	var walk func(t int)
	walk = func(t int) {
		if t < len(labels) {
			for _, l := range kinds {
				try[t] = l
				walk(t + 1)
			}
			return
		}
		runs := runsOf(try)
		changed := 0
		for i, l := range labels {
			if try[i] != l {
				changed++
			}
		}
		key := []int{changed, len(runs)}
		for _, r := range runs {
			if r.frames() < least {
				return
			}
		}
		for _, r := range runs { // run by run: its end, then its label
			key = append(key, r.End, slices.Index(kinds, r.Label))
		}
		if bestKey == nil || slices.Compare(key, bestKey) < 0 {
			best, bestKey = runs, key
		}
	}
	walk(0)
	return best
}

func TestCollapseAgainstDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	for range 600 {
		labels, least := randomLabels(r, 9, 3), 2+r.IntN(4)
		if got, want := Collapse(labels, least), slowCollapse(labels, least); len(labels) > 0 && !slices.Equal(got, want) {
			t.Fatalf("Collapse(%v, %d) = %v, want %v", labels, least, got, want)
		}
	}
}

// slowMatch tries every pairing.
func slowMatch(ref, hyp []int, tolerance int) (hits, off int) {
	if len(ref) == 0 {
		return 0, 0
	}
	hits, off = slowMatch(ref[1:], hyp, tolerance)
	for j, h := range hyp {
		d := max(h-ref[0], ref[0]-h)
		if d > tolerance {
			continue
		}
		n, o := slowMatch(ref[1:], slices.Delete(slices.Clone(hyp), j, j+1), tolerance)
		if n, o = n+1, o+d; n > hits || n == hits && o < off {
			hits, off = n, o
		}
	}
	return hits, off
}

func TestMatchBoundariesAgainstDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	edges := func() []int {
		s := randomLabels(r, 6, 12)
		slices.Sort(s)
		return slices.Compact(s)
	}
	for range 800 {
		ref, hyp, tolerance := edges(), edges(), r.IntN(4)
		b := MatchBoundaries(ref, hyp, tolerance)
		if hits, off := slowMatch(ref, hyp, tolerance); b.Hits != hits || b.Off != int64(off) || b.Reference != len(ref) || b.Hypothesis != len(hyp) {
			t.Fatalf("%v, %v within %d: %+v, want %d hits %d frames off", ref, hyp, tolerance, b, hits, off)
		}
	}
}

func TestEdgesSkipWhatIsNotScored(t *testing.T) {
	ref := []int{0, 0, 1, -1, -1, 2, 2, 3}
	if got := Edges(ref, ref); !slices.Equal(got, []int{2, 7}) {
		t.Errorf("edges of the reference: %v", got)
	}
	if got := Edges([]int{0, 1, 1, 1, 2, 2, 3, 3}, ref); !slices.Equal(got, []int{1, 6}) {
		t.Errorf("edges of the hypothesis: %v", got)
	}
}

func TestIntervalOfLittle(t *testing.T) {
	if _, _, ok := Interval([]Ratio{{1, 2}, {0, 0}}, 0.95, 100, 1); ok {
		t.Error("one speaker has an interval")
	}
	if lo, hi, ok := Interval([]Ratio{{1, 2}, {5, 10}, {7, 14}}, 0.95, 100, 1); !ok || lo != 0.5 || hi != 0.5 {
		t.Errorf("speakers who are all alike: [%v, %v]", lo, hi)
	}
	if _, ok := (Boundaries{}).RValue(); ok {
		t.Error("an R-value without a reference")
	}
}

// An interval of 95 % holds the ratio of the population that the speakers came
// from in about 95 of 100 experiments, with speakers who differ and have unequal
// shares of the frames.
func TestIntervalCovers(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 1))
	const experiments, truth = 400, 0.7 // a speaker's rate is uniform in 0.5 to 0.9, whatever the share
	held, wide := 0, 0.0
	for i := range experiments {
		units := make([]Ratio, 40)
		for u := range units {
			n := int64(100 + r.IntN(400))
			units[u] = Ratio{Part: int64((0.5+0.4*r.Float64())*float64(n) + 0.5), Of: n}
		}
		lo, hi, ok := Interval(units, 0.95, 400, uint64(i))
		if !ok || lo > hi {
			t.Fatalf("[%v, %v], %v", lo, hi, ok)
		}
		if lo <= truth && truth <= hi {
			held++
		}
		wide += (hi - lo) / experiments
	}
	t.Logf("%d of %d intervals hold it, %.3f wide", held, experiments, wide)
	if held < experiments*90/100 || held > experiments*98/100 {
		t.Errorf("%d of %d intervals hold the true ratio, want about 95 %%", held, experiments)
	}
}
