package result

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Command is what makes a target's rows again: the make target, and those of
// the named flags that the command line changed.
func Command(target string, settings ...string) string {
	s, flags := "make bench-"+target, ""
	flag.Visit(func(f *flag.Flag) {
		if slices.Contains(settings, f.Name) {
			flags += fmt.Sprintf(" -%s %s", f.Name, f.Value)
		}
	})
	if flags != "" {
		s += fmt.Sprintf(" BENCHFLAGS='%s'", flags[1:])
	}
	return s
}

// Write writes both files of a target into folder out of the folder bench. Peers
// of rows that were not skipped join the run's.
func Write(bench string, r Run, rows []Row) error {
	out := filepath.Join(bench, "out")
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for _, row := range rows {
		if row.Skipped == "" && !slices.Contains(r.Peers, row.Against) {
			r.Peers = append(r.Peers, row.Against)
		}
	}
	path := filepath.Join(out, r.Target)
	return errors.Join(WriteRows(path+".jsonl", rows), WriteRun(path+".json", r))
}
