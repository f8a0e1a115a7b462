package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"framewise/model/weights"
)

// small shrinks a preset so that tests are fast.
func small(t *testing.T, preset string) Config {
	t.Helper()
	c, err := Preset(preset)
	if err != nil {
		t.Fatal(err)
	}
	c.Dropout, c.Between = 0, 0
	if c.Layers > 0 {
		c.Hidden = 6
	}
	if c.Conv.Filters > 0 {
		c.Conv, c.Dense = ConvConfig{Filters: 2, T: 3, F: 3}, 8
	}
	return c
}

// smalls are all presets, small, and what a key makes of them.
func smalls(t *testing.T) map[string]Config {
	all := map[string]Config{}
	for _, preset := range Presets() {
		all[preset] = small(t, preset)
	}
	for _, preset := range []string{"blstm-late", "blstm-each-layer", "post"} {
		c := all[preset]
		c.Norm = true
		all[preset+" with layer norm"] = c
	}
	for _, preset := range []string{"blstm-late", "blstm-each-layer", "post"} {
		c := all[preset]
		c.Cell = CellGRU
		all[preset+" of GRUs"] = c
	}
	c := all["blstm-each-layer"]
	c.Norm, c.Merge = true, MergeSum
	all["sums with layer norm"] = c
	return all
}

