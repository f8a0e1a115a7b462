package turns

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// Time is what doing a work took, in seconds.
type Time struct {
	Wall float64 `json:"wall_s"`
	CPU  float64 `json:"cpu_s"` // of all threads of the server

	// The most memory that a Command's process had at a time; it is at least
	// what the process that started it had.
	PeakMB float64 `json:"-"`
}

// Offer is what a server begins with: works by id.
type Offer struct {
	Offers  map[string]string `json:"offers"`            // who does it: name and version
	Missing map[string]string `json:"missing,omitempty"` // why it cannot be done
}

// Process is a running server.
type Process struct {
	Offer

	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Scanner
}

// Start starts a server, which errors will call by name, and reads its offer.
func Start(name string, cmd *exec.Cmd) (*Process, error) {
	p := &Process{name: name, cmd: cmd}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p.in, p.out = in, bufio.NewScanner(out)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := p.read(&p.Offer); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// Run has the server do work id n times in a row.
func (p *Process) Run(id string, n int) (Time, error) { return p.ask("run", id, n) }

// Save has the server do work id once and write what came out to path.
func (p *Process) Save(id, path string) error {
	_, err := p.ask("save", id, path)
	return err
}

// Close ends the server and waits for it.
func (p *Process) Close() error {
	p.in.Close()
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	return nil
}

func (p *Process) ask(verb, id string, argument any) (Time, error) {
	if _, err := fmt.Fprintf(p.in, "%s %s %v\n", verb, id, argument); err != nil {
		return Time{}, fmt.Errorf("%s: %s %s: %w", p.name, verb, id, err)
	}
	var answer struct {
		Time
		Error string `json:"error"`
	}
	if err := p.read(&answer); err != nil {
		return Time{}, fmt.Errorf("%w, after %s %s", err, verb, id)
	}
	if answer.Error != "" {
		return Time{}, fmt.Errorf("%s: %s: %s", p.name, id, answer.Error)
	}
	return answer.Time, nil
}

func (p *Process) read(v any) error {
	if !p.out.Scan() {
		err := p.out.Err()
		if err == nil {
			err = errors.New("it ended without an answer")
		}
		return fmt.Errorf("%s: %w", p.name, err)
	}
	d := json.NewDecoder(strings.NewReader(p.out.Text()))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%s: answered %.200q: %w", p.name, p.out.Text(), err)
	}
	return nil
}
