package main

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"framewise/bench/turns"
	"framewise/transforms/isa"
)

func TestAgreements(t *testing.T) {
	near := func(x []float32, d float32) []float32 {
		y := slices.Clone(x)
		y[len(y)-1] += d
		return y
	}
	shifted := func(x []float32) []float32 {
		y := slices.Clone(x)
		for i := range y {
			y[i] -= float32(fullScale)
		}
		return y
	}
	nan := float32(math.NaN())
	x := []float32{10, 1, 2, -20, 3, 9} // frames of 3: the -20 is more than 60 dB below the 9
	long := make([]float32, 3*1000)
	for _, c := range []struct {
		name         string
		agree        agreement
		ours, theirs []float32
		want         string // in the error; empty: they agree
	}{
		{"equal", kaldiCells(3), x, x, ""},
		{"near", kaldiCells(3), append(long, x...), near(append(long, x...), 5e-4), ""},
		{"a cell is off", kaldiCells(3), x, near(x, 0.01), "frame 1, cell 2"},
		{"a deep cell is off", kaldiCells(3), x, []float32{10, 1, 2, -30, 3, 9}, ""},
		{"all a little off", psfCells(3), x, []float32{10.0005, 1.0005, 2.0005, -20, 3.0005, 9.0005}, "on average"},
		{"not a number", kaldiCells(3), x, near(x, nan), "frame 1, cell 2"},
		{"other length", kaldiCells(3), x, x[:3], "ours has 6 values, theirs 3"},
		{"nothing", exact(), nil, nil, "0 values"},
		{"in [-1, 1]", lhotseCells(3), x, shifted(x), ""},
		{"not in [-1, 1]", lhotseCells(3), x, x, "frame 0"},
		{"librosa is near", librosaCells(3), append(long, x...), shifted(near(append(long, x...), 0.04)), ""},
		{"values", values(2, 0.1), x, near(x, 0.2), "frame 2, value 1"},
		{"exact", exact(), x, near(x, 1), "value 0"},
		{"residual of a sample", residual(-50), x, near(x, 0.05), ""},
		{"residual is loud", residual(-50), x, near(x, 1), "dB"},
		{"residual not a number", residual(-50), x, near(x, nan), "dB"},
	} {
		err := c.agree(c.ours, c.theirs)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v, want no error", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.want)
		}
	}
}

func TestFeatureSettingsAreSound(t *testing.T) {
	for id := range features {
		if _, err := extractor(id, 16000); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	if _, err := extractor("none", 16000); err == nil {
		t.Error("an id that is none gave no error")
	}
}

// TestOurWorksRun makes every work of ours on twelve seconds of noise.
func TestOurWorksRun(t *testing.T) {
	dir := t.TempDir()
	x := make([]float32, 4*utteranceSamples)
	for i := range x {
		x[i] = float32(i*7919%2001 - 1000)
	}
	if err := os.Mkdir(filepath.Join(dir, "utterances"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := writeSignal(dir, x); err != nil {
		t.Fatal(err)
	}
	done := 0
	for _, c := range contests() {
		if c.ours == "read-sph" || c.ours == "read-flac" {
			continue // libsndfile writes these
		}
		w, err := ours{dir}.make(c.ours)
		if err != nil {
			t.Errorf("%s: %v", c.ours, err)
			continue
		}
		for range 2 {
			if err := w.Run(); err != nil {
				t.Errorf("%s: %v", c.ours, err)
			}
		}
		if len(w.Save()) == 0 {
			t.Errorf("%s: no values", c.ours)
		}
		done++
	}
	if done == 0 {
		t.Error("there are no works")
	}
	w, err := ours{dir}.goAudio("")
	if err != nil || w.Run() != nil {
		t.Fatal(err, w.Run())
	}
	read, err := ours{dir}.make("read-wav")
	if err != nil || read.Run() != nil {
		t.Fatal(err, read.Run())
	}
	if err := exact()(read.Save(), w.Save()); err != nil {
		t.Errorf("go-audio/wav and corpus/audio: %v", err)
	}
}

func TestContestsAreWellFormed(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range contests() {
		key := c.work + c.peer + c.theirs
		if seen[key] {
			t.Errorf("%s against %s of %s is there twice", c.work, c.theirs, c.peer)
		}
		seen[key] = true
	}
}

// TestPythonOffersEveryWork asks peers.py, where its Python is there.
func TestPythonOffersEveryWork(t *testing.T) {
	o := options{bench: ".."}
	if _, err := os.Stat(o.python()); err != nil {
		t.Skip("the peers are not installed (bench/prepare.sh)")
	}
	p, err := turns.Start("peers.py", oneThread(exec.Command(o.python(), filepath.Join(o.bench, "peers.py"), t.TempDir())))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, c := range append(contests(), commandContests()...) {
		if c.peer != python && slices.Contains([]string{goAudio, knfShipped, knfKept}, c.peer) {
			continue
		}
		if p.Offers[c.theirs] == "" {
			t.Errorf("%s: peers.py does not offer %s: %s", c.work, c.theirs, p.Missing[c.theirs])
		}
	}
}

func TestOneThread(t *testing.T) {
	t.Setenv("OPENBLAS_CORETYPE", "Haswell")
	t.Setenv("OPENBLAS_L2_SIZE", "512")
	t.Setenv("OMP_NUM_THREADS", "8")
	t.Setenv(isa.Variable, "off")
	cmd := oneThread(exec.Command("env"))
	env := map[string]string{}
	for _, kv := range cmd.Env { // the last one counts
		key, value, _ := strings.Cut(kv, "=")
		env[key] = value
	}
	for key, want := range map[string]string{"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "GOMAXPROCS": "1", "OPENBLAS_CORETYPE": "", "OPENBLAS_L2_SIZE": "", isa.Variable: ""} {
		if env[key] != want {
			t.Errorf("%s=%s, want %q", key, env[key], want)
		}
	}
}

func TestLevelEnv(t *testing.T) {
	for _, l := range levels() {
		key, value, _ := strings.Cut(levelEnv(l), "=")
		t.Setenv(key, value)
		if l > isa.Best() {
			continue
		}
		if got, err := isa.Choose(); err != nil || got != l {
			t.Errorf("%s chooses %s, %v, want %s", levelEnv(l), got, err, l)
		}
	}
}

func TestRound(t *testing.T) {
	for v, want := range map[float32]int16{0.4: 0, 0.6: 1, -1.6: -2, 40000: 32767, -40000: -32768} {
		if got := round(v); got != want {
			t.Errorf("round(%v) = %d, want %d", v, got, want)
		}
	}
}
