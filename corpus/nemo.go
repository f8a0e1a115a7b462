package corpus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"path"
	"path/filepath"
	"strings"
)

// nemoLine is a line of a NeMo manifest.
type nemoLine struct {
	AudioFilepath *string         `json:"audio_filepath"`
	Duration      *float64        `json:"duration"`
	Offset        float64         `json:"offset"`
	Text          string          `json:"text"`
	Speaker       json.RawMessage `json:"speaker"` // a text or a number
}

// ImportNeMo makes the manifest's lines, sorted by id, of NeMo manifests: the
// file dir, or every .json and .jsonl file below the folder dir whose lines
// have an audio_filepath. An utterance is offset to offset + duration seconds
// of its recording; there are no alignments.
//
// Relative paths are looked for in the manifest's folder, in dir and in the
// working directory. The id is the path without its suffix, and the times in
// milliseconds where an offset or another line of the recording makes that
// necessary. The speaker is the key speaker, which NeMo's manifests of text to
// speech have, or opt.speakerOf the recording. The split is that which the
// manifest's name tells (train, dev, valid, test, eval among its words), else
// train.
//
// What cannot be read makes a line with a problem. An error means that a folder
// or file cannot be read, that there is no manifest, or that an option makes no
// sense.
func ImportNeMo(dir string, opt ImportOptions) ([]Utterance, ImportReport, error) {
	us, report, err := importNeMo(dir, opt)
	if err != nil {
		return nil, ImportReport{}, fmt.Errorf("import nemo: %w", err)
	}
	return us, report, nil
}

func importNeMo(dir string, opt ImportOptions) ([]Utterance, ImportReport, error) {
	n := notes{}
	dir, files, err := listFiles(dir, n)
	if err != nil {
		return nil, ImportReport{}, err
	}
	var entries []*entry
	for _, f := range files {
		if !hasSuffix(f.rel, ".json", ".jsonl", ".json.gz", ".jsonl.gz") {
			continue
		}
		found, sound, err := readNeMo(dir, f, opt)
		if err != nil {
			return nil, ImportReport{}, err
		}
		if !sound {
			n.add("other-json", f.rel)
			continue
		}
		entries = append(entries, found...)
	}
	if len(entries) == 0 {
		return nil, ImportReport{}, fmt.Errorf("no NeMo manifest in %q: want a .json or .jsonl file of lines with audio_filepath", dir)
	}
	return resolve(dir, entries, opt, n)
}

// readNeMo reads a manifest, and says whether any of its lines is one of NeMo's.
func readNeMo(dir string, f corpusFile, opt ImportOptions) (entries []*entry, sound bool, err error) {
	split, lines := splitOfName(path.Base(f.rel)), map[string]int{}
	var cuts []*entry
	err = eachLine(f.path, func(line int, text []byte, p *Problem) error {
		var l nemoLine
		if p == nil {
			p = decodeLine(text, &l)
		}
		if p == nil && (l.AudioFilepath == nil || *l.AudioFilepath == "") {
			p = &Problem{Reason: BadManifest, Detail: "there is no audio_filepath"}
		}
		if p != nil {
			entries = append(entries, badLine(f.rel, line, split, p, opt))
			return nil
		}
		sound = true
		e := l.entry(dir, f, line, opt)
		e.u.Split = split
		lines[e.u.ID]++
		cuts = append(cuts, e)
		return nil
	})
	for _, e := range cuts {
		if lines[e.u.ID] > 1 || e.begin > 0 {
			e.u.ID += fmt.Sprintf("-%07.0f", 1000*e.begin)
			if !math.IsInf(e.end, 1) {
				e.u.ID += fmt.Sprintf("-%07.0f", 1000*e.end)
			}
		}
	}
	return append(entries, cuts...), sound, err
}

func (l *nemoLine) entry(dir string, f corpusFile, line int, opt ImportOptions) *entry {
	name := *l.AudioFilepath
	e := newEntry(stemOf(dir, name), opt)
	e.at = lineOf(f.rel, line)
	e.u.Text = strings.Join(strings.Fields(l.Text), " ")
	if IsRemote(name) {
		e.u.Speaker = path.Base(path.Dir(name))
		e.fail(UnreadableAudio, e.at, "%.60q is remote, want the path of a WAV, SPHERE or FLAC file", name)
		return e
	}
	e.audio = locateAudio(name, filepath.Dir(f.path), dir)
	if e.u.Speaker = strings.Trim(string(bytes.TrimSpace(l.Speaker)), `"`); e.u.Speaker == "" || e.u.Speaker == "null" {
		e.u.Speaker = opt.speakerOf(dir, e.audio)
	} else if err := json.Unmarshal(l.Speaker, &e.u.Speaker); err != nil && strings.Trim(e.u.Speaker, "0123456789") != "" {
		e.fail(BadManifest, e.at, "the speaker is %.40q, want a text or a number", e.u.Speaker)
	}
	if e.begin = l.Offset; l.Duration != nil {
		e.end = l.Offset + *l.Duration
	}
	return e
}

// stemOf is a recording's path without its suffix, as an id: relative to the
// corpus where it lies there.
func stemOf(dir, name string) string {
	if abs, err := filepath.Abs(dir); err == nil && filepath.IsAbs(name) {
		if rel, err := filepath.Rel(abs, name); err == nil && filepath.IsLocal(rel) {
			name = rel
		}
	}
	stem := path.Clean(filepath.ToSlash(name))
	for strings.HasPrefix(stem, "../") {
		stem = stem[3:]
	}
	stem = strings.TrimPrefix(stem, "/")
	if short := strings.TrimSuffix(stem, path.Ext(stem)); short != "" {
		return short
	}
	return stem
}
