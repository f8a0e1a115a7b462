package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"framewise/bench/result"
	"framewise/bench/turns"
	"framewise/transforms/isa"
)

// plainLoop is who builds are held against.
const plainLoop = "a plain loop without an engine"

// buildYAML is the configuration of the builds: 80-bin log-mel, and otherwise
// the defaults, with narrowband copies and one concatenation copy.
const buildYAML = "features: {preset: kaldi-fbank, num_filters: 80}\n"

// bench is a run of the target.
type bench struct {
	options
	self  string // this program
	about result.Run
	rows  []result.Row
}

// run measures everything and writes the results.
func run(o options) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.cache(), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(o.config(), []byte(buildYAML), 0o644); err != nil {
		return err
	}
	b := &bench{options: o, self: self, about: result.NewRun("scale", result.Command("scale", "rounds", "cores", "utterances", "hours"))}
	b.about.Rounds, b.about.Vectors = o.rounds, isa.Best().String()
	if err := b.plans(); err != nil {
		return err
	}
	for _, hours := range o.hours {
		for _, kind := range []string{short, long} {
			if err := b.build(hours, kind); err != nil {
				return err
			}
		}
	}
	return result.Write(o.bench, b.about, b.rows)
}

// plans measures planning at all sizes, and how it grows.
func (b *bench) plans() error {
	var ours []*turns.Player
	for _, n := range b.utterances {
		manifest := filepath.Join(b.cache(), fmt.Sprintf("paper-%d.jsonl", n))
		if err := b.once(manifest, "paper", manifest, strconv.Itoa(n)); err != nil {
			return err
		}
		us, them := b.player("rehearse", manifest), b.player("list", manifest)
		if err := b.compare(fmt.Sprintf("planning %d utterances", n), us, them, "utterances", float64(n), 0); err != nil {
			return err
		}
		ours = append(ours, us)
	}
	for i := 1; i < len(ours); i++ {
		grows := func(x func(*turns.Player) []float64) float64 {
			by := result.Median(x(ours[i])) / result.Median(x(ours[i-1]))
			return math.Log(by) / math.Log(float64(b.utterances[i])/float64(b.utterances[i-1]))
		}
		b.about.Notes = append(b.about.Notes, fmt.Sprintf("From %d to %d utterances the time of planning grows with the power %.2f of their number, memory with %.2f.",
			b.utterances[i-1], b.utterances[i], grows(func(p *turns.Player) []float64 { return p.Wall }), grows(func(p *turns.Player) []float64 { return p.PeakMB })))
	}
	return nil
}

// build measures whole builds of some hours of recordings of a kind.
func (b *bench) build(hours int, kind string) error {
	name := fmt.Sprintf("%dh-files", hours)
	if kind == long {
		name = fmt.Sprintf("%dh-segments", hours)
	}
	dir := filepath.Join(b.cache(), name)
	manifest, theirs, ours := filepath.Join(dir, "corpus.jsonl"), filepath.Join(b.cache(), "loop"), filepath.Join(b.cache(), "build")
	if err := b.once(manifest, "record", dir, strconv.Itoa(hours), kind); err != nil {
		return err
	}
	us := &turns.Player{ID: "framewise build", Runner: b.fresh(ours, b.framewise, "build", "--corpus", manifest, "--out", ours, "--config", b.config())}
	them := &turns.Player{ID: "loop", Runner: b.fresh(theirs, b.self, "-play", "loop", manifest, b.config(), theirs)}
	for _, p := range []*turns.Player{us, them} { // both once, to compare what they make
		if _, err := p.Runner.Run(p.ID, 1); err != nil {
			return err
		}
	}
	bytes, err := sameShards(ours, theirs)
	if err != nil {
		return fmt.Errorf("build and loop do not make the same, so that there is nothing to compare: %w", err)
	}
	work := fmt.Sprintf("building %d h of %s", hours, kind)
	if err := b.compare(work, us, them, "audio-s", float64(3600*hours), 1/1.3); err != nil {
		return err
	}
	perCore := func(p *turns.Player) float64 { return float64(3600*hours) / result.Median(p.CPU) }
	b.about.Notes = append(b.about.Notes, fmt.Sprintf("%s: %.1f GB of shards, the same bytes from both; %.0f s of audio in a second of CPU time, the loop %.0f.",
		work, float64(bytes)/1e9, perCore(us), perCore(them)))
	return errors.Join(os.RemoveAll(ours), os.RemoveAll(theirs))
}

// compare has both sides take turns and keeps a row about time and one about
// memory.
func (b *bench) compare(work string, us, them *turns.Player, unit string, size, target float64) error {
	if err := turns.Play([]*turns.Player{us, them}, b.rounds, 0); err != nil {
		return err
	}
	row := result.Row{Work: work, Against: plainLoop, Setting: fmt.Sprintf("%d cores", b.cores), Unit: unit, Size: size}
	memory := row
	row.Target = math.Round(100*target) / 100
	row.OursCPU, row.TheirsCPU = result.Median(us.CPU), result.Median(them.CPU)
	if err := errors.Join(row.SetTimes(us.Wall, them.Wall), memory.SetMemory(us.PeakMB, them.PeakMB)); err != nil {
		return err
	}
	fmt.Printf("%-50s %.2f s and %.0f MB, the loop %.2f s and %.0f MB: %.2fx (%.2f..%.2f)\n",
		work, row.OursS, memory.OursMB, row.TheirsS, memory.TheirsMB, row.Ratio, row.RatioMin, row.RatioMax)
	b.rows = append(b.rows, row, memory)
	return nil
}

// once makes an input in a process of its own, unless it is there.
func (b *bench) once(path, what string, args ...string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	fmt.Fprintln(os.Stderr, "bench: making", path)
	_, err := turns.Command(func() *exec.Cmd { return exec.Command(b.self, append([]string{"-play", what}, args...)...) }).Run(what, 1)
	return err
}

// player is this program doing one thing.
func (b *bench) player(what string, args ...string) *turns.Player {
	return &turns.Player{ID: what, Runner: b.command(b.self, append([]string{"-play", what}, args...)...)}
}

func (b *bench) command(program string, args ...string) turns.Command {
	return func() *exec.Cmd {
		cmd := exec.Command(program, args...)
		cmd.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", b.cores))
		return cmd
	}
}

// fresh is a command into a folder whose files of an earlier pass are removed,
// and on their way to the disk, before the clock starts.
func (b *bench) fresh(out, program string, args ...string) turns.Command {
	run := b.command(program, args...)
	return func() *exec.Cmd {
		os.RemoveAll(out) // if that fails, the command will say so
		return run()
	}
}

// sameShards compares the shards of two folders and returns their size.
func sameShards(a, b string) (int64, error) {
	var bytes int64
	shards := func(dir string) (map[string]string, error) {
		sums := map[string]string{}
		bytes = 0
		return sums, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".arrow" {
				return err
			}
			rel, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			var n int64
			sums[rel], n, err = sum(path)
			bytes += n
			return err
		})
	}
	one, err := shards(a)
	if err != nil {
		return 0, err
	}
	two, err := shards(b)
	if err != nil {
		return 0, err
	}
	for name, s := range one {
		if two[name] != s {
			return 0, fmt.Errorf("%s differs", name)
		}
	}
	if len(one) != len(two) || len(one) == 0 {
		return 0, fmt.Errorf("%d and %d shards", len(one), len(two))
	}
	return bytes, nil
}
