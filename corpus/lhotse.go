package corpus

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// lhotseUnit is what Lhotse rounds the sums of its times to, seconds.
const lhotseUnit = 1e-4

// ImportLhotse makes the manifest's lines, sorted by id, of Lhotse's manifests
// in JSON lines, gzipped or not: the file dir, or the files below the folder
// dir with cuts, or with recordings and supervisions, in their name. If there
// are cuts, recordings and supervisions are left out, noted.
//
//   - A MonoCut with one supervision, or none, is an utterance; one with
//     several is an utterance a supervision. Cuts of other types are a problem.
//   - A supervision is an utterance of the recording it names. Recordings are
//     sought among all files; those without a supervision are noted.
//
// Labels are the alignment called opt.Tier, or phone, phones, phn ..., speaker
// and text are the supervision's. A recording must be a file, of which Lhotse's
// transforms are not applied: one with transforms is a problem, as are commands
// and URLs. Relative paths are looked for in the manifest's folder, in dir and
// in the working directory. The split is that which the file's name tells
// (train, dev, valid, test, eval among its words), else train.
//
// What cannot be read makes a line with a problem. An error means that a folder
// or file cannot be read, that there is no manifest, or that an option makes no
// sense.
func ImportLhotse(dir string, opt ImportOptions) ([]Utterance, ImportReport, error) {
	us, report, err := importLhotse(dir, opt)
	if err != nil {
		return nil, ImportReport{}, fmt.Errorf("import lhotse: %w", err)
	}
	return us, report, nil
}

func importLhotse(dir string, opt ImportOptions) ([]Utterance, ImportReport, error) {
	l := lhotse{opt: opt, notes: notes{}, tiers: notes{}, recordings: map[string]lhotsePlaced{}}
	var files []corpusFile
	var err error
	if l.dir, files, err = listFiles(dir, l.notes); err != nil {
		return nil, ImportReport{}, err
	}
	kinds := map[string][]corpusFile{}
	for _, f := range files {
		name := strings.ToLower(path.Base(f.rel))
		if !hasSuffix(name, ".jsonl", ".jsonl.gz") {
			continue
		}
		for _, kind := range []string{"cuts", "supervisions", "recordings"} {
			if strings.Contains(name, kind) {
				kinds[kind] = append(kinds[kind], f)
				break
			}
		}
	}
	if len(files) == 1 && files[0].path == dir && len(kinds) == 0 { // a file of any name
		kinds["cuts"] = files
	}
	if cuts := kinds["cuts"]; len(cuts) > 0 {
		for _, f := range slices.Concat(kinds["recordings"], kinds["supervisions"]) {
			l.notes.add("beside-cuts", f.rel)
		}
		err = l.each(cuts, l.cut)
	} else {
		if len(kinds["supervisions"]) == 0 || len(kinds["recordings"]) == 0 {
			return nil, ImportReport{}, fmt.Errorf("no Lhotse manifest in %q: want cuts.jsonl.gz, or recordings.jsonl.gz and supervisions.jsonl.gz", dir)
		}
		if err = l.each(kinds["recordings"], l.recording); err == nil {
			err = l.each(kinds["supervisions"], l.supervision)
		}
		l.noteUnused()
	}
	if err != nil {
		return nil, ImportReport{}, err
	}
	l.noteTiers()
	return resolve(l.dir, l.entries, opt, l.notes)
}

// lhotse gathers the utterances of Lhotse's manifests.
type lhotse struct {
	dir        string
	opt        ImportOptions
	notes      notes
	entries    []*entry
	recordings map[string]lhotsePlaced
	order      []string // of recordings
	tiers      notes    // alignments that were not chosen
}

// lhotsePlaced is a recording and the file that tells of it.
type lhotsePlaced struct {
	*lhotseRecording
	file corpusFile
	used *bool
}

