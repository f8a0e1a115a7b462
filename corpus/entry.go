package corpus

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ImportOptions says how a corpus of Kaldi's, Lhotse's, NeMo's, TextGrid's or
// CTM's files becomes a manifest.
type ImportOptions struct {
	ManifestDir string // URIs are relative to it; "" means the corpus's folder
	Channel     int    // of the recordings, from 0, where the corpus does not say

	// LabelSet is the name of the label set of the alignments: a built-in one,
	// which then decides what is a label, or the name under which the union of
	// labels (LabelsOf) will lie beside the manifest.
	LabelSet string

	// DevSpeakers and TestSpeakers are "" (none), a count to draw by hash from
	// the speakers of train, or a list of names with commas between. All others
	// stay in the split that the corpus puts them in.
	DevSpeakers, TestSpeakers string

	// Tier names the tier of a TextGrid, or the alignment of Lhotse's
	// supervisions, that holds the labels; "" is one called phones, phone, phn
	// or the like.
	Tier string
	// EmptyLabel is the label of a TextGrid's intervals without a text, and of
	// Lhotse's alignment items without a symbol; "" leaves them without one.
	EmptyLabel string
	// SpeakerPattern finds the speaker in the path of a recording, relative to
	// the corpus: its first group, or all of what matches. It is for corpora
	// that do not name the speaker. nil: the name of the recording's folder.
	SpeakerPattern *regexp.Regexp

	Workers  int                   // recordings read at a time; 0 means one a CPU
	Progress func(done, total int) // may be nil
}

// entry is an utterance as the files of a corpus tell of it: its times are in
// seconds, and its recording is not read yet.
type entry struct {
	u          Utterance // ID, Speaker, Text; Split where the corpus says
	audio      string    // path of the recording
	channel    int
	begin, end float64 // seconds of the recording; an infinite end is its own
	aligned    bool    // there is an alignment, if only an empty one
	spans      []span  // in seconds of the recording
	unit       float64 // what their times are rounded to, seconds
	at         string  // where the alignment is told: "a.TextGrid"
	problem    *Problem
	claims     func(*Utterance) string // the kind of a note if the recording is not as the corpus says; may be nil
}

func newEntry(id string, opt ImportOptions) *entry {
	return &entry{u: Utterance{ID: id}, channel: opt.Channel, end: math.Inf(1)}
}

// fail sets the entry's problem unless it has one.
func (e *entry) fail(reason Reason, at, format string, args ...any) {
	if e.problem == nil {
		e.problem = &Problem{Reason: reason, At: at, Detail: fmt.Sprintf(format, args...)}
	}
}

// settleID makes the id one that a manifest can hold; one that is not is quoted,
// and a problem.
func (e *entry) settleID() {
	bad := func(s string) bool { return !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) }
	switch {
	case e.u.ID == "":
		e.u.ID = `""`
		e.fail(BadManifest, e.at, "the id is empty")
	case bad(e.u.ID):
		e.fail(BadManifest, e.at, "the id %.60q holds control characters or is not UTF-8", e.u.ID)
		e.u.ID = strings.Trim(strconv.Quote(e.u.ID), `"`)
	case bad(e.audio):
		e.fail(UnreadableAudio, e.at, "the path %.200q holds control characters or is not UTF-8", e.audio)
	}
}

// badLine is an entry for a line of a corpus's file of which not even the id
// could be read.
func badLine(rel string, line int, split string, p *Problem, opt ImportOptions) *entry {
	e := newEntry(fmt.Sprintf("%s:%d", rel, line), opt)
	e.u.Split = split
	e.problem = &Problem{Reason: p.Reason, At: lineOf(rel, line), Detail: p.Detail}
	return e
}

// lineOf is a place in a file, as problems tell it.
func lineOf(rel string, line int) string { return fmt.Sprintf("%s line %d", rel, line) }

// locateAudio is where a recording lies that a corpus's file names: a relative
// path is looked for in each folder and then in the working directory, and
// counts for the first folder's if it is nowhere.
func locateAudio(name string, folders ...string) string {
	name = filepath.FromSlash(name)
	if filepath.IsAbs(name) {
		return name
	}
	for _, dir := range folders {
		if file := filepath.Join(dir, name); exists(file) {
			return file
		}
	}
	if exists(name) {
		return name
	}
	return filepath.Join(folders[0], name)
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return !errors.Is(err, os.ErrNotExist)
}

// speakerOf is the speaker of a recording whose corpus does not name one.
func (o *ImportOptions) speakerOf(dir, file string) string {
	rel := file
	abs, err := filepath.Abs(dir)
	if full, err2 := filepath.Abs(file); err == nil && err2 == nil {
		rel = full
		if r, err := filepath.Rel(abs, full); err == nil && filepath.IsLocal(r) {
			rel = r
		}
	}
	rel = filepath.ToSlash(rel)
	if o.SpeakerPattern != nil {
		m := o.SpeakerPattern.FindStringSubmatch(rel)
		if m = m[:min(len(m), 2)]; len(m) > 0 && m[len(m)-1] != "" {
			return m[len(m)-1]
		}
	}
	if folder := path.Base(path.Dir(rel)); folder != "." && folder != "/" {
		return folder
	}
	return filepath.Base(abs)
}

// splitOfName is the split that the name of a file or folder tells of, or "".
// dev goes before test and test before train: in the names of recipes
// train_dev is a development set.
func splitOfName(name string) string {
	name = strings.ToLower(name)
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) })
	has := func(names ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(names, w) })
	}
	switch {
	case has("test") && has("rest"):
		return TestRest
	case has("dev", "devel", "development", "valid", "validation", "val", "cv"):
		return Dev
	case has("test", "eval"):
		return Test
	case has("train", "training", "tr"):
		return Train
	}
	return ""
}

// tierNames are what a tier of phones is called, best first.
var tierNames = []string{"phones", "phone", "phn", "phns", "phonemes", "phoneme", "segments", "segment"}

// chooseTier is the place of the tier called want in names, in any case, or
// for "" of one that is called as a tier of phones is; -1 if there is none.
func chooseTier(names []string, want string) int {
	wanted := tierNames
	if want != "" {
		wanted = []string{want}
	}
	for _, w := range wanted {
		if i := slices.IndexFunc(names, func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), w) }); i >= 0 {
			return i
		}
	}
	return -1
}
