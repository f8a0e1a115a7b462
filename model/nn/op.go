package nn

import (
	"fmt"
	"hash"
	"hash/fnv"
	"sync/atomic"

	"github.com/chewxy/hm"
	// Gorgonia depends on this package, which panics at start-up for versions
	// of Go that it does not know; the version in go.mod knows ours.
	_ "go4.org/unsafe/assume-no-moving-gc"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// float is what the operations compute in.
type float interface{ float32 | float64 }

// operation is one node's gorgonia.SDOp, made for the shapes of its inputs.
type operation struct {
	id       int64
	name     string
	inputs   []hm.Type
	dtype    tensor.Dtype
	shape    tensor.Shape // of the result; empty for a scalar
	run      func(in []G.Value) (G.Value, error)
	diff     []bool // which inputs have a gradient
	gradient func(in G.Nodes, out, grad *G.Node) (G.Nodes, error)
}

var operations atomic.Int64

// apply adds an operation to the graph of its inputs.
func apply(o operation, in ...*G.Node) (*G.Node, error) {
	o.id = operations.Add(1)
	for _, n := range in {
		o.inputs = append(o.inputs, typeOf(n.Dims(), n.Dtype()))
	}
	if o.diff == nil {
		o.diff = make([]bool, len(in))
	}
	out, err := G.ApplyOp(&o, in...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.name, err)
	}
	return out, nil
}

func typeOf(dims int, dt tensor.Dtype) hm.Type {
	if dims == 0 {
		return dt
	}
	return G.TensorType{Dims: dims, Of: dt}
}

// Arity, Type, InferShape and Do are gorgonia.Op.

func (o *operation) Arity() int { return len(o.inputs) }

func (o *operation) Type() hm.Type {
	return hm.NewFnType(append(append([]hm.Type{}, o.inputs...), typeOf(len(o.shape), o.dtype))...)
}

func (o *operation) InferShape(...G.DimSizer) (tensor.Shape, error) { return o.shape.Clone(), nil }

func (o *operation) Do(in ...G.Value) (G.Value, error) { return o.run(in) }

func (o *operation) ReturnsPtr() bool     { return true }
func (o *operation) CallsExtern() bool    { return false }
func (o *operation) OverwritesInput() int { return -1 }
func (o *operation) String() string       { return fmt.Sprintf("%s#%d", o.name, o.id) }

// WriteHash has the instance's number in it: Gorgonia merges nodes of equal
// hash, and two layers of one shape are not the same layer.
func (o *operation) WriteHash(h hash.Hash) { fmt.Fprint(h, o.String()) }

func (o *operation) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

// DiffWRT and SymDiff make it a gorgonia.SDOp.

func (o *operation) DiffWRT(int) []bool { return o.diff }

func (o *operation) SymDiff(in G.Nodes, out, grad *G.Node) (G.Nodes, error) {
	if o.gradient == nil {
		return nil, fmt.Errorf("%s has no gradient", o.name)
	}
	return o.gradient(in, out, grad)
}

// backward adds the gradient operation of a layer to the graph and returns one
// node for each of its results. An operation has one result in Gorgonia, so
// the gradient operation returns the first and leaves the others in tensors
// of the layer; a node that depends on it hands each of them on without a copy.
func backward[F float](name string, in G.Nodes, run func(in []G.Value) error, results ...func() *tensor.Dense) (G.Nodes, error) {
	shapes := make([]tensor.Shape, len(results))
	for i, r := range results {
		shapes[i] = r().Shape()
	}
	first, err := apply(operation{name: name, dtype: dtypeOf[F](), shape: shapes[0], run: func(v []G.Value) (G.Value, error) {
		if err := run(v); err != nil {
			return nil, err
		}
		return results[0](), nil
	}}, in...)
	if err != nil {
		return nil, err
	}
	out := G.Nodes{first}
	for i, r := range results[1:] {
		n, err := apply(operation{name: fmt.Sprintf("%s.%d", name, i+1), dtype: dtypeOf[F](), shape: shapes[i+1],
			run: func([]G.Value) (G.Value, error) { return r(), nil }}, first)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

func dtypeOf[F float]() tensor.Dtype {
	var z F
	if _, ok := any(z).(float32); ok {
		return tensor.Float32
	}
	return tensor.Float64
}

func data[F float](v G.Value) []F { return v.Data().([]F) }

// lengths reads the lengths of a batch, each cut to the capacity T, and their maximum.
func lengths(v G.Value, capacity int) (lens []int, longest int, err error) {
	lens, ok := v.Data().([]int)
	if !ok {
		return nil, 0, fmt.Errorf("lengths are %T, want []int", v.Data())
	}
	for b, l := range lens {
		if l < 0 || l > capacity {
			return nil, 0, fmt.Errorf("utterance %d of the batch has length %d, the graph has room for 0 to %d", b, l, capacity)
		}
		longest = max(longest, l)
	}
	return lens, longest, nil
}

// sequence checks that x is [T, B, I] of floats and lens is [B] of int.
func sequence(name string, x, lens *G.Node) (T, B, I int, err error) {
	s := x.Shape()
	if len(s) != 3 || (x.Dtype() != tensor.Float32 && x.Dtype() != tensor.Float64) {
		return 0, 0, 0, fmt.Errorf("%s: input is %v of %v, want [T, B, I] of float32 or float64", name, s, x.Dtype())
	}
	if l := lens.Shape(); len(l) != 1 || l[0] != s[1] || lens.Dtype() != tensor.Int {
		return 0, 0, 0, fmt.Errorf("%s: lengths are %v of %v, want [%d] of int for an input %v", name, l, lens.Dtype(), s[1], s)
	}
	return s[0], s[1], s[2], nil
}

// weights checks that w is [rows, cols] of the input's type.
func weights(name string, x, w *G.Node, rows, cols int) error {
	if s := w.Shape(); len(s) != 2 || s[0] != rows || s[1] != cols || w.Dtype() != x.Dtype() {
		return fmt.Errorf("%s: weights are %v of %v, want [%d, %d] of %v for an input %v", name, s, w.Dtype(), rows, cols, x.Dtype(), x.Shape())
	}
	return nil
}

// buffer is a tensor that an operation owns, used from the front in rows.
type buffer[F float] struct {
	dense *tensor.Dense
	data  []F
	width int // numbers in a row
	used  int // rows that may hold something other than zero
}

func newBuffer[F float](width int, shape ...int) *buffer[F] {
	n := 1
	for _, s := range shape {
		n *= s
	}
	b := &buffer[F]{data: make([]F, n), width: width}
	b.dense = tensor.New(tensor.WithShape(shape...), tensor.WithBacking(b.data))
	return b
}

// rows gives the first n rows for writing and clears what earlier, longer
// batches left behind them.
func (b *buffer[F]) rows(n int) []F {
	if n < b.used {
		clear(b.data[n*b.width : b.used*b.width])
	}
	b.used = n
	return b.data[:n*b.width]
}

func (b *buffer[F]) tensor() *tensor.Dense { return b.dense }
