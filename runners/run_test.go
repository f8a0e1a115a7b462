package runners

import (
	"context"
	"errors"
	"flag"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestIsWorker(t *testing.T) {
	for args, want := range map[string]bool{
		"":                                     false,
		"build --out x":                        false,
		"--help":                               false,
		"-h":                                   false,
		"--version":                            false,
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
		err := watch(ctx, 50*time.Millisecond, n.Load, func(context.Context) error {
			for range 20 {
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
