//go:build unix

package files

import (
	"errors"
	"os"
	"syscall"
)

// SyncDir makes the names in a folder durable, where the file system can.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err = d.Sync(); errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil // what stands in such a folder stands without it
	}
	return errors.Join(err, d.Close())
}
