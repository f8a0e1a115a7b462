package extract

import (
	"io"

	"framewise/transforms"
)

// MaxDeltas is the highest order of deltas: delta-deltas.
const MaxDeltas = 2

// withDeltas is a format whose rows have deltas up to an order beside the
// statics, [T, F*(1+order)] as training reads them. It holds the matrix.
func withDeltas(f Format, order int) Format {
	return func(w io.Writer, m Matrix) (RowWriter, error) {
		wide := m
		wide.F *= 1 + order
		to, err := f(w, wide)
		if err != nil {
			return nil, err
		}
		return &deltaWriter{to: to, m: m, order: order}, nil
	}
}

type deltaWriter struct {
	to    RowWriter
	m     Matrix
	order int
	x     []float32 // the statics, [T, F]
}

func (d *deltaWriter) WriteRows(x []float32) error {
	d.x = append(d.x, x...)
	return nil
}

// Close computes each plane from the one before and writes them side by side.
func (d *deltaWriter) Close() error {
	F := d.m.F
	T := len(d.x) / F
	planes := [][]float32{d.x}
	for k := range d.order {
		planes = append(planes, transforms.Deltas(nil, planes[k], T, F))
	}
	const rows = 1024
	var buf []float32
	for begin := 0; begin < T; begin += rows {
		buf = buf[:0]
		for t := begin; t < min(begin+rows, T); t++ {
			for _, p := range planes {
				buf = append(buf, p[t*F:(t+1)*F]...)
			}
		}
		if err := d.to.WriteRows(buf); err != nil {
			return err
		}
	}
	return d.to.Close()
}
