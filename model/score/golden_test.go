package score

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// goldens are from jiwer, mir_eval, numpy and scipy: see
// testdata/make_golden.py.
type goldens struct {
	Edits []struct {
		Ref, Hyp     []int
		Distance     int
		WER          float64
		Jiwer, Kaldi [3]int // substitutions, deletions, insertions
	}
	Boundaries []struct {
		Ref, Hyp []int
		Within   []struct { // 1 frame, 2 frames
			Hits                     int
			Precision, Recall, F1, R float64
		}
	}
	Bootstrap struct {
		Seed            uint64
		Resamples       int
		Right, Of       []int64
		Interval, Scipy [2]float64
	}
}

func readGoldens(t *testing.T) goldens {
	t.Helper()
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g goldens
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// The distance is everyone's. The programs differ in which of several
// alignments they count; ours has the most substitutions.
func TestAlignAgainstJiwerAndKaldi(t *testing.T) {
	same := 0
	for i, g := range readGoldens(t).Edits {
		e := Align(g.Ref, g.Hyp)
		if e.Distance() != g.Distance {
			t.Errorf("case %d: distance %d, want %d", i, e.Distance(), g.Distance)
		}
		if r, _ := e.Rate(); math.Abs(r-g.WER) > 1e-12 {
			t.Errorf("case %d: rate %v, want %v", i, r, g.WER)
		}
		for _, o := range [][3]int{g.Jiwer, g.Kaldi} {
			if o[0]+o[1]+o[2] != g.Distance || o[0] > e.Substitutions {
				t.Errorf("case %d: %+v, another counts %v", i, e, o)
			}
			if o == [3]int{e.Substitutions, e.Deletions, e.Insertions} {
				same++
			}
		}
	}
	if same < 60 {
		t.Errorf("only %d of 80 counts are the other programs'", same)
	} else {
		t.Logf("%d of 80 counts are the other programs'", same)
	}
}

func TestBoundariesAgainstMirEval(t *testing.T) {
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }
	for i, g := range readGoldens(t).Boundaries {
		for n, want := range g.Within {
			b := MatchBoundaries(g.Ref, g.Hyp, n+1)
			r, _ := b.RValue()
			if b.Hits != want.Hits || !near(b.Precision(), want.Precision) || !near(b.Recall(), want.Recall) || !near(b.F1(), want.F1) || !near(r, want.R) {
				t.Errorf("case %d, %d frames: %+v with R %v, want %+v", i, n+1, b, r, want)
			}
		}
	}
}

func TestIntervalAgainstNumpy(t *testing.T) {
	g := readGoldens(t).Bootstrap
	var units []Ratio
	for i, n := range g.Of {
		units = append(units, Ratio{g.Right[i], n})
	}
	lo, hi, ok := Interval(units, 0.95, g.Resamples, g.Seed)
	if !ok || math.Abs(lo-g.Interval[0]) > 1e-12 || math.Abs(hi-g.Interval[1]) > 1e-12 {
		t.Errorf("[%v, %v], want %v", lo, hi, g.Interval)
	}
	// Another generator and more resamples: the same but for chance.
	if math.Abs(lo-g.Scipy[0]) > 0.005 || math.Abs(hi-g.Scipy[1]) > 0.005 {
		t.Errorf("[%v, %v], scipy has %v", lo, hi, g.Scipy)
	}
}
