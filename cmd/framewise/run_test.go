package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"framewise/model/results"
	"framewise/model/train"
	"framewise/runners/stages"
)

// lineOutcome is what `run --json` prints.
type lineOutcome struct {
	Stages []stages.Outcome         `json:"stages"`
	Eval   map[string]*results.Eval `json:"eval"`
}

func runLine(t *testing.T, args ...string) (made string, out lineOutcome) {
	t.Helper()
	if err := json.Unmarshal([]byte(must(t, append([]string{"run", "--json"}, args...)...)), &out); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range out.Stages {
		if o.Made {
			names = append(names, o.Stage)
		}
	}
	return strings.Join(names, " "), out
}

const smallLine = `
import: {kind: timit, dir: speech, dev-speakers: 1}
corpus: c.jsonl
build: {out: data, shard: {count: 1}, augment: {concat: {copies: 0}}}
train: {out: run, epochs: 2, hidden: 8, threads: 1}
eval: {splits: [dev, test]}
report: report.html
`

// TestRunMakesWhatIsMissing runs a line again and again and changes one thing
// at a time.
func TestRunMakesWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must(t, "synth", "--out", at("speech"), "--speakers", "5", "--sentences", "3")
	file := at("p.yaml")
	if err := os.WriteFile(file, []byte(smallLine), 0o644); err != nil {
		t.Fatal(err)
	}
	const all = "import build train eval dev eval test report"
	for _, step := range []struct {
		what   string
		change func() error
		args   []string
		want   string
	}{
		{"the first time", nil, nil, all},
		{"again", nil, nil, ""},
		{"other features", nil, []string{"--set", "build.features.num_filters=20"}, "build train eval dev eval test report"},
		{"with them again", nil, []string{"--set", "build.features.num_filters=20"}, ""},
		{"more epochs", nil, []string{"--set", "build.features.num_filters=20", "--set", "train.epochs=3"}, "train eval dev eval test report"},
		{"a score is gone", func() error { return os.Remove(at("run/eval-dev.json")) }, []string{"--set", "build.features.num_filters=20", "--set", "train.epochs=3"}, "eval dev"},
		{"a shard is gone", func() error { return os.Remove(at("data/train/shard-00000-of-00001.arrow")) }, []string{"--set", "build.features.num_filters=20", "--set", "train.epochs=3"}, "build"},
		{"asked for", nil, []string{"--force", "train", "--set", "build.features.num_filters=20", "--set", "train.epochs=3"}, "train eval dev eval test"}, // the scores went with the old run; the same ones come back
		{"a report asked for", nil, []string{"--force", "report", "--set", "build.features.num_filters=20", "--set", "train.epochs=3"}, "report"},
		{"the weights were changed", func() error {
			f, err := os.OpenFile(at("run/"+results.WeightsFile), os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				return err
			}
			_, err = f.Write([]byte{1})
			return errors.Join(err, f.Close())
		}, []string{"--set", "build.features.num_filters=20", "--set", "train.epochs=3"}, "train eval dev eval test"},
		{"the weights are gone", func() error { return os.Remove(at("run/" + results.WeightsFile)) }, []string{"--set", "build.features.num_filters=20", "--set", "train.epochs=3"}, "train eval dev eval test"},
	} {
		if step.change != nil {
			if err := step.change(); err != nil {
				t.Fatal(err)
			}
		}
		made, out := runLine(t, append([]string{file}, step.args...)...)
		if made != step.want {
			t.Errorf("%s: made %q, want %q", step.what, made, step.want)
		}
		if out.Eval["test"] == nil || out.Eval["test"].Frames == 0 || out.Eval["dev"] == nil {
			t.Errorf("%s: no scores: %+v", step.what, out.Eval)
		}
	}
	// Runs with other features and epochs were moved aside, not overwritten; so
	// was the one that --force replaced.
	for _, old := range []string{"run.old-1", "run.old-2", "run.old-3", "run.old-4"} {
		if _, err := os.Stat(at(old + "/" + results.WeightsFile)); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(at("report.html")); err != nil {
		t.Error(err)
	}
}

