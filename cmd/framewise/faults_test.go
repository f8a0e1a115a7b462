//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"framewise/dataset"
)

// allFaults asks for every fault (make test-faults); without it every
// faultStride-th is put in.
const (
	allFaults   = "FRAMEWISE_FAULTS"
	faultStride = 9
)

// patience is how long a command may take before it is said to hang, and
// maxRSS what it may hold in memory: several times what it needs for the corpus
// of these tests, and far below what the headers and files claim.
const (
	patience = 2 * time.Minute
	maxRSS   = 400 << 20
)

// due says whether the n-th fault is put in.
func due(n int) bool { return os.Getenv(allFaults) != "" || n%faultStride == 0 }

// bounded runs the program as a process that must end in time and stay small.
func bounded(t *testing.T, set func(*exec.Cmd), args ...string) (code int, output string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, os.Args[0], args...)
	c.Env = append(os.Environ(), asProgram+"=1")
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if set != nil {
		set(c)
	}
	if err := c.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	if ctx.Err() != nil {
		t.Errorf("%q hangs:\n%s", args, out.String())
	}
	if use, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok && rssBytes(use) > maxRSS {
		t.Errorf("%q took %d MiB of memory, want at most %d", args, rssBytes(use)>>20, maxRSS>>20)
	}
	if strings.Contains(out.String(), "panic:") || strings.Contains(out.String(), "goroutine ") {
		t.Errorf("%q panics:\n%s", args, out.String())
	}
	return c.ProcessState.ExitCode(), out.String()
}

// field is a corpus that faults are put into, and the dataset that it gives
// without any.
type field struct {
	dir, speech, manifest, reference string
}

func newField(t *testing.T) *field {
	t.Helper()
	dir := t.TempDir()
	f := &field{dir, filepath.Join(dir, "speech"), filepath.Join(dir, "c.jsonl"), filepath.Join(dir, "reference")}
	must(t, "synth", "--out", f.speech, "--speakers", "4", "--sentences", "4")
	f.importAll(t)
	must(t, f.build(f.reference)...)
	return f
}

func (f *field) importAll(t *testing.T) {
	t.Helper()
	if code, output := bounded(t, nil, "import", "timit", f.speech, "--out", f.manifest); code != exitDone {
		t.Fatalf("import: exit code %d\n%s", code, output)
	}
}

func (f *field) build(out string) []string {
	return []string{"build", "--corpus", f.manifest, "--out", out, "--shards", "2", "--max-rejects", "50%"}
}

// victim is the recording that is spoiled.
func (f *field) victim(t *testing.T) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(f.speech, "TRAIN", "*", "*", "S[IX]*.WAV"))
	if err != nil || len(paths) < 2 {
		t.Fatalf("recordings: %v, %v", paths, err)
	}
	return paths[1]
}

// spoiling is something that is done to a file in place of which nothing lies.
type spoiling struct {
	name string
	do   func(path string, whole []byte) error
}

func content(name string, change func(whole []byte) []byte) spoiling {
	return spoiling{name, func(path string, whole []byte) error { return os.WriteFile(path, change(slices.Clone(whole)), 0o644) }}
}

// notFiles are things that stand where a file should.
var notFiles = []spoiling{
	{"nothing", func(string, []byte) error { return nil }},
	{"a folder", func(p string, _ []byte) error { return os.Mkdir(p, 0o755) }},
	{"a pipe", func(p string, _ []byte) error { return syscall.Mkfifo(p, 0o644) }},
	{"a loop of links", func(p string, _ []byte) error { return os.Symlink(p, p) }},
	{"a link to nothing", func(p string, _ []byte) error { return os.Symlink(p+".none", p) }},
	{"a link to its own folder", func(p string, _ []byte) error { return os.Symlink(".", p) }},
	{"a device without end", func(p string, _ []byte) error { return os.Symlink("/dev/zero", p) }},
	{"a file whose reads fail (EIO)", func(p string, _ []byte) error { return os.Symlink("/proc/self/mem", p) }},
	content("an empty file", func([]byte) []byte { return nil }),
	content("10 MB of one byte", func([]byte) []byte { return bytes.Repeat([]byte("7"), 10<<20) }),
	content("10 MB of lines", func([]byte) []byte { return bytes.Repeat([]byte("0 1000 h#\n"), 1<<20) }),
	content("10 MB of zeros", func([]byte) []byte { return make([]byte, 10<<20) }),
}

