package train

import (
	"encoding/json"
	"fmt"
)

// readState reads a checkpoint's state. What it counts with is 0 or more: a
// checkpoint of another program, or a damaged one, is refused before a batch of
// a negative number is asked for.
func readState(text string) (state, error) {
	var s state
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return state{}, err
	}
	for _, n := range []struct {
		key          string
		value, least int
	}{
		{"epoch", s.Epoch, 1}, {"batch", s.Batch, 0}, {"step", s.Step, 0}, {"best", s.Best, 0}, {"stale", s.Stale, 0},
		{"waited", s.Waited, 0}, {"drops", s.Drops, 0}, {"optimizer_steps", s.Steps, 0}, {"linear_steps", s.LinearSteps, 0},
	} {
		if n.value < n.least {
			return state{}, fmt.Errorf("%s: %d, want %d or more", n.key, n.value, n.least)
		}
	}
	return s, nil
}