// each gives every line of the files to read.
func (l *lhotse) each(files []corpusFile, read func(text []byte, at lhotseLine) *Problem) error {
	for _, f := range files {
		split := splitOfName(path.Base(f.rel))
		err := eachLine(f.path, func(line int, text []byte, p *Problem) error {
			if p == nil {
				p = read(text, lhotseLine{f, line, split})
			}
			if p != nil {
				l.entries = append(l.entries, badLine(f.rel, line, split, p, l.opt))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// lhotseLine is where a line of a manifest is.
type lhotseLine struct {
	file  corpusFile
	line  int
	split string
}

func (at lhotseLine) String() string { return lineOf(at.file.rel, at.line) }

// newEntry is an utterance that the line tells of.
func (l *lhotse) newEntry(id string, at lhotseLine) *entry {
	e := newEntry(id, l.opt)
	e.u.Split, e.at = at.split, at.String()
	l.entries = append(l.entries, e)
	return e
}

func (l *lhotse) recording(text []byte, at lhotseLine) *Problem {
	r := new(lhotseRecording)
	if p := decodeLine(text, r); p != nil {
		return p
	}
	if r.ID == "" {
		return &Problem{Reason: BadManifest, Detail: "the recording has no id"}
	}
	if _, ok := l.recordings[r.ID]; ok {
		l.notes.add("told-twice", fmt.Sprintf("%s (%s)", at, r.ID))
		return nil
	}
	l.recordings[r.ID] = lhotsePlaced{r, at.file, new(bool)}
	l.order = append(l.order, r.ID)
	return nil
}

func (l *lhotse) supervision(text []byte, at lhotseLine) *Problem {
	s := new(lhotseSupervision)
	if p := decodeLine(text, s); p != nil {
		return p
	}
	if s.ID == "" {
		return &Problem{Reason: BadManifest, Detail: "the supervision has no id"}
	}
	e := l.newEntry(s.ID, at)
	e.begin, e.end = s.Start, s.Start+s.Duration
	r, ok := l.recordings[s.RecordingID]
	if !ok {
		e.fail(MissingAudio, e.at, "the recording %.40q is in none of the recordings' manifests", s.RecordingID)
	} else {
		*r.used = true
		l.record(e, r.lhotseRecording, r.file, s.Channel)
	}
	l.supervise(e, s, 0)
	return nil
}

func (l *lhotse) cut(text []byte, at lhotseLine) *Problem {
	c := new(lhotseCut)
	if p := decodeLine(text, c); p != nil {
		return p
	}
	if c.ID == "" {
		return &Problem{Reason: BadManifest, Detail: "the cut has no id"}
	}
	if c.Type != "" && c.Type != "MonoCut" {
		l.newEntry(c.ID, at).fail(BadManifest, at.String(), "the cut is a %.40q, want a MonoCut", c.Type)
		return nil
	}
	if len(c.Supervisions) < 2 {
		e := l.newEntry(c.ID, at)
		e.begin, e.end = c.Start, c.Start+c.Duration
		l.record(e, c.Recording, at.file, c.Channel)
		s := new(lhotseSupervision)
		if len(c.Supervisions) == 1 {
			s = &c.Supervisions[0]
		}
		l.supervise(e, s, c.Start)
		return nil
	}
	for i := range c.Supervisions {
		s := &c.Supervisions[i]
		e := l.newEntry(s.ID, at)
		if s.ID == "" {
			e.u.ID = fmt.Sprintf("%s-%d", c.ID, i+1)
		}
		e.begin, e.end = c.Start+s.Start, c.Start+s.Start+s.Duration
		l.record(e, c.Recording, at.file, c.Channel)
		l.supervise(e, s, c.Start)
	}
	return nil
}

func (l *lhotse) noteUnused() {
	for _, id := range l.order {
		if r := l.recordings[id]; !*r.used {
			l.notes.add("no-supervision", fmt.Sprintf("%s (%s)", r.file.rel, id))
		}
	}
}

// noteTiers says that there are alignments of which none was taken.
func (l *lhotse) noteTiers() {
	if !slices.ContainsFunc(l.entries, func(e *entry) bool { return e.aligned }) {
		maps.Copy(l.notes, l.tiers)
	}
}