// badRecordings are recordings that lie or end too early.
func badRecordings(whole []byte) []spoiling {
	list := []spoiling{
		content("a header of 4 GB", func(b []byte) []byte { return claim(b, 0xfffffffe) }),
		content("a header of 2 GB", func(b []byte) []byte { return claim(b, 0x7ffffffe) }),
		content("a header of one sample more", func(b []byte) []byte { return claim(b, uint32(len(b))) }),
		content("a changed bit in the samples", func(b []byte) []byte { b[len(b)/2] ^= 1; return b }),
		content("bytes after the end", func(b []byte) []byte { return append(b, "trailing"...) }),
		content("other bytes", func(b []byte) []byte { return bytes.Repeat([]byte("\xff\x00"), len(b)/2) }),
	}
	for i := range 12 { // the header's edges first, then through the samples
		n := min(1<<i, len(whole)*(i+1)/13)
		if i > 6 {
			n = len(whole) * (i - 6) / 6
		}
		list = append(list, content(fmt.Sprintf("its first %d bytes", min(n, len(whole)-1)), func(b []byte) []byte { return b[:min(n, len(b)-1)] }))
	}
	return list
}

// claim makes a SPHERE header of 1024 bytes say that many samples.
func claim(b []byte, n uint32) []byte {
	key := []byte("sample_count -i ")
	at := bytes.Index(b, key) + len(key)
	end := at + bytes.IndexByte(b[at:], '\n')
	digits := fmt.Appendf(nil, "%d", n)
	more := max(len(digits)-(end-at), 0) // the header keeps its size: spaces follow its end
	return slices.Concat(b[:at], digits, b[end:1024-more], b[1024:])
}

// Bad inputs are rejected one by one, with a reason; the rest is built, and
// once the input is mended the dataset is the one of a sound corpus.
func TestFaultsOfInputs(t *testing.T) {
	f := newField(t)
	wav := f.victim(t)
	phn := strings.TrimSuffix(wav, ".WAV") + ".PHN"
	whole, err := os.ReadFile(wav)
	if err != nil {
		t.Fatal(err)
	}
	injected := 0
	for _, c := range []struct {
		what       string
		path       string
		list       []spoiling
		thenImport bool
	}{
		{"recording, before the import", wav, slices.Concat(notFiles, badRecordings(whole)), true},
		{"recording, after the import", wav, slices.Concat(notFiles, badRecordings(whole)), false},
		{"labels, before the import", phn, notFiles, true},
	} {
		for _, s := range c.list {
			if injected++; due(injected) {
				outcome := f.spoil(t, c.path, s, c.thenImport)
				t.Logf("%s | %s | %s | %s", c.what, s.name, outcome, held[!t.Failed()])
			}
		}
	}
	t.Logf("%d faults", injected)
}

// held says what became of what has to hold under any fault.
var held = map[bool]string{true: "ends, in bounded memory; verified; the next build right", false: "BROKEN, or a fault before it was"}

// spoil puts one thing in place of a file, builds, and mends it.
func (f *field) spoil(t *testing.T, path string, s spoiling, thenImport bool) string {
	t.Helper()
	id, out := idOf(t, f.speech, strings.TrimSuffix(strings.TrimSuffix(path, ".WAV"), ".PHN")), filepath.Join(f.dir, "out")
	whole, err := os.ReadFile(path)
	if err == nil {
		err = errors.Join(os.RemoveAll(out), os.Rename(path, path+".kept"), s.do(path, whole))
	}
	if err != nil {
		t.Fatal(err)
	}
	if thenImport {
		f.importAll(t)
	}
	code, output := bounded(t, nil, f.build(out)...)
	outcome := fmt.Sprintf("exit code %d: %s", code, strings.TrimSpace(output))
	if code == exitDone {
		outcome = f.rejectOf(t, out, id)
		must(t, "verify", out)
	} else {
		t.Errorf("%s: exit code %d\n%s", s.name, code, output)
	}
	if err := errors.Join(os.RemoveAll(path), os.Rename(path+".kept", path)); err != nil {
		t.Fatal(err)
	}
	if thenImport {
		f.importAll(t)
	}
	must(t, f.build(out)...)
	sameShards(t, f.reference, out)
	return outcome
}

// rejectOf says what rejects.jsonl has of an utterance, which alone may be in
// it.
func (f *field) rejectOf(t *testing.T, out, id string) string {
	t.Helper()
	file, err := os.Open(filepath.Join(out, dataset.RejectsName))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rejects, err := dataset.ReadRejects(file)
	if err != nil {
		t.Fatal(err)
	}
	outcome := "used as it is"
	for _, r := range rejects {
		if r.Kind != dataset.RejectUtterance {
			continue
		}
		if r.ID != id || outcome != "used as it is" {
			t.Errorf("rejected %s (%s), want %s alone", r.ID, r.Reason, id)
		}
		if r.Detail == "" {
			t.Errorf("%s: %s without a detail", r.ID, r.Reason)
		}
		outcome = fmt.Sprintf("reject %s: %s %.160s", r.Reason, r.At, r.Detail)
	}
	return outcome
}
