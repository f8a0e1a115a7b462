//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"framewise/dataset"
)

// A manifest that is cut, or is no manifest, costs its lines and nothing else.
func TestFaultsOfTheManifest(t *testing.T) {
	f := newField(t)
	whole, err := os.ReadFile(f.manifest)
	if err != nil {
		t.Fatal(err)
	}
	list := []struct {
		spoiling
		code int
		want string
	}{
		{content("cut in its last line", func(b []byte) []byte { return b[:len(b)-40] }), exitDone, "1 bad-manifest"},
		{content("cut in its first line", func(b []byte) []byte { return b[:40] }), exitWrong, "all 1 are rejected"},
		{content("without its last line end", func(b []byte) []byte { return bytes.TrimRight(b, "\n") }), exitDone, "0 rejected"},
		{content("a line of 20 MB", func(b []byte) []byte { return append(b, bytes.Repeat([]byte("x"), 20<<20)...) }), exitDone, "1 bad-manifest"},
		{content("a line of zeros", func(b []byte) []byte { return append(b, make([]byte, 1000)...) }), exitDone, "1 bad-manifest"},
		{content("every line twice", func(b []byte) []byte { return append(b, b...) }), exitDone, "duplicate-id"},
		{content("10 MB of zeros", func([]byte) []byte { return make([]byte, 10<<20) }), exitWrong, "all 1 are rejected"},
		{content("an empty file", func([]byte) []byte { return nil }), exitWrong, "it is empty"},
		{notFiles[0], exitUsage, "does not exist"},
		{notFiles[1], exitUsage, "is a folder"},
		{notFiles[2], exitWrong, "not a regular file"},
		{notFiles[3], exitWrong, "too many levels of symbolic links"},
		{notFiles[4], exitUsage, "does not exist"},
		{notFiles[6], exitWrong, "not a regular file"},
		{notFiles[7], exitEnvironment, "input/output error"},
	}
	for i, c := range list {
		if !due(i) {
			continue
		}
		if err := errors.Join(os.Remove(f.manifest), c.do(f.manifest, whole)); err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(f.dir, "out")
		code, output := bounded(t, nil, f.build(out)...)
		if code != c.code || !strings.Contains(output, c.want) {
			t.Errorf("%s: exit code %d, want %d with %q\n%.500s", c.name, code, c.code, c.want, output)
		}
		if err := errors.Join(os.RemoveAll(f.manifest), os.WriteFile(f.manifest, whole, 0o644)); err != nil {
			t.Fatal(err)
		}
		must(t, f.build(out)...)
		sameShards(t, f.reference, out)
		t.Logf("manifest | %s | exit code %d: %.200s | %s", c.name, code, strings.TrimSpace(output), held[!t.Failed()])
	}
}

// copyProgram puts the program where any user may run it.
func copyProgram(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	from, err := os.Open(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o755)
	if err == nil {
		_, err = io.Copy(to, from)
	}
	if err := errors.Join(err, to.Close(), os.Chmod(filepath.Dir(path), 0o755), os.Chmod(filepath.Dir(filepath.Dir(path)), 0o755)); err != nil {
		t.Fatal(err)
	}
	return path
}

