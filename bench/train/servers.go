package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"framewise/bench/turns"
	"framewise/model/gemm"
	"framewise/transforms/isa"
)

// servers are the running programs, started when they are first wanted.
type servers struct {
	o       options
	running map[any]*turns.Process // by ours or peer
	broken  map[any]error
	losses  map[any]map[string][]float32 // what works gave, by server and id
	saved   string                       // folder for results that are compared
}

func newServers(o options) (*servers, error) {
	saved, err := os.MkdirTemp("", "bench-train-")
	return &servers{o: o, running: map[any]*turns.Process{}, broken: map[any]error{}, losses: map[any]map[string][]float32{}, saved: saved}, err
}

func (p *servers) close() error {
	var errs []error
	for _, s := range p.running {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(p.saved))...)
}

// get is the server of an ours or a peer.
func (p *servers) get(who any) (*turns.Process, error) {
	if s := p.running[who]; s != nil {
		return s, nil
	}
	if err := p.broken[who]; err != nil {
		return nil, err
	}
	var s *turns.Process
	var err error
	switch w := who.(type) {
	case ours:
		s, err = startOurs(p.o, w)
	case peer:
		s, err = startPeer(p.o, w)
	}
	if err != nil {
		p.broken[who] = err
		return nil, err
	}
	p.running[who] = s
	return s, nil
}

func startOurs(o options, w ours) (*turns.Process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := limit(exec.Command(self, "-serve", fmt.Sprint(w.threads)), w.threads)
	for key, value := range map[string]string{gemm.Variable: w.blas, isa.Variable: w.simd} {
		if value != "" {
			cmd.Env = append(cmd.Env, key+"="+value)
		}
	}
	return turns.Start("framewise", cmd)
}

func startPeer(o options, w peer) (*turns.Process, error) {
	if w.name == framewise {
		return startOurs(o, ours{threads: w.threads})
	}
	python := filepath.Join(o.bench, ".venv-train", "bin", "python")
	cmd := limit(exec.Command(python, filepath.Join(o.bench, "train_peers.py"), o.data(), w.name, fmt.Sprint(w.threads)), w.threads)
	return turns.Start(w.name, cmd)
}

// limit gives a command an environment in which every library that we know of
// uses that many threads, and chooses its kernels itself.
func limit(cmd *exec.Cmd, threads int) *exec.Cmd {
	cmd.Stderr = os.Stderr
	cmd.Env = slices.DeleteFunc(os.Environ(), func(kv string) bool {
		key, _, _ := strings.Cut(kv, "=")
		return slices.Contains([]string{"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", isa.Variable, gemm.Variable}, key)
	})
	for _, key := range []string{"GOMAXPROCS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"} {
		cmd.Env = append(cmd.Env, fmt.Sprintf("%s=%d", key, threads))
	}
	return cmd
}

// against names the peer of a contest.
func (p *servers) against(c contest) string {
	if c.peer.name == framewise {
		return "framewise, " + strings.TrimPrefix(c.rival(), "post32-")
	}
	s, err := p.get(c.peer)
	if err != nil || s.Offers[c.rival()] == "" {
		return c.peer.name
	}
	return s.Offers[c.rival()]
}
