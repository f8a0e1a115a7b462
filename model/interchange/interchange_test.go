package interchange

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"framewise/model"
	"framewise/model/weights"
)

// The values of testdata/make.py.
const (
	features = 6
	classes  = 5
)

// networks are the configurations of testdata/make.py.
func networks() map[string]model.Config {
	base := model.Config{Preset: "test", Deltas: 2, Cell: model.CellLSTM, Layers: 2, Hidden: 4, Topology: model.TopologyLate,
		Merge: model.MergeConcat, Backward: model.BackwardAligned, Mask: model.DropoutFrame}
	with := func(change func(c *model.Config)) model.Config {
		c := base
		change(&c)
		return c
	}
	return map[string]model.Config{
		"late": base,
		"late-sum-unaligned": with(func(c *model.Config) {
			c.Merge, c.Backward = model.MergeSum, model.BackwardUnaligned
		}),
		"late-norm":  with(func(c *model.Config) { c.Norm = true }),
		"late-gru":   with(func(c *model.Config) { c.Cell, c.Deltas = model.CellGRU, 1 }),
		"each-layer": with(func(c *model.Config) { c.Topology = model.TopologyEachLayer }),
		"each-layer-sum-norm": with(func(c *model.Config) {
			c.Topology, c.Merge, c.Norm = model.TopologyEachLayer, model.MergeSum, true
		}),
		"each-layer-gru-unaligned": with(func(c *model.Config) {
			c.Topology, c.Cell, c.Backward = model.TopologyEachLayer, model.CellGRU, model.BackwardUnaligned
		}),
		"post": with(func(c *model.Config) {
			c.Conv, c.Dense, c.Backward = model.ConvConfig{Filters: 3, T: 3, F: 4}, 6, model.BackwardDouble
		}),
		"linear": with(func(c *model.Config) { c.Layers, c.Deltas = 0, 0 }),
	}
}

// golden is what another program had: weights, input [B, T, N], lengths,
// posteriors [B, T', K].
type golden struct {
	weights              weights.File
	x, lens, posteriors  weights.Tensor
	batch, frames, wants int
}

func readGolden(t *testing.T, program, name string) golden {
	t.Helper()
	f, err := weights.Read(filepath.Join("testdata", program+"-"+name+".safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	for _, one := range f.Tensors {
		switch one.Name {
		case "x":
			g.x = one
		case "lens":
			g.lens = one
		case "posteriors":
			g.posteriors = one
		default:
			one.Name = strings.TrimPrefix(one.Name, "weights.")
			g.weights.Tensors = append(g.weights.Tensors, one)
		}
	}
	g.batch, g.frames, g.wants = g.x.Shape[0], g.x.Shape[1], g.posteriors.Shape[1]
	return g
}

// forward runs the network on the golden input and gives the largest
// difference to the golden posteriors.
func forward(t *testing.T, net *model.Network, g golden) float64 {
	t.Helper()
	n := net.Inputs()
	b := model.Batch{T: g.frames, B: g.batch, X: make([]float32, g.frames*g.batch*n)}
	for i := range g.batch {
		b.Lens = append(b.Lens, int(g.lens.Data[i]))
		for f := range g.frames {
			copy(b.X[(f*g.batch+i)*n:][:n], g.x.Data[(i*g.frames+f)*n:])
		}
	}
	p, err := net.Forward(&b)
	if err != nil {
		t.Fatal(err)
	}
	worst := 0.0
	for i := range g.batch {
		for f := range net.OutLen(b.Lens[i]) {
			for k, v := range p.Row(f, i) {
				want := g.posteriors.Data[(i*g.wants+f)*classes+k]
				worst = max(worst, math.Abs(float64(v-want)))
			}
		}
	}
	return worst
}

// TestPosteriorsAreThoseOfPyTorchAndKeras takes their weights, compares
// posteriors, and gives the weights back.
func TestPosteriorsAreThoseOfPyTorchAndKeras(t *testing.T) {
	for _, program := range Programs {
		for name, cfg := range networks() {
			t.Run(program+"/"+name, func(t *testing.T) {
				g := readGolden(t, program, name)
				net, err := model.New(cfg, features, classes, 1)
				if err != nil {
					t.Fatal(err)
				}
				if err := Import(net, features, program, g.weights, nil); err != nil {
					t.Fatal(err)
				}
				if d := forward(t, net, g); d > 1e-6 {
					t.Errorf("posteriors differ by up to %g, want at most 1e-6", d)
				}
				sameWeights(t, net, program, g.weights)
			})
		}
	}
}

// sameWeights compares what Export gives with what Import took. PyTorch's two
// biases of an LSTM have one sum.
func sameWeights(t *testing.T, net *model.Network, program string, want weights.File) {
	t.Helper()
	got, err := Export(net, features, program)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want.Tensors) {
		t.Errorf("%d tensors, want %d", len(got), len(want.Tensors))
	}
	sum := func(ts []weights.Tensor, name string) []float32 {
		var sum []float32
		for _, one := range ts {
			if strings.Replace(one.Name, "bias_hh", "bias_ih", 1) != name || net.Config().Cell == model.CellGRU && one.Name != name {
				continue
			}
			if sum == nil {
				sum = make([]float32, len(one.Data))
			}
			for i, v := range one.Data {
				sum[i] += v
			}
		}
		return sum
	}
	for _, one := range got {
		name := one.Name
		if net.Config().Cell != model.CellGRU {
			name = strings.Replace(name, "bias_hh", "bias_ih", 1)
		}
		if a, b := fmt.Sprint(sum(got, name)), fmt.Sprint(sum(want.Tensors, name)); a != b {
			t.Errorf("%s: %s, want %s", name, a, b)
		}
	}
}

