package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"framewise/model/results"
)

// TestConvertThereAndBack: a run that went through another program's layout
// scores what it scored.
func TestConvertThereAndBack(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must(t, "synth", "--out", at("speech"), "--speakers", "5", "--sentences", "3")
	if err := os.WriteFile(at("p.yaml"), []byte(strings.Replace(smallLine, "[dev, test]", "[test]", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	must(t, "run", at("p.yaml"))
	accuracy := func(run string) float64 {
		var e results.Eval
		if err := json.Unmarshal([]byte(must(t, "eval", "--run", at(run), "--data", at("data"), "--json")), &e); err != nil {
			t.Fatal(err)
		}
		return e.FrameAccuracy
	}
	for _, program := range []string{"pytorch", "keras"} {
		file, back := at(program+".safetensors"), "run-"+program
		must(t, "convert", at("run"), "--to", program, "--out", file)
		must(t, "convert", file, "--from", program, "--like", at("run"), "--out", at(back))
		if a, b := accuracy("run"), accuracy(back); a != b {
			t.Errorf("%s: accuracy %v before, %v after", program, a, b)
		}
		if code, _, _ := call(t, "convert", file, "--from", program, "--like", at("run"), "--out", at(back)); code != exitUsage {
			t.Errorf("%s over a run: exit code %d", program, code)
		}
	}
	for want, args := range map[string][]string{
		"want one of --to":    {at("run")},
		"want keras":          {at("run"), "--to", "theano"},
		"--like is needed":    {at("keras.safetensors"), "--from", "keras"},
		"THEIRS=OURS":         {at("keras.safetensors"), "--from", "keras", "--like", at("run"), "--rename", "x"},
		`no tensor "forward_`: {at("keras.safetensors"), "--from", "pytorch", "--like", at("run")},
	} {
		if code, _, stderr := call(t, append([]string{"convert", "--out", at("x")}, args...)...); code == exitDone || !strings.Contains(stderr, want) {
			t.Errorf("%v: exit code %d, %s, want %q", args, code, stderr, want)
		}
	}
}
