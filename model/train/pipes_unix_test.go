//go:build unix

package train

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"framewise/corpus/files"
	"framewise/model/results"
)

// A pipe that nobody writes to, in the place of each file of a run folder.
func TestPipesInARunFolderAreNotWaitedFor(t *testing.T) {
	for _, name := range []string{results.ConfigFile, results.RunFile, results.FrontendFile, results.WeightsFile, results.BigramFile} {
		dir := t.TempDir()
		config, run, front := smallRun(t, dir)
		for name, text := range map[string][]byte{results.ConfigFile: config, results.RunFile: run, results.FrontendFile: front} {
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		loaded, err := loadTrained(dir)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(path, 0o644); err != nil {
			t.Fatal(err)
		}
		if name == results.BigramFile {
			_, err = loaded.bigram()
		} else {
			_, err = loadTrained(dir)
		}
		if !errors.Is(err, files.ErrNotRegular) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s is a pipe: %v, want that it is not a regular file", name, err)
		}
	}
}
