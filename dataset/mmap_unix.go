//go:build unix

package dataset

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"framewise/corpus/files"
)

// mapFile maps a file into memory, read-only. Writing to the bytes, or touching
// them after unmap or after the file was cut short, ends the program: shards
// are never changed in place.
func mapFile(path string) (data []byte, unmap func() error, err error) {
	f, _, err := files.OpenRegular(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return mapOpen(f)
}

// mapOpen is mapFile of an open regular file, which may be closed afterwards.
func mapOpen(f *os.File) (data []byte, unmap func() error, err error) {
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	size := int(info.Size())
	if size == 0 {
		return nil, func() error { return nil }, nil
	}
	data, err = unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, nil, fmt.Errorf("map %q: %w", f.Name(), err)
	}
	return data, func() error { return unix.Munmap(data) }, nil
}
