package runners

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
)

func TestIsWorker(t *testing.T) {
	for args, want := range map[string]bool{
		"":                                     false,
		"build --out x":                        false,
		"--help":                               false,
		"-h":                                   false,
		"--version":                            false,
		"--verbose build":                      false,
		"--log-json train":                     false,
		"--worker=true --id=1":                 true,
		"--id='go_1' --provision_endpoint=x:1": true,
		"-worker -id 1":                        true,
	} {
		if got := IsWorker(strings.Fields(args)); got != want {
			t.Errorf("%q is a worker's command line: %v, want %v", args, got, want)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name string
		opt  Options
		ok   bool
	}{
		{"prism", Options{}, true},
		{"flink", Options{}, false},
		{"flink", Options{Endpoint: "h:1"}, true},
		{"spark", Options{Args: []string{"--endpoint=h:1"}}, true},
		{"portable", Options{}, false},
		{"dataflow", Options{}, true},
		{"storm", Options{}, false},
	} {
		var usage *UsageError
		if err := Check(c.name, c.opt); (err == nil) != c.ok || err != nil && !errors.As(err, &usage) {
			t.Errorf("%s %+v: %v, want ok %v", c.name, c.opt, err, c.ok)
		}
	}
}

func TestBeamFlags(t *testing.T) {
	if err := parseArgs([]string{"--project=p", "-region", "r", "--beam_strict", "--num_workers", "3"}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"project": "p", "region": "r", "beam_strict": "true", "num_workers": "3"} {
		if got := flag.Lookup(name).Value.String(); got != want {
			t.Errorf("--%s is %q, want %q", name, got, want)
		}
	}
	visited := false
	flag.Visit(func(f *flag.Flag) { visited = visited || f.Name == "project" })
	if !visited {
		t.Error("--project is not among the flags that runners visit")
	}
	for _, args := range [][]string{{"project"}, {"--no_such_flag"}, {"--project"}, {"--num_workers=many"}} {
		var usage *UsageError
		if err := parseArgs(args); !errors.As(err, &usage) {
			t.Errorf("%v: %v, want a *UsageError", args, err)
		}
	}
}

// Workers elsewhere run this program unless another one is named; in the process
// there is none to start.
func TestWorkerBinary(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		runner string
		args   []string
		want   string
	}{
		{"prism", nil, ""},
		{"portable", []string{"--environment_type=DOCKER"}, self},
		{"portable", []string{"--environment_type=DOCKER", "--worker_binary=other"}, "other"},
		{"dataflow", nil, self},
		{"portable", nil, ""},
	} {
		err := setFlags(c.runner, Options{Endpoint: "h:1", Args: c.args})
		if c.want == self && runtime.GOOS != "linux" {
			var usage *UsageError
			if !errors.As(err, &usage) {
				t.Errorf("%s %v: %v, want a *UsageError", c.runner, c.args, err)
			}
			continue
		}
		if got := *jobopts.WorkerBinary; err != nil || got != c.want {
			t.Errorf("%s %v: worker binary %q, %v, want %q", c.runner, c.args, got, err, c.want)
		}
	}
}

func TestWatch(t *testing.T) {
	ctx := context.Background()
	t.Run("ends", func(t *testing.T) {
		want := errors.New("lost")
		if err := watch(ctx, time.Hour, func() int64 { return 0 }, func(context.Context) error { return want }); err != want {
			t.Errorf("%v, want %v", err, want)
		}
	})
	t.Run("works", func(t *testing.T) {
		var n atomic.Int64
		err := watch(ctx, 500*time.Millisecond, n.Load, func(context.Context) error {
			for range 70 {
				time.Sleep(10 * time.Millisecond)
				n.Add(1)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%v of a run that gets on", err)
		}
	})
	t.Run("stalls", func(t *testing.T) {
		err := watch(ctx, 20*time.Millisecond, func() int64 { return 7 }, func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		})
		if !errors.Is(err, ErrStalled) {
			t.Errorf("%v, want %v", err, ErrStalled)
		}
	})
	t.Run("canceled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		if err := watch(ctx, 0, nil, func(ctx context.Context) error { <-ctx.Done(); return nil }); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want %v", err, context.Canceled)
		}
	})
}

// A run on prism sends what the engine says to the log that was asked for,
// leaves the default one as it was, leaves no temporary file behind, and gives
// up workers that never come.
func TestRun(t *testing.T) {
	temp := t.TempDir()
	t.Setenv(tempVar(), temp)
	before := slog.Default()
	var said bytes.Buffer
	for _, log := range []*slog.Logger{nil, slog.New(slog.NewTextHandler(&said, nil))} {
		p, s := beam.NewPipelineWithRoot()
		beam.Create(s, 1, 2, 3)
		if err := Func("", Options{Log: log})(context.Background(), p, nil); err != nil {
			t.Fatal(err)
		}
		if slog.Default() != before {
			t.Error("the default logger is another one after a run")
		}
	}
	if !strings.Contains(said.String(), "job-002") {
		t.Errorf("the second run of one engine said %q", said.String())
	}
	if now := os.Getenv(tempVar()); now != temp {
		t.Errorf("%s is %q after the runs, want %q", tempVar(), now, temp)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("the runs left %v in the folder for temporary files (%v)", left, err)
	}
	p, s := beam.NewPipelineWithRoot()
	beam.Create(s, 1, 2, 3)
	dead := Options{Args: []string{"--environment_type=PROCESS", `--environment_config={"command":"/bin/true"}`}, Stall: 200 * time.Millisecond}
	if err := Run(context.Background(), Default, p, dead, func() int64 { return 0 }); !errors.Is(err, ErrStalled) {
		t.Errorf("workers that exit at once: %v, want %v", err, ErrStalled)
	}
	if err := Run(context.Background(), "storm", p, Options{}, nil); err == nil {
		t.Error("an unknown runner: no error")
	}
}
