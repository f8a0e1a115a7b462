// Package fuzzing is what fuzz targets have in common.
package fuzzing

import (
	"errors"
	"os"
	"runtime/metrics"
	"testing"
)

// Overwrite makes text all that a file holds. It writes in place: a file that is
// truncated and written anew, as os.WriteFile does, some file systems (ext4) put
// on the disk when it is closed, which takes a hundred times as long as parsing.
func Overwrite(tb testing.TB, name string, text []byte) {
	tb.Helper()
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		tb.Fatal(err)
	}
	_, err = f.WriteAt(text, 0)
	if err := errors.Join(err, f.Truncate(int64(len(text))), f.Close()); err != nil {
		tb.Fatal(err)
	}
}

// attempts is how often Allocations looks at work that seems to take too much.
const attempts = 5

// Allocations fails a test if do allocates more than limit bytes of heap. The
// runtime counts for the whole process, in which the fuzzing engine and earlier
// inputs' garbage are at work too; so do is called again, a few times, before it
// is blamed, and the least counts. It must do the same each time.
func Allocations(tb testing.TB, limit uint64, do func()) {
	tb.Helper()
	least := allocated(do)
	for i := 1; i < attempts && least > limit; i++ {
		least = min(least, allocated(do))
	}
	if least > limit {
		tb.Fatalf("%d bytes allocated, want at most %d", least, limit)
	}
}

// allocated is the bytes of heap that the process allocated meanwhile, but for
// small objects in spans that are not full yet.
func allocated(do func()) uint64 {
	// Reading this does not stop the world, as runtime.ReadMemStats does.
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	before := sample[0].Value.Uint64()
	do()
	metrics.Read(sample)
	return sample[0].Value.Uint64() - before
}
