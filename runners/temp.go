package runners

import (
	"fmt"
	"os"
	"runtime"
)

// tempVar is where os.TempDir looks first.
func tempVar() string {
	if runtime.GOOS == "windows" {
		return "TMP"
	}
	return "TMPDIR"
}

// ownTemp gives a run a folder for temporary files, below the one that was in
// use, until remove is called. Beam (2.77) makes an empty file there for every
// run in loopback mode and leaves it behind. The variable is the whole
// process's: what of our own asks for temporary files meanwhile gets them on the
// same file system and removes them itself, and whoever is left behind by a run
// that was given up finds no folder any more.
func ownTemp() (remove func(), err error) {
	dir, err := os.MkdirTemp("", "framewise-run-*")
	if err != nil {
		return nil, fmt.Errorf("folder for temporary files: %w; %s may name another place", err, tempVar())
	}
	before, set := os.LookupEnv(tempVar())
	if err := os.Setenv(tempVar(), dir); err != nil {
		_ = os.Remove(dir)
		return nil, fmt.Errorf("folder for temporary files: %w", err)
	}
	return func() {
		if set {
			_ = os.Setenv(tempVar(), before)
		} else {
			_ = os.Unsetenv(tempVar())
		}
		_ = os.RemoveAll(dir) // what cannot be removed is in the way of nothing
	}, nil
}
