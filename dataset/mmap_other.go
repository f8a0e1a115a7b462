//go:build !unix

package dataset

import "os"

// mapFile reads a whole file: the portable stand-in for a memory map.
func mapFile(path string) (data []byte, unmap func() error, err error) {
	data, err = os.ReadFile(path)
	return data, func() error { return nil }, err
}
