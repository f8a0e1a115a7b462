//go:build !unix

package dataset

import (
	"io"
	"math"
	"os"
)

// mapFile reads a whole file: the portable stand-in for a memory map.
func mapFile(path string) (data []byte, unmap func() error, err error) {
	data, err = os.ReadFile(path)
	return data, func() error { return nil }, err
}

// mapOpen is mapFile of an open file, which may be closed afterwards.
func mapOpen(f *os.File) (data []byte, unmap func() error, err error) {
	data, err = io.ReadAll(io.NewSectionReader(f, 0, math.MaxInt64))
	return data, func() error { return nil }, err
}
