package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"framewise/dataset"
	"framewise/model/results"
)

// call runs a command line in this process.
func call(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(context.Background(), args, &out, &err)
	return code, out.String(), err.String()
}

// must is call for a command that has to succeed.
func must(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := call(t, args...)
	if code != exitDone {
		t.Fatalf("framewise %s: exit code %d\n%s%s", strings.Join(args, " "), code, stdout, stderr)
	}
	return stdout
}

func mustContain(t *testing.T, what, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("%s: no %q in:\n%s", what, want, text)
		}
	}
}

// TestTheWholeLine goes from synthesized speech to a report, by the commands
// that a user would give.
func TestTheWholeLine(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must(t, "synth", "--out", at("speech"), "--speakers", "6", "--sentences", "4")
	mustContain(t, "import", must(t, "import", "timit", at("speech"), "--out", at("c.jsonl"), "--dev-speakers", "1"), "train", "dev", "test")
	mustContain(t, "check", must(t, "check", at("c.jsonl")), "0 errors")

	var plan struct{ Total struct{ Examples int } }
	if err := json.Unmarshal([]byte(must(t, "plan", "--corpus", at("c.jsonl"), "--json")), &plan); err != nil {
		t.Fatal(err)
	}
	build := []string{"build", "--corpus", at("c.jsonl"), "--shards", "2"}
	must(t, append(build, "--out", at("data"), "--workers", "1")...)
	must(t, append(build, "--out", at("again"), "--workers", "2")...)
	sameShards(t, at("data"), at("again"))
	mustContain(t, "third build", must(t, append(build, "--out", at("data"))...), "nothing to make")
	d, err := dataset.Open(t.Context(), at("data"))
	if err != nil {
		t.Fatal(err)
	}
	if got := int(d.Manifest.Counts.Examples); got != plan.Total.Examples || got == 0 {
		t.Errorf("%d examples built, %d planned", got, plan.Total.Examples)
	}
	must(t, "verify", at("data"))
	mustContain(t, "inspect", must(t, "inspect", at("data")), "timit61", "examples by frames")

	train := []string{"train", "--data", at("data"), "--out", at("run")}
	small := []string{"--set", "epochs=2", "--set", "hidden=8", "--set", "threads=1"}
	must(t, append(train, small...)...)
	if code, _, stderr := call(t, append(train, small...)...); code != exitUsage {
		t.Errorf("training over a run: exit code %d, %s", code, stderr)
	}
	var eval results.Eval
	if err := json.Unmarshal([]byte(must(t, "eval", "--run", at("run"), "--data", at("data"), "--json", "--check-batch-invariance")), &eval); err != nil {
		t.Fatal(err)
	}
	if eval.Frames == 0 || eval.LinearAccuracy == nil || eval.BatchInvariance == nil || !eval.BatchInvariance.Holds {
		t.Errorf("eval: %+v", eval)
	}
	mustContain(t, "eval", must(t, "eval", "--run", at("run"), "--data", at("data"), "--details", "--set", "decode.name=viterbi", "--set", "decode.bigram_weight=1"),
		"majority class", "decoding viterbi, bigram 1", "substituted", "R-value", "20 ms", "by length of the utterance", "by label", "by speaker", "resamples of")
	for _, wrong := range []string{"decode.beam=0", "decode.name=beam", "beam=3"} {
		if code, _, stderr := call(t, "eval", "--run", at("run"), "--data", at("data"), "--set", wrong); code != exitUsage {
			t.Errorf("eval --set %s: exit code %d, %s", wrong, code, stderr)
		}
	}
	mustContain(t, "inspect of a run", must(t, "inspect", at("run")), "61 classes of timit61", "FLOPs a frame", "backward.1", "finished: true")
	must(t, "report", at("data"), at("run"), "--out", at("report.html"))
	page, err := os.ReadFile(at("report.html"))
	if err != nil {
		t.Fatal(err)
	}
	mustContain(t, "report", string(page), "Dataset: data", "narrowband copy", "dashed lines are the joints", "Learning curves", "Evaluation on test", "confusion matrix")

	id, wav := concatenation(t, d), anyWAV(t, at("speech"))
	must(t, "render", at("data"), id, "--out", at("x.wav"), "--textgrid")
	for _, format := range []string{"phn", "ctm", "textgrid", "json"} {
		if out := must(t, "predict", "--run", at("run"), "--format", format, wav); len(out) < 50 {
			t.Errorf("predict --format %s: %q", format, out)
		}
	}
	if frames, rows := strings.Count(must(t, "predict", "--run", at("run"), "--frames", wav), "\n"), strings.Count(must(t, "features", wav), "\n"); frames != rows || rows == 0 {
		t.Errorf("%d frames predicted, %d frames of features", frames, rows)
	}
	if code, _, stderr := call(t, "predict", "--run", at("run"), "--min-frames", "0", wav); code != exitUsage {
		t.Errorf("predict --min-frames 0: exit code %d, %s", code, stderr)
	}
	must(t, "features", wav, "--preset", "kaldi-mfcc", "--out", at("x.npy"))
	must(t, "features", wav, "--out", at("x.png"))

	damage(t, at("data"), d.Manifest.Splits[0].Shards[0].Path)
	if code, _, stderr := call(t, "verify", at("data")); code != exitWrong || !strings.Contains(stderr, d.Manifest.Splits[0].Shards[0].Path) {
		t.Errorf("verify of a damaged shard: exit code %d, %s", code, stderr)
	}
}

