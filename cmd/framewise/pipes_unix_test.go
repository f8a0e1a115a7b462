//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"framewise/model/results"
)

// TestPipesAreNotWaitedFor puts a pipe that nobody writes to in the place of
// each file that a command reads: it says so at once, by the pipe's path.
func TestPipesAreNotWaitedFor(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	pipe := func(name string) string {
		t.Helper()
		if err := os.RemoveAll(at(name)); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(at(name), 0o644); err != nil {
			t.Fatal(err)
		}
		return at(name)
	}
	check := func(path string, want int, says string, args ...string) {
		t.Helper()
		code, output := bounded(t, nil, args...)
		if code != want || !strings.Contains(output, path) || !strings.Contains(output, "not a regular file") || !strings.Contains(output, says) {
			t.Errorf("%q: exit code %d, want %d; %q, want in it that %s is not a regular file, and %q", args, code, want, output, path, says)
		}
	}
	fifo := pipe("pipe")
	check(fifo, exitUsage, "", "run", fifo)
	check(fifo, exitUsage, "", "sweep", fifo)
	check(fifo, exitUsage, "", "train", "--config", fifo)
	check(fifo, exitUsage, "", "build", "--config", fifo)
	check(fifo, exitWrong, "write the manifest to a file first", "plan", "--corpus", fifo)

	must(t, "synth", "--out", at("speech"), "--speakers", "5", "--sentences", "3")
	if err := os.WriteFile(at("p.yaml"), []byte(smallLine), 0o644); err != nil {
		t.Fatal(err)
	}
	must(t, "run", at("p.yaml"))
	for _, name := range []string{results.ConfigFile, results.RunFile} {
		text, err := os.ReadFile(at("run/" + name))
		if err != nil {
			t.Fatal(err)
		}
		path := pipe("run/" + name)
		check(path, exitWrong, "", "eval", "--run", at("run"), "--data", at("data"))
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	path := pipe("run/" + results.ConfigFile)
	check(path, exitWrong, "", "train", "--data", at("data"), "--out", at("run"), "--resume")
	check(path, exitWrong, "", "report", at("run"), "--out", at("r.html"))
	check(pipe("p.state.json"), exitWrong, "", "run", at("p.yaml"))
}
