package main

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// The phases in which a kill can meet a build, told apart by what lies in the
// folder.
const (
	inStart  = "start and survey" // the lock is not held yet
	inPlan   = "plan"             // it is, and no shard is begun
	inCheck  = "check"            // all shards stood before, and are being read
	inMake   = "make"             // shards are being made
	inFinish = "finish"           // all shards stand, dataset.json does not
	inEnd    = "end"              // dataset.json stands, the process does too
	tooLate  = "(had ended)"      // there was nothing to kill
)

var phases = []string{inStart, inPlan, inCheck, inMake, inFinish, inEnd, tooLate}

// kill is one build that was ended by force.
type kill struct {
	phase  string
	locked bool            // it held the lock
	files  map[string]file // what it left
}

// aims are the moments that time alone would seldom hit: each says when to
// strike, a few milliseconds after something has appeared.
var aims = map[string]func(out string, t *target, begun time.Time, pid int) bool{
	"the lock is held": func(out string, _ *target, _ time.Time, pid int) bool { return lockedBy(out) == pid },
	"build.yaml is written": func(out string, _ *target, begun time.Time, _ int) bool {
		return since(out, "build.yaml", begun)
	},
	"a shard is begun": func(out string, _ *target, _ time.Time, _ int) bool {
		names, err := filepath.Glob(filepath.Join(out, "*", ".tmp-*"))
		return err == nil && len(names) > 0
	},
	"the first shards stand": func(out string, t *target, begun time.Time, _ int) bool {
		return since(out, t.shards[0], begun) || since(out, t.shards[len(t.shards)/2], begun)
	},
	"rejects.jsonl is written": func(out string, _ *target, begun time.Time, _ int) bool { return since(out, "rejects.jsonl", begun) },
	"dataset.json is written":  func(out string, _ *target, begun time.Time, _ int) bool { return since(out, "dataset.json", begun) },
}

var aimNames = []string{"the lock is held", "build.yaml is written", "a shard is begun", "the first shards stand", "rejects.jsonl is written", "dataset.json is written"}

// strike starts a build of a target, of whose shards some stood, and kills it:
// in two cases of three at a moment that is uniform over what the build is
// expected to take, else at one of the aims.
func (s *soak) strike(t *target, out string, stood int) (k kill, err error) {
	c := exec.Command(s.program, s.build(t, out)...)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	moment, aim := time.Duration(float64(s.rand.Int64N(int64(t.expected(stood))))*s.pace), ""
	if s.rand.IntN(3) == 0 {
		aim = aimNames[s.rand.IntN(len(aimNames))]
		moment = time.Duration(s.rand.Int64N(int64(15 * time.Millisecond)))
	}
	begun := time.Now()
	if err := c.Start(); err != nil {
		return k, err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	if aim != "" {
		err, done := wait(ended, func() bool { return aims[aim](out, t, begun, c.Process.Pid) })
		if done {
			return kill{phase: tooLate}, err
		}
	}
	select {
	case err := <-ended:
		return kill{phase: tooLate}, err
	case <-time.After(moment):
	}
	if err := syscall.Kill(-c.Process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return k, err
	}
	if err := <-ended; err == nil {
		return kill{phase: tooLate}, nil
	} else if c.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		return k, fmt.Errorf("the build ended by itself before the kill: %w", err)
	}
	k.locked = lockedBy(out) == c.Process.Pid
	if k.files, err = scan(out); err != nil {
		return k, err
	}
	k.phase = phaseOf(k, t, out, begun, stood == len(t.shards))
	return k, nil
}

// wait waits until something is so, or the process has ended.
func wait(ended <-chan error, so func() bool) (err error, done bool) {
	for !so() {
		select {
		case err := <-ended:
			return err, true
		case <-time.After(500 * time.Microsecond):
		}
	}
	return nil, false
}

// phaseOf tells from the folder how far a build had come.
func phaseOf(k kill, t *target, out string, begun time.Time, stood bool) string {
	switch {
	case since(out, "dataset.json", begun):
		return inEnd
	case !k.locked:
		return inStart
	case since(out, "rejects.jsonl", begun), !stood && len(whole(k.files, t)) == len(t.shards):
		return inFinish
	}
	for name, f := range k.files {
		if (isTemporary(name) || isShard(name)) && f.time.After(begun) {
			return inMake
		}
	}
	if stood && since(out, "build.yaml", begun) {
		return inCheck
	}
	return inPlan
}
