package decode

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// distributions draws frames of k probabilities; peaked is how sharp they are.
func distributions(r *rand.Rand, frames, k int, peaked float64) [][]float32 {
	rows := make([][]float32, frames)
	for t := range rows {
		sum := 0.0
		p := make([]float64, k)
		for i := range p {
			p[i] = math.Exp(peaked * r.NormFloat64())
			sum += p[i]
		}
		for _, v := range p {
			rows[t] = append(rows[t], float32(v/sum))
		}
	}
	return rows
}

func at(rows [][]float32) func(int) []float32 { return func(t int) []float32 { return rows[t] } }

// said is what a path says.
func said(path []int, blank int) []int {
	var s []int
	for t, c := range path {
		if c != blank && (t == 0 || path[t-1] != c) {
			s = append(s, c)
		}
	}
	return s
}

// enumerate sums the probabilities of all paths by what they say, and adds the
// bigram and insertions: the score of every label sequence by its definition.
func enumerate(rows [][]float32, o BeamOptions) map[string]Hypothesis {
	k, sums, classes := o.Classes, map[string]float64{}, map[string][]int{}
	path := make([]int, len(rows))
	var walk func(t int, p float64)
	walk = func(t int, p float64) {
		if t == len(rows) {
			s := said(path, o.Blank)
			sums[fmt.Sprint(s)] += p
			classes[fmt.Sprint(s)] = s
			return
		}
		for c := range k {
			path[t] = c
			walk(t+1, p*float64(rows[t][c]))
		}
	}
	walk(0, 1)
	all := map[string]Hypothesis{}
	for key, p := range sums {
		h := Hypothesis{Classes: classes[key], CTC: math.Log(p)}
		before := -1
		for _, c := range h.Classes {
			label := c
			if c > o.Blank {
				label--
			}
			h.Extra += o.Insertion
			if o.Bigram != nil {
				h.Extra += o.BigramWeight * o.Bigram.LogProb(before, label)
			}
			before = label
		}
		if o.Bigram != nil {
			h.Extra += o.BigramWeight * o.Bigram.LogProb(before, k-1)
		}
		h.Score = h.CTC + h.Extra
		all[key] = h
	}
	return all
}

func someBigram(t *testing.T, r *rand.Rand, labels int) *Bigram {
	t.Helper()
	counts := make([][]int64, labels+1)
	for v := range counts {
		for range labels + 1 {
			counts[v] = append(counts[v], int64(max(0, r.IntN(30)-10)))
		}
	}
	b, err := NewBigram(counts)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// With room for every prefix the search is exact: all hypotheses and their
// scores are those of the enumeration of all paths.
func TestBeamAgainstEnumeration(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for n := range 120 {
		k, frames := 2+r.IntN(3), r.IntN(7)
		o := BeamOptions{Classes: k, Blank: []int{0, k - 1, r.IntN(k)}[n%3], Width: 5000, Insertion: float64(n%4) - 1}
		if n%2 == 1 {
			o.Bigram, o.BigramWeight = someBigram(t, r, k-1), 0.3*float64(1+n%5)
		}
		rows := distributions(r, frames, k, 1.5)
		if n%5 == 0 && frames > 1 { // certain frames: probabilities of 0
			clear(rows[1])
			rows[1][r.IntN(k)] = 1
		}
		b, err := NewBeam(o)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time on the space of the first
			got, err := b.Decode(frames, at(rows), math.MaxInt)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, got, enumerate(rows, o))
		}
	}
}

func compare(t *testing.T, got []Hypothesis, want map[string]Hypothesis) {
	t.Helper()
	possible := 0
	for _, w := range want {
		if !math.IsInf(w.CTC, -1) {
			possible++
		}
	}
	if len(got) != possible {
		t.Fatalf("%d hypotheses, want %d", len(got), possible)
	}
	for i, g := range got {
		w, ok := want[fmt.Sprint(g.Classes)]
		if !ok || math.Abs(g.CTC-w.CTC) > 1e-9 || math.Abs(g.Extra-w.Extra) > 1e-9 || math.Abs(g.Score-w.Score) > 1e-9 {
			t.Fatalf("%+v, want %+v", g, w)
		}
		if i > 0 && g.Score > got[i-1].Score {
			t.Fatalf("hypothesis %d is better than the one before it", i)
		}
	}
}

