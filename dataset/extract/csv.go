package extract

import (
	"io"
	"strconv"
)

// CSV has a line a row and no header; every number reads back as the float32
// that it was.
func CSV(w io.Writer, m Matrix) (RowWriter, error) {
	return &csvWriter{w: w, count: rowCount{m: m}}, nil
}

type csvWriter struct {
	w     io.Writer
	count rowCount
	buf   []byte
}

func (c *csvWriter) WriteRows(x []float32) error {
	if err := c.count.add(x); err != nil {
		return err
	}
	c.buf = c.buf[:0]
	for i, v := range x {
		c.buf = strconv.AppendFloat(c.buf, float64(v), 'g', -1, 32)
		end := byte(',')
		if (i+1)%c.count.m.F == 0 {
			end = '\n'
		}
		c.buf = append(c.buf, end)
	}
	_, err := c.w.Write(c.buf)
	return err
}

func (c *csvWriter) Close() error { return c.count.done() }
