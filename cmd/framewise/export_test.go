package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"framewise/dataset"
	"framewise/dataset/export"
)

// TestExport writes a built dataset in every format, by the commands that a
// user would give.
func TestExport(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must(t, "synth", "--out", at("speech"), "--speakers", "4", "--sentences", "3")
	must(t, "import", "timit", at("speech"), "--out", at("c.jsonl"), "--dev-speakers", "1")
	must(t, "build", "--corpus", at("c.jsonl"), "--out", at("data"), "--shards", "2")
	d, err := dataset.Open(t.Context(), at("data"))
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range export.Formats() {
		var r export.Report
		if err := json.Unmarshal([]byte(must(t, "export", at("data"), "--format", format, "--out", at(format), "--json")), &r); err != nil {
			t.Fatal(err)
		}
		for i, s := range r.Splits {
			if info := d.Manifest.Splits[i]; s.Name != info.Name || s.Examples != info.Examples || s.Frames != info.Frames {
				t.Errorf("%s: %+v, the dataset has %d examples and %d frames of %s", format, s, info.Examples, info.Frames, info.Name)
			}
		}
	}
	mustContain(t, "export", must(t, "export", at("data"), "--format", "tfrecord", "--gzip", "--out", at("zipped")), "train", "as many as dataset.json has")
	if files, err := filepath.Glob(filepath.Join(at("zipped"), "train", "*.tfrecord.gz")); err != nil || len(files) != 2 {
		t.Errorf("%v, %v", files, err)
	}
	if err := os.WriteFile(at("file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"DIR/data --format tfrecords --out DIR/x", exitUsage, `did you mean "tfrecord"?`},
		{"DIR/data --format tfrecord", exitUsage, "--out is needed"},
		{"DIR/data --format lhotse --gzip --out DIR/x", exitUsage, "--gzip is for tfrecord"},
		{"DIR/none --format lhotse --out DIR/x", exitUsage, "does not exist"},
		{"DIR/data --format lhotse --out DIR/zipped", exitUsage, "want one that is new or empty"},
		{"DIR/speech --format lhotse --out DIR/x", exitWrong, "no dataset.json"},
	} {
		args := append([]string{"export"}, strings.Fields(strings.ReplaceAll(c.args, "DIR", dir))...)
		if code, stdout, stderr := call(t, args...); code != c.code || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("export %s: exit code %d, want %d with %q:\n%s", c.args, code, c.code, c.want, stderr)
		}
	}
}
