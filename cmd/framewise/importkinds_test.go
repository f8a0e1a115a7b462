package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestImportKinds imports what other tools wrote, by the commands that a user
// would give, and finds it sound.
func TestImportKinds(t *testing.T) {
	peers, err := filepath.Abs("../../corpus/testdata/peers")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(peers) // from where Lhotse wrote its relative paths
	for _, k := range corpusKinds {
		dir := k.name
		if k.name == "lhotse" {
			dir = "lhotse/cuts"
		}
		out := filepath.Join(t.TempDir(), "tiny.jsonl")
		mustContain(t, k.name, must(t, "import", k.name, filepath.Join(peers, dir), "--out", out), "utterances", "train")
		labels, err := os.ReadFile(filepath.Join(filepath.Dir(out), "tiny.labels"))
		if want := "AH\nHH\nsil\nʃ\n"; k.name != "nemo" && (err != nil || string(labels) != want) {
			t.Errorf("%s: labels %q, %v, want %q", k.name, labels, err, want)
		}
		code, stdout, stderr := call(t, "check", out)
		if k.name != "textgrid" && k.name != "nemo" && code != exitDone { // whose tiny corpora put one recording into several files, or one folder's into two splits
			t.Errorf("%s: check: exit code %d\n%s%s", k.name, code, stdout, stderr)
		}
		if help := must(t, "import", k.name, "--help"); !strings.Contains(help, "Examples:") || !strings.Contains(help, "docs/formats.md") {
			t.Errorf("%s --help: %s", k.name, help)
		}
		for _, c := range []struct{ args, want string }{
			{"", "--out is needed"}, {"--out x --label-set abc", "want timit61 or fsdd10"}, {"--out x --dev-speakers many", `there is no speaker "many"`},
		} {
			if code, stdout, stderr := call(t, append([]string{"import", k.name, dir}, strings.Fields(c.args)...)...); code == exitDone || stdout != "" || !strings.Contains(stderr, c.want) {
				t.Errorf("import %s %s: exit code %d, want %q:\n%s", k.name, c.args, code, c.want, stderr)
			}
		}
		if code, _, stderr := call(t, "import", k.name, "no-such-folder", "--out", out); code != exitUsage || !strings.Contains(stderr, "does not exist") {
			t.Errorf("import %s of nothing: exit code %d, %s", k.name, code, stderr)
		}
	}
	if code, _, stderr := call(t, "import", "textgrid", "textgrid", "--out", "x", "--speaker-pattern", "("); code != exitUsage || !strings.Contains(stderr, "--speaker-pattern") {
		t.Errorf("a pattern that is none: exit code %d, %s", code, stderr)
	}
	if got, err := labelSetName("a/timit61.jsonl", ""); got != "timit61-labels" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
