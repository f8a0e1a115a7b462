// Package spelling says which known name somebody meant who wrote another: what
// errors about keys, commands and formats end with. Distances are those of
// agnivade/levenshtein, which counts characters, not bytes.
package spelling

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

const (
	fewNames = 12 // are listed where none is alike
	longest  = 64 // characters that are compared: no known name is longer
)

// Hint is the end of an error about a name that is not among the known ones:
// `; did you mean "x"?` for the nearest one, the first of several. Where even
// that is not alike it lists the known names if they are few, and names the
// nearest one if they are many. It is empty if nothing is known.
func Hint(got string, known []string) string {
	if len(known) == 0 {
		return ""
	}
	near, distance := nearest(got, known)
	switch {
	case distance <= max(2, utf8.RuneCountInString(near)/2):
		return fmt.Sprintf("; did you mean %q?", near)
	case len(known) <= fewNames:
		return "; there are " + strings.Join(known, ", ")
	}
	return fmt.Sprintf("; the nearest known one is %q", near)
}

// start is the first n characters of a name, or all of it.
func start(name string, n int) string {
	for i := range name {
		if n == 0 {
			return name[:i]
		}
		n--
	}
	return name
}

// nearest is the known name of least edit distance, and the distance.
func nearest(got string, known []string) (string, int) {
	got = start(got, longest) // of a file, of any size
	best, least := "", -1
	for _, name := range known {
		if d := levenshtein.ComputeDistance(got, name); least < 0 || d < least {
			best, least = name, d
		}
	}
	return best, least
}
