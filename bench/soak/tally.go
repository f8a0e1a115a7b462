package main

import (
	"fmt"
	"io"
	"time"
)

// tally counts what happened.
type tally struct {
	byPhase    map[string]int
	spent      map[string]time.Duration // from the start of a build to its kill
	rounds     int
	made, kept int
	ending     time.Duration // of the builds that were let end
}

func (t *tally) kill(phase string, after time.Duration) {
	if t.byPhase == nil {
		t.byPhase, t.spent = map[string]int{}, map[string]time.Duration{}
	}
	t.byPhase[phase]++
	t.spent[phase] += after
}

func (t *tally) end(o outcome, took time.Duration) {
	t.rounds++
	t.made += o.ShardsMade
	t.kept += o.ShardsKept
	t.ending += took
}

// kills is the number of processes that were killed at work.
func (t *tally) kills() int {
	n := 0
	for phase, count := range t.byPhase {
		if phase != tooLate {
			n += count
		}
	}
	return n
}

func (t *tally) print(w io.Writer, spent time.Duration) {
	fmt.Fprintf(w, "\n%-18s %6s %16s\n", "killed in", "kills", "mean moment, s")
	for _, phase := range phases {
		if n := t.byPhase[phase]; n > 0 {
			fmt.Fprintf(w, "%-18s %6d %16.2f\n", phase, n, t.spent[phase].Seconds()/float64(n))
		}
	}
	fmt.Fprintf(w, "\n%d kills, then %d builds to the end: all files as in an undisturbed build, none beside them.\n", t.kills(), t.rounds)
	fmt.Fprintf(w, "The last builds kept %d shards that stood and made %d; none that stood was written again. They took %.0f s, all of it %.0f s.\n",
		t.kept, t.made, t.ending.Seconds(), spent.Seconds())
}
