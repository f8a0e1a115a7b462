package fuzzing

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestOverwrite(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x")
	for _, text := range []string{"", "long text", "short", ""} {
		Overwrite(t, name, []byte(text))
		if got, err := os.ReadFile(name); err != nil || string(got) != text {
			t.Errorf("%q, %v, want %q", got, err, text)
		}
	}
}

// failure notes that a test would fail, and goes on.
type failure struct {
	testing.TB
	failed bool
}

func (f *failure) Helper()               {}
func (f *failure) Fatalf(string, ...any) { f.failed = true }

var sink []byte

func TestAllocations(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		name   string
		limit  uint64
		size   func(call int) int
		failed bool
	}{
		{"within", 4 * mib, func(int) int { return 2 * mib }, false},
		{"above", 4 * mib, func(int) int { return 8 * mib }, true},
		{"others', once", 4 * mib, func(call int) int { return 2*mib + (8*mib)/(1+7*call) }, false},
	} {
		f, calls := &failure{TB: t}, 0
		Allocations(f, c.limit, func() { sink = make([]byte, c.size(calls)); calls++ })
		if f.failed != c.failed {
			t.Errorf("%s: fails: %v, after %d calls", c.name, f.failed, calls)
		}
	}
	runtime.KeepAlive(sink)
}

// TestAllocatedCountsSmallObjects: what is counted late is little.
func TestAllocatedCountsSmallObjects(t *testing.T) {
	var all [][]byte
	got := allocated(func() {
		for range 100_000 {
			all = append(all, make([]byte, 64))
		}
	})
	if want := uint64(100_000 * 64); got < want || got > 4*want {
		t.Errorf("%d bytes counted for %d objects of 64", got, len(all))
	}
}
