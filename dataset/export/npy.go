package export

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
)

// appendNPY appends an array in NumPy's format, version 1.0 (numpy.lib.format):
// float32 of shape [T, F] or int16 of shape [T]. npyio, which the program has
// elsewhere, takes a matrix as a Go array only, and so a type for every T, none
// of which is ever freed.
func appendNPY[V float32 | int16](dst []byte, shape []int, values []V) []byte {
	descr, dims := "<f4", make([]string, len(shape))
	if _, ok := any(values).([]int16); ok {
		descr = "<i2"
	}
	for i, n := range shape {
		dims[i] = fmt.Sprint(n)
	}
	tuple := "(" + strings.Join(dims, ", ") + ")"
	if len(shape) == 1 {
		tuple = "(" + dims[0] + ",)"
	}
	head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr, tuple)
	const before = len("\x93NUMPY") + 2 + 2
	pad := 63 - (before+len(head))%64
	head += strings.Repeat(" ", pad) + "\n"
	dst = append(dst, "\x93NUMPY\x01\x00"...)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(head)))
	dst = append(dst, head...)
	switch v := any(values).(type) {
	case []float32:
		return appendFloats(dst, v)
	case []int16:
		for _, x := range v {
			dst = binary.LittleEndian.AppendUint16(dst, uint16(x))
		}
	}
	return dst
}

func appendFloats(dst []byte, v []float32) []byte {
	for _, x := range v {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(x))
	}
	return dst
}

// writeAll writes one buffer after the other.
func writeAll(w io.Writer, bufs ...[]byte) error {
	for _, b := range bufs {
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}