// A narrow beam never claims more than there is, finds what a wide one finds
// where frames are clear, and always the same.
func TestNarrowBeam(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	found := 0
	const n = 60
	for range n {
		o := BeamOptions{Classes: 4, Blank: 3, Width: 4}
		rows := distributions(r, 7, 4, 2.5)
		b, err := NewBeam(o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := b.Decode(7, at(rows), 3)
		if err != nil || len(got) != 3 {
			t.Fatal(got, err)
		}
		all := enumerate(rows, o)
		best := math.Inf(-1)
		for _, h := range all {
			best = math.Max(best, h.Score)
		}
		for _, h := range got {
			if h.CTC > all[fmt.Sprint(h.Classes)].CTC+1e-9 {
				t.Fatalf("%+v claims more than %+v", h, all[fmt.Sprint(h.Classes)])
			}
		}
		if all[fmt.Sprint(got[0].Classes)].Score > best-1e-9 {
			found++
		}
	}
	if found < n*9/10 {
		t.Errorf("4 prefixes find the best of all in %d of %d cases", found, n)
	}
}

// Where all frames are alike, ties are broken by class and length alone.
func TestBeamTies(t *testing.T) {
	rows := [][]float32{{0.25, 0.25, 0.25, 0.25}, {0.25, 0.25, 0.25, 0.25}}
	b, err := NewBeam(BeamOptions{Classes: 4, Blank: 3, Width: 3})
	if err != nil {
		t.Fatal(err)
	}
	// After a frame: nothing and each of 0, 1, 2 are equal; room is for three.
	got, err := b.Decode(1, at(rows), 9)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || len(got[0].Classes) != 0 || !slices.Equal(got[1].Classes, []int{0}) || !slices.Equal(got[2].Classes, []int{1}) {
		t.Errorf("%+v", got)
	}
}

// A prefix that left the beam and comes back is one with what grew out of it:
// no label sequence is listed twice.
func TestPrefixesAreListedOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for range 200 {
		rows := distributions(r, 40, 3, 0.7)
		b, err := NewBeam(BeamOptions{Classes: 3, Blank: 0, Width: 12})
		if err != nil {
			t.Fatal(err)
		}
		got, err := b.Decode(40, at(rows), 12)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, h := range got {
			if key := fmt.Sprint(h.Classes); seen[key] {
				t.Fatalf("%v is listed twice", h.Classes)
			} else {
				seen[key] = true
			}
		}
	}
}

func TestBeamDoesNotAllocateByFrame(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	rows := distributions(r, 400, 40, 3)
	b, err := NewBeam(BeamOptions{Classes: 40, Blank: 39, Width: 16})
	if err != nil {
		t.Fatal(err)
	}
	row := at(rows)
	allocs := testing.AllocsPerRun(3, func() {
		if _, err := b.Decode(len(rows), row, 1); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 20 { // the hypothesis, as it grows
		t.Errorf("%v allocations for 400 frames", allocs)
	}
}

func TestBeamRefuses(t *testing.T) {
	two := someBigram(t, rand.New(rand.NewPCG(5, 1)), 2)
	for name, o := range map[string]BeamOptions{
		"one class": {Classes: 1, Width: 1}, "blank": {Classes: 3, Blank: 3, Width: 1}, "width": {Classes: 3},
		"bigram": {Classes: 4, Width: 1, Bigram: two}, "NaN": {Classes: 3, Width: 1, Insertion: math.NaN()},
	} {
		if _, err := NewBeam(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	b, err := NewBeam(BeamOptions{Classes: 3, Width: 2})
	if err != nil {
		t.Fatal(err)
	}
	nan := float32(math.NaN())
	for name, row := range map[string][]float32{"zeros": {0, 0, 0}, "NaN": {0.5, nan, 0.5}, "negative": {1, -0.1, 0.1}, "two": {0.5, 0.5}} {
		if _, err := b.Decode(1, at([][]float32{row}), 1); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if got, err := b.Decode(0, nil, 1); err != nil || len(got) != 1 || got[0].Score != 0 || got[0].Classes != nil {
		t.Errorf("no frames: %+v, %v", got, err)
	}
}

func BenchmarkBeam(b *testing.B) {
	rows := distributions(rand.New(rand.NewPCG(6, 1)), 300, 62, 3)
	for _, width := range []int{4, 16, 64} {
		d, err := NewBeam(BeamOptions{Classes: 62, Blank: 61, Width: width})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint("width=", width), func(b *testing.B) {
			for b.Loop() {
				if _, err := d.Decode(len(rows), at(rows), 1); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*len(rows))/b.Elapsed().Seconds(), "frames/s")
		})
	}
}
