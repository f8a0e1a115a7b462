// Train measures framewise's training steps and operations against PyTorch and
// Keras on the CPU: `make bench-train`. It starts itself and the peers that
// bench/prepare-train.sh has prepared as servers, once for every number of
// threads, and lets them take turns at works that are the same for both: same
// weights, same batches, same optimizer, which it checks by the losses of
// the first steps.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"framewise/bench/result"
	"framewise/transforms/isa"
)

// framewise is the name of ours where it is its own peer.
const framewise = "framewise"

// options are what the command line says.
type options struct {
	bench  string // the folder bench of the repository
	rounds int
	least  time.Duration
	only   *regexp.Regexp
}

// data is the folder of what the peers read.
func (o options) data() string { return filepath.Join(o.bench, ".cache", "train-data") }

// wants says whether a contest was asked for.
func (o options) wants(c contest) bool {
	return o.only.MatchString(c.title + ": " + c.work + ", " + c.setting() + ", " + c.peer.name)
}

func main() {
	var o options
	var only string
	var threads int
	flag.StringVar(&o.bench, "bench", "bench", "the repository's folder bench, with .venv-train, .cache and out")
	flag.IntVar(&o.rounds, "rounds", 7, "rounds, at least 5")
	flag.DurationVar(&o.least, "least", 100*time.Millisecond, "time that a turn is to last at least")
	flag.StringVar(&only, "only", "", "a regular expression: compare only rows whose work, setting or peer matches, and write no file")
	flag.IntVar(&threads, "serve", 0, "internal: be our server, with that many threads")
	flag.Parse()
	err := error(nil)
	switch {
	case threads > 0:
		err = serve(threads)
	case flag.NArg() > 0 || o.rounds < 5:
		err = fmt.Errorf("want no arguments and at least 5 rounds; --help lists the flags")
	default:
		if o.only, err = regexp.Compile(only); err == nil {
			err = run(o, only == "")
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench train:", err)
		os.Exit(1)
	}
}

// run compares everything and writes the results.
func run(o options, write bool) error {
	about := result.NewRun("train", result.Command("train", "rounds", "least"))
	about.Rounds, about.Vectors = o.rounds, isa.Best().String()
	if err := prepare(o.data()); err != nil {
		return err
	}
	p, err := newServers(o)
	if err != nil {
		return err
	}
	defer p.close()
	var rows []result.Row
	for _, c := range contests() {
		if !o.wants(c) {
			continue
		}
		var row result.Row
		if c.memory {
			row = p.compareMemory(o, c)
		} else {
			row = p.compare(c)
		}
		fmt.Println(summary(row, c))
		rows = append(rows, row)
	}
	if !write {
		return nil
	}
	return result.Write(o.bench, about, rows)
}

// summary is a row for a person to watch go by.
func summary(r result.Row, c contest) string {
	head := fmt.Sprintf("%-62s %-26s %-18s", r.Work, r.Against, r.Setting)
	switch {
	case r.Skipped != "":
		return head + " skipped: " + r.Skipped
	case c.memory:
		return fmt.Sprintf("%s %6.2fx  (%.2f..%.2f)  ours %.0f MB, theirs %.0f MB", head, r.Ratio, r.RatioMin, r.RatioMax, r.OursMB, r.TheirsMB)
	}
	s := fmt.Sprintf("%s %6.2fx  (%.2f..%.2f)  ours %.4f s (CPU %.4f), theirs %.4f s (CPU %.4f)", head, r.Ratio, r.RatioMin, r.RatioMax, r.OursS, r.OursCPU, r.TheirsS, r.TheirsCPU)
	if gflop, err := specs()[c.work].gflop(); err == nil && gflop > 0 {
		s += fmt.Sprintf("  %.1f GFLOP, %.0f GFLOP/s", gflop, gflop/r.OursS)
	}
	return s
}
