package model

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// slowLSTM is an LSTM by its formulae, reading x [T][I] from its beginning.
func slowLSTM(x [][]float64, p *Param) [][]float64 {
	h := p.Cols / 4
	w := p.Data()
	state, cell := make([]float64, h), make([]float64, h)
	sigmoid := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	var out [][]float64
	for _, row := range x {
		in := append(append(slices.Clone(row), state...), 1)
		z := make([]float64, 4*h)
		for i, v := range in {
			for j := range z {
				z[j] += v * float64(w[i*p.Cols+j])
			}
		}
		next := make([]float64, h)
		for j := range h {
			cell[j] = sigmoid(z[h+j])*cell[j] + sigmoid(z[j])*math.Tanh(z[2*h+j])
			next[j] = sigmoid(z[3*h+j]) * math.Tanh(cell[j])
		}
		state = next
		out = append(out, next)
	}
	return out
}

func reversed(x [][]float64) [][]float64 {
	y := slices.Clone(x)
	slices.Reverse(y)
	return y
}

// keras is a Keras layer: with goBackwards it reads from the end, and its
// output stays in the order in which it was computed.
func keras(x [][]float64, p *Param, goBackwards bool) [][]float64 {
	if goBackwards {
		x = reversed(x)
	}
	return slowLSTM(x, p)
}

// kerasBackward stacks backward layers as the post's listing writes them.
func kerasBackward(x [][]float64, c Config, param func(string, int) *Param) [][]float64 {
	for l := range c.Layers {
		p := param("backward", l)
		switch c.Backward {
		case BackwardAligned:
			x = reversed(keras(x, p, true))
		case BackwardDouble:
			x = keras(x, p, true)
		case BackwardUnaligned:
			x = keras(x, p, l == 0)
		}
	}
	if c.Backward == BackwardDouble && c.Layers%2 == 1 {
		x = reversed(x)
	}
	return x
}

func TestBackwardIsWhatKerasDoes(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	for _, backward := range []string{BackwardAligned, BackwardDouble, BackwardUnaligned} {
		for layers := 1; layers <= 3; layers++ {
			for _, merge := range []string{MergeConcat, MergeSum} {
				c := Config{Preset: "test", Cell: CellLSTM, Layers: layers, Hidden: 3, Topology: TopologyLate, Merge: merge, Backward: backward, Mask: DropoutFrame}
				n := network(t, c, 2, 4)
				param := func(direction string, l int) *Param {
					return n.Params()[2*l+map[string]int{"forward": 0, "backward": 1}[direction]]
				}
				const frames = 8
				x, _ := utterance(r, frames, 2, 4)
				rows := make([][]float64, frames)
				for i := range rows {
					rows[i] = []float64{float64(x[2*i]), float64(x[2*i+1])}
				}
				forward := rows
				for l := range layers {
					forward = keras(forward, param("forward", l), false)
				}
				want := slowOutput(forward, kerasBackward(rows, c, param), merge, n.Params()[2*layers])
				// In a batch with a longer utterance: mirroring is within its own length.
				b := &Batch{}
				b.Resize(frames+5, 2, 2)
				long, _ := utterance(r, frames+5, 2, 4)
				b.Set(0, "long", long, 2, nil)
				b.Set(1, "short", x, 2, nil)
				got, err := n.Forward(b)
				if err != nil {
					t.Fatal(err)
				}
				for i := range want {
					for k, w := range want[i] {
						if d := math.Abs(w - float64(got.Row(i, 1)[k])); d > 1e-5 {
							t.Fatalf("%s, %d layers, %s: frame %d class %d: %v, want %v", backward, layers, merge, i, k, got.Row(i, 1)[k], w)
						}
					}
				}
			}
		}
	}
}

// slowOutput merges two stacks and applies the dense layer and softmax p.
func slowOutput(forward, backward [][]float64, merge string, p *Param) [][]float64 {
	out := make([][]float64, len(forward))
	for t := range out {
		in := append(slices.Clone(forward[t]), backward[t]...)
		if merge == MergeSum {
			in = slices.Clone(forward[t])
			for j, v := range backward[t] {
				in[j] += v
			}
		}
		in = append(in, 1)
		z := make([]float64, p.Cols)
		for i, v := range in {
			for k := range z {
				z[k] += v * float64(p.Data()[i*p.Cols+k])
			}
		}
		var sum float64
		for k := range z {
			z[k] = math.Exp(z[k])
			sum += z[k]
		}
		for k := range z {
			z[k] /= sum
		}
		out[t] = z
	}
	return out
}

func TestUnalignedEachLayer(t *testing.T) {
	c := Config{Preset: "test", Cell: CellLSTM, Layers: 2, Hidden: 3, Topology: TopologyEachLayer, Merge: MergeConcat, Backward: BackwardUnaligned, Mask: DropoutFrame}
	n := network(t, c, 2, 4)
	r := rand.New(rand.NewPCG(6, 1))
	x, _ := utterance(r, 6, 2, 4)
	rows := make([][]float64, 6)
	for i := range rows {
		rows[i] = []float64{float64(x[2*i]), float64(x[2*i+1])}
	}
	merged := rows
	for l := range 2 {
		f, b := keras(merged, n.Params()[2*l], false), keras(merged, n.Params()[2*l+1], true)
		merged = make([][]float64, 6)
		for i := range merged {
			merged[i] = append(slices.Clone(f[i]), b[i]...)
		}
	}
	none := make([][]float64, 6)
	want := slowOutput(merged, none, MergeConcat, n.Params()[4])
	b := &Batch{}
	b.Resize(6, 1, 2)
	b.Set(0, "a", x, 2, nil)
	got, err := n.Forward(b)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		for k, w := range want[i] {
			if math.Abs(w-float64(got.Row(i, 0)[k])) > 1e-5 {
				t.Fatalf("frame %d: %v, want %v", i, got.Row(i, 0), want[i])
			}
		}
	}
}