// asNobody makes a command run as a user to whom permissions apply, from a
// copy of the program.
func asNobody(program string) func(*exec.Cmd) {
	return func(c *exec.Cmd) {
		c.Path, c.Dir = program, "/"
		if os.Geteuid() == 0 {
			c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
	}
}

// What may not be read is rejected; where nothing may be written, the build
// ends with 3; what is in the way is named.
func TestFaultsOfTheFolder(t *testing.T) {
	f := newField(t)
	program := copyProgram(t)
	if err := errors.Join(os.Chmod(f.dir, 0o777), os.Chmod(filepath.Dir(f.dir), 0o755)); err != nil {
		t.Fatal(err)
	}
	wav := f.victim(t)
	at := func(out, name string) string { return filepath.Join(out, filepath.FromSlash(name)) }
	inTheWay := func(name string, do func(path string) error) func(string) error {
		return func(out string) error {
			err := os.MkdirAll(filepath.Dir(at(out, name)), 0o777)
			for d := filepath.Dir(at(out, name)); d != f.dir; d = filepath.Dir(d) {
				err = errors.Join(err, os.Chmod(d, 0o777)) // the program runs as somebody else
			}
			return errors.Join(err, do(at(out, name)))
		}
	}
	dir := func(path string) error { return errors.Join(os.Mkdir(path, 0o777), os.Chmod(path, 0o777)) }
	file := func(path string) error { return os.WriteFile(path, nil, 0o666) }
	list := []struct {
		name string
		do   func(out string) error
		code int
		want string
	}{
		{"a recording may not be read", func(string) error { return os.Chmod(wav, 0) }, exitDone, "1 unreadable-audio"},
		{"a folder of recordings may not be entered", func(string) error { return os.Chmod(filepath.Dir(wav), 0) }, exitDone, "unreadable-audio"},
		{"the manifest may not be read", func(string) error { return os.Chmod(f.manifest, 0) }, exitEnvironment, "permission denied"},
		{"the folder may not be written", func(out string) error { return os.Mkdir(out, 0o555) }, exitEnvironment, "permission denied"},
		{"the folder's split may not be written", func(out string) error {
			return errors.Join(dir(out), os.Mkdir(filepath.Join(out, "train"), 0o555))
		}, exitEnvironment, "permission denied"},
		{"a file instead of the folder", file, exitWrong, "not a directory"},
		{"a loop of links instead of the folder", func(out string) error { return os.Symlink(out, out) }, exitWrong, "file exists"},
		{"a file instead of a split's folder", inTheWay("train", file), exitWrong, "a file is in the way"},
		{"a file instead of .build", inTheWay(".build", file), exitWrong, "not a directory"},
		{"a folder instead of the lock", inTheWay(".build/lock", dir), exitWrong, "is a directory"},
		{"a folder instead of a shard", inTheWay(dataset.ShardName("train", 0, 2), dir), exitWrong, dataset.ShardName("train", 0, 2)},
		{"a folder instead of a shard's result", inTheWay(dataset.SidecarName("train", 0, 2), dir), exitWrong, "not a regular file"},
		{"a pipe instead of a shard's result", inTheWay(dataset.SidecarName("train", 0, 2), func(p string) error { return syscall.Mkfifo(p, 0o666) }), exitWrong, "not a regular file"},
		{"a folder instead of dataset.json", inTheWay(dataset.ManifestName, dir), exitWrong, "not a regular file"},
		{"a folder instead of rejects.jsonl", inTheWay(dataset.RejectsName, dir), exitWrong, "not a regular file"},
		{"a folder instead of build.yaml", inTheWay(dataset.ConfigName, dir), exitWrong, dataset.ConfigName},
	}
	for i, c := range list {
		if !due(i) {
			continue
		}
		out := filepath.Join(f.dir, "out")
		if err := c.do(out); err != nil {
			t.Fatal(err)
		}
		code, output := bounded(t, asNobody(program), f.build(out)...)
		if code != c.code || !strings.Contains(output, c.want) {
			t.Errorf("%s: exit code %d, want %d with %q\n%.500s", c.name, code, c.code, c.want, output)
		}
		if _, err := os.Stat(filepath.Join(out, dataset.ManifestName)); (err == nil) != (code == exitDone) && !strings.HasSuffix(c.name, dataset.ManifestName) {
			t.Errorf("%s: exit code %d, %s: %v", c.name, code, dataset.ManifestName, err)
		}
		if err := errors.Join(os.Chmod(filepath.Dir(wav), 0o755), os.Chmod(wav, 0o644), os.Chmod(f.manifest, 0o644), os.RemoveAll(out)); err != nil {
			t.Fatal(err)
		}
		if code, output := bounded(t, asNobody(program), f.build(out)...); code != exitDone {
			t.Errorf("%s: mended, exit code %d\n%s", c.name, code, output)
		}
		sameShards(t, f.reference, out)
		if err := os.RemoveAll(out); err != nil {
			t.Fatal(err)
		}
		t.Logf("folder | %s | exit code %d: %.200s | %s", c.name, code, strings.TrimSpace(output), held[!t.Failed()])
	}
}

// A disk that is full, and limits of the process that are too tight, end the
// build with 3 in words; with more room it goes on to the same bytes.
func TestFaultsOfTheMachine(t *testing.T) {
	f := newField(t)
	limits := []struct{ name, limit, want string }{}
	for _, kib := range []int{1, 4, 64, 256} {
		limits = append(limits, struct{ name, limit, want string }{fmt.Sprintf("files of at most %d KiB", kib), fmt.Sprintf("-f %d", kib), "file too large"})
	}
	limits = append(limits, struct{ name, limit, want string }{"at most 12 open files", "-n 12", "too many open files"})
	for i, c := range limits {
		if !due(i) {
			continue
		}
		out := filepath.Join(f.dir, "out")
		code, output := bounded(t, func(cmd *exec.Cmd) {
			// bash counts -f in KiB, as no other shell may.
			cmd.Args = append([]string{"bash", "-c", "ulimit " + c.limit + ` && exec "$0" "$@"`, cmd.Path}, cmd.Args[1:]...)
			cmd.Path = "/bin/bash"
		}, f.build(out)...)
		if code != exitEnvironment || !strings.Contains(output, c.want) {
			t.Errorf("%s: exit code %d, want %d with %q\n%.1000s", c.name, code, exitEnvironment, c.want, output)
		}
		f.goesOn(t, out)
		t.Logf("machine | %s | exit code %d: %.250s | %s", c.name, code, strings.TrimSpace(output), held[!t.Failed()])
	}
	for i, kib := range []int{4, 16, 64, 256, 512, 1024} {
		if due(i) {
			f.fullDisk(t, kib)
		}
	}
}

// goesOn builds on in the same folder, without the fault.
func (f *field) goesOn(t *testing.T, out string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(out, dataset.ManifestName)); !os.IsNotExist(err) {
		t.Errorf("%s after a failed build: %v", dataset.ManifestName, err)
	}
	must(t, f.build(out)...)
	sameShards(t, f.reference, out)
	if err := os.RemoveAll(out); err != nil {
		t.Fatal(err)
	}
}

