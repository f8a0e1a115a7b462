package export

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestReadersReadTheSame reads every format back with the readers that its
// users have, and compares everything.
func TestReadersReadTheSame(t *testing.T) {
	name := os.Getenv("FRAMEWISE_PYTHON")
	if name == "" {
		name = "python3"
	}
	py, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("no %s: set FRAMEWISE_PYTHON to an interpreter with the readers, or run make test-interop", name)
	}
	for _, c := range []struct {
		reader, format string
		gzip           bool
	}{
		{"tensorflow", "tfrecord", false}, {"tensorflow", "tfrecord", true}, {"tfrecord", "tfrecord", false}, {"tfrecord", "tfrecord", true},
		{"webdataset", "webdataset", false}, {"kaldiio", "kaldi", false}, {"kaldi_native_io", "kaldi", false}, {"lhotse", "lhotse", false},
	} {
		what := c.reader
		if c.gzip {
			what += " gzip"
		}
		t.Run(what, func(t *testing.T) {
			if out, err := exec.Command(py, "-c", "import "+c.reader).CombinedOutput(); err != nil {
				t.Skipf("%s has no %s (make test-interop installs it): %s", py, c.reader, lastLine(out))
			}
			dir := t.TempDir()
			data, out, expected := filepath.Join(dir, "data"), filepath.Join(dir, "out"), filepath.Join(dir, "expected.json")
			order := buildDataset(t, data)
			if err := os.WriteFile(expected, expectation(t, order), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := Export(context.Background(), data, out, Options{Format: c.format, Gzip: c.gzip}); err != nil {
				t.Fatal(err)
			}
			if msg, err := exec.Command(py, filepath.Join("testdata", "read_back.py"), c.reader, out, expected).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, msg)
			}
		})
	}
}

func lastLine(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == '\n' {
		b = b[:len(b)-1]
	}
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] == '\n' {
			return b[i+1:]
		}
	}
	return b
}
