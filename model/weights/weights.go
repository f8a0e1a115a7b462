// Package weights keeps named float32 arrays in safetensors files: the weights
// of a network, and with them whatever a checkpoint needs. A file appears whole
// or not at all.
package weights

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/nlpodyssey/safetensors"

	"framewise/corpus/files"
)

// Tensor is a named array in row-major order.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32 // as many as the product of Shape
}

// Size is the number of values that the shape asks for.
func (t Tensor) Size() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// File is what a safetensors file holds.
type File struct {
	Tensors []Tensor
	Meta    map[string]string // the file's __metadata__
}

// view makes a Tensor a safetensors.View.
type view struct {
	shape []uint64
	data  []byte
}

func (v view) DType() safetensors.DType { return safetensors.F32 }
func (v view) Shape() []uint64          { return v.shape }
func (v view) Data() []byte             { return v.data }
func (v view) DataLen() uint64          { return uint64(len(v.data)) }

// Write writes the tensors, whose names must differ, and the metadata to path:
// to a temporary file beside it that is synced and then renamed. The bytes
// depend on nothing but what is written.
func Write(path string, f File) error {
	b, err := encode(f)
	if err != nil {
		return fmt.Errorf("write weights %q: %w", path, err)
	}
	return WriteFile(path, b)
}

// encode is the bytes of a file.
func encode(f File) ([]byte, error) {
	views := make(map[string]view, len(f.Tensors))
	for _, t := range f.Tensors {
		if t.Size() != len(t.Data) {
			return nil, fmt.Errorf("tensor %q has %d values, its shape %v wants %d", t.Name, len(t.Data), t.Shape, t.Size())
		}
		if _, seen := views[t.Name]; seen {
			return nil, fmt.Errorf("two tensors are called %q", t.Name)
		}
		v := view{data: make([]byte, 0, 4*len(t.Data))}
		for _, d := range t.Shape {
			v.shape = append(v.shape, uint64(d))
		}
		for _, x := range t.Data {
			v.data = binary.LittleEndian.AppendUint32(v.data, math.Float32bits(x))
		}
		views[t.Name] = v
	}
	return safetensors.Serialize(views, f.Meta)
}

// WriteFile writes a file whole or not at all, as package files does.
func WriteFile(path string, b []byte) error { return files.WriteBytes(path, b) }

// Read reads a file of float32 tensors, sorted by name.
func Read(path string) (File, error) {
	b, err := files.ReadRegular(path)
	if err != nil {
		return File{}, fmt.Errorf("read weights: %w", err)
	}
	f, err := parse(b)
	if err != nil {
		return File{}, fmt.Errorf("read weights %q: %w", path, err)
	}
	return f, nil
}

func parse(b []byte) (File, error) {
	_, meta, err := safetensors.ReadMetadata(b)
	if err != nil {
		return File{}, err
	}
	st, err := safetensors.Deserialize(b)
	if err != nil {
		return File{}, err
	}
	f := File{Meta: meta.Metadata()}
	for _, nt := range st.Tensors() {
		if nt.TensorView.DType() != safetensors.F32 {
			return File{}, fmt.Errorf("tensor %q is of type %s, want F32", nt.Name, nt.TensorView.DType())
		}
		t := Tensor{Name: nt.Name, Data: make([]float32, len(nt.TensorView.Data())/4)}
		for _, d := range nt.TensorView.Shape() {
			if d > math.MaxInt32 {
				return File{}, fmt.Errorf("tensor %q has a dimension of %d, want at most %d", nt.Name, d, math.MaxInt32)
			}
			t.Shape = append(t.Shape, int(d))
		}
		for i := range t.Data {
			t.Data[i] = math.Float32frombits(binary.LittleEndian.Uint32(nt.TensorView.Data()[4*i:]))
		}
		f.Tensors = append(f.Tensors, t)
	}
	slices.SortFunc(f.Tensors, func(a, b Tensor) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return f, nil
}

// Get is the tensor of a name, whose shape must be the one given.
func (f File) Get(name string, shape ...int) (Tensor, error) {
	for _, t := range f.Tensors {
		if t.Name != name {
			continue
		}
		if !slices.Equal(t.Shape, shape) {
			return Tensor{}, fmt.Errorf("tensor %q has shape %v, want %v", name, t.Shape, shape)
		}
		return t, nil
	}
	return Tensor{}, fmt.Errorf("no tensor %q among %d", name, len(f.Tensors))
}
