package result

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"framewise/corpus/files"
)

// Run says where and how rows were made: <target>.json.
type Run struct {
	Target  string   `json:"target"`
	Command string   `json:"command"` // what makes these rows again
	Date    string   `json:"date"`    // UTC, year-month-day
	CPU     string   `json:"cpu"`     // model name
	Vectors string   `json:"vectors"` // highest level of vector instructions
	Cores   int      `json:"cores"`
	Load    float64  `json:"load,omitempty"` // load average of the last minute as the target began; near 0 for figures to trust
	System  string   `json:"system"`         // operating system and architecture
	Go      string   `json:"go"`
	Peers   []string `json:"peers"` // names and versions
	Rounds  int      `json:"rounds"`
	Notes   []string `json:"notes,omitempty"` // sentences on what the rows do not show
}

// NewRun describes this machine and this moment: call it before measuring.
func NewRun(target, command string) Run {
	return Run{
		Target: target, Command: command, Date: time.Now().UTC().Format(time.DateOnly),
		CPU: cpuModel("/proc/cpuinfo"), Cores: runtime.NumCPU(), Load: loadAverage("/proc/loadavg"),
		System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
	}
}

// cpuModel is the first model name that Linux states, or "unknown".
func cpuModel(cpuinfo string) string {
	data, err := os.ReadFile(cpuinfo)
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(data)) {
		key, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// loadAverage is Linux's first figure, or 0.
func loadAverage(path string) float64 {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(data), " ")
	load, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return 0
	}
	return load
}

// WriteRun writes <target>.json.
func WriteRun(path string, r Run) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return files.WriteBytes(path, append(data, '\n'))
}

// ReadRun reads <target>.json.
func ReadRun(path string) (Run, error) {
	var r Run
	data, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	if err := decode(data, &r); err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}
