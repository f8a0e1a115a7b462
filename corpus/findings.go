package corpus

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity is how bad a finding is.
type Severity string

// The severities.
const (
	SevereError   Severity = "error"   // the corpus, or an utterance of it, cannot be used as it is
	SevereWarning Severity = "warning" // it can, and one should know
)

// Kinds of findings beside the Reasons, which are kinds too.
const (
	LeakSpeaker    = "leak-speaker"    // a speaker in two splits
	LeakAudio      = "leak-audio"      // the same recording, by its SHA-256, in two splits
	LeakText       = "leak-text"       // a text in two splits
	LowCoverage    = "label-coverage"  // less than 95 % of the samples have a label
	DominantLabel  = "dominant-label"  // one label has more than half of the labelled samples
	UncheckedAudio = "unchecked-audio" // recordings that were not read: remote ones
)

// Finding is what Check found of one kind.
type Finding struct {
	Kind     string   `json:"kind"`
	Severity Severity `json:"severity"`
	Count    int      `json:"count"`
	Detail   string   `json:"detail"`   // what the count counts
	Examples []Case   `json:"examples"` // the first by line; at most 5
}

// Case is one case of a finding.
type Case struct {
	Line   int    `json:"line"` // of the manifest; 0 if the case is no line's
	ID     string `json:"id"`   // of the utterance, or the speaker or label
	Detail string `json:"detail"`
}

// findings gathers findings by kind; examples may come in any order.
type findings map[string]*Finding

func (f findings) add(kind string, severity Severity, detail string, e Case) {
	g := f[kind]
	if g == nil {
		g = &Finding{Kind: kind, Severity: severity, Detail: detail}
		f[kind] = g
	}
	g.Count++
	i, _ := slices.BinarySearchFunc(g.Examples, e, func(a, b Case) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Detail, b.Detail))
	})
	if i < maxExamples {
		g.Examples = slices.Insert(g.Examples, i, e)
		g.Examples = g.Examples[:min(len(g.Examples), maxExamples)]
	}
}

// problem adds a problem of a line.
func (f findings) problem(line int, id string, p *Problem) {
	detail := p.Detail
	if p.At != "" && !strings.HasPrefix(p.At, "line ") {
		detail = p.At + ": " + detail
	}
	f.add(string(p.Reason), SevereError, reasonDetail[p.Reason], Case{Line: line, ID: id, Detail: detail})
}

// reasonDetail says what a finding of a Reason counts.
var reasonDetail = map[Reason]string{
	MissingAudio:    "utterances whose recording is not there",
	UnreadableAudio: "utterances whose recording cannot be read",
	AudioChanged:    "utterances whose recording is not the one that was imported",
	MissingLabels:   "utterances without labels",
	BadAlignment:    "utterances whose alignment does not parse, or whose segments overlap or are out of order",
	OutsideAudio:    "utterances whose alignment goes beyond the recording",
	UnknownLabel:    "utterances with a label that is not in the label set",
	BadManifest:     "lines that are not utterances or contradict themselves",
	DuplicateID:     "lines with an id that an earlier line has",
	TooShort:        "utterances without a frame",
}

// list is the findings, errors before warnings, then by kind.
func (f findings) list() []Finding {
	l := []Finding{}
	for _, g := range f {
		l = append(l, *g)
	}
	slices.SortFunc(l, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Kind, b.Kind))
	})
	return l
}

// leaks adds what two splits share: errors, but for texts, which are an error
// only if strictText is set (TIMIT's own development and test sets share
// sentences). A case is the first line that has it.
func (f findings) leaks(found []Leak, strictText bool) {
	for _, l := range found {
		severity := SevereError
		if l.Kind == LeakText && !strictText {
			severity = SevereWarning
		}
		first, splits := l.First[0], make([]string, len(l.First))
		for i, w := range l.First {
			splits[i] = w.Split
			if w.Line < first.Line {
				first = w
			}
		}
		id := first.ID
		if l.Kind == LeakSpeaker {
			id = l.What
		}
		f.add(l.Kind, severity, leakDetail[l.Kind], Case{Line: first.Line, ID: id, Detail: fmt.Sprintf("%.60q is in %s", l.What, strings.Join(splits, " and "))})
	}
}

// leakDetail says what a finding of a kind of leak counts.
var leakDetail = map[string]string{
	LeakSpeaker: "speakers in more than one split",
	LeakAudio:   "recordings (by content) in more than one split",
	LeakText:    "texts in more than one split",
}
