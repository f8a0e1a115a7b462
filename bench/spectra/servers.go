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
	"framewise/transforms/isa"
)

// python is the interpreter of the peers.
func (o options) python() string { return filepath.Join(o.bench, ".venv", "bin", "python") }

// servers are the running programs.
type servers struct {
	ours   map[isa.Level]*turns.Process
	theirs map[string]*turns.Process
	absent map[string]string // why a peer's server is not running
	saved  string            // folder for results that are compared
}

// levels lists what ours is run with, the fastest first.
func levels() []isa.Level { return []isa.Level{isa.AVX512, isa.AVX2, isa.Scalar} }

// levelEnv is the setting of FRAMEWISE_SIMD that asks for a level.
func levelEnv(l isa.Level) string {
	if l == isa.Scalar {
		return isa.Variable + "=off"
	}
	return isa.Variable + "=" + l.String()
}

// startAll starts ours, once a level that this CPU has, and the peers. A peer
// that does not start is no error; its rows will say why.
func startAll(o options) (*servers, error) {
	p := &servers{ours: map[isa.Level]*turns.Process{}, theirs: map[string]*turns.Process{}, absent: map[string]string{}}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if p.saved, err = os.MkdirTemp("", "bench-spectra-"); err != nil {
		return nil, err
	}
	for _, l := range levels() {
		if l > isa.Best() {
			continue
		}
		cmd := oneThread(exec.Command(self, "-bench", o.bench, "-serve", "ours"))
		cmd.Env = append(cmd.Env, levelEnv(l))
		if p.ours[l], err = turns.Start("ours/"+l.String(), cmd); err != nil {
			p.close()
			return nil, err
		}
	}
	p.startPeer(goAudio, exec.Command(self, "-bench", o.bench, "-serve", goAudio))
	p.startPeer(python, exec.Command(o.python(), filepath.Join(o.bench, "peers.py"), o.data()))
	knf := filepath.Join(o.bench, ".cache", "knf")
	for _, name := range []string{knfShipped, knfKept} {
		if why, err := os.ReadFile(filepath.Join(knf, "why-not.txt")); err == nil {
			p.absent[name] = strings.TrimSpace(string(why))
			continue
		}
		p.startPeer(name, exec.Command(filepath.Join(knf, name), o.data()))
	}
	return p, nil
}

func (p *servers) startPeer(name string, cmd *exec.Cmd) {
	s, err := turns.Start(name, oneThread(cmd))
	if err != nil {
		p.absent[name] = err.Error()
		return
	}
	p.theirs[name] = s
}

func (p *servers) close() error {
	var errs []error
	for _, s := range p.ours {
		errs = append(errs, s.Close())
	}
	for _, s := range p.theirs {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(p.saved))...)
}

// oneThread gives a command an environment in which every library that we know
// of uses one thread. OpenBLAS is left to choose its kernels itself: a forced
// core type slows a current numpy down.
func oneThread(cmd *exec.Cmd) *exec.Cmd {
	cmd.Stderr = os.Stderr
	cmd.Env = slices.DeleteFunc(os.Environ(), func(kv string) bool {
		key, _, _ := strings.Cut(kv, "=")
		return slices.Contains([]string{"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", isa.Variable}, key)
	})
	for _, key := range []string{"GOMAXPROCS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"} {
		cmd.Env = append(cmd.Env, key+"=1")
	}
	return cmd
}

// peer finds who does a work: its server, its name and version, or why it
// cannot be done.
func (p *servers) peer(server, id string) (s *turns.Process, against, why string) {
	s = p.theirs[server]
	switch {
	case s == nil:
		return nil, server, p.absent[server]
	case s.Offers[id] != "":
		return s, s.Offers[id], ""
	case s.Missing[id] != "":
		return nil, server, s.Missing[id]
	}
	return nil, server, fmt.Sprintf("its server does not offer %s", id)
}
