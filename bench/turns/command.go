package turns

import (
	"bytes"
	"fmt"
	"os/exec"
	"time"
)

// Command is a Runner whose work is a whole process, from its start to its end.
type Command func() *exec.Cmd

// Run runs the command n times. The id is what errors call it; they hold what
// the command wrote to its standard error.
func (c Command) Run(id string, n int) (Time, error) {
	var t Time
	for range n {
		cmd := c()
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		begin := time.Now()
		if err := cmd.Run(); err != nil {
			return t, fmt.Errorf("%s: %w: %s", id, err, bytes.TrimSpace(stderr.Bytes()))
		}
		t.Wall += time.Since(begin).Seconds()
		t.CPU += (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
		t.PeakMB = max(t.PeakMB, peakMB(cmd.ProcessState))
	}
	return t, nil
}
