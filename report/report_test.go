package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"framewise/corpus"
	"framewise/dataset"
	"framewise/model/decode"
	"framewise/model/results"
)

// writeRun leaves the files of a run in a folder.
func writeRun(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	devLoss, devAccuracy, linear, per := 0.9, 0.7, 0.5, 0.31
	metrics := ""
	for e := 1; e <= 3; e++ {
		line, err := json.Marshal(results.Epoch{Epoch: e, TrainLoss: 2 / float64(e), TrainAccuracy: 0.3 * float64(e), DevLoss: &devLoss,
			DevAccuracy: &devAccuracy, LinearTrain: &linear, Seconds: 1.5, FramesPerSec: 1e5})
		if err != nil {
			t.Fatal(err)
		}
		metrics += string(line) + "\n"
	}
	rvalue, to, found := 0.71, 2.0, 0.6
	eval := results.Eval{Split: "test", LabelSet: "fsdd10", Folding: "none", Examples: 2, Frames: 30, FrameAccuracy: 0.8, MajorityAccuracy: 0.4,
		LinearAccuracy: &linear, PER: &per, Labels: []string{"one", "<two>", "never"},
		PerSpeaker:  map[string]results.ScoreCount{"anna": {Frames: 30, FrameAccuracy: 0.8}},
		PerLabel:    map[string]results.LabelScore{"one": {Frames: 20, Recall: 0.9}, "<two>": {Frames: 10, Recall: 0.6}},
		Groups:      map[string]results.ScoreCount{"si": {Frames: 12, FrameAccuracy: 0.75}},
		Edits:       &results.EditCounts{Reference: 1100, Substitutions: 200, Deletions: 100, Insertions: 41},
		Decode:      decode.Config{Name: decode.ByBeam, Beam: 12, BigramWeight: 0.5},
		Intervals:   &results.Intervals{Over: "speakers", Units: 24, Level: 0.95, FrameAccuracy: &[2]float64{0.78, 0.82}, PER: &[2]float64{0.29, 0.335}},
		Boundaries:  []results.BoundaryScore{{WithinMs: 20, Recall: 0.83, RValue: &rvalue, ErrorMs: 4.25, BiasMs: -1.5}},
		ByUtterance: []results.DurationScore{{From: 1, To: &to, Examples: 2, Frames: 30, FrameAccuracy: 0.8, PER: &per}},
		BySegment:   []results.DurationScore{{From: 250, Segments: 3, Frames: 30, FrameAccuracy: 0.8, Found: &found}},
		Confusion:   [][]int64{{18, 2, 0}, {4, 6, 0}, {0, 0, 0}}}
	for name, v := range map[string]any{results.RunFile: results.Run{Parameters: 1234567, Labels: eval.Labels, Best: 3, Finished: true}, fmt.Sprintf(results.EvalFileName, "test"): eval} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{results.MetricsFile: metrics, results.ConfigFile: "epochs: 3\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRunReport(t *testing.T) {
	var b bytes.Buffer
	if err := Write(t.Context(), &b, "a <title>", writeRun(t)); err != nil {
		t.Fatal(err)
	}
	html := b.String()
	for _, want := range []string{
		"a &lt;title&gt;", "1,234,567", "80.0 %", "31.0 %", "this network, si only (12 frames)",
		"&lt;two&gt;</td><td>one</td><td>4</td><td>40.0 %", // the largest confusion, escaped
		"[78.0 %, 82.0 %] (95 % of resamples of 24 speakers)", "[29.0 %, 33.5 %]", "of 1,100 phones 200 substituted, 100 deleted, 41 inserted",
		"beam of 12 prefixes, bigram 0.5", "<td>0.710</td><td>4.2 ms</td><td>-1.5 ms</td>", "1–2", "250+", "F1 of each label",
		"epochs: 3", "<svg", "data:image/png;base64,",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("no %q in the report", want)
		}
	}
	for _, never := range []string{"https://", "<script", "<link", "src=\"/", "url(", "<?xml"} {
		if strings.Contains(html, never) {
			t.Errorf("the report holds %q: it has to stand alone", never)
		}
	}
}

// A run whose weights came from another program has no metrics.
func TestReportOnARunWithoutMetrics(t *testing.T) {
	dir := writeRun(t)
	if err := os.Remove(filepath.Join(dir, results.MetricsFile)); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Write(t.Context(), &b, "", dir); err != nil {
		t.Fatal(err)
	}
	if html := b.String(); strings.Contains(html, "Learning curves") || !strings.Contains(html, "1,234,567") || !strings.Contains(html, "80.0 %") {
		t.Error("want the run's sizes and scores without learning curves")
	}
}

func TestReportOnARunThatIsNot(t *testing.T) {
	if err := Write(t.Context(), &bytes.Buffer{}, "", t.TempDir()); err == nil {
		t.Error("no error for an empty folder")
	}
}

func TestChosenSpanOfHistogram(t *testing.T) {
	for _, c := range []struct {
		counts     []int64
		first, end int
	}{{[]int64{0, 2, 0, 1, 0}, 1, 4}, {[]int64{0, 0}, 0, 0}, {nil, 0, 0}} {
		if first, end := span(c.counts); first != c.first || end != c.end {
			t.Errorf("span(%v) = %d, %d, want %d, %d", c.counts, first, end, c.first, c.end)
		}
	}
}

func TestSpectrogramOfAnExampleMarksJoints(t *testing.T) {
	set := &corpus.LabelSet{Name: "s", Labels: []string{"x", "y"}}
	ex := &dataset.Example{ID: "a", NumFrames: 3, Features: make([]float32, 6), Labels: []int16{0, -1, 1},
		Parts: []dataset.Part{{NumFrames: 2}, {BeginFrame: 2, NumFrames: 1}}}
	s := spectrogramOf(ex, set, 2, 10)
	if fmt.Sprint(s.Labels, s.Joints) != "[x  y] [20]" {
		t.Errorf("labels %q, joints %v", s.Labels, s.Joints)
	}
}

// TestDatasetReport draws the dataset that package dataset keeps for its tests:
// a concatenation, its first part, labels and lengths.
func TestDatasetReport(t *testing.T) {
	var b bytes.Buffer
	if err := Write(t.Context(), &b, "", filepath.Join("..", "dataset", "testdata", "v1")); err != nil {
		t.Fatal(err)
	}
	html := b.String()
	for _, want := range []string{
		"3 = 3 used &#43; 0 rejected", "<td>train</td><td>original, concatenated</td><td>1</td>", "An original. eins",
		"A concatenation that begins with it; dashed lines are the joints, gaps before them. eins zwei",
		"Lengths of the examples of train.", "Frames by label in train.", "seed: 7", "8,000 Hz",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("no %q in the report", want)
		}
	}
	if n := strings.Count(html, "data:image/png;base64,"); n != 2 {
		t.Errorf("%d spectrograms, want 2", n)
	}
}
