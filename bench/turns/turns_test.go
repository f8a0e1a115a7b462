package turns

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// serveVariable makes this test binary be a server.
const serveVariable = "TURNS_TEST_SERVE"

func TestMain(m *testing.M) {
	switch os.Getenv(serveVariable) {
	case "":
		os.Exit(m.Run())
	case "works":
		offer := Offer{Offers: map[string]string{"count": "counter 1"}, Missing: map[string]string{"x": "no x"}}
		if err := Serve(os.Stdin, os.Stdout, offer, makeTestWork); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "babble":
		fmt.Println("warning: not JSON")
	}
}

func makeTestWork(id string) (Work, error) {
	n := float32(0)
	switch id {
	case "count":
		return Work{
			Run:  func() error { n++; time.Sleep(time.Millisecond); return nil },
			Save: func() []float32 { return []float32{n, -0.5} },
		}, nil
	case "fail":
		return Work{Run: func() error { return errors.New("it broke") }}, nil
	}
	return Work{}, fmt.Errorf("there is no work %q", id)
}

func server(as string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveVariable+"="+as)
	return cmd
}

func TestProtocol(t *testing.T) {
	p, err := Start("test", server("works"))
	if err != nil {
		t.Fatal(err)
	}
	if p.Offers["count"] != "counter 1" || p.Missing["x"] != "no x" {
		t.Errorf("the offer is %+v", p.Offer)
	}
	got, err := p.Run("count", 3)
	if err != nil {
		t.Fatal(err)
	}
	if got.Wall < 0.003 { // it slept so long
		t.Errorf("three runs took %v s, want 0.003 at least", got.Wall)
	}
	path := filepath.Join(t.TempDir(), "a name with blanks")
	if err := p.Save("count", path); err != nil {
		t.Fatal(err)
	}
	if x, err := ReadFloats(path); err != nil || !slices.Equal(x, []float32{4, -0.5}) {
		t.Errorf("saved %v, %v, want what the fourth run gave", x, err)
	}
	for _, id := range []string{"fail", "unknown"} { // errors do not end the server
		if _, err := p.Run(id, 1); err == nil || !strings.Contains(err.Error(), id) {
			t.Errorf("run %s: %v, want an error that names it", id, err)
		}
	}
	if _, err := p.Run("count", 0); err == nil {
		t.Error("0 runs gave no error")
	}
	if _, err := p.Run("count", 1); err != nil {
		t.Error(err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func TestServersThatDoNotSpeakTheProtocol(t *testing.T) {
	if _, err := Start("babbler", server("babble")); err == nil || !strings.Contains(err.Error(), "warning: not JSON") {
		t.Errorf("%v, want an error with what it said", err)
	}
	if _, err := Start("absent", exec.Command(filepath.Join(t.TempDir(), "none"))); err == nil {
		t.Error("a program that is not there gave no error")
	}
}

// recorder notes who ran, and takes a given time.
type recorder struct {
	name  string
	takes float64
	log   *[]string
}

func (r recorder) Run(id string, n int) (Time, error) {
	*r.log = append(*r.log, fmt.Sprintf("%s*%d", r.name, n))
	return Time{Wall: r.takes * float64(n), CPU: r.takes * float64(n) / 2}, nil
}

func TestPlayTakesTurns(t *testing.T) {
	var log []string
	a := &Player{Runner: recorder{"a", 0.25, &log}, ID: "x"}
	b := &Player{Runner: recorder{"b", 2, &log}, ID: "y"}
	if err := Play([]*Player{a, b}, 3, time.Second); err != nil {
		t.Fatal(err)
	}
	want := "a*1 a*1 b*1 a*4 b*1 b*1 a*4 a*4 b*1"
	if got := strings.Join(log, " "); got != want {
		t.Errorf("they ran %s, want %s", got, want)
	}
	if !slices.Equal(a.Wall, []float64{0.25, 0.25, 0.25}) || !slices.Equal(b.Wall, []float64{2, 2, 2}) || !slices.Equal(b.CPU, []float64{1, 1, 1}) {
		t.Errorf("a took %v, b %v (CPU %v), want the time of one pass in each round", a.Wall, b.Wall, b.CPU)
	}
	if err := Play([]*Player{{Runner: recorder{"c", 0, &log}}}, 1, 0); err == nil {
		t.Error("a pass that took no time gave no error")
	}
}

func TestCommand(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no sh")
	}
	sh := func(script string) Command {
		return func() *exec.Cmd { return exec.Command("sh", "-c", script) }
	}
	count := filepath.Join(t.TempDir(), "count")
	took, err := sh("echo >>"+count).Run("count", 2)
	if err != nil || took.Wall <= 0 {
		t.Errorf("took %+v, %v", took, err)
	}
	if runtime.GOOS == "linux" && (took.PeakMB < 0.1 || took.PeakMB > 1000) {
		t.Errorf("a shell took %v MB", took.PeakMB)
	}
	if data, err := os.ReadFile(count); err != nil || len(data) != 2 {
		t.Errorf("it ran %d times (%v), want 2", len(data), err)
	}
	if _, err := sh("echo what is wrong >&2; exit 3").Run("thing", 1); err == nil || !strings.Contains(err.Error(), "thing: exit status 3: what is wrong") {
		t.Errorf("%v, want an error with the command's words", err)
	}
}
