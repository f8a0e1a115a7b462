package extract

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
	"unsafe"
)

// NPY is NumPy's format, version 1.0: float32 [T, F], little-endian, row-major;
// byte for byte what numpy.save writes. (The library npyio takes a matrix of
// float32 only whole, as an array made by reflection.)
func NPY(w io.Writer, m Matrix) (RowWriter, error) {
	if _, err := w.Write(npyHeader(m.T, m.F)); err != nil {
		return nil, err
	}
	return &npyWriter{w: w, count: rowCount{m: m}}, nil
}

// npyHeader is magic, version, length (2 bytes, little-endian), and a Python
// dictionary padded with blanks so that the data begin at a multiple of 64.
// numpy leaves room for a first dimension of 21 digits.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
func npyHeader(t, f int) []byte {
	const align, digits = 64, 21
	first := fmt.Sprint(t)
	dict := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%s, %d), }", first, f) + strings.Repeat(" ", max(0, digits-len(first)))
	const before = 10
	size := (before + len(dict) + 1 + align - 1) / align * align
	h := append([]byte("\x93NUMPY\x01\x00"), byte(size-before), byte((size-before)>>8))
	h = append(h, dict...)
	for len(h) < size-1 {
		h = append(h, ' ')
	}
	return append(h, '\n')
}

type npyWriter struct {
	w     io.Writer
	count rowCount
	buf   []byte
}

// littleEndianHost says whether float32 values lie in memory as in the file.
var littleEndianHost = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

func (n *npyWriter) WriteRows(x []float32) error {
	if err := n.count.add(x); err != nil {
		return err
	}
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 4*len(x))
	if !littleEndianHost {
		n.buf = n.buf[:0]
		for _, v := range x {
			n.buf = binary.LittleEndian.AppendUint32(n.buf, math.Float32bits(v))
		}
		b = n.buf
	}
	_, err := n.w.Write(b)
	return err
}

func (n *npyWriter) Close() error { return n.count.done() }
