package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSweepSharesDatasetsAndGoesOn runs a small grid, and again after a run is
// gone.
func TestSweepSharesDatasetsAndGoesOn(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string) {
		if err := os.WriteFile(at(name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	must(t, "synth", "--out", at("speech"), "--speakers", "5", "--sentences", "3")
	write("p.yaml", strings.Replace(smallLine, "[dev, test]", "[dev]", 1))
	write("g.yaml", `
pipeline: p.yaml
out: sweep
seeds: [1, 2]
grid:
  train.backward: [aligned, double]
  copies: {none: {build.augment.narrowband.mode: off}, both: {}}
`)
	var first, second sweepDocument
	if err := json.Unmarshal([]byte(must(t, "sweep", at("g.yaml"), "--json", "--set", "train.epochs=1")), &first); err != nil {
		t.Fatal(err)
	}
	if len(first.Points) != 8 || len(first.Failed) != 0 {
		t.Fatalf("sweep: %+v", first)
	}
	datasets, err := filepath.Glob(at("sweep/data-*"))
	if err != nil || len(datasets) != 2 {
		t.Errorf("datasets %v, want 2: one for each configuration of the build", datasets)
	}
	for _, p := range first.Points {
		if p.TrainAccuracy == nil || *p.TrainAccuracy <= 0 || p.Padding == nil || *p.Padding < 0 || *p.Padding > 0.05 {
			t.Errorf("point %v: training accuracy and padding are %v and %v", p.Levels, p.TrainAccuracy, p.Padding)
		}
	}
	if err := os.RemoveAll(at("sweep/" + first.Points[3].Run)); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := call(t, "sweep", at("g.yaml"), "--set", "train.epochs=1")
	if code != exitDone {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	if n := strings.Count(stderr, "train: what it made is gone"); n != 1 || strings.Count(stderr, "train: kept") != 7 {
		t.Errorf("one run was gone, but:\n%s", stderr)
	}
	mustContain(t, "table", stdout, "train.backward", "frame accuracy %", "±", "sweep.md")
	b, err := os.ReadFile(at("sweep/sweep.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &second); err != nil {
		t.Fatal(err)
	}
	for i := range first.Points {
		if first.Points[i].FrameAccuracy != second.Points[i].FrameAccuracy {
			t.Errorf("point %v: accuracy %v, then %v", first.Points[i].Levels, first.Points[i].FrameAccuracy, second.Points[i].FrameAccuracy)
		}
	}
	mustContain(t, "print", must(t, "sweep", at("g.yaml"), "--print"), "backward=double,copies=both,seed=2")

	// From another folder, and with paths written otherwise, it is the same sweep.
	t.Chdir(dir)
	for _, args := range [][]string{{"g.yaml"}, {"./g.yaml", "--set", "corpus=" + at("c.jsonl")}} {
		code, _, stderr := call(t, append([]string{"sweep", "--set", "train.epochs=1"}, args...)...)
		if code != exitDone || strings.Count(stderr, "build: kept") != 8 || strings.Count(stderr, "train: kept") != 8 {
			t.Errorf("%v: exit code %d, and not everything was kept:\n%s", args, code, stderr)
		}
	}

	write("g.yaml", "pipeline: p.yaml\ngrid: {train.bakward: [a]}")
	if code, _, stderr := call(t, "sweep", at("g.yaml")); code != exitUsage || !strings.Contains(stderr, `did you mean "backward"`) {
		t.Errorf("unknown key: exit code %d, %s", code, stderr)
	}
}
