package score

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// slowDistance is the recursive definition of the edit distance.
func slowDistance(a, b []int) int {
	if len(a) == 0 || len(b) == 0 {
		return len(a) + len(b)
	}
	sub := slowDistance(a[1:], b[1:])
	if a[0] != b[0] {
		sub++
	}
	return min(sub, 1+slowDistance(a[1:], b), 1+slowDistance(a, b[1:]))
}

func randomLabels(r *rand.Rand, maxLen, classes int) []int {
	s := make([]int, r.IntN(maxLen+1))
	for i := range s {
		s[i] = r.IntN(classes)
	}
	return s
}

func TestDistanceAgainstDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 500 {
		a, b := randomLabels(r, 6, 3), randomLabels(r, 6, 3)
		if got, want := Distance(a, b), slowDistance(a, b); got != want {
			t.Fatalf("Distance(%v, %v) = %d, want %d", a, b, got, want)
		}
	}
}

func TestDistanceIsAMetric(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for range 300 {
		a, b, c := randomLabels(r, 30, 4), randomLabels(r, 30, 4), randomLabels(r, 30, 4)
		ab, bc, ac := Distance(a, b), Distance(b, c), Distance(a, c)
		if Distance(a, a) != 0 || ab != Distance(b, a) || ac > ab+bc {
			t.Fatalf("not a metric on %v, %v, %v", a, b, c)
		}
		if ab == 0 && !slices.Equal(a, b) {
			t.Fatalf("distance 0 between %v and %v", a, b)
		}
		e := Align(a, b)
		if e.Distance() != ab || len(a)-e.Deletions+e.Insertions != len(b) || e.Reference != len(a) {
			t.Fatalf("Align(%v, %v) = %+v does not add up", a, b, e)
		}
	}
}

func TestRate(t *testing.T) {
	var e Edits
	if _, ok := e.Rate(); ok {
		t.Error("the rate of an empty reference is defined")
	}
	e.Add(Align([]string{"sil", "s", "ih", "k", "s", "sil"}, []string{"sil", "s", "ah", "k", "sil"}))
	e.Add(Align([]string{"w", "ah", "n"}, []string{"w", "ah", "n", "sil"}))
	if e != (Edits{Substitutions: 1, Deletions: 1, Insertions: 1, Reference: 9}) {
		t.Errorf("edits = %+v", e)
	}
	if r, ok := e.Rate(); !ok || r != 3.0/9 {
		t.Errorf("rate = %v, %v, want 1/3", r, ok)
	}
}

func TestCollapse(t *testing.T) {
	for _, c := range []struct {
		name   string
		labels []int
		min    int
		want   []Run
	}{
		{"empty", nil, 3, nil},
		{"one short run stays", []int{7}, 3, []Run{{7, 0, 1}}},
		{"no minimum", []int{1, 1, 2, 1}, 1, []Run{{1, 0, 2}, {2, 2, 3}, {1, 3, 4}}},
		{"a flicker inside is healed", []int{1, 1, 1, 2, 1, 1, 1}, 3, []Run{{1, 0, 7}}},
		{"to the longer neighbour", []int{1, 1, 1, 2, 3, 3, 3, 3}, 2, []Run{{1, 0, 3}, {3, 3, 8}}},
		{"at both edges", []int{5, 1, 1, 1, 1, 6}, 2, []Run{{1, 0, 6}}},
	} {
		if got := Collapse(c.labels, c.min); !slices.Equal(got, c.want) {
			t.Errorf("%s: Collapse = %v, want %v", c.name, got, c.want)
		}
	}
	if got := Labels([]Run{{4, 0, 1}, {-1, 1, 2}, {4, 2, 3}}); !slices.Equal(got, []int{4, -1, 4}) {
		t.Errorf("Labels = %v", got)
	}
}

