package stages

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// DigestTree is the SHA-256 over the names, sizes and times of change of all
// files below a folder or of one file: what tells that a corpus was changed
// without reading its audio. Links are followed, to folders too; one that leads
// back to a folder that it lies in adds nothing.
func DigestTree(root string) (string, error) {
	h := sha256.New()
	t := tree{to: h}
	if err := t.add(root, "."); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// tree writes lines about files.
type tree struct {
	to    io.Writer
	above []fs.FileInfo // the folders that the walk is in
}

// add adds what is at a path whose name below the root is rel.
func (t *tree) add(full, rel string) error {
	info, err := os.Stat(full) // through links
	if err != nil {
		info, err = os.Lstat(full) // a link to nowhere
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		fmt.Fprintf(t.to, "%q %d %d\n", rel, info.Size(), info.ModTime().UnixNano())
		return nil
	}
	if slices.ContainsFunc(t.above, func(a fs.FileInfo) bool { return os.SameFile(a, info) }) {
		return nil
	}
	entries, err := os.ReadDir(full) // by name
	if err != nil {
		return err
	}
	t.above = append(t.above, info)
	for _, e := range entries {
		if err := t.add(filepath.Join(full, e.Name()), path.Join(rel, e.Name())); err != nil {
			return err
		}
	}
	t.above = t.above[:len(t.above)-1]
	return nil
}
