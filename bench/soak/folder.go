package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const lockFile = ".build/lock"

// file is a file of a dataset's folder as it lies there.
type file struct {
	sum   string // SHA-256
	inode uint64
	time  time.Time // of its last change
}

// scan reads all files of a folder but the lock.
func scan(dir string) (map[string]file, error) {
	out := map[string]file{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		if name := filepath.ToSlash(rel); name != lockFile {
			out[name], err = read(p)
		}
		return err
	})
	return out, err
}

func read(path string) (file, error) {
	info, err := os.Stat(path)
	if err != nil {
		return file{}, err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return file{}, err
	}
	sum := sha256.Sum256(b)
	return file{hex.EncodeToString(sum[:]), info.Sys().(*syscall.Stat_t).Ino, info.ModTime()}, nil
}

func isShard(name string) bool { return path.Ext(name) == ".arrow" }

func isTemporary(name string) bool { return strings.HasPrefix(path.Base(name), ".tmp-") }

// sidecar is the file that says that a shard is whole.
func sidecar(shard string) string {
	return path.Join(".build", strings.TrimSuffix(shard, ".arrow")+".json")
}

// whole lists the shards of a target that stand in a folder, with their notes.
func whole(files map[string]file, t *target) map[string]file {
	out := map[string]file{}
	for _, name := range t.shards {
		if note := sidecar(name); files[name].sum == t.files[name] && files[note].sum == t.files[note] {
			out[name] = files[name]
		}
	}
	return out
}

// lockedBy is the process that a folder's lock names; 0 for none.
func lockedBy(dir string) int {
	var holder struct{ PID int }
	if b, err := os.ReadFile(filepath.Join(dir, lockFile)); err != nil || json.Unmarshal(b, &holder) != nil {
		return 0
	}
	return holder.PID
}

// since says whether a file was written after a moment.
func since(dir, name string, moment time.Time) bool {
	info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
	return err == nil && info.ModTime().After(moment)
}