// TestRunSeesOtherNoises changes a recording that a manifest of noises lists,
// and not the manifest.
func TestRunSeesOtherNoises(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must(t, "synth", "--out", at("speech"), "--speakers", "5", "--sentences", "3")
	write := func(name string, b []byte) {
		t.Helper()
		if err := os.WriteFile(at(name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	noises, err := filepath.Glob(at("speech/TRAIN/*/*/S[IX]*.WAV"))
	if err != nil || len(noises) < 2 {
		t.Fatalf("recordings: %v, %v", noises, err)
	}
	copyNoise := func(from string) {
		t.Helper()
		b, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		write("noise.wav", b)
	}
	write("noises.jsonl", []byte(`{"id":"noise","uri":"noise.wav"}`+"\n"))
	write("p.yaml", []byte(`
import: {kind: timit, dir: speech, dev-speakers: 1}
corpus: c.jsonl
build: {out: data, shard: {count: 1}, augment: {concat: {copies: 0}, narrowband: {mode: "off"}, noise: {manifest: noises.jsonl, snr_db: [10]}}}
train: {out: run, epochs: 1, hidden: 4, threads: 1}
`))
	copyNoise(noises[0])
	for _, step := range []struct{ what, noise, want string }{
		{"the first time", noises[0], "import build train eval test"},
		{"again", noises[0], ""},
		{"another noise of that name", noises[1], "build train eval test"},
	} {
		copyNoise(step.noise)
		if made, _ := runLine(t, at("p.yaml")); made != step.want {
			t.Errorf("%s: made %q, want %q", step.what, made, step.want)
		}
	}
	// From another folder, and with paths written otherwise, it is the same line.
	t.Chdir(dir)
	for _, args := range [][]string{{"p.yaml"}, {"./p.yaml", "--set", "build.augment.noise.manifest=" + at("noises.jsonl"), "--set", "train.out=" + at("run")}} {
		if made, _ := runLine(t, args...); made != "" {
			t.Errorf("%v: made %q, want nothing", args, made)
		}
	}
	// The same noises in another place: build.yaml has to say so, and no shard changes.
	write("moved.jsonl", []byte(`{"id":"noise","uri":"noise.wav"}`+"\n"))
	before := shardTimes(t, at("data"))
	if made, _ := runLine(t, "p.yaml", "--set", "build.augment.noise.manifest=moved.jsonl"); made != "build" {
		t.Errorf("noises listed elsewhere: made %q, want build alone", made)
	}
	if after := shardTimes(t, at("data")); !reflect.DeepEqual(after, before) {
		t.Errorf("noises listed elsewhere: shards were made again: %v, before %v", after, before)
	}
	record, err := os.ReadFile(at("data/build.yaml"))
	if err != nil || !strings.Contains(string(record), at("moved.jsonl")) {
		t.Errorf("build.yaml does not say where the noises are now (%v):\n%s", err, record)
	}
	// So for the corpus.
	args := []string{"p.yaml", "--set", "build.augment.noise.manifest=moved.jsonl", "--set", "corpus=c2.jsonl"}
	if made, _ := runLine(t, args...); made != "import build" {
		t.Errorf("the corpus elsewhere: made %q, want import and build", made)
	}
	if after := shardTimes(t, at("data")); !reflect.DeepEqual(after, before) {
		t.Errorf("the corpus elsewhere: shards were made again: %v, before %v", after, before)
	}
	record, err = os.ReadFile(at("data/build.yaml"))
	if err != nil || !strings.Contains(string(record), at("c2.jsonl")) {
		t.Errorf("build.yaml does not say where the corpus is now (%v):\n%s", err, record)
	}
	if made, _ := runLine(t, args...); made != "" {
		t.Errorf("the corpus elsewhere, again: made %q, want nothing", made)
	}
	render := []string{"render", "data", idOf(t, at("speech"), noises[0]), "--out", "x.wav"}
	must(t, render...)
	if err := os.Rename("c2.jsonl", "c3.jsonl"); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := call(t, render...); code == exitDone || !strings.Contains(stderr, "c2.jsonl") || !strings.Contains(stderr, "--corpus FILE") {
		t.Errorf("the corpus is gone: exit code %d, %q; want that --corpus says where it is", code, stderr)
	}
	must(t, append(render, "--corpus", "c3.jsonl")...)
}

// TestPrintedPipelineReadsAsTheSame prints a pipeline from folders other than
// its own, and reads what was printed beside it.
func TestPrintedPipelineReadsAsTheSame(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	text := "corpus: ../c.jsonl\nbuild: {out: data, augment: {noise: {manifest: noises.jsonl}}}\ntrain: {out: run}\nreport: " + filepath.Join(dir, "other", "r.html") + "\n"
	if err := os.Mkdir("x", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("x/p.yaml", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	whole := must(t, "run", "x/p.yaml", "--print-config")
	mustContain(t, "run x/p.yaml --print-config", whole, "corpus: ../c.jsonl", "out: data\n", "out: run\n", "manifest: noises.jsonl", "report: "+filepath.Join(dir, "other", "r.html"))
	if err := os.WriteFile("x/q.yaml", []byte(whole), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := must(t, "run", "x/q.yaml", "--print-config"); got != whole {
		t.Errorf("%s came back as %s", whole, got)
	}
	t.Chdir("x")
	if got := must(t, "run", "p.yaml", "--print-config"); got != whole {
		t.Errorf("in its own folder it is\n%s\nwant\n%s", got, whole)
	}
}

// shardTimes says when each shard was written.
func shardTimes(t *testing.T, data string) map[string]time.Time {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(data, "*", "*.arrow"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("shards: %v, %v", paths, err)
	}
	times := map[string]time.Time{}
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		times[p] = info.ModTime()
	}
	return times
}

// The stages after the build go by the dataset's checksum as the build stage
// found it: asking takes a look at every shard, in buckets by a request.
func TestRunLooksAtTheDatasetOnce(t *testing.T) {
	file := defaultLine()
	file.Build.Places.Out = filepath.Join(t.TempDir(), "none")
	file.Report = "report.html"
	file.Eval.Splits = nil
	l := &line{lineFile: &file, cmd: newRunCommand()}
	all := l.stages()
	train := all[1]
	seen := map[string]bool{}
	for _, l.built = range []string{"one", "another", "one"} {
		digest, err := train.Inputs()
		if err != nil {
			t.Fatal(err)
		}
		seen[digest] = true
	}
	if train.Name != "train" || len(seen) != 2 {
		t.Errorf("stage %s: %d digests of two datasets", train.Name, len(seen))
	}
}

// What another rule of phone sequences made is made again: scores always, runs
// where they learned from phones.
func TestRunSeesAnotherPhoneRule(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "p.yaml")
	must(t, "synth", "--out", filepath.Join(dir, "speech"), "--speakers", "5", "--sentences", "3")
	if err := os.WriteFile(file, []byte(strings.Replace(smallLine, "[dev, test]", "[test]", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	frames := []string{file, "--set", "train.epochs=1"}
	ctc := append([]string{"--set", "train.loss.name=ctc", "--set", "train.out=ctc", "--set", "report=ctc.html"}, frames...)
	runLine(t, frames...)
	runLine(t, ctc...)
	defer func(rule int) { phoneRule = rule }(phoneRule)
	phoneRule-- // where what stands says more than a version of it could have said
	for _, k := range []struct {
		what string
		args []string
		want string
	}{{"frames", frames, "eval test"}, {"ctc", ctc, "train eval test"}} {
		if made, _ := runLine(t, k.args...); !strings.HasPrefix(made, k.want) {
			t.Errorf("%s: made %q, want %q", k.what, made, k.want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "ctc.old-1", results.WeightsFile)); err != nil {
		t.Error(err)
	}
	// A run that no state file remembers is known by its run.json.
	if err := os.Remove(filepath.Join(dir, "p.state.json")); err != nil {
		t.Fatal(err)
	}
	runLine(t, ctc...)
	if _, err := os.Stat(filepath.Join(dir, "ctc.old-2", results.WeightsFile)); err != nil {
		t.Error(err)
	}
}

// What a run folder was trained on is in its run.json. Without one, weights are
// of no known dataset and do not fit; a damaged one is named, with what helps.
func TestRunFits(t *testing.T) {
	config, err := yaml.Marshal(train.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		files []string
		run   string
		fits  bool
	}{
		"an empty folder":            {nil, "", true},
		"killed as it began":         {[]string{results.ConfigFile}, "", true},
		"a checkpoint of nothing":    {[]string{results.ConfigFile, results.LastFile}, "", false},
		"weights of nothing":         {[]string{results.ConfigFile, results.WeightsFile}, "", false},
		"no configuration":           {[]string{results.LastFile}, "", false},
		"the dataset's":              {[]string{results.ConfigFile, results.LastFile}, `{"dataset_sha256": "one"}`, true},
		"another dataset's":          {[]string{results.ConfigFile, results.LastFile}, `{"dataset_sha256": "two"}`, false},
		"by another rule of phones":  {[]string{results.ConfigFile, results.LastFile}, `{"dataset_sha256": "one", "phone_rule": 1}`, false},
		"another dataset's, begun":   {[]string{results.ConfigFile}, `{"dataset_sha256": "two"}`, false},
		"the dataset's, begun alone": {[]string{results.ConfigFile}, `{"dataset_sha256": "one"}`, true},
	} {
		file := defaultLine()
		file.Train.Places.Out = t.TempDir()
		l := &line{lineFile: &file, built: "one"}
		write := func(name string, b []byte) {
			t.Helper()
			if err := os.WriteFile(filepath.Join(file.Train.Places.Out, name), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range c.files {
			write(name, config)
		}
		if c.run != "" {
			write(results.RunFile, []byte(c.run))
		}
		if fits, err := l.runFits(); err != nil || fits != c.fits {
			t.Errorf("%s: fits %v, want %v (%v)", what, fits, c.fits, err)
		}
		write(results.ConfigFile, config)
		write(results.RunFile, nil)
		_, errFits := l.runFits()
		_, errFinished := l.finished()
		for _, err := range []error{errFits, errFinished} {
			if err == nil || exitCode(err) != exitWrong {
				t.Fatalf("%s, then a run.json without content: %v", what, err)
			}
			mustContain(t, what, err.Error(), filepath.Join(file.Train.Places.Out, results.RunFile), "damaged", "train --resume", "remove it")
		}
	}
}

func TestRunRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":         {"biuld: {}", `did you mean "build"`},
		"unknown key inside":  {"build: {augment: {concat: {copys: 1}}}", `build.augment.concat.copys`},
		"unknown train key":   {"train: {optimizer: {rate: 1}}", "train.optimizer.rate"},
		"bad value":           {"train: {epochs: 0}", "epochs: 0"},
		"corpus said twice":   {"build: {corpus: x}", "at its top"},
		"no corpus":           {"corpus: none.jsonl", "does not exist"},
		"import without kind": {"import: {dir: x}", "want kind"},
		"import from nowhere": {"import: {kind: timit, dir: none}", "no such file"},
		"not a mapping":       {"build: 3", "key: value"},
		"remote run":          {"train: {out: gs://b/run}", "train.out"},
		"remote report":       {"report: gs://b/r.html", "report"},
		"remote import":       {"import: {kind: timit, dir: x}\ncorpus: gs://b/c.jsonl", "leave the block out"},
		"no such storage":     {"corpus: s3://b/c.jsonl", "no storage called"},
	} {
		file := filepath.Join(dir, "p.yaml")
		if err := os.WriteFile(file, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		code, _, stderr := call(t, "run", file)
		if code != exitUsage || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit code %d, want %d; %q, want %q in it", name, code, exitUsage, stderr, c.want)
		}
	}
	if code, _, _ := call(t, "run", filepath.Join(dir, "none.yaml")); code != exitUsage {
		t.Errorf("no file: exit code %d, want %d", code, exitUsage)
	}
}