func network(t *testing.T, c Config, f, k int) *Network {
	t.Helper()
	n, err := New(c, f, k, 7)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// utterance draws n frames of i values and labels below k.
func utterance(r *rand.Rand, n, i, k int) ([]float32, []int16) {
	x, y := make([]float32, n*i), make([]int16, n)
	for j := range x {
		x[j] = float32(r.NormFloat64())
	}
	for j := range y {
		y[j] = int16(r.IntN(k+1) - 1)
	}
	return x, y
}

// batches makes one batch of all utterances and one batch of each.
func batches(lens []int, i, k int) (*Batch, []*Batch) {
	r := rand.New(rand.NewPCG(3, 1))
	all := &Batch{}
	all.Resize(slices.Max(lens), len(lens), i)
	for j := range all.X {
		all.X[j] = 1e3 // padding must not matter
	}
	var single []*Batch
	for b, n := range lens {
		x, y := utterance(r, n, i, k)
		all.Set(b, fmt.Sprint(b), x, i, y)
		one := &Batch{}
		one.Resize(n, 1, i)
		one.Set(0, fmt.Sprint(b), x, i, y)
		single = append(single, one)
	}
	return all, single
}

func TestPaddedBatchEqualsSingleUtterances(t *testing.T) {
	lens := []int{9, 23, 1, 17, 14}
	for preset, c := range smalls(t) {
		n := network(t, c, 7, 5)
		n.Reserve(200)
		all, single := batches(lens, n.Inputs(), 5)
		got, err := n.Gradients(all, 0)
		if err != nil {
			t.Fatalf("%s: %v", preset, err)
		}
		sum := make([][]float64, len(got.Grads))
		batch := make([][]float32, len(got.Grads))
		for i, g := range got.Grads {
			sum[i], batch[i] = make([]float64, len(g)), slices.Clone(g)
		}
		var loss float64
		frames, correct := 0, 0
		for _, b := range single {
			s, err := n.Gradients(b, 0)
			if err != nil {
				t.Fatalf("%s: %v", preset, err)
			}
			loss, frames, correct = loss+s.Loss, frames+s.Frames, correct+s.Correct
			for i, g := range s.Grads {
				for j, v := range g {
					sum[i][j] += float64(v) * float64(s.Frames)
				}
			}
		}
		if frames != got.Frames || correct != got.Correct || math.Abs(loss-got.Loss) > 1e-4 {
			t.Errorf("%s: alone %v, %d, %d; in a batch %v, %d, %d", preset, loss, frames, correct, got.Loss, got.Frames, got.Correct)
		}
		for i := range sum {
			for j, v := range sum[i] {
				if d := math.Abs(v/float64(frames) - float64(batch[i][j])); d > 1e-5 {
					t.Fatalf("%s: gradient %d of %s differs by %g", preset, j, n.Params()[i].Name, d)
				}
			}
		}
	}
}

func TestPosteriorsDoNotDependOnTheBatch(t *testing.T) {
	lens := []int{9, 23, 17, 14}
	for preset, c := range smalls(t) {
		n := network(t, c, 7, 5)
		all, single := batches(lens, n.Inputs(), 5)
		p, err := n.Forward(all)
		if err != nil {
			t.Fatal(err)
		}
		together := slices.Clone(p.P)
		wide, rows := p.B, len(p.P)
		for b, one := range single {
			p, err := n.Forward(one)
			if err != nil {
				t.Fatal(err)
			}
			for tt := range n.OutLen(lens[b]) {
				var sum float64
				for k, v := range p.Row(tt, 0) {
					sum += float64(v)
					at := (tt*wide+b)*p.K + k
					if at >= rows || math.Abs(float64(v-together[at])) > 1e-6 {
						t.Fatalf("%s: utterance %d, frame %d: %v alone", preset, b, tt, v)
					}
				}
				if math.Abs(sum-1) > 1e-5 {
					t.Fatalf("%s: posteriors sum to %v", preset, sum)
				}
			}
		}
	}
}

// The shapes of the post's listing: conv_fnum = n, conv_t = t, conv_f = f.
func TestPostShapes(t *testing.T) {
	c, err := Preset("post")
	if err != nil {
		t.Fatal(err)
	}
	const freqs, classes = 40, 61
	n := network(t, c, freqs, classes)
	nf, ct, cf := c.Conv.Filters, c.Conv.T, c.Conv.F
	h2 := freqs - cf + 1
	want := map[string][2]int{
		"conv.0":     {3*ct*cf + 1, nf},
		"conv.1":     {nf*ct*h2 + 1, 2 * nf},
		"dense":      {2*nf + 1, 4 * nf},
		"forward.0":  {4*nf + 4*nf + 1, 4 * 4 * nf},
		"forward.1":  {4*nf + 4*nf + 1, 4 * 4 * nf},
		"backward.0": {4*nf + 4*nf + 1, 4 * 4 * nf},
		"backward.1": {4*nf + 4*nf + 1, 4 * 4 * nf},
		"output":     {2*4*nf + 1, classes},
	}
	total := 0
	for _, p := range n.Params() {
		if w := want[p.Name]; w != [2]int{p.Rows, p.Cols} {
			t.Errorf("%s is %d x %d, want %v", p.Name, p.Rows, p.Cols, w)
		}
		delete(want, p.Name)
		total += p.Rows * p.Cols
	}
	if len(want) > 0 || total != n.Parameters() {
		t.Errorf("missing weights %v; %d parameters, counted %d", want, n.Parameters(), total)
	}
	if n.Inputs() != 3*freqs || n.OutLen(100) != 100-2*(ct-1) || n.OutLen(3) != 0 || n.Crop() != ct-1 {
		t.Errorf("inputs %d, outputs of 100 frames %d, crop %d", n.Inputs(), n.OutLen(100), n.Crop())
	}
	if c.Backward != BackwardDouble || c.Topology != TopologyLate || c.Merge != MergeConcat {
		t.Errorf("post is %+v", c)
	}
}

func TestSaveAndLoadForAnotherLength(t *testing.T) {
	c := small(t, "post")
	a := network(t, c, 7, 5)
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := weights.Write(path, weights.File{Tensors: a.Tensors("model.")}); err != nil {
		t.Fatal(err)
	}
	f, err := weights.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(c, 7, 5, 99)
	if err != nil {
		t.Fatal(err)
	}
	short, _ := batches([]int{12}, a.Inputs(), 5)
	long, _ := batches([]int{12, 61}, a.Inputs(), 5)
	if _, err := b.Forward(short); err != nil {
		t.Fatal(err)
	}
	if err := b.Load(f, "model."); err != nil {
		t.Fatal(err)
	}
	pa, err := a.Forward(long)
	if err != nil {
		t.Fatal(err)
	}
	pb, err := b.Forward(long)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(pa.P, pb.P) {
		t.Error("loaded weights give other posteriors")
	}
	if err := b.Load(f, "other."); err == nil {
		t.Error("weights of another name are loaded")
	}
	if d, _ := New(c, 8, 5, 1); d.Load(f, "model.") == nil {
		t.Error("weights of another shape are loaded")
	}
}

// A GRU's weights are drawn as an LSTM's, but for the forget gate; L2 leaves
// out both its biases.
func TestGRUWeights(t *testing.T) {
	c := small(t, "blstm-late")
	c.Cell = CellGRU
	n := network(t, c, 7, 5)
	gru, macs := 0, 0
	for _, p := range n.Params() {
		if p.Name == "output" {
			macs += (p.Rows - 1) * p.Cols
			continue
		}
		gru++
		macs += (p.Rows - 2) * p.Cols
		h := c.Hidden
		if p.Cols != 3*h || p.Rows != p.inputs+h+2 || p.Decay() != (p.Rows-2)*p.Cols {
			t.Errorf("%s is %d x %d, L2 on %d", p.Name, p.Rows, p.Cols, p.Decay())
		}
		for i, v := range p.Data()[p.Decay():] {
			if v != 0 {
				t.Fatalf("%s: bias %d is %v", p.Name, i, v)
			}
		}
		for gate := range 3 { // orthonormal rows
			row := p.Data()[p.inputs*p.Cols+gate*h:][:h]
			var norm float64
			for _, v := range row {
				norm += float64(v) * float64(v)
			}
			if math.Abs(norm-1) > 1e-6 {
				t.Errorf("%s: row of gate %d has the norm %v", p.Name, gate, norm)
			}
		}
	}
	if gru != 4 || n.MACsPerFrame() != macs {
		t.Errorf("%d GRUs, %d multiply-adds, want 4 and %d", gru, n.MACsPerFrame(), macs)
	}
}

// Restore gives the network that was saved, and takes no memory for weights
// that only the configuration knows of.
func TestRestore(t *testing.T) {
	cfg, err := Preset("blstm-late")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Hidden = 4
	net, err := New(cfg, 5, 3, 9)
	if err != nil {
		t.Fatal(err)
	}
	file := weights.File{Tensors: net.Tensors("x.")}
	again, err := Restore(cfg, 5, 3, file, "x.")
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range again.Params() {
		if !slices.Equal(p.Data(), net.Params()[i].Data()) {
			t.Errorf("%s differs", p.Name)
		}
	}
	again.Params()[0].Data()[0]++
	if again.Params()[0].Data()[0] == net.Params()[0].Data()[0] {
		t.Error("the networks share their weights")
	}
	cfg.Hidden, cfg.Layers = maxHidden, 16 // 17 GB
	if _, err := Restore(cfg, 5, 3, file, "x."); err == nil || !strings.Contains(err.Error(), "shape") {
		t.Errorf("a network of other sizes: %v", err)
	}
	for _, size := range [][2]int{{0, 1}, {1, 0}, {1 << 40, 1}, {1, 1 << 40}} {
		if _, err := New(cfg, size[0], size[1], 0); err == nil {
			t.Errorf("%d values and %d classes are a network", size[0], size[1])
		}
	}
}
