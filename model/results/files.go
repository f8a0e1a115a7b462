package results

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"

	"framewise/corpus/files"
)

// maxLine bounds a line of metrics.jsonl in bytes.
const maxLine = 1 << 20

// ReadMetrics reads a metrics.jsonl file. A last line that does not parse is
// left out: the program may have been stopped while it wrote it.
func ReadMetrics(path string) ([]Epoch, error) {
	f, _, err := files.OpenRegular(path)
	if err != nil {
		return nil, fmt.Errorf("read metrics: %w", err)
	}
	defer f.Close()
	var epochs []Epoch
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxLine)
	var bad error
	for n := 1; lines.Scan(); n++ {
		if bad != nil {
			return nil, bad
		}
		var e Epoch
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			bad = fmt.Errorf("read metrics %q: line %d: %w", path, n, err)
			continue
		}
		epochs = append(epochs, e)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read metrics %q: %w", path, err)
	}
	return epochs, nil
}

// ErrDamaged means that a file is not what this program writes under its name.
var ErrDamaged = errors.New("the file is damaged")

// ReadRun reads a run.json file.
func ReadRun(path string) (*Run, error) {
	var r Run
	if err := read(path, &r, "`framewise train --resume` writes it anew where "+LastFile+" is beside it"); err != nil {
		return nil, err
	}
	return &r, nil
}

// ReadEval reads an eval-<split>.json file.
func ReadEval(path string) (*Eval, error) {
	var e Eval
	if err := read(path, &e, "`framewise eval` writes it anew"); err != nil {
		return nil, err
	}
	if err := e.check(); err != nil {
		return nil, fmt.Errorf("read results %q: %w", path, err)
	}
	return &e, nil
}

// check says whether the confusion matrix is one: as many rows and columns as
// there are labels, or none at all, and counts in them.
func (e *Eval) check() error {
	if n := len(e.Confusion); n != 0 && n != len(e.Labels) {
		return fmt.Errorf("confusion has %d rows for %d labels, want a row and a column a label", n, len(e.Labels))
	}
	for i, row := range e.Confusion {
		if len(row) != len(e.Labels) {
			return fmt.Errorf("confusion: row %d has %d columns for %d labels, want a row and a column a label", i, len(row), len(e.Labels))
		}
		for j, n := range row {
			if n < 0 {
				return fmt.Errorf("confusion: row %d, column %d is %d frames, want 0 or more", i, j, n)
			}
		}
	}
	return nil
}

// read reads a JSON file; remedy says what helps where it is none.
func read(path string, v any, remedy string) error {
	b, err := files.ReadRegular(path)
	if err != nil {
		return fmt.Errorf("read results: %w", err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("read results %q: %w: %w; %s", path, ErrDamaged, err, remedy)
	}
	return nil
}
