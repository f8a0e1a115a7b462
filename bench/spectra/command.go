package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/sbinet/npyio"

	"framewise/bench/result"
	"framewise/bench/turns"
	"framewise/transforms/isa"
)

// compareCommands times whole processes: `framewise features` on a folder, and
// features_peer.py on the same.
func (p *servers) compareCommands(o options, c contest) []result.Row {
	_, against, why := p.peer(python, c.theirs)
	if why != "" {
		return c.skip(c.peer, why)
	}
	out := filepath.Join(p.saved, "npy-theirs")
	theirs := fresh(out, func() *exec.Cmd {
		return quiet(exec.Command(o.python(), filepath.Join(o.bench, "features_peer.py"), c.peer, o.utterances(), out))
	})
	ours := map[isa.Level]*turns.Player{}
	for _, l := range levels() {
		if l > isa.Best() {
			continue
		}
		run := o.featuresCommand(c.ours, l, filepath.Join(p.saved, "npy-ours"))
		if err := p.checkCommands(c, run, theirs); err != nil {
			return c.skip(against, err.Error())
		}
		ours[l] = &turns.Player{Runner: run, ID: "framewise features"}
	}
	return c.play(o, against, ours, &turns.Player{Runner: theirs, ID: "features_peer.py " + c.peer})
}

// utterances is the folder of recordings.
func (o options) utterances() string { return filepath.Join(o.data(), "utterances") }

// featuresCommand is `framewise features` with the settings of an entry of features.
func (o options) featuresCommand(id string, l isa.Level, out string) turns.Command {
	args := []string{"features", o.utterances(), "--out", out, "--format", "npy", "--workers", "1"}
	for _, kv := range features[id] {
		args = append(args, "--set", kv)
	}
	return fresh(out, func() *exec.Cmd {
		cmd := quiet(exec.Command(o.framewise, args...))
		cmd.Env = append(cmd.Env, levelEnv(l))
		return cmd
	})
}

// fresh removes what a command wrote before, outside the clock.
func fresh(out string, c turns.Command) turns.Command {
	return func() *exec.Cmd {
		os.RemoveAll(out) // if that fails, the command will say so
		return c()
	}
}

// quiet is oneThread without the command's words.
func quiet(cmd *exec.Cmd) *exec.Cmd {
	cmd = oneThread(cmd)
	cmd.Stderr = nil
	return cmd
}

// checkCommands runs both once and compares the files that they wrote.
func (p *servers) checkCommands(c contest, ours, theirs turns.Command) error {
	var x [2][]float32
	for i, side := range []struct {
		name, out string
		run       turns.Command
	}{{"framewise features", "npy-ours", ours}, {"features_peer.py", "npy-theirs", theirs}} {
		if _, err := side.run.Run(side.name, 1); err != nil {
			return fmt.Errorf("on a folder, %w", err)
		}
		var err error
		if x[i], err = readNPYs(filepath.Join(p.saved, side.out)); err != nil {
			return err
		}
	}
	if err := c.agree(x[0], x[1]); err != nil {
		return fmt.Errorf("ours and theirs do not agree, so that there is nothing to compare: %w", err)
	}
	return nil
}

// readNPYs strings all arrays below a folder together, in the order of their
// names.
func readNPYs(dir string) ([]float32, error) {
	var all []float32
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".npy" {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		var x []float32
		if err := npyio.Read(f, &x); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, x...)
		return nil
	})
	return all, err
}
