//go:build unix

package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"framewise/dataset"
)

// The same corpus on three engines makes the same bytes: prism within the
// process, prism with workers that are processes of their own, started by the
// boot program of Beam's worker image, and the engine of Beam's Python SDK behind a job
// service. `make test-engines` installs the last two and names them.
func TestEnginesMakeTheSame(t *testing.T) {
	boot, python := os.Getenv("FRAMEWISE_BEAM_BOOT"), os.Getenv("FRAMEWISE_BEAM_PYTHON")
	if boot == "" || python == "" {
		t.Skip("FRAMEWISE_BEAM_BOOT and FRAMEWISE_BEAM_PYTHON name no boot program and no interpreter with apache_beam: run make test-engines")
	}
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must(t, "synth", "--out", at("speech"), "--speakers", "8", "--sentences", "4")
	must(t, "import", "timit", at("speech"), "--out", at("corpus.jsonl"), "--dev-speakers", "1")
	build := []string{"build", "--corpus", at("corpus.jsonl"), "--shards", "5", "--set", "augment.speed.factors=[0.9,1.1]"}

	out := at("prism")
	must(t, append(build, "--out", out)...)
	want := folderHashes(t, out)
	if len(want) < 6 {
		t.Fatalf("%d files in %s", len(want), out)
	}
	for name, args := range map[string][]string{
		"processes": {"--", "--environment_type=PROCESS", "--environment_config=" + processConfig(t, boot, at("boot"))},
		"python":    {"--runner", "portable", "--endpoint", jobService(t, python)},
	} {
		t.Run(name, func(t *testing.T) {
			out := at(name)
			// The program is a process here because workers run it again.
			code, output := runProgram(t, append(append(build[:len(build):len(build)], "--out", out), args...)...)
			if code != exitDone {
				t.Fatalf("exit code %d:\n%s", code, output)
			}
			got := folderHashes(t, out)
			for file, hash := range want {
				if got[file] != hash {
					t.Errorf("%s is not what prism made", file)
				}
			}
			if len(got) != len(want) {
				t.Errorf("%d files, want %d", len(got), len(want))
			}
			if name == "processes" {
				checkWorkersEnded(t, filepath.Join(at("boot"), "groups"))
			}
		})
	}
}

// processConfig is Beam's setting for workers that a boot program starts, in a
// folder of their own, where groups lists the process groups. Prism
// leaves quotes around the worker's id, which boot programs in containers never
// see: a script takes them off. It makes a process group of boot program and
// worker, for a worker outlives the one and waits for its container's end.
func processConfig(t *testing.T, boot, dir string) string {
	t.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	script, groups := filepath.Join(dir, "boot"), filepath.Join(dir, "groups")
	text := fmt.Sprintf(`#!/bin/sh
for a; do shift; set -- "$@" "$(printf %%s "$a" | tr -d "'")"; done
echo $$ >>'%[2]s/groups'
cd '%[2]s' || exit 1
exec setsid '%[1]s' "$@" --semi_persist_dir='%[2]s' >'%[2]s/log' 2>&1
`, boot, dir)
	before := workerCopies()
	t.Cleanup(func() {
		for _, pid := range groupsIn(groups) {
			_ = syscall.Kill(-pid, syscall.SIGKILL)
		}
		for folder := range workerCopies() {
			if !before[folder] {
				os.RemoveAll(folder)
			}
		}
	})
	if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	config, err := json.Marshal(map[string]string{"command": script})
	if err != nil {
		t.Fatal(err)
	}
	return string(config)
}

// groupsIn reads the process groups that a script wrote down.
func groupsIn(path string) (groups []int) {
	text, _ := os.ReadFile(path)
	for _, field := range strings.Fields(string(text)) {
		if pid, err := strconv.Atoi(field); err == nil && pid > 1 {
			groups = append(groups, pid)
		}
	}
	return groups
}

// checkWorkersEnded finds that there was a worker process, and that none is left.
func checkWorkersEnded(t *testing.T, path string) {
	t.Helper()
	groups := groupsIn(path)
	if len(groups) != 1 {
		t.Fatalf("boot programs started: %v, want one", groups)
	}
	for range 100 {
		if errors.Is(syscall.Kill(-groups[0], 0), syscall.ESRCH) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Error("the worker process is left behind")
}

// workerCopies are the folders with copies of this program that the boot program
// makes for workers, in /tmp whatever TMPDIR says, and leaves there.
func workerCopies() map[string]bool {
	folders := map[string]bool{}
	self, err := os.Stat(os.Args[0])
	if err != nil {
		return folders
	}
	names, _ := filepath.Glob("/tmp/bin*/worker")
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.Size() == self.Size() {
			folders[filepath.Dir(name)] = true
		}
	}
	return folders
}

// jobService starts the job service of Beam's Python SDK and returns its address.
func jobService(t *testing.T, python string) string {
	t.Helper()
	free, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_, port, _ := strings.Cut(address, ":")
	free.Close()
	c := exec.Command(python, "-m", "apache_beam.runners.portability.local_job_service_main", "--port", port)
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	c.Stdout, c.Stderr = log, log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	for range 600 {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return address
		}
		time.Sleep(100 * time.Millisecond)
	}
	said, _ := os.ReadFile(log.Name())
	t.Fatalf("no job service at %s:\n%s", address, said)
	return ""
}

// folderHashes hashes a dataset's shards and its dataset.json.
func folderHashes(t *testing.T, dir string) map[string][32]byte {
	t.Helper()
	hashes := map[string][32]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".arrow" && d.Name() != dataset.ManifestName {
			return err
		}
		b, err := os.ReadFile(path)
		hashes[strings.TrimPrefix(path, dir)] = sha256.Sum256(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hashes
}
