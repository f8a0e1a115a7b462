package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"framewise/bench/turns"
)

// little is a work as a test can afford it.
func (s spec) little() spec {
	s.B, s.T, s.Shortest, s.Filters = 2, 24, 20, min(s.Filters, 4)
	s.Labels = min(s.Labels, 4)
	if s.Kind == kindBLSTM {
		s.Hidden = 16
	}
	return s
}

func TestContestsAreWellFormed(t *testing.T) {
	seen, works := map[string]bool{}, specs()
	for _, c := range contests() {
		for _, id := range []string{c.work, c.rival(), c.checked} {
			if _, ok := works[id]; !ok && id != "" {
				t.Errorf("%s: there is no work %q", c.title, id)
			}
		}
		key := fmt.Sprint(c.title, c.setting(), c.peer)
		if seen[key] {
			t.Errorf("%s is there twice", key)
		}
		seen[key] = true
	}
}

func TestOurWorksLearn(t *testing.T) {
	for id, s := range specs() {
		s = s.little()
		if s.Kind == kindConv || s.Kind == kindCTC {
			maker := map[string]func(spec) (turns.Work, error){kindConv: makeConv, kindCTC: makeCTC}[s.Kind]
			w, err := maker(s)
			if err != nil {
				t.Errorf("%s: %v", id, err)
				continue
			}
			if err := w.Run(); err != nil {
				t.Errorf("%s: %v", id, err)
			}
			if err := agree(w.Save(), w.Save()); err != nil || w.Save()[0] == 0 {
				t.Errorf("%s: loss %v, %v", id, w.Save()[0], err)
			}
			continue
		}
		l, err := newLearner(s)
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		for range 20 {
			if err := l.step(); err != nil {
				t.Fatalf("%s: %v", id, err)
			}
		}
		if first, last := l.losses[0], l.losses[19]; !(last < first) {
			t.Errorf("%s: the loss went from %v to %v in 20 steps", id, first, last)
		}
	}
}

// TestGFLOP counts the first row of the table by hand: two directions of two
// layers, forward and both gradients, without that of the input.
func TestGFLOP(t *testing.T) {
	got, err := specs()["blstm128"].gflop()
	if err != nil {
		t.Fatal(err)
	}
	perFrame := 2*512*(40+128) + 2*512*(256+128) + 256*62
	want := float64(2*4800*(3*perFrame-2*512*40)) / 1e9
	if math.Abs(got-want) > 1e-9 {
		t.Errorf("%v GFLOP, want %v", got, want)
	}
}

func TestPreparedDataIsWhole(t *testing.T) {
	dir := t.TempDir()
	if err := prepare(dir); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{
		"blstm128/x": 300 * 16 * 40, "blstm128/y": 300 * 16, "blstm250/backward.2": (500 + 250 + 1) * 1000,
		"post32-double/conv.1": (32*5*36 + 1) * 64, "conv32/dy": 292 * 16 * 64, "ctc/y": 32 * 50,
	} {
		x, err := turns.ReadFloats(filepath.Join(dir, name+".f32"))
		if err != nil || len(x) != want {
			t.Errorf("%s: %d numbers, %v, want %d", name, len(x), err, want)
		}
	}
}

func TestAgree(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		ours, theirs []float32
		want         string // in the error; empty: they agree
	}{
		{[]float32{4.1, 0}, []float32{4.1003, 0.0002}, ""},
		{[]float32{4.1, 0}, []float32{4.1, 0.001}, "value 1"},
		{[]float32{4.1, nan}, []float32{4.1, 0}, "value 1"},
		{[]float32{nan, 1}, []float32{nan, 1}, "value 0"},
		{[]float32{4.1}, []float32{4.1, 0}, "ours are 1 values, theirs 2"},
		{nil, nil, "0 values"},
	} {
		err := agree(c.ours, c.theirs)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v and %v: %v, want %q", c.ours, c.theirs, err, c.want)
		}
	}
}

// TestPeersOfferEveryWork asks train_peers.py, where its Python is there.
func TestPeersOfferEveryWork(t *testing.T) {
	o := options{bench: ".."}
	if _, err := os.Stat(filepath.Join(o.bench, ".venv-train", "bin", "python")); err != nil {
		t.Skip("the peers are not installed (bench/prepare-train.sh)")
	}
	p, err := newServers(o)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	for _, c := range contests() {
		if c.peer.name == framewise || c.peer.threads > 1 {
			continue
		}
		s, err := p.get(c.peer)
		if err != nil {
			t.Fatal(err)
		}
		if s.Offers[c.rival()] == "" {
			t.Errorf("%s: %s does not offer %s: %s", c.title, c.peer.name, c.rival(), s.Missing[c.rival()])
		}
	}
}