func TestPhones(t *testing.T) {
	classes := []int16{0, 1, 1, -1, 2, 2} // 2 is silence, label 3 is left out
	for _, c := range []struct {
		name         string
		labels, want []int
	}{
		{"nothing", nil, nil},
		{"nothing that has a class", []int{3, -1, 3}, nil},
		{"equal labels are two phones", []int{0, 0, 1, 1}, []int{0, 0, 1, 1}},
		{"made equal by folding they are two", []int{0, 1, 2, 0}, []int{0, 1, 1, 0}},
		{"so they are where one between them is left out", []int{0, 3, 0, -1, 0}, []int{0, 0, 0}},
		{"silences in a row are one", []int{4, 5, 4, 0, 5, 5}, []int{2, 0, 2}},
		{"across what is left out, too", []int{3, 4, 3, 5, 3, 1}, []int{2, 1}},
	} {
		if got := Phones(c.labels, classes, 2); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if got := Phones[int, int]([]int{2, -1, 2, 1, 1}, nil, -1); !slices.Equal(got, []int{2, 2, 1, 1}) {
		t.Errorf("without folding and silence: %v", got)
	}
}

func FuzzCollapse(f *testing.F) {
	f.Add([]byte{1, 1, 2, 3, 3}, uint8(2))
	f.Add([]byte{}, uint8(0))
	f.Fuzz(func(t *testing.T, raw []byte, least uint8) {
		if len(raw) > 300 {
			return
		}
		labels := make([]int, len(raw))
		for i, b := range raw {
			labels[i] = int(b % 5)
		}
		runs := Collapse(labels, int(least))
		at := 0
		for i, r := range runs {
			if r.Begin != at || r.End <= r.Begin {
				t.Fatalf("runs %v do not tile %d frames", runs, len(labels))
			}
			if len(runs) > 1 && r.frames() < int(least) {
				t.Fatalf("run %v is shorter than %d", r, least)
			}
			if i > 0 && runs[i-1].Label == r.Label {
				t.Fatalf("runs %d and %d have the same label", i-1, i)
			}
			at = r.End
		}
		if at != len(labels) {
			t.Fatalf("runs %v end at %d of %d frames", runs, at, len(labels))
		}
	})
}

func TestConfusion(t *testing.T) {
	c := NewConfusion(3)
	ref := []int{0, 0, 0, 1, 1, -1, 2}
	hyp := []int{0, 0, 1, 1, 0, 2, 2}
	for i := range ref {
		c.Add(ref[i], hyp[i])
	}
	if c.Frames() != 6 || c.Correct() != 4 || c.Ignored != 1 || c.Accuracy() != 4.0/6 {
		t.Errorf("frames %d, correct %d, ignored %d", c.Frames(), c.Correct(), c.Ignored)
	}
	if c.ClassAccuracy(0) != 0.5 {
		t.Errorf("ClassAccuracy(0) = %v, want 0.5", c.ClassAccuracy(0))
	}
	if s := c.Class(0); s.Frames != 3 || s.Recall != 2.0/3 || s.Precision != 2.0/3 || s.F1 != 2.0/3 {
		t.Errorf("Class(0) = %+v", s)
	}
	if a := NewConfusion(2); a.Accuracy() != 0 || a.Class(1) != (Class{}) {
		t.Error("an empty confusion matrix does not score 0")
	}
}

func TestBestPath(t *testing.T) {
	for _, c := range []struct{ path, want []int }{
		{nil, nil}, {[]int{9, 9}, nil}, {[]int{1}, []int{1}}, {[]int{1, 1, 2, 2, 1}, []int{1, 2, 1}},
		{[]int{9, 1, 9, 1, 1, 9}, []int{1, 1}}, {[]int{0, 9, 0, 9, 9, 2}, []int{0, 0, 2}},
	} {
		if got := BestPath(c.path, 9); !slices.Equal(got, c.want) {
			t.Errorf("%v says %v, want %v", c.path, got, c.want)
		}
	}
}
