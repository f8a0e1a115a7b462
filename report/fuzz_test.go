package report

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"framewise/internal/fuzzing"
	"framewise/model/results"
)

// FuzzRunFolder: a run folder is drawn or refused with the name of the file,
// whatever its files hold.
func FuzzRunFolder(f *testing.F) {
	good := writeRun(f)
	var files [3]string
	names := [3]string{results.RunFile, results.MetricsFile, fmt.Sprintf(results.EvalFileName, "test")}
	for i, name := range names {
		b, err := os.ReadFile(filepath.Join(good, name))
		if err != nil {
			f.Fatal(err)
		}
		files[i] = string(b)
	}
	f.Add(files[0], files[1], files[2])
	f.Add(files[0], "{}\n{\"epoch\":2,\"dev_loss\":1e308}\n{", `{"labels":["a"],"confusion":[[1,2],[3]]}`)
	f.Add(files[0], "", `{"labels":["a"],"confusion":[[1]],"per_label":{"a":{"frames":1,"recall":-7}}}`)
	f.Add(files[0], "", `{"labels":["a"],"confusion":[null,[9223372036854775807,1]]}`)
	f.Add(files[0], `{"epoch":1,"train_loss":1e308,"train_accuracy":-1e308}`+"\n"+`{"epoch":9223372036854775807,"train_loss":-1e308,"dev_accuracy":5e-324}`, "{}")
	f.Add(`{"loss":"ctc"}`, "{}", `{"labels":["a","b"],"confusion":[[0,0],[0,0]],"per_speaker":{"":{},"\u0000":{"frame_accuracy":1e300}},"groups":{"x":{}}}`)
	dir := f.TempDir()
	if err := os.WriteFile(filepath.Join(dir, results.ConfigFile), []byte("epochs: 3\n"), 0o644); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, run, metrics, eval string) {
		if len(metrics) > 4096 || len(eval) > 4096 {
			return // each epoch and label is drawn, which takes its time
		}
		for i, text := range []string{run, metrics, eval} {
			fuzzing.Overwrite(t, filepath.Join(dir, names[i]), []byte(text))
		}
		err := Write(t.Context(), io.Discard, "fuzz", dir)
		if errors.Is(err, fs.ErrNotExist) || err != nil && !strings.Contains(err.Error(), dir) {
			t.Fatalf("the error names no file: %v", err)
		}
	})
}