func sameShards(t *testing.T, a, b string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(a, "*", "*.arrow"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("shards of %s: %v, %v", a, paths, err)
	}
	for _, p := range append(paths, filepath.Join(a, "dataset.json")) {
		rel, err := filepath.Rel(a, p)
		if err != nil {
			t.Fatal(err)
		}
		x, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		y, err := os.ReadFile(filepath.Join(b, rel))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(x, y) {
			t.Errorf("%s differs between one worker and two", rel)
		}
	}
}

// concatenation is the id of an example with several parts.
func concatenation(t *testing.T, d *dataset.Dataset) string {
	t.Helper()
	s, err := d.Split("train")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range s.Len() {
		if m := s.Meta(i); m.Parts > 1 {
			return m.ID
		}
	}
	t.Fatal("no concatenation in train")
	return ""
}

func anyWAV(t *testing.T, dir string) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "TEST", "*", "*", "*.WAV"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("recordings: %v, %v", paths, err)
	}
	return paths[0]
}

// damage flips one bit in the middle of a file.
func damage(t *testing.T, dir, name string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 4
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestBadCorpus spoils a corpus in every way that the documentation lists: the
// build ends, and every spoiled file is a reject with its reason.
func TestBadCorpus(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must(t, "synth", "--out", at("speech"), "--speakers", "8", "--sentences", "10")
	spoiled := spoil(t, at("speech"))
	must(t, "import", "timit", at("speech"), "--out", at("c.jsonl"))
	late := removeOne(t, at("speech"), spoiled)
	if code, _, _ := call(t, "check", at("c.jsonl")); code != exitWrong {
		t.Errorf("check of a spoiled corpus: exit code %d", code)
	}
	build := []string{"build", "--corpus", at("c.jsonl"), "--out", at("data")}
	mustContain(t, "build", must(t, append(build, "--max-rejects", "50%")...), "rejected")
	f, err := os.Open(at("data/rejects.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rejects, err := dataset.ReadRejects(f)
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[string]string{}
	for _, r := range rejects {
		if r.Kind == dataset.RejectUtterance {
			reasons[r.ID] = string(r.Reason)
		}
	}
	spoiled[late] = "missing-audio"
	for id, want := range spoiled {
		if reasons[id] != want {
			t.Errorf("%s: reason %q, want %q", id, reasons[id], want)
		}
	}
	if len(reasons) != len(spoiled) {
		t.Errorf("%d utterances rejected, want %d: %v", len(reasons), len(spoiled), reasons)
	}
	must(t, "verify", at("data"))
	code, _, stderr := call(t, append(build, "--max-rejects", "0")...)
	if code != exitWrong || !strings.Contains(stderr, "reject") {
		t.Errorf("--max-rejects 0: exit code %d, %s", code, stderr)
	}
	if _, err := os.Stat(at("data/dataset.json")); !os.IsNotExist(err) {
		t.Errorf("dataset.json after too many rejects: %v", err)
	}
}

// spoil damages one utterance of TRAIN for each way, and says which reason is
// expected for its id.
func spoil(t *testing.T, dir string) map[string]string {
	t.Helper()
	paths := trainWAVs(t, dir)
	write := func(path string, b []byte) {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	phn := func(i int) string { return strings.TrimSuffix(paths[i], ".WAV") + ".PHN" }
	write(paths[0], whole[:len(whole)/2])
	write(paths[1], nil)
	write(paths[2], []byte("this is a text and no recording at all\n"))
	write(phn(3), []byte("0 2000 h#\n2000 99999999 aa\n"))
	write(phn(4), []byte("0 2000 h#\nabc def aa\n"))
	if err := os.Remove(phn(5)); err != nil {
		t.Fatal(err)
	}
	expected := map[string]string{}
	for i, reason := range []string{"unreadable-audio", "unreadable-audio", "unreadable-audio", "outside-audio", "bad-alignment", "missing-alignment"} {
		expected[idOf(t, dir, paths[i])] = reason
	}
	return expected
}

// removeOne removes a sound recording behind the manifest's back.
func removeOne(t *testing.T, dir string, spoiled map[string]string) string {
	t.Helper()
	path := trainWAVs(t, dir)[len(spoiled)]
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	return idOf(t, dir, path)
}

// trainWAVs lists the recordings of TRAIN that an import keeps.
func trainWAVs(t *testing.T, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "TRAIN", "*", "*", "S[IX]*.WAV"))
	if err != nil || len(paths) < 10 {
		t.Fatalf("recordings: %v, %v", paths, err)
	}
	return paths
}

func idOf(t *testing.T, dir, path string) string {
	t.Helper()
	rel, err := filepath.Rel(dir, strings.TrimSuffix(path, ".WAV"))
	if err != nil {
		t.Fatal(err)
	}
	return filepath.ToSlash(rel)
}
