package corpus

import (
	"cmp"
	"slices"
)

// maxExamples is how many examples a note or finding names.
const maxExamples = 5

// SplitCount is the size of a split.
type SplitCount struct {
	Split      string  `json:"split"`
	Utterances int     `json:"utterances"` // lines, with those that have a problem
	Problems   int     `json:"problems"`   // lines that have one
	Speakers   int     `json:"speakers"`
	Seconds    float64 `json:"seconds"` // of the utterances without a problem
}

// ReasonCount is how many utterances have a problem of one kind.
type ReasonCount struct {
	Reason Reason `json:"reason"`
	Count  int    `json:"count"`
}

// Note is something that an importer met and put right, or left out.
type Note struct {
	Kind     string   `json:"kind"`
	Count    int      `json:"count"`
	Examples []string `json:"examples"` // at most 5
}

// ImportReport is what an import found. All lists are in a fixed order.
type ImportReport struct {
	Utterances int           `json:"utterances"` // lines of the manifest
	Splits     []SplitCount  `json:"splits"`     // those that are not empty
	Problems   []ReasonCount `json:"problems"`   // in the order of Reasons
	Notes      []Note        `json:"notes"`
}

// splitCounter counts a manifest's lines by split.
type splitCounter struct {
	counts   map[string]*SplitCount
	speakers map[string]map[string]bool
}

func newSplitCounter() *splitCounter {
	return &splitCounter{counts: map[string]*SplitCount{}, speakers: map[string]map[string]bool{}}
}

func (c *splitCounter) add(u *Utterance) {
	n := c.counts[u.Split]
	if n == nil {
		n = &SplitCount{Split: u.Split}
		c.counts[u.Split], c.speakers[u.Split] = n, map[string]bool{}
	}
	n.Utterances++
	if !c.speakers[u.Split][u.Speaker] {
		c.speakers[u.Split][u.Speaker] = true
		n.Speakers++
	}
	if u.Problem != nil {
		n.Problems++
	} else {
		n.Seconds += float64(u.NumSamples()) / float64(u.Rate)
	}
}

// list is the counts in the order of Splits.
func (c *splitCounter) list() []SplitCount {
	l := []SplitCount{}
	for _, s := range Splits {
		if n := c.counts[s]; n != nil {
			l = append(l, *n)
		}
	}
	return l
}

// notes gathers notes by kind.
type notes map[string]*Note

func (n notes) add(kind, example string) {
	if n[kind] == nil {
		n[kind] = &Note{Kind: kind}
	}
	n[kind].Count++
	if len(n[kind].Examples) < maxExamples {
		n[kind].Examples = append(n[kind].Examples, example)
	}
}

// list is the notes by kind.
func (n notes) list() []Note {
	l := []Note{}
	for _, note := range n {
		l = append(l, *note)
	}
	slices.SortFunc(l, func(a, b Note) int { return cmp.Compare(a.Kind, b.Kind) })
	return l
}

// newImportReport counts the lines of an import.
func newImportReport(us []Utterance, n notes) ImportReport {
	splits, reasons := newSplitCounter(), map[Reason]int{}
	for i := range us {
		splits.add(&us[i])
		if us[i].Problem != nil {
			reasons[us[i].Problem.Reason]++
		}
	}
	r := ImportReport{Utterances: len(us), Splits: splits.list(), Problems: []ReasonCount{}, Notes: n.list()}
	for _, reason := range Reasons {
		if c := reasons[reason]; c > 0 {
			r.Problems = append(r.Problems, ReasonCount{reason, c})
		}
	}
	return r
}
