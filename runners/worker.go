package runners

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// IsWorker says whether a command line (without the program's name) is an
// engine's: the first argument is a flag, and not one that a person starts
// with.
func IsWorker(args []string) bool {
	own := []string{"-h", "-help", "--help", "-v", "--verbose", "--log-json", "-version", "--version"}
	return len(args) > 0 && strings.HasPrefix(args[0], "-") && !slices.Contains(own, args[0])
}

// WorkerMode turns this process into a worker if an engine started it, and
// then never returns. main calls it first.
func WorkerMode() {
	if !IsWorker(os.Args[1:]) {
		return
	}
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "framewise: a command is expected first, as in `framewise build`; `framewise --help` lists them")
	}
	flag.Parse()
	go endWithParent(os.Getppid(), time.Second)
	beam.Init()
	// beam.Init comes back when --worker was not among the flags.
	flag.Usage()
	os.Exit(2)
}

// endWithParent ends a worker whose starter is gone. Beam's workers wait to be
// ended by their container; one that is just a process would wait for ever.
func endWithParent(parent int, every time.Duration) {
	for os.Getppid() == parent {
		time.Sleep(every)
	}
	os.Exit(1)
}
