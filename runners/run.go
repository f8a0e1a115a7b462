package runners

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/exec/optimized" // exec without reflection
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/gcs"           // gs:// for what Beam itself stages
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	beamrunners "github.com/apache/beam/sdks/v2/go/pkg/beam/runners"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/dataflow" // --runner dataflow
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/flink"    // --runner flink
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"    // --runner prism
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/spark"    // --runner spark
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal"
)

// Names lists the runners, the default first.
var Names = []string{"prism", "flink", "spark", "dataflow", "portable"}

// Default is the runner of a build that names none: Beam's own, in this
// process.
const Default = "prism"

// ErrStalled is the cause of a run that was given up because nothing happened
// for longer than [Options].Stall.
var ErrStalled = errors.New("no progress")

// Options says how a pipeline runs.
type Options struct {
	// Endpoint is the job service's host:port. Flink, Spark and portable need
	// it; for prism it is a prism that runs elsewhere, empty for one in this
	// process; Dataflow takes it for its API's address, empty for Google's.
	Endpoint string
	// Args are further Beam flags, as written after `--` on the command line.
	Args []string
	// Stall is the longest time without progress before the run is given up
	// with ErrStalled; 0 waits for ever.
	Stall time.Duration
	// Log takes what Beam and the engine say; nil discards it. Errors that end
	// the run are returned whether logged or not.
	Log *slog.Logger
}

// UsageError is a runner or a Beam flag that does not exist, or one that is
// missing: the call is wrong, not the environment.
type UsageError struct{ Detail string }

func (e *UsageError) Error() string { return e.Detail }

// Func binds a runner and its options, in the form that
// pipelines.BuildOptions.Run takes.
func Func(name string, opt Options) func(ctx context.Context, p *beam.Pipeline, activity func() int64) error {
	return func(ctx context.Context, p *beam.Pipeline, activity func() int64) error {
		return Run(ctx, name, p, opt, activity)
	}
}

// runs holds the process's one run: Beam's flags and the logger are global.
var runs sync.Mutex

// Run runs a pipeline on the named runner ("" is the default) and waits for its
// end. activity is any number that changes as long as work is done; nil turns
// the watchdog off. Runs of one process wait for each other.
func Run(ctx context.Context, name string, p *beam.Pipeline, opt Options, activity func() int64) error {
	if name == "" {
		name = Default
	}
	if err := Check(name, opt); err != nil {
		return err
	}
	runs.Lock()
	defer runs.Unlock()
	if err := setFlags(name, opt); err != nil {
		return err
	}
	restore := redirectLogs(opt.Log)
	defer restore()
	removeTemp, err := ownTemp()
	if err != nil {
		return fmt.Errorf("run on %s: %w", name, err)
	}
	defer removeTemp()
	err = watch(ctx, opt.Stall, activity, func(ctx context.Context) error {
		_, err := beam.Run(ctx, name, p)
		return err
	})
	if name == Default && opt.Endpoint == "" {
		inProcess = *jobopts.Endpoint
	}
	if err != nil {
		return fmt.Errorf("run on %s: %w", name, err)
	}
	return nil
}

// Check finds what is wrong with a call before anything is planned or run.
func Check(name string, opt Options) error {
	if !slices.Contains(Names, name) {
		return &UsageError{fmt.Sprintf("unknown runner %q, want one of %s", name, strings.Join(Names, ", "))}
	}
	needs := name == "flink" || name == "spark" || name == "portable"
	if needs && opt.Endpoint == "" && !slices.ContainsFunc(opt.Args, func(a string) bool { return strings.HasPrefix(strings.TrimLeft(a, "-"), "endpoint") }) {
		return &UsageError{fmt.Sprintf("runner %s needs --endpoint HOST:PORT, the address of its job service", name)}
	}
	return nil
}

// inProcess is the address of the prism that lives in this process, once there
// is one: Beam leaves it in its endpoint flag, where the next runner would take
// it for its own.
var inProcess string

// setFlags puts the options where Beam's runners look for them.
func setFlags(name string, opt Options) error {
	*beamrunners.Runner = name
	*jobopts.Endpoint = opt.Endpoint
	// DoFns run in the submitting process unless asked otherwise: that needs no
	// container image.
	*jobopts.EnvironmentType = "LOOPBACK"
	switch {
	case name == Default && opt.Endpoint == "":
		*jobopts.Endpoint = inProcess
	case name == "dataflow":
		*jobopts.Endpoint, *jobopts.EnvironmentType = "", ""
		if err := flag.Set("dataflow_endpoint", opt.Endpoint); err != nil {
			return fmt.Errorf("set --dataflow_endpoint: %w", err)
		}
	}
	*jobopts.WorkerBinary = ""
	if err := parseArgs(opt.Args); err != nil {
		return err
	}
	return setWorkerBinary()
}

// setWorkerBinary has workers in other processes run this program. Beam would
// compile one from the sources in the working directory, which users lack.
func setWorkerBinary() error {
	if *jobopts.WorkerBinary != "" || jobopts.IsLoopback() {
		return nil
	}
	if runtime.GOOS != "linux" {
		return &UsageError{"workers elsewhere run Linux: build framewise for them (GOOS=linux) and name it with -- --worker_binary=FILE"}
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program for the workers (name it with -- --worker_binary=FILE): %w", err)
	}
	*jobopts.WorkerBinary = self
	return nil
}

// parseArgs sets Beam flags one by one. flag.CommandLine.Parse would end the
// process at a wrong one.
func parseArgs(args []string) error {
	fs := flag.CommandLine
	for i := 0; i < len(args); i++ {
		name, value, given := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		f := fs.Lookup(name)
		if !strings.HasPrefix(args[i], "-") || f == nil {
			return &UsageError{fmt.Sprintf("after --: %q is not a Beam flag", args[i])}
		}
		if b, ok := f.Value.(interface{ IsBoolFlag() bool }); !given && ok && b.IsBoolFlag() {
			value, given = "true", true
		}
		if !given {
			i++
			if i == len(args) {
				return &UsageError{fmt.Sprintf("after --: Beam flag --%s needs a value", name)}
			}
			value = args[i]
		}
		if err := fs.Set(name, value); err != nil {
			return &UsageError{fmt.Sprintf("after --: Beam flag --%s=%s: %v", name, value, err)}
		}
	}
	return nil
}
