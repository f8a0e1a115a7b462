package main

import (
	"os"
	"path/filepath"
	"testing"
)

// What a folder sees does not depend on the links that folder and path are
// reached by, nor on what is there yet; links below the folder are names.
func TestSeenFromIsTheSameThroughLinks(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"p/x", "elsewhere"} {
		if err := os.MkdirAll(name, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{"lx": "p/x", "lp": "p", "p/x/big": "../../elsewhere"} {
		if err := os.Symlink(to, name); err != nil {
			t.Skipf("no symbolic links: %v", err)
		}
	}
	for _, c := range []struct {
		want  string
		paths []string
	}{
		{".", []string{"p/x", "lx", filepath.Join(dir, "lp/x")}},
		{"data", []string{"p/x/data", "lx/data", "lp/x/data", filepath.Join(dir, "p/x/data"), filepath.Join(dir, "lx/data")}},
		{"big/c.jsonl", []string{"p/x/big/c.jsonl", "lx/big/c.jsonl", filepath.Join(dir, "lp/x/big/c.jsonl")}},
		{"../c.jsonl", []string{"p/c.jsonl", "lp/c.jsonl", filepath.Join(dir, "lp/c.jsonl")}},
		{"gs://b/c", []string{"gs://b/c"}},
		{"", []string{""}},
	} {
		for _, base := range []string{"p/x", "lx", "lp/x", "./p/../lx", filepath.Join(dir, "p/x"), filepath.Join(dir, "lx")} {
			for _, path := range c.paths {
				if got := seenFrom(base, path); got != c.want {
					t.Errorf("%q as seen from %q is %q, want %q", path, base, got, c.want)
				}
			}
		}
	}
}
