package corpus

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The names of the foldings.
const (
	FoldNone = "none"
	Fold48   = "48" // for training (Lee and Hon 1989)
	Fold39   = "39" // for scoring (Lee and Hon 1989)
)

// deleted is where TIMIT's glottal stop q goes: its frames are masked, and in
// a phone sequence it vanishes. (Toolkits differ here.)
const deleted = ""

// fold48 maps those of TIMIT's 61 phones that do not stay as they are.
var fold48 = map[string]string{
	"ax-h": "ax", "axr": "er", "hv": "hh", "em": "m", "nx": "n", "eng": "ng", "ux": "uw",
	"bcl": "vcl", "dcl": "vcl", "gcl": "vcl", "pcl": "cl", "tcl": "cl", "kcl": "cl",
	"h#": "sil", "pau": "sil", "q": deleted,
}

// fold48to39 maps those of the 48 that do not stay as they are.
var fold48to39 = map[string]string{
	"ao": "aa", "ax": "ah", "ix": "ih", "el": "l", "en": "n", "zh": "sh",
	"cl": "sil", "vcl": "sil", "epi": "sil",
}

// Folding maps the labels of a set to fewer classes, for training or scoring.
// Shards keep the set's own labels; folding happens when they are read.
type Folding struct {
	Name    string
	Labels  []string // of the classes, in alphabetical order (in the set's own for "none")
	Map     []int16  // label index -> class, -1 for a label that is masked
	Silence string   // the class of silence, "" if there is none
}

// Fold is a folding of the set by name: "none" for any set; "48" and "39" for
// timit61.
func (l *LabelSet) Fold(name string) (*Folding, error) {
	f := &Folding{Name: name, Silence: l.Silence, Map: make([]int16, len(l.Labels))}
	if name == FoldNone {
		f.Labels = slices.Clone(l.Labels)
		for i := range f.Map {
			f.Map[i] = int16(i)
		}
		return f, nil
	}
	if l.Name != TIMIT61 {
		return nil, fmt.Errorf("fold %s to %q: this label set has the folding %q only", l.Name, name, FoldNone)
	}
	var tables []map[string]string
	switch name {
	case Fold48:
		tables = []map[string]string{fold48}
	case Fold39:
		tables = []map[string]string{fold48, fold48to39}
	default:
		return nil, fmt.Errorf("fold %s to %q: want %s, %s or %s", l.Name, name, FoldNone, Fold48, Fold39)
	}
	to := func(label string) string {
		for _, t := range tables {
			if s, ok := t[label]; ok {
				label = s
			}
		}
		return label
	}
	classes := map[string]bool{}
	for _, label := range l.Labels {
		classes[to(label)] = true
	}
	delete(classes, deleted)
	f.Labels = slices.Sorted(maps.Keys(classes))
	for i, label := range l.Labels {
		f.Map[i] = int16(slices.Index(f.Labels, to(label))) // -1 for deleted
	}
	f.Silence = to(l.Silence)
	return f, nil
}

// Digest is the SHA-256, in hexadecimal, of the folding's name, classes and
// map: what a checkpoint keeps to know its outputs by.
func (f *Folding) Digest() string {
	var b strings.Builder
	fmt.Fprintf(&b, "folding %s\nsilence %s\n", f.Name, f.Silence)
	for _, l := range f.Labels {
		fmt.Fprintf(&b, "%s\n", l)
	}
	for _, c := range f.Map {
		fmt.Fprintf(&b, "%d ", c)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}
