package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sbinet/npyio"
)

// TestFeaturesOfFolders extracts a synthesized corpus with a bad recording in
// it, and one recording in each way that a single one can go.
func TestFeaturesOfFolders(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must(t, "synth", "--out", at("speech"), "--speakers", "4", "--sentences", "4")
	all, err := filepath.Glob(at("speech/*/*/*/*.WAV"))
	if err != nil || len(all) < 4 {
		t.Fatalf("recordings: %v, %v", all, err)
	}
	wav := all[0]
	rel, err := filepath.Rel(at("speech"), wav)
	if err != nil {
		t.Fatal(err)
	}
	same := func(a, b string) {
		t.Helper()
		x, err := os.ReadFile(at(a))
		if err != nil {
			t.Fatal(err)
		}
		y, err := os.ReadFile(at(b))
		if err != nil || !bytes.Equal(x, y) {
			t.Errorf("%s differs from %s (%v)", a, b, err)
		}
	}
	mustContain(t, "features", must(t, "features", at("speech"), "--out", at("feats"), "--workers", "2"), "recordings, ", "of audio", "frames in "+at("feats"))
	got, err := filepath.Glob(at("feats/*/*/*/*"))
	if err != nil || len(got) != len(all) {
		t.Errorf("%d files for %d recordings, %v", len(got), len(all), err)
	}
	npy := filepath.Join("feats", strings.TrimSuffix(rel, ".WAV")+".npy")
	must(t, "features", wav, "--out", at("one.npy"))
	same(npy, "one.npy")
	// What is no regular file stays what it is, and a link stays a link.
	if err := os.Symlink(at("one.npy"), at("link.npy")); err != nil {
		t.Fatal(err)
	}
	must(t, "features", wav, "--out", at("link.npy"))
	must(t, "features", wav, "--out", os.DevNull, "--format", "npy")
	for name, mode := range map[string]os.FileMode{at("link.npy"): os.ModeSymlink, os.DevNull: os.ModeDevice | os.ModeCharDevice} {
		if info, err := os.Lstat(name); err != nil || info.Mode().Type() != mode {
			t.Errorf("%s is %v, %v now, want %v", name, info.Mode(), err, mode)
		}
	}
	if err := os.Mkdir(at("there"), 0o755); err != nil {
		t.Fatal(err)
	}
	must(t, "features", wav, "--out", at("there"))
	same(npy, filepath.Join("there", stem(wav)+".npy"))
	if err := os.WriteFile(at("out.csv"), []byte(must(t, "features", wav)), 0o644); err != nil {
		t.Fatal(err)
	}
	must(t, "features", wav, "--out", at("one.csv"))
	same("out.csv", "one.csv")
	must(t, "features", wav, all[1], "--preset", "psf-mfcc", "--deltas", "2", "--out", at("both"))
	r, err := npyio.NewReader(strings.NewReader(must(t, "features", wav, "--preset", "psf-mfcc", "--deltas", "2", "--format", "npy")))
	if err != nil || len(r.Header.Descr.Shape) != 2 || r.Header.Descr.Shape[1] != 39 {
		t.Errorf("MFCC with deltas: %+v, %v", r, err)
	}

	if err := os.WriteFile(at("speech/bad.wav"), []byte("no recording at all"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := call(t, "features", at("speech"), "--out", at("again"))
	if code != exitWrong || !strings.Contains(stderr, "speech/bad.wav") || !strings.Contains(stderr, "1 of ") || !strings.Contains(stdout, "frames in") {
		t.Errorf("a bad recording: exit code %d\n%s%s", code, stdout, stderr)
	}
	same(npy, strings.Replace(npy, "feats", "again", 1))
	code, _, stderr = call(t, "features", at("speech/bad.wav"), "--out", at("bad/bad.npy"))
	if _, err := os.Stat(at("bad")); code != exitWrong || !strings.HasPrefix(stderr, "framewise: read audio") || err == nil {
		t.Errorf("one bad recording: exit code %d, %s, %v", code, stderr, err)
	}

	for _, c := range []struct{ args, want string }{
		{wav + " " + all[1], "--out is needed for several recordings"},
		{at("speech"), "--out is needed"},
		{at("speech") + " --out " + at("x.npy"), "names a file"},
		{wav + " " + wav + " --out " + at("x"), "would both be written to"},
		{at("feats") + " --out " + at("x"), "holds no recordings"},
		{wav + " --deltas 3", "want 0 to 2"},
		{wav + " --workers -1", "want 0 (one a CPU) or more"},
		{wav + " --set high_hz=9000", "high_hz: 9000"},
		{wav + " --set high_hz=9000 --out " + at("x.npy"), "high_hz: 9000"},
	} {
		code, stdout, stderr := call(t, strings.Fields("features "+c.args)...)
		if code != exitUsage || !strings.Contains(stderr, c.want) || stdout != "" {
			t.Errorf("framewise features %s: exit code %d, want %d with %q:\n%s", c.args, code, exitUsage, c.want, stderr)
		}
	}
	if _, err := os.Stat(at("x.npy")); err == nil {
		t.Error("a refused call wrote a file")
	}
}
