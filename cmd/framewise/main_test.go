package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWrongCallsExitTwoAndSayWhatToDo(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	for _, c := range []struct {
		args string
		want string
	}{
		{"bild", `did you mean "build"?`},
		{"build --corpsu x", "unknown flag: --corpsu"},
		{"build --out x", "--corpus is needed"},
		{"build --corpus " + none + " --out x", "does not exist"},
		{"build --corpus x --out y --set augment.concat.copys=2", `did you mean "copies"?`},
		{"build --corpus main.go --out s3://bucket/x", "gs://BUCKET/FOLDER"},
		{"build --corpus main.go --out x --runner slurm", `unknown runner "slurm"`},
		{"build --shard-size 100MB", "such as 128MiB or 1GiB"},
		{"plan --shard-size many", "such as 128MiB or 1GiB"},
		{"plan --corpus " + none, "does not exist"},
		{"plan --config " + none, "no such file"},
		{"import", "name the kind of corpus"},
		{"import kaldy x", "there is no importer"},
		{"import timit " + none + " --out y", "does not exist"},
		{"check", "takes one manifest"},
		{"check " + none, "does not exist"},
		{"features " + none, "does not exist"},
		{"features main.go --preset mel", "mel"},
		{"features main.go --format gif", "want npy, csv or png"},
		{"verify " + none, "does not exist"},
		{"inspect " + none, "no such file"},
		{"render x", "takes a dataset and the id"},
		{"train --data . --out x --set epochz=3", `did you mean "epochs"?`},
		{"train --data " + none + " --out x", "does not exist"},
		{"train --data . --out x --device cuda", "no GPU support"},
		{"train --data . --out x --set epochs=0", "epochs"},
		{"eval --data .", "--run is needed"},
		{"predict --run . --format xml f", "want one of"},
		{"report . --out x.html", "neither a dataset"},
		{"synth --out x --speakers many", "invalid argument"},
	} {
		code, stdout, stderr := call(t, strings.Fields(c.args)...)
		if code != exitUsage || !strings.Contains(stderr, c.want) || stdout != "" {
			t.Errorf("framewise %s: exit code %d, want %d with %q:\n%s%s", c.args, code, exitUsage, c.want, stderr, stdout)
		}
	}
}

func TestPrintConfigNamesEveryKey(t *testing.T) {
	mustContain(t, "build --print-config", must(t, "build", "--print-config", "--seed", "7", "--set", "features={preset: kaldi-fbank}"),
		"seed: 7", "preset: kaldi-fbank", "window: povey", "copies: 1", "gap_ms: [0, 200]", "size_mib: 128", "max_rejects: 1%")
	mustContain(t, "build --shard-size", must(t, "build", "--print-config", "--shard-size", "1GiB"), "size_mib: 1024")
	mustContain(t, "plan --shard-size", must(t, "plan", "--print-config", "--shard-size", "64"), "size_mib: 64")
	mustContain(t, "train --print-config", must(t, "train", "--print-config", "--set", "preset=post"),
		"preset: post", "backward: double", "frames: 4800", "folding: none")
}

// Every key of the file format is read, those of effects that are off too.
const wholeBuildFile = `
seed: 20160818
sample_rate: corpus
features: {preset: psf-logfbank, num_filters: 40}
augment:
  splits: [train]
  originals: true
  narrowband: {mode: keep, keep_band: own}
  concat: {copies: 1, min: 2, max: 3, partner: any, gap_ms: [0, 200], gap_fill: noise, max_seconds: 20, leftovers: keep}
  speed: {factors: []}
  gain: {db: []}
  noise: {manifest: "", snr_db: []}
  reverb: {manifest: ""}
shard: {size_mib: 128, count: auto, compression: none, dtype: float32, layout: nested}
max_rejects: 1%
`

func TestWholeBuildFileIsTheDefault(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "build.yaml")
	if err := os.WriteFile(file, []byte(wholeBuildFile), 0o644); err != nil {
		t.Fatal(err)
	}
	must(t, "synth", "--out", filepath.Join(dir, "speech"), "--speakers", "4", "--sentences", "4")
	manifest := filepath.Join(dir, "c.jsonl")
	must(t, "import", "timit", filepath.Join(dir, "speech"), "--out", manifest)
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	must(t, "build", "--corpus", manifest, "--out", a, "--config", file)
	must(t, "build", "--corpus", manifest, "--out", b)
	sameShards(t, a, b)
	if code, _, stderr := call(t, "build", "--corpus", manifest, "--out", b, "--set", "augment.speed.factors=[9]"); code != exitUsage || !strings.Contains(stderr, "augment.speed.factors") {
		t.Errorf("a speed out of range: exit code %d, %s", code, stderr)
	}
}

func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	for _, c := range newRootCommand().Commands() {
		if c.Name() == "import" || c.Name() == "help" || c.Name() == "completion" {
			continue
		}
		if c.Example == "" || !strings.Contains(c.Long, "Exit codes") {
			t.Errorf("%s --help has no example or no exit codes", c.Name())
		}
	}
}

func TestDoctorSaysWhichKernel(t *testing.T) {
	var d diagnosis
	if err := json.Unmarshal([]byte(must(t, "doctor", "--json")), &d); err != nil {
		t.Fatal(err)
	}
	if d.GEMM == "" || d.GFLOPS <= 0 {
		t.Errorf("%+v", d)
	}
}
