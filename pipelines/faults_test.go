package pipelines

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"framewise/dataset"
	"framewise/dataset/storetest"
)

// allFaults asks for every fault (make test-faults); without it every
// faultStride-th is put in.
const (
	allFaults   = "FRAMEWISE_FAULTS"
	faultStride = 17
)

// storeFaults lists what can go wrong at a call.
func storeFaults(c storetest.Call) (fs []storetest.Fault) {
	add := func(how storetest.How, errs ...error) {
		for _, err := range errs {
			fs = append(fs, storetest.Fault{At: c, How: how, Err: err})
		}
	}
	switch c.Op {
	case storetest.Write:
		add(storetest.Fails, syscall.EIO)
		add(storetest.Half, syscall.ENOSPC, nil)
		add(storetest.Stays, syscall.ENOSPC)
	case storetest.Create, storetest.WriteFile:
		add(storetest.Fails, syscall.EACCES)
		add(storetest.Stays, syscall.ENOSPC)
		add(storetest.After, syscall.EIO)
	case storetest.Commit:
		add(storetest.Fails, syscall.ENOSPC)
		add(storetest.After, syscall.EIO)
	case storetest.ReadFile:
		add(storetest.Fails, syscall.EIO)
		add(storetest.Cut, nil)
		add(storetest.Flip, nil)
	case storetest.Read:
		add(storetest.Fails, syscall.EIO)
		add(storetest.Half, syscall.EIO)
		add(storetest.Cut, nil)
		add(storetest.Flip, nil)
		add(storetest.Slow, nil)
	default:
		add(storetest.Fails, syscall.EIO, syscall.EACCES)
	}
	return fs
}

// faultyBuild builds into a folder through a store with a fault.
func faultyBuild(manifest, out string, cfg BuildConfig, f storetest.Fault) (*storetest.Faulty, error) {
	faulty := storetest.NewFaulty(dataset.NewLocal(out), f)
	old := openStore
	openStore = func(context.Context, string) (dataset.Store, error) { return faulty, nil }
	defer func() { openStore = old }()
	_, err := Build(context.Background(), BuildOptions{Manifest: manifest, Out: out, Config: cfg, Workers: 2, Run: prism})
	return faulty, err
}

// held says what became of what has to hold under any fault.
var held = map[bool]string{true: "no wrong shard, the next build right", false: "BROKEN, or a fault before it was"}

// scene is a folder that a build begins with.
type scene struct {
	name string
	set  func(t *testing.T, out string)
}

// Whatever goes wrong at whatever call, the build says so or makes the right
// dataset; no shard is ever wrong; and the next build makes the right one.
func TestFaultsOfTheStore(t *testing.T) {
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.DiscardHandler)) // the engine tells every failure several times
	dir := t.TempDir()
	manifest, _ := tiny{speakers: [3]int{2, 1, 0}, sentences: 4, rate: 16000, samples: 3000}.write(t, dir)
	cfg := config()
	cfg.Shard.Count = 2
	reference := filepath.Join(dir, "reference")
	mustBuild(t, BuildOptions{Manifest: manifest, Out: reference, Config: cfg})
	want := contents(t, reference)
	other := cfg
	other.Seed++
	scenes := []scene{
		{"empty folder", func(*testing.T, string) {}},
		{"finished dataset", func(t *testing.T, out string) { copyDir(t, reference, out) }},
		{"another seed's dataset, a shard lost", func(t *testing.T, out string) {
			mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: other})
			remove(t, out, dataset.ShardName("dev", 0, 2))
		}},
	}
	injected, outcomes := 0, map[string]int{}
	for i, s := range scenes {
		begin := filepath.Join(dir, fmt.Sprint("begin", i))
		s.set(t, begin)
		out := filepath.Join(dir, fmt.Sprint("out", i))
		copyDir(t, begin, out)
		trace, err := faultyBuild(manifest, out, cfg, storetest.Fault{})
		if err != nil {
			t.Fatalf("%s: no fault: %v", s.name, err)
		}
		sameContents(t, s.name, contents(t, out), want)
		for _, call := range trace.Calls() {
			if call.Op == storetest.List && call.Name == ".build" {
				continue // how often it is looked at there depends on the clock
			}
			for _, f := range storeFaults(call) {
				if injected++; os.Getenv(allFaults) == "" && injected%faultStride != 0 {
					continue
				}
				if err := os.RemoveAll(out); err != nil {
					t.Fatal(err)
				}
				copyDir(t, begin, out)
				outcome := oneFault(t, manifest, out, cfg, f, contents(t, out), want)
				outcomes[string(f.At.Op)+" "+string(f.How)+": "+strings.SplitN(outcome, ":", 2)[0]]++
				t.Logf("%s | %v | %s | %s", s.name, f, outcome, held[!t.Failed()])
			}
		}
	}
	t.Logf("%d faults: %v", injected, outcomes)
}

// oneFault builds with a fault, looks at what was left, and builds without.
func oneFault(t *testing.T, manifest, out string, cfg BuildConfig, f storetest.Fault, before, want map[string][]byte) (outcome string) {
	t.Helper()
	store, err := faultyBuild(manifest, out, cfg, f)
	left := contents(t, out)
	switch {
	case !store.Hit():
		t.Errorf("%v: the build never came there", f)
	case err == nil:
		outcome = "no harm: the dataset is right"
		sameContents(t, f.String(), left, want)
	default:
		outcome = "error: " + strings.ReplaceAll(err.Error(), out, "OUT")
		if f.Err != nil && !errors.Is(err, f.Err) {
			t.Errorf("%v: the error is %v, want one that wraps %v", f, err, f.Err)
		}
		if m, stands := left[dataset.ManifestName]; stands && !bytes.Equal(m, want[dataset.ManifestName]) && f.At.Name != dataset.ManifestName {
			t.Errorf("%v: %s stands", f, dataset.ManifestName)
		}
	}
	for name, b := range left {
		if filepath.Ext(name) == ".arrow" && !bytes.Equal(b, want[name]) && !bytes.Equal(b, before[name]) {
			t.Errorf("%v: shard %s is wrong", f, name)
		}
	}
	mustBuild(t, BuildOptions{Manifest: manifest, Out: out, Config: cfg})
	sameContents(t, "after "+f.String(), contents(t, out), want)
	return outcome
}

func copyDir(t *testing.T, from, to string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(from, 0o755), os.MkdirAll(to, 0o755), os.CopyFS(to, os.DirFS(from))); err != nil {
		t.Fatal(err)
	}
}
