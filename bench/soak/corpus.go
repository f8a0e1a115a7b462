package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// target is a configuration, and the dataset that an undisturbed build of it
// leaves.
type target struct {
	name     string
	args     []string
	files    map[string]string // SHA-256 of every file but the lock
	shards   []string          // names of those that are shards, sorted
	duration time.Duration     // of the undisturbed build
	again    time.Duration     // of a further one, which makes nothing
}

// prepare makes the corpus, with some recordings spoiled so that there are
// rejects, and the undisturbed builds.
func (s *soak) prepare() error {
	speech := filepath.Join(s.dir, "speech")
	s.manifest = filepath.Join(s.dir, "corpus.jsonl")
	if err := s.must("synth", "--out", speech, "--speakers", fmt.Sprint(s.speakers), "--sentences", "30"); err != nil {
		return err
	}
	if err := s.must("import", "timit", speech, "--out", s.manifest, "--dev-speakers", "1"); err != nil {
		return err
	}
	if err := spoil(speech, s.manifest); err != nil {
		return err
	}
	common := []string{"--max-rejects", "10%"}
	s.targets = []*target{
		{name: "plain", args: append([]string{"--seed", "1", "--shards", "8"}, common...)},
		{name: "other seed", args: append([]string{"--seed", "2", "--shards", "8"}, common...)},
		{name: "fewer shards", args: append([]string{"--seed", "1", "--shards", "5"}, common...)},
	}
	for _, t := range s.targets {
		if err := s.undisturbed(t); err != nil {
			return fmt.Errorf("undisturbed build, %s: %w", t.name, err)
		}
		fmt.Printf("%-12s %d files, %d of them shards; built in %.1f s, again in %.1f s\n", t.name, len(t.files), len(t.shards), t.duration.Seconds(), t.again.Seconds())
	}
	return nil
}

// undisturbed builds a target twice, in peace.
func (s *soak) undisturbed(t *target) error {
	out := filepath.Join(s.dir, "reference")
	build := s.build(t, out)
	for _, d := range []*time.Duration{&t.duration, &t.again} {
		begun := time.Now()
		if err := s.must(build...); err != nil {
			return err
		}
		*d = time.Since(begun)
	}
	files, err := scan(out)
	if err != nil {
		return err
	}
	t.files = map[string]string{}
	for name, f := range files {
		t.files[name] = f.sum
		if isShard(name) {
			t.shards = append(t.shards, name)
		}
	}
	slices.Sort(t.shards)
	return os.RemoveAll(out)
}

// build is the command line of a target.
func (s *soak) build(t *target, out string) []string {
	return append([]string{"build", "--corpus", s.manifest, "--out", out, "--json"}, t.args...)
}

// must runs the program, which has to end well.
func (s *soak) must(args ...string) error {
	c := exec.Command(s.program, args...)
	output, err := c.CombinedOutput()
	if err != nil {
		return fmt.Errorf("framewise %s: %w\n%s", strings.Join(args, " "), err, output)
	}
	return nil
}

// spoil cuts one recording of every hundred, removes another, and adds a line
// to the manifest that is none.
func spoil(speech, manifest string) error {
	paths, err := filepath.Glob(filepath.Join(speech, "*", "*", "*", "S[IX]*.WAV"))
	if err != nil || len(paths) < 20 {
		return fmt.Errorf("recordings in %s: %d, %v", speech, len(paths), err)
	}
	for i := 0; i < len(paths); i += 100 {
		if err := os.Truncate(paths[i], 1000); err != nil {
			return err
		}
		if err := os.Remove(paths[i+10]); err != nil {
			return err
		}
	}
	b, err := os.ReadFile(manifest)
	if err != nil {
		return err
	}
	return os.WriteFile(manifest, append(bytes.TrimRight(b, "\n"), "\nthis is no line\n"...), 0o644)
}
