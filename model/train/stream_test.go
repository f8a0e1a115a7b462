package train

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"framewise/dataset"
	"framewise/model/results"
)

// counted counts how often each example is read.
type counted struct {
	memory
	mu    sync.Mutex
	reads map[string]int
	bad   int // the example that cannot be read, -1 = none
}

var errBad = errors.New("it is bad")

func (c *counted) Example(i int) (*dataset.Example, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i == c.bad {
		return nil, errBad
	}
	c.reads[c.memory[i].ID]++
	return c.memory[i], nil
}

// countedReader reads toy utterances of any number of lengths.
func countedReader(t *testing.T, readers int) (*reader, *counted, [][]int) {
	t.Helper()
	src := &counted{memory: toy(60, 40, 1), reads: map[string]int{}, bad: -1}
	fold, err := toyLabels().Fold("none")
	if err != nil {
		t.Fatal(err)
	}
	var list []item
	for i := range src.memory {
		list = append(list, item{i, int(src.memory[i].NumFrames)})
	}
	view := toyMaterial(t, src.memory, nil, Config{CMVN: "none"}).view
	plan := planEpoch(list, func(i int) string { return src.memory[i].ID }, BatchConfig{Frames: 300}, 3, 1)
	return &reader{src: src, view: view, fold: fold, inputs: toyWidth, noise: 0.1, seed: 3, readers: readers}, src, plan
}

// However many goroutines read, the network sees the plan's batches in their
// order, each example once.
func TestStreamGivesThePlan(t *testing.T) {
	var first [][]float32
	for _, readers := range []int{1, 2, 3, 7, 100} {
		r, src, plan := countedReader(t, readers)
		for _, from := range []int{0, 5} {
			clear(src.reads)
			s := r.open(context.Background(), plan, from, 1)
			n := from
			for l, ok := s.next(); ok; l, ok = s.next() {
				var ids []string
				for _, i := range plan[n] {
					ids = append(ids, src.memory[i].ID)
				}
				if l.err != nil || l.number != n || !slices.Equal(l.batch.IDs, ids) {
					t.Fatalf("%d readers: batch %d of %v, want %d of %v (%v)", readers, l.number, l.batch.IDs, n, ids, l.err)
				}
				if readers == 1 && from == 0 {
					first = append(first, slices.Clone(l.batch.X))
				} else if !sameInside(l, first[n]) {
					t.Fatalf("%d readers: batch %d has other features than with one", readers, n)
				}
				n++
			}
			s.close()
			want := map[string]int{}
			for _, b := range plan[from:] {
				for _, i := range b {
					want[src.memory[i].ID]++
				}
			}
			if n != len(plan) || len(want) != len(src.reads) {
				t.Errorf("%d readers from %d: %d batches of %d, %d examples of %d", readers, from, n, len(plan), len(src.reads), len(want))
			}
			for id, times := range src.reads {
				if times != 1 || want[id] != 1 {
					t.Errorf("%d readers from %d: %s is read %d times", readers, from, id, times)
				}
			}
		}
	}
}

// sameInside compares what is not padding.
func sameInside(l loaded, x []float32) bool {
	for b, n := range l.batch.Lens {
		for t := range n {
			at := (t*l.batch.B + b) * toyWidth
			if !slices.Equal(l.batch.X[at:at+toyWidth], x[at:at+toyWidth]) {
				return false
			}
		}
	}
	return true
}

// An example that cannot be read ends the stream at its batch, not before.
func TestStreamStopsAtABadExample(t *testing.T) {
	for _, readers := range []int{1, 3} {
		r, src, plan := countedReader(t, readers)
		src.bad = plan[6][0]
		s := r.open(context.Background(), plan, 0, 1)
		for n := range 6 {
			if l, ok := s.next(); !ok || l.err != nil || l.number != n {
				t.Fatalf("%d readers: batch %d: %v, %v", readers, n, ok, l.err)
			}
		}
		if l, ok := s.next(); !ok || !errors.Is(l.err, errBad) {
			t.Errorf("%d readers: the batch with the bad example gives %v, %v", readers, ok, l.err)
		}
		s.close()
	}
}

func TestReadersDoNotChangeTraining(t *testing.T) {
	c := toyConfig(t, "blstm-late")
	train, dev := toy(20, 40, 1), toy(4, 40, 2)
	dirs := map[int]string{}
	for _, n := range []int{1, 4} {
		c.Readers, dirs[n] = n, t.TempDir()
		if _, err := runToy(t, context.Background(), c, train, dev, dirs[n], nil); err != nil {
			t.Fatal(err)
		}
	}
	if !sameWeights(readWeights(t, dirs[1], results.LastFile), readWeights(t, dirs[4], results.LastFile)) {
		t.Error("the weights depend on the number of readers")
	}
}

func TestIdleShareIsShown(t *testing.T) {
	c := toyConfig(t, "linear")
	dir := t.TempDir()
	shown := 0
	_, err := runToy(t, context.Background(), c, toy(20, 40, 1), nil, dir, func(o *Options) {
		o.Progress = func(p Progress) {
			if p.Phase == "train" && p.Idle > 0 && p.Idle <= 1 {
				shown++
			}
		}
	})
	if e := lastEpoch(t, dir); err != nil || shown == 0 || !(e.IdleShare > 0 && e.IdleShare < 1) {
		t.Errorf("idle share shown %d times, %v in the metrics (%v)", shown, e.IdleShare, err)
	}
}
