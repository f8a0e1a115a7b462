package corpus

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
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

// Leaks finds what two splits share: speakers, recordings, texts. Its zero
// value is ready to use; it keeps a few bytes for every distinct one.
type Leaks struct {
	speakers, audio, texts map[string]*appearance
}

// ContentHash is the SHA-256 of the utterance's recording: of the whole file,
// of which the utterance may be a part. It is false for a line that has none,
// as one with a problem need not; all zeros are none.
func (u *Utterance) ContentHash() (sum [sha256.Size]byte, ok bool) {
	b, err := hex.DecodeString(u.SHA256)
	if err != nil || len(b) != len(sum) {
		return sum, false
	}
	copy(sum[:], b)
	return sum, sum != [sha256.Size]byte{}
}

// appearance is where something appears: a bit for each split, and the first
// line that has it.
type appearance struct {
	splits uint8
	line   int
	name   string
}

// Add takes an utterance in, of a line of the manifest (0 if there is none).
// Empty fields, as of an utterance with a problem, are shared with nobody.
// Speakers are told apart by the bytes of their names and recordings by their
// content hashes, so that two segments of one recording share it; texts are
// the same if their words are.
func (l *Leaks) Add(line int, u *Utterance) {
	if l.speakers == nil {
		l.speakers, l.audio, l.texts = map[string]*appearance{}, map[string]*appearance{}, map[string]*appearance{}
	}
	bit := uint8(1) << max(slices.Index(Splits, u.Split), 0)
	add := func(m map[string]*appearance, key, name string) {
		if key == "" {
			return
		}
		if m[key] == nil {
			m[key] = &appearance{line: line, name: name}
		}
		m[key].splits |= bit
	}
	add(l.speakers, u.Speaker, u.Speaker)
	if sum, ok := u.ContentHash(); ok {
		add(l.audio, hex.EncodeToString(sum[:]), u.ID)
	}
	add(l.texts, normalText(u.Text), u.ID)
}

// normalText is a text's words in lower case without punctuation: TIMIT writes
// one sentence in one way, other corpora do not.
func normalText(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return strings.ContainsRune(" \t\n\r.,;:!?\"()-", r)
	}), " ")
}

// splitNames lists the splits of an appearance.
func (a *appearance) splitNames() string {
	var names []string
	for i, s := range Splits {
		if a.splits>>i&1 == 1 {
			names = append(names, s)
		}
	}
	return strings.Join(names, " and ")
}

// Findings is the leaks that were found: errors of kind LeakSpeaker and
// LeakAudio, and LeakText, which is an error only if strictText is set (TIMIT's
// own development and test sets share sentences).
func (l *Leaks) Findings(strictText bool) []Finding {
	f := findings{}
	l.report(f, strictText)
	return f.list()
}

func (l *Leaks) report(f findings, strictText bool) {
	text := SevereWarning
	if strictText {
		text = SevereError
	}
	for _, k := range []struct {
		kind     string
		severity Severity
		detail   string
		of       map[string]*appearance
	}{
		{LeakSpeaker, SevereError, "speakers in more than one split", l.speakers},
		{LeakAudio, SevereError, "recordings (by content) in more than one split", l.audio},
		{LeakText, text, "texts in more than one split", l.texts},
	} {
		for key, a := range k.of {
			if a.splits&(a.splits-1) != 0 {
				f.add(k.kind, k.severity, k.detail, Case{Line: a.line, ID: a.name, Detail: fmt.Sprintf("%.60q is in %s", key, a.splitNames())})
			}
		}
	}
}
