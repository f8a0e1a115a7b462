package train

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"framewise/corpus/draw"
	"framewise/model/results"
)

// soakSettings turn on all that a resumed run must remember, with a checkpoint
// every few steps.
var soakSettings = []string{"hidden=24", "deltas=1", "dropout=0.1", "dropout_between=0.1", "input_noise=0.05", "weight_noise=0.02",
	"spec_augment.policy=sm", "spec_augment.freq_width=8", "accumulate=3", "ema=0.98", "l2=1e-5", "batch.frames=1200",
	"schedule.name=plateau", "schedule.patience=1", "schedule.threshold=0.05", "schedule.warmup=0.1",
	"early_stopping.patience=0", "checkpoint=4", "epochs=12", "threads=2"}

// soak runs the program.
type soak struct {
	t      *testing.T
	binary string
	dir    string
}

func (s *soak) command(args ...string) *exec.Cmd {
	cmd := exec.Command(s.binary, args...)
	cmd.Dir = s.dir
	return cmd
}

func (s *soak) must(args ...string) {
	s.t.Helper()
	if out, err := s.command(args...).CombinedOutput(); err != nil {
		s.t.Fatalf("%v: %v\n%s", args, err, out)
	}
}

func (s *soak) train(out string) *exec.Cmd {
	args := []string{"train", "--data", "data", "--out", out, "--resume"}
	for _, set := range soakSettings {
		args = append(args, "--set", set)
	}
	return s.command(args...)
}

// disturbed trains into out, killed again and again at drawn moments, until it
// is done. It gives the number of kills and in which states they found the run.
func (s *soak) disturbed(out string, key draw.Key, longest time.Duration) (kills int, moments map[string]int) {
	s.t.Helper()
	moments = map[string]int{}
	for attempt := 0; ; attempt++ {
		var log bytes.Buffer
		cmd := s.train(out)
		cmd.Stdout, cmd.Stderr = &log, &log
		if err := cmd.Start(); err != nil {
			s.t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		// Later attempts wait longer, so that a slow machine ends too.
		wait := time.Duration(key.Float64(attempt) * float64(longest) * (1 + float64(attempt)/50))
		select {
		case err := <-done:
			if err != nil {
				s.t.Fatalf("attempt %d: %v\n%s", attempt, err, log.Bytes())
			}
			return kills, moments
		case <-time.After(wait):
		}
		_ = cmd.Process.Kill() // SIGKILL; it may have ended just now
		if err := <-done; err == nil {
			return kills, moments
		} else if cmd.ProcessState.Exited() {
			s.t.Fatalf("attempt %d: %v\n%s", attempt, err, log.Bytes())
		}
		kills++
		moments[s.found(filepath.Join(s.dir, out))]++
	}
}

// found says in what state a kill left the run folder.
func (s *soak) found(dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "before the folder"
	}
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			return "while a file was written"
		}
		names = append(names, e.Name())
	}
	switch {
	case !slices.Contains(names, results.LastFile):
		return "before the first checkpoint"
	case !slices.Contains(names, results.WeightsFile):
		return "in the first epoch"
	}
	return "later"
}

// TestSoak kills the real program, given by FRAMEWISE_SOAK, at drawn moments of
// training and lets it resume, until FRAMEWISE_SOAK_KILLS (50) kills are
// together. Every run must end as the undisturbed one does: `make soak-train`.
func TestSoak(t *testing.T) {
	binary := os.Getenv("FRAMEWISE_SOAK")
	if binary == "" {
		t.Skip("FRAMEWISE_SOAK names no program: make soak-train does")
	}
	least := 50
	if v := os.Getenv("FRAMEWISE_SOAK_KILLS"); v != "" {
		var err error
		if least, err = strconv.Atoi(v); err != nil {
			t.Fatalf("FRAMEWISE_SOAK_KILLS: %v", err)
		}
	}
	s := &soak{t: t, binary: binary, dir: t.TempDir()}
	s.must("synth", "--speakers", "8", "--sentences", "5", "--out", "speech")
	s.must("import", "timit", "speech", "--dev-speakers", "2", "--out", "corpus.jsonl")
	s.must("build", "--corpus", "corpus.jsonl", "--out", "data")
	began := time.Now()
	if out, err := s.train("whole").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	took := time.Since(began)
	whole := filepath.Join(s.dir, "whole")
	t.Logf("undisturbed: %d steps in %.1f s, SHA-256 of the last state %s, of the kept weights %s", lastEpoch(t, whole).Step, took.Seconds(),
		digest(t, whole, results.LastFile), digest(t, whole, results.WeightsFile))

	kills, all := 0, map[string]int{}
	for round := 1; kills < least; round++ {
		out := fmt.Sprint("killed", round)
		// An eighth of a run at most, start included: ten kills and more a round.
		n, moments := s.disturbed(out, draw.New(1, "kills", "", round), took/8)
		dir := filepath.Join(s.dir, out)
		checkSameRun(t, out, whole, dir)
		if state := s.found(dir); state != "later" {
			t.Errorf("%s: the finished folder is left as %q", out, state)
		}
		for k, v := range moments {
			all[k] += v
		}
		kills += n
		t.Logf("round %d: %d kills, the same bits: %v", round, n, !t.Failed())
		if n == 0 || t.Failed() {
			break
		}
	}
	if kills < least {
		t.Errorf("%d kills, want %d", kills, least)
	}
	t.Logf("%d kills: %v", kills, all)
}