func TestImportRefuses(t *testing.T) {
	g := readGolden(t, PyTorch, "each-layer")
	net, err := model.New(networks()["each-layer"], features, classes, 1)
	if err != nil {
		t.Fatal(err)
	}
	before := fmt.Sprint(net.Tensors(""))
	without := weights.File{Tensors: g.weights.Tensors[1:]}
	extra := weights.File{Tensors: append(g.weights.Tensors[:len(g.weights.Tensors):len(g.weights.Tensors)], weights.Tensor{Name: "more", Shape: []int{1}, Data: []float32{0}})}
	shaped := weights.File{Tensors: append([]weights.Tensor{{Name: g.weights.Tensors[0].Name, Shape: []int{1}, Data: []float32{0}}}, g.weights.Tensors[1:]...)}
	for name, c := range map[string]struct {
		program string
		file    weights.File
		want    string
	}{
		"absent":          {PyTorch, without, fmt.Sprintf("no tensor %q", g.weights.Tensors[0].Name)},
		"too many":        {PyTorch, extra, `"more"`},
		"another shape":   {PyTorch, shaped, "has shape [1], want"},
		"another program": {"theano", g.weights, "keras pytorch"},
		"Keras' names":    {Keras, g.weights, `no tensor "forward.0.kernel"`},
	} {
		if err := Import(net, features, c.program, c.file, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", name, err, c.want)
		}
	}
	if after := fmt.Sprint(net.Tensors("")); after != before {
		t.Error("weights that were refused changed the network")
	}
}

func TestImportRenames(t *testing.T) {
	g := readGolden(t, PyTorch, "each-layer")
	for i, one := range g.weights.Tensors {
		name := strings.Replace(one.Name, "recurrent.", "encoder.lstm.", 1)
		g.weights.Tensors[i].Name = "module." + strings.Replace(name, "output.", "fc.", 1)
	}
	net, err := model.New(networks()["each-layer"], features, classes, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := Import(net, features, PyTorch, g.weights, map[string]string{"encoder.lstm": "recurrent", "fc": "output"}); err != nil {
		t.Fatal(err)
	}
	if d := forward(t, net, g); d > 1e-6 {
		t.Errorf("posteriors differ by up to %g", d)
	}
}
