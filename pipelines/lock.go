package pipelines

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// lockName is the file whose lock a builder holds. It is left behind: the lock
// is the operating system's, and ends with the process. What the file says only
// tells others who holds it; a builder that ends in order empties it.
const lockName = ".build/lock"

// LockHolder is the build that holds a folder, as its lock file says.
type LockHolder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Since   time.Time `json:"since"`
	Command string    `json:"command"`
	PIDs    string    `json:"pids,omitempty"` // pidSpace of the process
}

// thisProcess is the holder that this process is.
func thisProcess() LockHolder {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	args := os.Args
	if i := slices.Index(args, "--"); i >= 0 {
		args = args[:i] // flags of an engine, which may hold what is nobody's business
	}
	command := strings.Join(append([]string{filepath.Base(args[0])}, args[1:]...), " ")
	return LockHolder{PID: os.Getpid(), Host: host, Since: time.Now().UTC().Truncate(time.Second), Command: command[:min(len(command), 500)], PIDs: pidSpace()}
}

// pidSpace names what PIDs are unique in: this run of a Linux kernel, and a
// namespace of it, of which every container may have its own while several bear
// one host name. It is "" where that cannot be told.
func pidSpace() string {
	if runtime.GOOS != "linux" {
		return runtime.GOOS // the host's, as far as its name tells hosts apart
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	namespace, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(boot)) + " " + namespace
}

// String is "process 123 on host a, for 5m0s (framewise build ...)".
func (h LockHolder) String() string {
	return fmt.Sprintf("process %d on host %s, for %s (%s)", h.PID, h.Host, max(time.Since(h.Since).Round(time.Second), 0), h.Command)
}

// lock makes this process the only builder of a folder. stale is the holder
// that the file still names, which was killed before it could let go; nil if
// there is none.
func lock(out string) (unlock func(), stale *LockHolder, err error) {
	path := filepath.Join(out, filepath.FromSlash(lockName))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, nil, fmt.Errorf("build into %q: %w", out, err)
	}
	l := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o644))
	ok, err := l.TryLock()
	if err != nil {
		return nil, nil, fmt.Errorf("build into %q: lock: %w", out, err)
	}
	if !ok {
		who := "a process that has not said who it is"
		if h := readHolder(path, time.Second); h != nil {
			who = h.String()
		}
		return nil, nil, fmt.Errorf("build into %q: %w: %s; wait for its end, or name another folder (lock %q)", out, ErrLocked, who, path)
	}
	stale = readHolder(path, 0)
	writeHolder(path)
	return func() {
		_ = os.Truncate(path, 0) // if it fails, the next build takes the lock for stale, and goes on
		_ = l.Unlock()           // the process's end would unlock it too
	}, stale, nil
}

// readHolder reads who holds a lock, and waits a while for a holder that has
// locked the file and not written it yet. It is nil if the file does not say.
func readHolder(path string, patience time.Duration) *LockHolder {
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		var h LockHolder
		b, err := os.ReadFile(path)
		if err == nil && json.Unmarshal(b, &h) == nil && h.PID != 0 {
			return &h
		}
		if time.Now().After(end) {
			return nil
		}
	}
}

// writeHolder writes this process into the lock file, in place: another file
// under the name would be another lock. Where that cannot be done (Windows lets
// nobody write to a locked file) the lock holds all the same.
func writeHolder(path string) {
	if b, err := json.Marshal(thisProcess()); err == nil {
		_ = os.WriteFile(path, append(b, '\n'), 0o644)
	}
}

// takeover is what is said of a stale lock.
func takeover(out string, h LockHolder) string {
	return fmt.Sprintf("stale lock in %s: the build of process %d on host %s, begun at %s (%s), did not end in order; going on from what it left",
		out, h.PID, h.Host, h.Since.Format(time.RFC3339), h.Command)
}
