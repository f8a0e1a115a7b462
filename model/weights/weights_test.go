package weights

import (
	"bytes"
	"encoding/binary"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"framewise/internal/fuzzing"
)

func sample() File {
	return File{
		Tensors: []Tensor{
			{Name: "a.weight", Shape: []int{2, 3}, Data: []float32{1, -2, 3.5, float32(math.Inf(1)), 0, 1e-40}},
			{Name: "b", Shape: []int{1}, Data: []float32{7}},
		},
		Meta: map[string]string{"epoch": "3", "note": "ünïcode \"quoted\""},
	}
}

func TestWriteRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := Write(path, sample()); err != nil {
		t.Fatal(err)
	}
	got, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, sample()) {
		t.Errorf("read %+v, wrote %+v", got, sample())
	}
	first, _ := os.ReadFile(path)
	if err := Write(path, sample()); err != nil {
		t.Fatal(err)
	}
	second, _ := os.ReadFile(path)
	if !bytes.Equal(first, second) {
		t.Error("the same tensors were written as different bytes")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("temporary files are left: %v", left)
	}
}

func TestGet(t *testing.T) {
	f := sample()
	if tn, err := f.Get("b", 1); err != nil || tn.Data[0] != 7 {
		t.Errorf("Get(b) = %v, %v", tn, err)
	}
	for _, c := range []struct {
		name  string
		shape []int
	}{{"b", []int{2}}, {"c", []int{1}}} {
		if _, err := f.Get(c.name, c.shape...); err == nil {
			t.Errorf("Get(%s, %v) does not fail", c.name, c.shape)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.safetensors")
	for name, f := range map[string]File{
		"a wrong size": {Tensors: []Tensor{{Name: "a", Shape: []int{3}, Data: []float32{1}}}},
		"a name twice": {Tensors: []Tensor{{Name: "a", Shape: []int{0}}, {Name: "a", Shape: []int{0}}}},
	} {
		if err := Write(path, f); err == nil {
			t.Errorf("%s is written", name)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s left a file", name)
		}
	}
	if err := WriteFile(filepath.Join(t.TempDir(), "none", "x"), nil); err == nil {
		t.Error("a file in a missing folder is written")
	}
	if _, err := Read(path); err == nil {
		t.Error("a missing file is read")
	}
}

func FuzzParse(f *testing.F) {
	path := filepath.Join(f.TempDir(), "w.safetensors")
	if err := Write(path, sample()); err != nil {
		f.Fatal(err)
	}
	b, _ := os.ReadFile(path)
	f.Add(b)
	f.Add(b[:len(b)-1])
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff{}"))
	f.Add([]byte("\x50\x00\x00\x00\x00\x00\x00\x00" + `{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}       ` + "abcd"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var got File
		var err error
		fuzzing.Allocations(t, 1<<20+1000*uint64(len(b)), func() { got, err = parse(b) })
		if err != nil {
			return
		}
		for _, x := range got.Tensors {
			if x.Size() != len(x.Data) {
				t.Fatalf("tensor %q: %d values for shape %v", x.Name, len(x.Data), x.Shape)
			}
		}
		if b, err = encode(got); err != nil {
			t.Fatal(err)
		}
		again, err := parse(b)
		if err != nil || len(again.Tensors) != len(got.Tensors) || !maps.Equal(again.Meta, got.Meta) {
			t.Fatalf("%+v came back as %+v, %v", got, again, err)
		}
		for i, x := range again.Tensors {
			if want := got.Tensors[i]; x.Name != want.Name || !slices.Equal(x.Shape, want.Shape) || !bytes.Equal(bits(x.Data), bits(want.Data)) {
				t.Fatalf("%+v came back as %+v", want, x)
			}
		}
	})
}

// bits is values as bytes, in which one NaN can be told from another.
func bits(x []float32) []byte {
	b := make([]byte, 0, 4*len(x))
	for _, v := range x {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}
