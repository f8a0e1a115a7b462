package nn

import (
	"math"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"framewise/corpus/draw"
)

// numbers draws n numbers in (-size, size).
func numbers[F float](key string, n int, size float64) []F {
	k := draw.New(7, "nn test", key, 0)
	x := make([]F, n)
	for i := range x {
		x[i] = F(size * (2*k.Float64(i) - 1))
	}
	return x
}

func tensorOf[E any](x []E, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x))
}

// net is a graph with what a test needs of it. The loss is the weighted sum
// of the output, with other weights at every place.
type net[F float] struct {
	t      testing.TB
	g      *G.ExprGraph
	values map[string]*tensor.Dense
	nodes  map[string]*G.Node
	out    *G.Node
	loss   *G.Node
	vm     G.VM
}

func newNet[F float](t testing.TB) *net[F] {
	return &net[F]{t: t, g: G.NewGraph(), values: map[string]*tensor.Dense{}, nodes: map[string]*G.Node{}}
}

func (n *net[F]) input(name string, v *tensor.Dense) *G.Node {
	node := G.NewTensor(n.g, v.Dtype(), v.Dims(), G.WithShape(v.Shape()...), G.WithName(name), G.WithValue(v))
	n.values[name], n.nodes[name] = v, node
	return node
}

func (n *net[F]) floats(name string, shape ...int) *G.Node {
	size := 1
	for _, s := range shape {
		size *= s
	}
	return n.input(name, tensorOf(numbers[F](name, size, 0.8), shape...))
}

func (n *net[F]) ints(name string, x ...int) *G.Node { return n.input(name, tensorOf(x, len(x))) }

func (n *net[F]) must(node *G.Node, err error) *G.Node {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
	return node
}

// weigh makes the loss of an output: the sum of its elements times fixed numbers.
func (n *net[F]) weigh(out *G.Node) *G.Node {
	return n.weighBy(out, numbers[float64]("loss", out.Shape().TotalSize(), 1))
}

// weighBy is weigh with given numbers.
func (n *net[F]) weighBy(out *G.Node, by []float64) *G.Node {
	k := make([]F, len(by))
	for i, v := range by {
		k[i] = F(v)
	}
	dy := tensorOf(k, out.Shape()...)
	return n.must(apply(operation{name: "weigh", dtype: dtypeOf[F](), diff: []bool{true}, run: func(in []G.Value) (G.Value, error) {
		var s float64
		for i, v := range data[F](in[0]) {
			s += float64(v) * float64(k[i])
		}
		if dtypeOf[F]() == tensor.Float32 {
			return G.NewF32(float32(s)), nil
		}
		return G.NewF64(s), nil
	}, gradient: func(in G.Nodes, out, grad *G.Node) (G.Nodes, error) {
		return backward[F]("weighGrad", G.Nodes{in[0], grad}, func([]G.Value) error { return nil }, func() *tensor.Dense { return dy })
	}}, out))
}

// compile ends the graph with a loss and the gradients of the named inputs.
func (n *net[F]) compile(out, loss *G.Node, wrt ...string) {
	n.t.Helper()
	n.out, n.loss = out, loss
	var nodes G.Nodes
	for _, name := range wrt {
		nodes = append(nodes, n.nodes[name])
	}
	if len(wrt) > 0 {
		if _, err := G.Grad(loss, nodes...); err != nil {
			n.t.Fatal(err)
		}
	}
	n.vm = G.NewTapeMachine(n.g)
}

// run gives the loss.
func (n *net[F]) run() float64 {
	n.t.Helper()
	n.vm.Reset()
	if err := n.vm.RunAll(); err != nil {
		n.t.Fatal(err)
	}
	s, err := scalar(n.loss.Value())
	if err != nil {
		n.t.Fatal(err)
	}
	return s
}

func (n *net[F]) output() []F { return append([]F(nil), data[F](n.out.Value())...) }

func (n *net[F]) grad(name string) []F {
	n.t.Helper()
	g, err := n.nodes[name].Grad()
	if err != nil {
		n.t.Fatal(err)
	}
	return append([]F(nil), data[F](g)...)
}

// check compares the gradients of the named inputs with central differences.
func (n *net[F]) check(names ...string) {
	n.t.Helper()
	for _, name := range names {
		n.run()
		analytic, x := n.grad(name), data[F](n.values[name])
		largest := 0.0
		for _, v := range analytic {
			largest = math.Max(largest, math.Abs(float64(v)))
		}
		if largest == 0 {
			n.t.Errorf("the gradient of %s is zero everywhere", name)
		}
		const h = 1e-5
		for i := range x {
			was := x[i]
			x[i] = was + h
			up := n.run()
			x[i] = was - h
			down := n.run()
			x[i] = was
			if want := (up - down) / (2 * h); math.Abs(float64(analytic[i])-want) > 1e-7*largest+1e-9 {
				n.t.Fatalf("gradient %d of %s is %.12g, by differences %.12g", i, name, float64(analytic[i]), want)
			}
		}
	}
}

// spoil writes a value into the padding of x [T, B, ...].
func spoil[F float](x []F, lens []int, capacity int, value F) {
	width := len(x) / (capacity * len(lens))
	for b, l := range lens {
		for t := l; t < capacity; t++ {
			for j := range width {
				x[(t*len(lens)+b)*width+j] = value
			}
		}
	}
}

// zeroPadding reports anything but zeros in the padding of x.
func zeroPadding[F float](t testing.TB, what string, x []F, lens []int, capacity int) {
	t.Helper()
	width := len(x) / (capacity * len(lens))
	for b, l := range lens {
		for f := l; f < capacity; f++ {
			for _, v := range x[(f*len(lens)+b)*width:][:width] {
				if v != 0 {
					t.Fatalf("%s: %v at frame %d of utterance %d, which has %d", what, v, f, b, l)
				}
			}
		}
	}
}
