package decode

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// scoreOf is the score of a segmentation by its definition, and whether it is
// one of those that the search is over.
func scoreOf(path []int, rows [][]float32, o ViterbiOptions) (float64, bool) {
	score, before, length := 0.0, -1, 0
	for t, c := range path {
		score += math.Log(float64(rows[t][c]))
		if t > 0 && c == path[t-1] {
			length++
			continue
		}
		if t > 0 && length < o.MinFrames {
			return 0, false
		}
		score += o.Insertion
		if o.Bigram != nil {
			score += o.BigramWeight * o.Bigram.LogProb(before, c)
		}
		before, length = c, 1
	}
	if o.Bigram != nil {
		score += o.BigramWeight * o.Bigram.LogProb(before, o.Classes)
	}
	return score, length >= min(o.MinFrames, len(path))
}

// paths calls f with every sequence of n classes out of k.
func paths(n, k int, f func([]int)) {
	path := make([]int, n)
	for {
		f(path)
		i := 0
		for ; i < n; i++ {
			if path[i]++; path[i] < k {
				break
			}
			path[i] = 0
		}
		if i == n {
			return
		}
	}
}

func TestViterbiAgainstEnumeration(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 150 {
		o := ViterbiOptions{Classes: 1 + r.IntN(3), MinFrames: 1 + r.IntN(4), Insertion: float64(n%5) - 2}
		if n%2 == 0 {
			o.Bigram, o.BigramWeight = someBigram(t, r, o.Classes), float64(1+n%3)
		}
		frames := 1 + r.IntN(8)
		rows := distributions(r, frames, o.Classes, 1)
		v, err := NewViterbi(o)
		if err != nil {
			t.Fatal(err)
		}
		best := math.Inf(-1)
		paths(frames, o.Classes, func(p []int) {
			if s, ok := scoreOf(p, rows, o); ok {
				best = math.Max(best, s)
			}
		})
		got, score, err := v.Decode(frames, at(rows))
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := scoreOf(got, rows, o); !ok || math.Abs(s-score) > 1e-9 || math.Abs(score-best) > 1e-9 {
			t.Fatalf("%+v: %v has %v (allowed: %v), said to be %v; the best has %v", o, got, s, ok, score, best)
		}
	}
}

// The bigram decides where the frames do not, and cannot move what is certain.
func TestViterbiHeedsTheBigram(t *testing.T) {
	gram := bigramOf(t, 3, [][]int{{0, 1}, {0, 1}, {0, 1}, {0, 1}, {0, 1}})
	v, err := NewViterbi(ViterbiOptions{Classes: 3, MinFrames: 2, Bigram: gram, BigramWeight: 1})
	if err != nil {
		t.Fatal(err)
	}
	rows := [][]float32{{1, 0, 0}, {1, 0, 0}, {0, 0.45, 0.55}, {0, 0.45, 0.55}}
	got, _, err := v.Decode(4, at(rows))
	if err != nil || !slices.Equal(got, []int{0, 0, 1, 1}) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestViterbiRefuses(t *testing.T) {
	for name, o := range map[string]ViterbiOptions{"no class": {}, "NaN": {Classes: 2, Insertion: math.NaN()}, "bigram": {Classes: 2, Bigram: bigramOf(t, 3, nil)}} {
		if _, err := NewViterbi(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	v, err := NewViterbi(ViterbiOptions{Classes: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range [][]float32{{0, 0}, {1}, {float32(math.NaN()), 1}} {
		if _, _, err := v.Decode(1, at([][]float32{row})); err == nil {
			t.Errorf("%v is decoded", row)
		}
	}
	if p, _, err := v.Decode(0, nil); p != nil || err != nil {
		t.Errorf("no frames: %v, %v", p, err)
	}
}

func TestAlignAgainstEnumeration(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 2))
	for n := range 150 {
		k := 2 + r.IntN(2)
		blank, frames := []int{0, k - 1}[n%2], 1+r.IntN(7)
		rows := distributions(r, frames, k, 1)
		var classes []int
		for range r.IntN(4) {
			classes = append(classes, (blank+1+r.IntN(k-1))%k)
		}
		logOf := func(path []int) (s float64) {
			for i, c := range path {
				s += math.Log(float64(rows[i][c]))
			}
			return s
		}
		best := math.Inf(-1)
		paths(frames, k, func(p []int) {
			if slices.Equal(said(p, blank), classes) {
				best = math.Max(best, logOf(p))
			}
		})
		got, ok, err := Align(classes, blank, frames, at(rows))
		if err != nil || ok == math.IsInf(best, -1) {
			t.Fatalf("%v in %d frames: found %v, %v, the best has %v", classes, frames, ok, err, best)
		}
		if ok && (!slices.Equal(said(got, blank), classes) || math.Abs(logOf(got)-best) > 1e-9) {
			t.Fatalf("%v for %v has %v, the best %v", got, classes, logOf(got), best)
		}
	}
	if _, _, err := Align([]int{5}, 0, 1, at([][]float32{{0.5, 0.5}})); err == nil {
		t.Error("class 5 of 2 is aligned")
	}
}

func TestConfig(t *testing.T) {
	with := func(change func(*Config)) Config {
		c := DefaultConfig()
		change(&c)
		return c
	}
	for _, ctc := range []bool{false, true} {
		if err := DefaultConfig().Validate(ctc); err != nil {
			t.Error(err)
		}
	}
	for i, c := range []struct {
		Config
		frames, ctc bool
	}{
		{with(func(c *Config) { c.Name = ByBeam; c.Insertion = -1 }), false, true},
		{with(func(c *Config) { c.Name = ByFrame; c.BigramWeight = 1 }), true, false},
		{with(func(c *Config) { c.Name = "wide" }), false, false},
		{with(func(c *Config) { c.BigramWeight = 1 }), false, false},
		{with(func(c *Config) { c.Beam = 0 }), false, false},
		{with(func(c *Config) { c.MinFrames = 0 }), false, false},
		{with(func(c *Config) { c.Name = ByFrame; c.BigramWeight = math.Inf(1) }), false, false},
	} {
		if f, b := c.Validate(false), c.Validate(true); (f == nil) != c.frames || (b == nil) != c.ctc {
			t.Errorf("case %d: %v with frames, %v with ctc", i, fmt.Sprint(f), fmt.Sprint(b))
		}
	}
}
