package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"framewise/model/results"
	"framewise/model/tensorboard"
	"framewise/model/weights"
)

// rewindMetrics drops the lines of metrics.jsonl that were written after the
// checkpoint: their epochs are trained again. The event file is written anew
// from what is left.
func (t *trainer) rewindMetrics() error {
	epochs, err := results.ReadMetrics(filepath.Join(t.out, results.MetricsFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("resume: %w", err)
	}
	var lines []byte
	events := tensorboard.Begin(nil, t.created())
	kept := 0
	for _, e := range epochs {
		if e.Epoch >= t.state.Epoch {
			continue
		}
		line, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("resume: %w", err)
		}
		lines, kept = append(append(lines, line...), '\n'), kept+1
		events = tensorboard.Append(events, &e)
	}
	if kept != t.state.Epoch-1 {
		t.log.Warn("metrics.jsonl lacks epochs before the checkpoint", "epochs", t.state.Epoch-1, "lines", kept)
	}
	return errors.Join(
		weights.WriteFile(filepath.Join(t.out, results.MetricsFile), lines),
		weights.WriteFile(filepath.Join(t.out, results.EventsFile), events))
}

// created is when the run began.
func (t *trainer) created() time.Time {
	when, err := time.Parse(time.RFC3339, t.run.Created)
	if err != nil { // a damaged run.json: the time is for show
		return time.Unix(0, 0)
	}
	return when
}

// appendMetrics adds an epoch to metrics.jsonl and to the event file.
func (t *trainer) appendMetrics(e results.Epoch) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write metrics: %w", err)
	}
	// The lines first: the events are made from them on resuming.
	if err := appendFile(filepath.Join(t.out, results.MetricsFile), append(line, '\n')); err != nil {
		return fmt.Errorf("write metrics: %w", err)
	}
	if err := appendFile(filepath.Join(t.out, results.EventsFile), tensorboard.Append(nil, &e)); err != nil {
		return fmt.Errorf("write events: %w", err)
	}
	return nil
}

// appendFile adds to a file, which is on disk before the checkpoint that counts
// on it is written.
func appendFile(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
