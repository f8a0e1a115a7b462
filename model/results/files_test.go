package results

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadMetrics(t *testing.T) {
	for _, c := range []struct {
		name, text string
		epochs     int // -1: an error
	}{
		{"empty", "", 0},
		{"two epochs", `{"epoch":1,"dev_loss":null}` + "\n" + `{"epoch":2,"dev_loss":0.5}` + "\n", 2},
		{"a line cut off at the end", `{"epoch":1}` + "\n" + `{"epo`, 1},
		{"a damaged line before others", `{"epoch":1}` + "\n" + `{"epo` + "\n" + `{"epoch":3}` + "\n", -1},
	} {
		epochs, err := ReadMetrics(write(t, c.text))
		if (err != nil) != (c.epochs < 0) || err == nil && len(epochs) != c.epochs {
			t.Errorf("%s: %d epochs, %v", c.name, len(epochs), err)
		}
	}
	if _, err := ReadMetrics(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
}

func TestReadRunAndEval(t *testing.T) {
	r, err := ReadRun(write(t, `{"label_set":"timit61","best_epoch":3}`))
	if err != nil || r.LabelSet != "timit61" || r.Best != 3 {
		t.Errorf("run %+v, %v", r, err)
	}
	for loss, want := range map[string]string{"": "nats a frame", "frames": "nats a frame", "ctc": "nats an utterance"} {
		if r.Loss = loss; r.LossUnit() != want {
			t.Errorf("the loss %q is in %s, want %s", loss, r.LossUnit(), want)
		}
	}
	e, err := ReadEval(write(t, `{"split":"test","per":null,"linear_accuracy":0.5}`))
	if err != nil || e.Split != "test" || e.PER != nil || *e.LinearAccuracy != 0.5 {
		t.Errorf("eval %+v, %v", e, err)
	}
	for _, text := range []string{"", "{", `{"seed":"x"}`} {
		path := write(t, text)
		_, errRun := ReadRun(path)
		_, errEval := ReadEval(path)
		for err, remedy := range map[error]string{errRun: "train --resume", errEval: "framewise eval"} {
			if (text == "" || text == "{") && !errors.Is(err, ErrDamaged) || err != nil && (!strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), remedy)) {
				t.Errorf("%q is read: %v, want it damaged, its path and %q", text, err, remedy)
			}
		}
	}
	for text, want := range map[string]string{
		`{"labels":["a"],"confusion":[[1,2]]}`:                "row 0 has 2 columns for 1 labels",
		`{"labels":["a"],"confusion":[[1],[2]]}`:              "2 rows for 1 labels",
		`{"labels":["a","b"],"confusion":[[1,0],[-3,1]]}`:     "row 1, column 0 is -3 frames",
		`{"labels":["a","b"],"confusion":[[1,0],[0,"many"]]}`: "cannot unmarshal",
	} {
		if _, err := ReadEval(write(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %v, want %s", text, err, want)
		}
	}
	if e, err := ReadEval(write(t, `{"labels":["a"],"confusion":[[1]]}`)); err != nil || e.Confusion[0][0] != 1 {
		t.Errorf("eval %+v, %v", e, err)
	}
}
