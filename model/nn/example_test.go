package nn_test

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"framewise/model/nn"
	"framewise/model/optim"
)

// A network of one bidirectional layer learns to tell the sign of its input.
func Example() {
	const T, B, I, H, K = 8, 2, 1, 4, 2
	g := G.NewGraph()
	// Tensors that outlive the graph: inputs are written into their backing.
	x := tensor.New(tensor.WithShape(T, B, I), tensor.Of(tensor.Float32))
	lens := tensor.New(tensor.WithShape(B), tensor.Of(tensor.Int))
	labels := tensor.New(tensor.WithShape(T*B), tensor.Of(tensor.Int))
	weight := func(rows, cols int) *tensor.Dense {
		w := make([]float32, rows*cols)
		for i := range w {
			w[i] = float32(i%7-3) / 10
		}
		return tensor.New(tensor.WithShape(rows, cols), tensor.WithBacking(w))
	}
	wf, wb, wo := weight(I+H+1, 4*H), weight(I+H+1, 4*H), weight(2*H+1, K)

	node := func(name string, v *tensor.Dense) *G.Node { // names must differ
		return G.NewTensor(g, v.Dtype(), v.Dims(), G.WithShape(v.Shape()...), G.WithName(name), G.WithValue(v))
	}
	params := G.Nodes{node("forward", wf), node("backward", wb), node("output", wo)}
	ln := node("lens", lens)
	state := &nn.XentState{}
	h := must(nn.BLSTM(node("x", x), ln, params[0], params[1], nn.LSTMConfig{Hidden: H}))
	logits := must(nn.Dense(h, ln, params[2], nn.Linear, true))
	loss := must(nn.CrossEntropy(logits, node("labels", labels), state))
	if _, err := G.Grad(loss, params...); err != nil { // before the machine is made
		panic(err)
	}
	vm := G.NewTapeMachine(g)
	defer vm.Close()

	var weights []optim.Param
	for _, p := range params {
		s := p.Shape()
		weights = append(weights, optim.Param{Name: p.Name(), W: p.Value().Data().([]float32), Decay: (s[0] - 1) * s[1]})
	}
	solver := must(optim.New(optim.DefaultConfig(), weights))

	copy(lens.Data().([]int), []int{8, 5})
	for t := range T {
		for b := range B {
			r := t*B + b
			x.Data().([]float32)[r] = float32((t*3+b)%5 - 2)
			labels.Data().([]int)[r] = -1
			if t < lens.Data().([]int)[b] {
				labels.Data().([]int)[r] = (t*3 + b) % 5 / 3
			}
		}
	}
	for range 200 {
		if err := vm.RunAll(); err != nil {
			panic(err)
		}
		var grads [][]float32
		for _, p := range params {
			grads = append(grads, must(p.Grad()).Data().([]float32))
		}
		if _, err := solver.Step(grads, 0.02); err != nil {
			panic(err)
		}
		vm.Reset()
	}
	fmt.Printf("%d of %d frames are right\n", state.Correct, state.Count)
	// Output: 13 of 13 frames are right
}

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}
