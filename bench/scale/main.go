// Scale measures builds: how time and memory of planning grow with the corpus,
// and how a whole build compares with a plain loop that makes the same shards
// without an engine. `make bench-scale`.
//
// Every pass is a process of its own, this program's or framewise's, so that its
// peak memory can be told.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// options are what the command line says.
type options struct {
	bench      string // the folder bench of the repository
	framewise  string // the binary
	rounds     int
	cores      int
	utterances []int
	hours      []int
}

func (o options) cache() string  { return filepath.Join(o.bench, ".cache", "scale") }
func (o options) config() string { return filepath.Join(o.cache(), "build.yaml") }

func main() {
	var o options
	var utterances, hours, play string
	flag.StringVar(&o.bench, "bench", "bench", "the repository's folder bench, with .cache and out")
	flag.StringVar(&o.framewise, "framewise", "bin/framewise", "the program")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds after the one that warms up")
	flag.IntVar(&o.cores, "cores", 2, "CPUs that both sides use (GOMAXPROCS)")
	flag.StringVar(&utterances, "utterances", "10000,100000,1000000", "sizes of the corpora that are planned; none: \"\"")
	flag.StringVar(&hours, "hours", "1,10", "hours of audio that are built; none: \"\"")
	flag.StringVar(&play, "play", "", "internal: do one thing with the arguments and end")
	flag.Parse()
	err := error(nil)
	switch {
	case play != "":
		err = player(play, flag.Args())
	case flag.NArg() > 0 || o.rounds < 1 || o.cores < 1:
		err = fmt.Errorf("want no arguments, at least one round and one core; --help lists the flags")
	default:
		if o.utterances, err = numbers(utterances); err == nil {
			o.hours, err = numbers(hours)
		}
		if err == nil {
			err = run(o)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench scale:", err)
		os.Exit(1)
	}
}

// numbers reads numbers with commas between, each above the one before it.
func numbers(s string) ([]int, error) {
	var all []int
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' }) {
		n, err := strconv.Atoi(f)
		if err != nil || n < 1 || len(all) > 0 && n <= all[len(all)-1] {
			return nil, fmt.Errorf("%q, want rising numbers with commas between", s)
		}
		all = append(all, n)
	}
	return all, nil
}
