package sweep

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func axes(t *testing.T, text string) ([]Axis, error) {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	return ReadAxes(doc.Content[0])
}

const twoAxes = `
train.backward: [aligned, double]
augmentation:
  none: {build.augment.concat.copies: 0, build.augment.splits: [train, dev]}
  both: {}
`

func TestPointsAreEveryCombination(t *testing.T) {
	as, err := axes(t, twoAxes)
	if err != nil {
		t.Fatal(err)
	}
	g := Grid{Axes: as, SeedKey: "train.seed", Seeds: []uint64{1, 2}}
	points := g.Points()
	if len(points) != 8 {
		t.Fatalf("%d points, want 8", len(points))
	}
	want := Point{Levels: []string{"aligned", "none"}, Seed: 2,
		Settings: []string{"train.backward=aligned", "build.augment.concat.copies=0", "build.augment.splits=[train, dev]", "train.seed=2"}}
	if !reflect.DeepEqual(points[1], want) {
		t.Errorf("second point %+v, want %+v", points[1], want)
	}
	names := map[string]bool{}
	for _, p := range points {
		names[g.Name(p)] = true
	}
	if len(names) != 8 || !names["backward=double,augmentation=both,seed=1"] {
		t.Errorf("names %v", names)
	}
	if n := len(Grid{Seeds: []uint64{7}}.Points()); n != 1 {
		t.Errorf("a grid without axes has %d points, want the one of its seed", n)
	}
}

func TestReadAxesRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"[1]":             "line 1: want a mapping",
		"a: 3":            "want a list",
		"a: []":           "no values",
		"a: [1, 1]":       "twice",
		"x: {on: 1}":      "on: want a mapping",
		"a: [1]\nb: []":   "line 2: b",
		"x: {u: {}, v: }": "v: want a mapping",
	} {
		if _, err := axes(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q in it", text, err, want)
		}
	}
}

// TestMeanIsStudents compares with R: t.test(c(0.81, 0.83, 0.85))$conf.int is
// 0.78031724 to 0.87968276.
func TestMeanIsStudents(t *testing.T) {
	m := mean([]float64{0.81, 0.83, 0.85})
	if math.Abs(m.Mean-0.83) > 1e-12 || math.Abs(m.Half-0.04968276) > 1e-7 {
		t.Errorf("mean %v ± %v, want 0.83 ± 0.04968276", m.Mean, m.Half)
	}
	if one := mean([]float64{0.5}); one.Mean != 0.5 || !math.IsNaN(one.Half) || one.String() != "50.00" {
		t.Errorf("of one: %+v, %s", one, one)
	}
	if none := mean(nil); none.String() != "-" {
		t.Errorf("of none: %s", none)
	}
}

func TestRowsPairSeeds(t *testing.T) {
	result := func(level string, seed uint64, accuracy float64) Result {
		return Result{Point{Levels: []string{level}, Seed: seed}, Score{FrameAccuracy: accuracy, PER: math.NaN(), TrainAccuracy: accuracy + 0.1, Padding: 0.25, Parameters: 5}}
	}
	results := []Result{result("a", 1, 0.5), result("a", 2, 0.6), result("b", 2, 0.7), result("b", 3, 0.9)}
	rows := Rows(results)
	if len(rows) != 2 || rows[0].Difference.Mean != 0 || rows[1].Difference.N != 1 || math.Abs(rows[1].Difference.Mean-0.1) > 1e-12 {
		t.Errorf("rows %+v", rows)
	}
	g := Grid{Axes: []Axis{{Name: "k|"}}}
	var md, csv strings.Builder
	if err := g.WriteMarkdown(&md, rows); err != nil {
		t.Fatal(err)
	}
	if err := g.WriteCSV(&csv, results); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(md.String(), `| k\| |`) || !strings.Contains(md.String(), "| b | 2 | 80.00 ±") || !strings.Contains(md.String(), "| - | 90.00 ± 127.06 | 25.0 | 5 |") {
		t.Errorf("markdown:\n%s", md.String())
	}
	lines := strings.Split(strings.TrimSpace(csv.String()), "\n")
	if len(lines) != 5 || !slices.Contains(lines, "b,3,0.9,,1,0.25,5,0") {
		t.Errorf("csv:\n%s", csv.String())
	}
}

// TestAGridIsBounded: ten lines of a file ask for 3e10 experiments.
func TestAGridIsBounded(t *testing.T) {
	g := Grid{Seeds: []uint64{1, 2, 3}}
	for range 10 {
		g.Axes = append(g.Axes, Axis{Levels: make([]Level, 10)})
	}
	if err := g.Check(); err == nil || !strings.Contains(err.Error(), "more than 10000 points, of 10 axes and 3 seeds") {
		t.Errorf("10 axes: %v", err)
	}
	g.Axes = g.Axes[:3]
	if err := g.Check(); err != nil {
		t.Errorf("3 axes: %v", err)
	}
}
