package extract

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Input is a recording to be extracted.
type Input struct {
	Path string
	Name string // of its output below the output folder, with slashes and no ending
	Err  error  // what kept it, or the folder that Path then is, from being read
}

// Endings lists the endings, in lower case, by which recordings are found in
// folders. A recording that is named itself may have any.
var Endings = []string{".wav", ".flac", ".sph"}

// RecordingName is the name of the output of a recording, given its path below a
// folder with slashes, and whether [Find] would take it for one by that path.
func RecordingName(file string) (string, bool) {
	hidden := strings.HasPrefix(file, ".") || strings.Contains(file, "/.")
	return stem(file), !hidden && slices.Contains(Endings, strings.ToLower(path.Ext(file)))
}

// Find lists the recordings that paths name: files, and folders with all that
// is below them, in the order of the paths and sorted by name below each. A
// file's output is named for the file, one in a folder for its path below the
// folder. Symbolic links are followed, but not back into a folder that they
// lie in. Names that begin with a dot are left out of folders.
//
// What cannot be read is an Input with an Err. The error is about the paths
// themselves: one that is not there, a folder that holds no recording, or two
// recordings whose outputs would have one name.
func Find(paths []string) ([]Input, error) {
	var all []Input
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			all = append(all, Input{Path: p, Name: stem(filepath.Base(p))})
			continue
		}
		w := walk{}
		w.dir(p, "", info)
		if len(w.found) == 0 {
			return nil, fmt.Errorf("%s: the folder holds no recordings (%s)", p, strings.Join(Endings, ", "))
		}
		all = append(all, w.found...)
	}
	return all, distinct(all)
}

// distinct refuses two recordings with outputs of one name.
func distinct(all []Input) error {
	by := map[string]string{}
	for _, in := range all {
		if in.Err != nil {
			continue
		}
		if other, ok := by[in.Name]; ok {
			return fmt.Errorf("%s and %s would both be written to %q: extract them into different folders", other, in.Path, in.Name)
		}
		by[in.Name] = in.Path
	}
	return nil
}

func stem(name string) string { return strings.TrimSuffix(name, filepath.Ext(name)) }

// walk collects the recordings below a folder.
type walk struct {
	found []Input
	above []fs.FileInfo // the folders that the walk is in
}

// dir visits a folder whose path below the first is name.
func (w *walk) dir(dir, name string, info fs.FileInfo) {
	if slices.ContainsFunc(w.above, func(a fs.FileInfo) bool { return os.SameFile(a, info) }) {
		return // a link back up: all that is in there is being visited
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		w.found = append(w.found, Input{Path: dir, Err: err})
	}
	w.above = append(w.above, info)
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			w.entry(filepath.Join(dir, e.Name()), path.Join(name, e.Name()))
		}
	}
	w.above = w.above[:len(w.above)-1]
}

// entry visits what a folder holds. A broken link with a recording's ending is
// a recording that is missing.
func (w *walk) entry(file, name string) {
	output, recording := RecordingName(name)
	info, err := os.Stat(file)
	switch {
	case err != nil && recording:
		w.found = append(w.found, Input{Path: file, Name: output, Err: err})
	case err != nil:
	case info.IsDir():
		w.dir(file, name, info)
	case recording && info.Mode().IsRegular():
		w.found = append(w.found, Input{Path: file, Name: output})
	}
}
