package extract

import (
	"fmt"
	"io"
)

// Matrix is what a format knows of the features before the first row comes.
type Matrix struct {
	Name  string  // the recording's file name
	T, F  int     // rows and columns
	HopMs float64 // milliseconds from row to row
}

// RowWriter takes the rows of a matrix in order, row-major, any number of rows
// at a time. Close writes what is left; it does not close what is below.
type RowWriter interface {
	WriteRows(x []float32) error
	Close() error
}

// Format begins a matrix in a file.
type Format func(w io.Writer, m Matrix) (RowWriter, error)

// rowCount holds the values that came against the matrix that was announced.
type rowCount struct {
	m    Matrix
	seen int
}

func (c *rowCount) add(x []float32) error {
	if c.seen += len(x); c.seen > c.m.T*c.m.F {
		return fmt.Errorf("%d values for a matrix of %d rows of %d", c.seen, c.m.T, c.m.F)
	}
	return nil
}

func (c *rowCount) done() error {
	if c.seen != c.m.T*c.m.F {
		return fmt.Errorf("%d values in all for a matrix of %d rows of %d", c.seen, c.m.T, c.m.F)
	}
	return nil
}
