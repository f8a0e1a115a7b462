//go:build unix

package pipelines

import (
	"os"
	"syscall"
)

// inodeOf says which file a file is, whatever its path.
func inodeOf(info os.FileInfo) (device, inode uint64) {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Dev), uint64(s.Ino)
	}
	return 0, 0
}
