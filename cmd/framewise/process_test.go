//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"framewise/pipelines"
)

// asProgram makes the test binary the program itself, so that tests can run it
// as processes of their own, stop them and kill them.
const asProgram = "FRAMEWISE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// program is a command line as a process.
func program(args ...string) (*exec.Cmd, *bytes.Buffer) {
	c, out := exec.Command(os.Args[0], args...), new(bytes.Buffer)
	c.Env = append(os.Environ(), asProgram+"=1")
	c.Stdout, c.Stderr = out, out
	return c, out
}

// runProgram runs a process to its end.
func runProgram(t *testing.T, args ...string) (code int, output string) {
	t.Helper()
	c, out := program(args...)
	if err := c.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), out.String()
}

// startBuild starts a build and waits until it holds the lock of its folder.
func startBuild(t *testing.T, out string, args ...string) *exec.Cmd {
	t.Helper()
	c, output := program(append(args, "--out", out)...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	who := fmt.Sprintf(`"pid":%d,`, c.Process.Pid)
	for range 6000 {
		if b, _ := os.ReadFile(filepath.Join(out, ".build", "lock")); strings.Contains(string(b), who) {
			return c
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the build never held the lock:\n%s", output)
	return nil
}

func signalTo(t *testing.T, c *exec.Cmd, s os.Signal) {
	t.Helper()
	if err := c.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// Two builds into one folder: the second says who was there first, touches
// nothing and ends with 3. A build that was killed holds nobody up.
func TestTwoBuildsIntoOneFolder(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must(t, "synth", "--out", at("speech"), "--speakers", "4", "--sentences", "4")
	must(t, "import", "timit", at("speech"), "--out", at("c.jsonl"))
	build := []string{"build", "--corpus", at("c.jsonl"), "--shards", "4"}
	must(t, append(build, "--out", at("alone"))...)

	first := startBuild(t, at("both"), build...)
	signalTo(t, first, syscall.SIGSTOP) // it holds the lock for as long as this takes
	code, output := runProgram(t, append(build, "--out", at("both"))...)
	if code != exitEnvironment {
		t.Errorf("the second build: exit code %d, want %d", code, exitEnvironment)
	}
	mustContain(t, "the second build", output, pipelines.ErrLocked.Error(), fmt.Sprintf("process %d on host ", first.Process.Pid), "--shards 4", "wait for its end")
	signalTo(t, first, syscall.SIGCONT)
	if err := first.Wait(); err != nil {
		t.Fatalf("the first build: %v", err)
	}
	sameShards(t, at("alone"), at("both"))

	killed := startBuild(t, at("killed"), build...)
	signalTo(t, killed, syscall.SIGKILL)
	_ = killed.Wait() // it was killed
	code, output = runProgram(t, append(build, "--out", at("killed"))...)
	if code != exitDone {
		t.Errorf("the build after a killed one: exit code %d", code)
	}
	mustContain(t, "the build after a killed one", output, "stale lock", fmt.Sprintf("process %d on host ", killed.Process.Pid), "did not end in order")
	sameShards(t, at("alone"), at("killed"))
	if code, output = runProgram(t, append(build, "--out", at("killed"))...); code != exitDone || strings.Contains(output, "stale") {
		t.Errorf("the build after an orderly one: exit code %d\n%s", code, output)
	}
}
