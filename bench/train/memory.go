package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"

	"framewise/bench/result"
	"framewise/bench/turns"
)

// memoryPrefix is before the id of a work whose memory is wanted, not its time.
const memoryPrefix = "memory-"

// makeMemoryWork trains as the work of that id does. What it saves is the
// largest size of the process since before the first step, less its size then, in
// MB. A step of a single frame comes before it, so that code and tables of
// libraries are there on both sides.
func makeMemoryWork(id string) (turns.Work, error) {
	s, err := find(id)
	if err != nil {
		return turns.Work{}, err
	}
	small := s
	small.B, small.T, small.Shortest = 1, 1, 1
	warm, err := newLearner(small)
	if err != nil {
		return turns.Work{}, err
	}
	if err := warm.step(); err != nil {
		return turns.Work{}, err
	}
	l, err := newLearner(s)
	if err != nil {
		return turns.Work{}, err
	}
	debug.FreeOSMemory()
	before, err := resetPeak()
	return turns.Work{Run: l.step, Save: func() []float32 {
		peak, err := status("VmHWM")
		if err != nil {
			return nil // the driver wants one number
		}
		return []float32{float32((peak - before) / 1e6)}
	}}, err
}

// resetPeak has Linux forget the largest size of this process so far, and
// returns the present one.
func resetPeak() (float64, error) {
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		return 0, fmt.Errorf("forget the process's peak of memory: %w", err)
	}
	return status("VmRSS")
}

// status is a size from /proc/self/status, in bytes.
func status(key string) (float64, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(text) {
		if fields := bytes.Fields(line); len(fields) == 3 && string(fields[0]) == key+":" {
			kb, err := strconv.ParseFloat(string(fields[1]), 64)
			return kb * 1024, err
		}
	}
	return 0, fmt.Errorf("/proc/self/status has no %s", key)
}

// compareMemory has new processes of ours and of a peer take three steps each,
// round by round.
func (p *servers) compareMemory(o options, c contest) result.Row {
	row := c.row(p.against(c))
	var ours, theirs []float64
	for range o.rounds {
		for _, side := range []struct {
			start func() (*turns.Process, error)
			to    *[]float64
		}{{func() (*turns.Process, error) { return startOurs(o, c.ours) }, &ours},
			{func() (*turns.Process, error) { return startPeer(o, c.peer) }, &theirs}} {
			mb, err := p.peak(side.start, memoryPrefix+c.work)
			if err != nil {
				row.Skipped = err.Error()
				return row
			}
			*side.to = append(*side.to, mb)
		}
	}
	if err := row.SetMemory(ours, theirs); err != nil {
		row.Skipped = err.Error()
	}
	return row
}

// peak starts a server, has it do a work and asks for its peak.
func (p *servers) peak(start func() (*turns.Process, error), id string) (mb float64, err error) {
	s, err := start()
	if err != nil {
		return 0, err
	}
	defer func() {
		if e := s.Close(); err == nil {
			err = e
		}
	}()
	if _, err := s.Run(id, 2); err != nil {
		return 0, err
	}
	path := filepath.Join(p.saved, "memory")
	if err := s.Save(id, path); err != nil {
		return 0, err
	}
	x, err := turns.ReadFloats(path)
	if err != nil {
		return 0, err
	}
	if len(x) != 1 {
		return 0, fmt.Errorf("%s gave %d numbers, want one", id, len(x))
	}
	return float64(x[0]), nil
}
