package corpus

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"framewise/corpus/files"
)

// The names of the built-in label sets.
const (
	TIMIT61 = "timit61" // the 61 phones of TIMIT, in alphabetical order
	FSDD10  = "fsdd10"  // the digits 0 to 9
)

// timit61 is TIMIT's phones as the corpus's documentation lists them.
const timit61 = "aa ae ah ao aw ax ax-h axr ay b bcl ch d dcl dh dx eh el em en eng epi er ey f g gcl h# hh hv ih ix iy jh k kcl l m n ng nx ow oy p pau pcl q r s sh t tcl th uh uw ux v w y z zh"

// LabelSet is an ordered list of labels: a label's place in it is the number
// that shards store. Once made it does not change, so that it may be shared.
type LabelSet struct {
	Name    string
	Labels  []string
	Silence string // the label of silence, "" if the set has none

	once  sync.Once
	index map[string]int
}

// LoadLabelSet finds a label set by the name that a manifest's lines give: a
// built-in one (timit61, fsdd10), or the file <name>.labels in the manifest's
// folder, which holds a label a line.
func LoadLabelSet(name, manifestDir string) (*LabelSet, error) {
	switch name {
	case TIMIT61:
		return &LabelSet{Name: name, Labels: strings.Fields(timit61), Silence: "h#"}, nil
	case FSDD10:
		return &LabelSet{Name: name, Labels: strings.Split("0123456789", "")}, nil
	}
	if name == "" || name != filepath.Base(name) || strings.HasPrefix(name, ".") || strings.ContainsAny(name, `/\`) {
		return nil, fmt.Errorf("label set %q: want %s, %s or the name of a file <name>.labels beside the manifest", name, TIMIT61, FSDD10)
	}
	file := filepath.Join(manifestDir, name+".labels")
	f, _, err := files.OpenRegular(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("label set %q: %w: it is not built in (%s, %s are), so a list of its labels is wanted there", name, err, TIMIT61, FSDD10)
	}
	if err != nil {
		return nil, fmt.Errorf("label set %q: %w", name, err)
	}
	defer f.Close()
	l := &LabelSet{Name: name}
	seen := map[string]int{}
	sc := bufio.NewScanner(f)
	line := 1
	for ; sc.Scan(); line++ {
		text := sc.Text()
		if line == 1 {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		label := strings.TrimSpace(text)
		if label == "" {
			return nil, fmt.Errorf("label set %q: %s: line %d is empty, want a label", name, file, line)
		}
		if !utf8.ValidString(label) || strings.ContainsFunc(label, unicode.IsControl) {
			return nil, fmt.Errorf("label set %q: %s: line %d is %.40q, want a label in UTF-8 without control characters", name, file, line, label)
		}
		if first, ok := seen[label]; ok {
			return nil, fmt.Errorf("label set %q: %s: line %d is %.40q, which line %d is too", name, file, line, label, first)
		}
		seen[label] = line
		l.Labels = append(l.Labels, label)
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("label set %q: %s: line %d: %w", name, file, line, err)
	}
	if len(l.Labels) == 0 || len(l.Labels) > math.MaxInt16 {
		return nil, fmt.Errorf("label set %q: %s has %d labels, want 1 to %d", name, file, len(l.Labels), math.MaxInt16)
	}
	return l, nil
}

// Index is the place of a label in the set, or -1.
func (l *LabelSet) Index(label string) int {
	l.once.Do(func() {
		l.index = make(map[string]int, len(l.Labels))
		for i, s := range l.Labels {
			l.index[s] = i
		}
	})
	if i, ok := l.index[label]; ok {
		return i
	}
	return -1
}

// Unknown is the problem of an utterance with a label that is not in the set,
// or nil.
func (l *LabelSet) Unknown(u *Utterance) *Problem {
	for i, s := range u.Alignment {
		if l.Index(s.Label) < 0 {
			return &Problem{Reason: UnknownLabel, Detail: fmt.Sprintf("segment %d has the label %q, which %s does not have", i, s.Label, l.Name)}
		}
	}
	for i, p := range u.Phones {
		if l.Index(p) < 0 {
			return &Problem{Reason: UnknownLabel, Detail: fmt.Sprintf("phone %d is %q, which %s does not have", i, p, l.Name)}
		}
	}
	return nil
}
