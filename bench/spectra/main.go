// Spectra measures framewise's spectra, resampling and reading against other
// programs: `make bench-spectra`. It starts itself once for every level of
// vector instructions, and the peers that bench/prepare.sh has prepared, and
// lets them take turns at works that are the same for both, which it checks.
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

// options are what the command line says.
type options struct {
	bench     string // the folder bench of the repository
	framewise string // the binary
	rounds    int
	least     time.Duration
	only      *regexp.Regexp
}

// data is the folder of signals and recordings.
func (o options) data() string { return filepath.Join(o.bench, ".cache", "data") }

// wants says whether a contest was asked for.
func (o options) wants(c contest) bool {
	return o.only.MatchString(c.work) || o.only.MatchString(c.theirs)
}

func main() {
	var o options
	var only, serve string
	flag.StringVar(&o.bench, "bench", "bench", "the repository's folder bench, with .venv, .cache and out")
	flag.StringVar(&o.framewise, "framewise", "bin/framewise", "the program, for the comparison of whole commands")
	flag.IntVar(&o.rounds, "rounds", 7, "rounds, at least 5")
	flag.DurationVar(&o.least, "least", 100*time.Millisecond, "time that a turn is to last at least")
	flag.StringVar(&only, "only", "", "a regular expression: compare only works whose name or peer matches, and write no file")
	flag.StringVar(&serve, "serve", "", "internal: be a server, of `ours` or of go-audio")
	flag.Parse()
	err := error(nil)
	switch {
	case serve != "":
		err = serveWorks(serve, o.data())
	case flag.NArg() > 0 || o.rounds < 5:
		err = fmt.Errorf("want no arguments and at least 5 rounds; --help lists the flags")
	default:
		if o.only, err = regexp.Compile(only); err == nil {
			err = run(o, only == "")
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench spectra:", err)
		os.Exit(1)
	}
}

// run compares everything and writes the results.
func run(o options, write bool) error {
	if err := prepareData(o); err != nil {
		return err
	}
	about := result.NewRun("spectra", result.Command("spectra", "rounds", "least"))
	about.Rounds, about.Vectors = o.rounds, isa.Best().String()
	p, err := startAll(o)
	if err != nil {
		return err
	}
	defer p.close()
	var rows []result.Row
	keep := func(more []result.Row) {
		for _, r := range more {
			fmt.Println(summary(r))
		}
		rows = append(rows, more...)
	}
	for _, c := range contests() {
		if o.wants(c) {
			keep(p.compare(o, c))
		}
	}
	for _, c := range commandContests() {
		if o.wants(c) {
			keep(p.compareCommands(o, c))
		}
	}
	if !write {
		return nil
	}
	return result.Write(o.bench, about, rows)
}

// summary is a row for a person to watch go by.
func summary(r result.Row) string {
	head := fmt.Sprintf("%-36s %-52s %-7s", r.Work, r.Against, r.Setting)
	if r.Skipped != "" {
		return head + " skipped: " + r.Skipped
	}
	return fmt.Sprintf("%s %8.2fx  (%.2f..%.2f)  ours %.4f s, theirs %.4f s", head, r.Ratio, r.RatioMin, r.RatioMax, r.OursS, r.TheirsS)
}
