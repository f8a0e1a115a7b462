package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// outcome is what `build --json` says, as far as it matters here.
type outcome struct {
	ShardsMade int `json:"shards_made"`
	ShardsKept int `json:"shards_kept"`
}

// round starts from an empty folder or from what the round before left, builds
// a target, is killed up to four times on the way, and ends it.
func (s *soak) round(number int, out string) error {
	t := s.targets[s.rand.IntN(len(s.targets))]
	if s.rand.IntN(5) < 2 {
		if err := os.RemoveAll(out); err != nil {
			return err
		}
	}
	before, err := scan(out)
	if err != nil {
		return err
	}
	last := kill{files: before}
	for range 1 + s.rand.IntN(4) {
		stands := whole(last.files, t)
		begun := time.Now()
		k, err := s.strike(t, out, len(stands))
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		s.tally.kill(k.phase, time.Since(begun))
		if k.phase == tooLate { // the machine is less busy than at the undisturbed build
			s.pace = max(0.9*s.pace, 0.1)
			if k.files, err = scan(out); err != nil {
				return err
			}
		} else if err := kept(stands, k.files); err != nil {
			return fmt.Errorf("%s: killed in %s: %w", t.name, k.phase, err)
		}
		s.pace = min(1.04*s.pace, 1)
		last = k
	}
	return s.end(t, out, last)
}

// expected is how long a build of the target takes with so many of its shards
// standing.
func (t *target) expected(stand int) time.Duration {
	return t.again + max(t.duration-t.again, 0)*time.Duration(len(t.shards)-stand)/time.Duration(len(t.shards))
}

// kept says whether shards that stood are the files that they were.
func kept(stood, now map[string]file) error {
	for name, was := range stood {
		if now[name] != was {
			return fmt.Errorf("shard %s stood whole and was written again", name)
		}
	}
	return nil
}

// end runs the build to its end and holds what it left against the reference.
func (s *soak) end(t *target, out string, last kill) error {
	var stdout, stderr bytes.Buffer
	c := exec.Command(s.program, s.build(t, out)...)
	c.Stdout, c.Stderr = &stdout, &stderr
	named := lockedBy(out)
	begun := time.Now()
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s: the build after the kill: %w\n%s", t.name, err, stderr.String())
	}
	var o outcome
	if err := json.Unmarshal(stdout.Bytes(), &o); err != nil {
		return err
	}
	now, err := scan(out)
	if err != nil {
		return err
	}
	stood := whole(last.files, t)
	s.tally.end(o, time.Since(begun))
	if err := kept(stood, now); err != nil {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	if o.ShardsMade+o.ShardsKept != len(t.shards) || o.ShardsKept != len(stood) {
		return fmt.Errorf("%s: made %d shards and kept %d, want %d in all and %d kept", t.name, o.ShardsMade, o.ShardsKept, len(t.shards), len(stood))
	}
	if said := strings.Contains(stderr.String(), "stale lock"); said != (named != 0) {
		return fmt.Errorf("%s: the lock named process %d, and a stale lock was found: %v", t.name, named, said)
	}
	return t.compare(now)
}

// compare holds a finished folder against the reference: every file, and no
// other.
func (t *target) compare(now map[string]file) error {
	var wrong []string
	for name, sum := range t.files {
		if now[name].sum != sum {
			wrong = append(wrong, name+" differs or is missing")
		}
	}
	for name := range now {
		if _, ok := t.files[name]; !ok {
			wrong = append(wrong, name+" should not be there")
		}
	}
	if slices.Sort(wrong); len(wrong) > 0 {
		return fmt.Errorf("%s: %d files are not those of the undisturbed build: %s", t.name, len(wrong), strings.Join(wrong, "; "))
	}
	return nil
}