// fullDisk builds onto a small file system, and on once there is more room.
func (f *field) fullDisk(t *testing.T, kib int) {
	t.Helper()
	disk := filepath.Join(f.dir, "disk")
	if err := os.MkdirAll(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	mount := func(options string) error {
		output, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "tmpfs", disk).CombinedOutput()
		if err != nil {
			return fmt.Errorf("mount: %w: %s", err, output)
		}
		return nil
	}
	if err := mount(fmt.Sprintf("size=%dk", kib)); err != nil {
		t.Logf("disk of %d KiB | skipped: %v", kib, err)
		return
	}
	defer func() {
		if output, err := exec.Command("umount", disk).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, output)
		}
	}()
	out := filepath.Join(disk, "out")
	code, output := bounded(t, nil, f.build(out)...)
	if code != exitEnvironment || !strings.Contains(output, "no space left on device") {
		t.Errorf("disk of %d KiB: exit code %d, want %d\n%.1000s", kib, code, exitEnvironment, output)
	}
	if runtime.GOOS == "linux" {
		if err := mount("remount,size=200m"); err != nil {
			t.Fatal(err)
		}
		f.goesOn(t, out)
	}
	t.Logf("machine | disk of %d KiB | exit code %d: %.250s | %s", kib, code, strings.TrimSpace(output), held[!t.Failed()])
}
