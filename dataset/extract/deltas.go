package extract

import (
	"io"

	"framewise/transforms"
)

// MaxDeltas is the highest order of deltas: delta-deltas.
const MaxDeltas = 2

// deltaReach is how many rows before and after its own a delta looks at
// (transforms.Deltas), for each order once.
const deltaReach = 2

// withDeltas is a format whose rows have deltas up to an order beside the
// statics, [T, F*(1+order)] as training reads them.
func withDeltas(f Format, order int) Format {
	return func(w io.Writer, m Matrix) (RowWriter, error) {
		wide := m
		wide.F *= 1 + order
		to, err := f(w, wide)
		if err != nil {
			return nil, err
		}
		return &deltaWriter{to: to, f: m.F, planes: make([][]float32, 1+order)}, nil
	}
}

// deltaWriter computes deltas within a window of rows that moves on.
type deltaWriter struct {
	to     RowWriter
	f      int
	planes [][]float32 // [1+order][rows, F] of the window, the statics first
	lead   int         // the window's first rows, which only others need
	wide   []float32   // rows as they are written
}

// reach is how many rows at an end of the window are wrong unless the signal
// ends there too.
func (d *deltaWriter) reach() int { return deltaReach * (len(d.planes) - 1) }

// deltaRows is how many rows at least are worth a pass.
const deltaRows = 256

func (d *deltaWriter) WriteRows(x []float32) error {
	d.planes[0] = append(d.planes[0], x...)
	rows := len(d.planes[0])/d.f - d.reach()
	if rows-d.lead < deltaRows {
		return nil
	}
	if err := d.write(rows); err != nil {
		return err
	}
	keep := max(rows-d.reach(), 0)
	d.lead = rows - keep
	d.planes[0] = d.planes[0][:copy(d.planes[0], d.planes[0][keep*d.f:])]
	return nil
}

// Close writes the rows up to the signal's end.
func (d *deltaWriter) Close() error {
	if err := d.write(len(d.planes[0]) / d.f); err != nil {
		return err
	}
	return d.to.Close()
}

// write writes the window's rows from lead up to end, statics and deltas side
// by side.
func (d *deltaWriter) write(end int) error {
	for k := range d.planes[1:] {
		d.planes[k+1] = transforms.Deltas(d.planes[k+1], d.planes[k], len(d.planes[0])/d.f, d.f)
	}
	d.wide = d.wide[:0]
	for t := d.lead; t < end; t++ {
		for _, p := range d.planes {
			d.wide = append(d.wide, p[t*d.f:(t+1)*d.f]...)
		}
	}
	return d.to.WriteRows(d.wide)
}
