package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// What a build refuses by the form of its id, check finds.
func TestCheckFindsReservedIDs(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must(t, "synth", "--out", at("speech"), "--speakers", "4", "--sentences", "3")
	must(t, "import", "timit", at("speech"), "--out", at("c.jsonl"))
	b, err := os.ReadFile(at("c.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"+nb", "+p0", "+sp0.9"} {
		b = bytes.Replace(b, []byte(`","uri"`), []byte(suffix+`" ,"uri"`), 1)
	}
	if err := os.WriteFile(at("c.jsonl"), b, 0o644); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := call(t, "check", at("c.jsonl"))
	mustContain(t, "check", stdout+stderr, "bad-manifest", "+nb: an id of the form", "+p0: an id of the form", "+sp0.9: an id of the form", "3 errors")
	if code != exitWrong {
		t.Errorf("exit code %d, want %d", code, exitWrong)
	}
	mustContain(t, "build", must(t, "build", "--corpus", at("c.jsonl"), "--out", at("data"), "--max-rejects", "3"), "3 bad-manifest")
}
