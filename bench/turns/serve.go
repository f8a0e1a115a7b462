package turns

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
)

// Work is something a Go server can do.
type Work struct {
	Run  func() error
	Save func() []float32 // what the last Run gave
}

// Serve answers requests on in until it ends. Works are made by make, once.
func Serve(in io.Reader, out io.Writer, offer Offer, make func(id string) (Work, error)) error {
	enc := json.NewEncoder(out)
	if err := enc.Encode(offer); err != nil {
		return err
	}
	made := map[string]Work{}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		t, err := answer(lines.Text(), made, make)
		if err != nil {
			err = enc.Encode(map[string]string{"error": err.Error()})
		} else {
			err = enc.Encode(t)
		}
		if err != nil {
			return err
		}
	}
	return lines.Err()
}

func answer(line string, made map[string]Work, make func(id string) (Work, error)) (Time, error) {
	words := strings.SplitN(line, " ", 3)
	if len(words) != 3 || words[0] != "run" && words[0] != "save" {
		return Time{}, fmt.Errorf("request %q, want \"run ID N\" or \"save ID PATH\"", line)
	}
	id, n := words[1], 1
	if words[0] == "run" {
		var err error
		if n, err = strconv.Atoi(words[2]); err != nil || n < 1 {
			return Time{}, fmt.Errorf("request %q, want a number above 0 at its end", line)
		}
	}
	w, ok := made[id]
	if !ok {
		var err error
		if w, err = make(id); err != nil {
			return Time{}, err
		}
		made[id] = w
	}
	t, err := clock(w.Run, n)
	if err == nil && words[0] == "save" {
		err = WriteFloats(words[2], w.Save())
	}
	return t, err
}

func clock(run func() error, n int) (Time, error) {
	cpu, begin := processCPU(), time.Now()
	for range n {
		if err := run(); err != nil {
			return Time{}, err
		}
	}
	return Time{Wall: time.Since(begin).Seconds(), CPU: processCPU() - cpu}, nil
}

// WriteFloats writes x as a server's save does.
func WriteFloats(path string, x []float32) error {
	b := make([]byte, 0, 4*len(x))
	for _, v := range x {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return os.WriteFile(path, b, 0o644)
}

// ReadFloats reads what a server saved.
func ReadFloats(path string) ([]float32, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(b)%4 != 0 {
		return nil, fmt.Errorf("%s: %d bytes, want a multiple of 4", path, len(b))
	}
	x := make([]float32, len(b)/4)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return x, nil
}
