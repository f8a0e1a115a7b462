package corpus

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// kaldiCTMs are the files of a data directory that may hold the alignment, best
// first.
var kaldiCTMs = []string{"phones.ctm", "phone.ctm", "ctm"}

// ImportKaldi makes the manifest's lines, sorted by id, of Kaldi data
// directories: dir itself, if it has a wav.scp, or else all folders below that
// have one, but for those within another. Of each it reads
//
//   - wav.scp: "recording path"; commands, which end with "|", and places in
//     archives are not run or read, and are a problem of their utterances;
//   - segments: "utterance recording begin end" in seconds, an end of -1 being
//     the recording's; without it every recording is an utterance;
//   - utt2spk: the speakers; without it every utterance has its own;
//   - text: the words;
//   - phones.ctm, phone.ctm or ctm: the alignment, by recording, or by utterance
//     and then counted from its begin. Labels that are all numbers are looked up
//     in phones.txt, if that is there.
//
// Relative paths are looked for in the data directory, in dir and in the
// working directory. The split is that which the data directory's name tells
// (train, dev, valid, test, eval among its words), else train.
//
// What cannot be read makes a line with a problem. An error means that a folder
// or file cannot be read, that there is no wav.scp, or that an option makes no
// sense.
func ImportKaldi(dir string, opt ImportOptions) ([]Utterance, ImportReport, error) {
	us, report, err := importKaldi(dir, opt)
	if err != nil {
		return nil, ImportReport{}, fmt.Errorf("import kaldi: %w", err)
	}
	return us, report, nil
}

func importKaldi(dir string, opt ImportOptions) ([]Utterance, ImportReport, error) {
	n := notes{}
	files, err := walkFiles(dir, n)
	if err != nil {
		return nil, ImportReport{}, err
	}
	var folders []string
	for _, f := range files {
		if path.Base(f.rel) == "wav.scp" {
			folders = append(folders, path.Dir(f.rel))
		}
	}
	if len(folders) == 0 {
		return nil, ImportReport{}, fmt.Errorf("no data directory in %q: want a file wav.scp", dir)
	}
	var entries []*entry
	for _, rel := range outermost(folders) {
		d := kaldiDir{root: dir, rel: rel, path: filepath.Join(dir, filepath.FromSlash(rel)), opt: opt, notes: n,
			recordingOf: map[string]string{}}
		found, err := d.read()
		if err != nil {
			return nil, ImportReport{}, err
		}
		entries = append(entries, found...)
	}
	return resolve(dir, entries, opt, n)
}

// outermost leaves out the folders that lie in another of the list, such as the
// parts that split_data.sh makes of a data directory.
func outermost(folders []string) []string {
	return slices.DeleteFunc(slices.Clone(folders), func(inner string) bool {
		return slices.ContainsFunc(folders, func(outer string) bool {
			return inner != outer && (outer == "." || strings.HasPrefix(inner, outer+"/"))
		})
	})
}

// kaldiDir is a data directory.
type kaldiDir struct {
	root, rel, path string
	split           string
	opt             ImportOptions
	notes           notes

	recordings, text, utt2spk *kaldiTable
	recordingOf               map[string]string // by utterance
	bad                       []*entry          // lines of which not even the id was read
}

func (d *kaldiDir) read() ([]*entry, error) {
	name := d.rel
	if name == "." {
		if abs, err := filepath.Abs(d.root); err == nil {
			name = abs
		}
	}
	d.split = splitOfName(path.Base(filepath.ToSlash(name)))
	var err error
	for _, t := range []struct {
		dst  **kaldiTable
		file string
	}{{&d.recordings, "wav.scp"}, {&d.utt2spk, "utt2spk"}, {&d.text, "text"}} {
		if *t.dst, err = d.table(t.file); err != nil {
			return nil, err
		}
	}
	entries, err := d.utterances()
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, e := range entries {
		known[e.u.ID] = true
		d.describe(e)
	}
	for _, t := range []*kaldiTable{d.text, d.utt2spk} {
		seen := map[string]bool{}
		for _, r := range t.rows {
			where := fmt.Sprintf("%s (%s)", lineOf(t.rel, r.line), r.key)
			if !known[r.key] {
				d.notes.add("unknown-utterance", where)
			} else if seen[r.key] {
				d.notes.add("told-twice", where)
			}
			seen[r.key] = true
		}
	}
	if err := d.align(entries); err != nil {
		return nil, err
	}
	return append(entries, d.bad...), nil
}

// utterances lists the utterances of segments, or else of wav.scp.
func (d *kaldiDir) utterances() ([]*entry, error) {
	segments, err := d.table("segments")
	if err != nil {
		return nil, err
	}
	var entries []*entry
	if !segments.there {
		for _, r := range d.recordings.rows {
			e := newEntry(r.key, d.opt)
			e.at = lineOf(d.recordings.rel, r.line)
			d.record(e, r)
			entries = append(entries, e)
		}
		return entries, nil
	}
	for _, r := range segments.rows {
		e := newEntry(r.key, d.opt)
		e.at = lineOf(segments.rel, r.line)
		entries = append(entries, e)
		f := strings.Fields(r.value)
		if len(f) != 3 && len(f) != 4 {
			e.fail(BadManifest, e.at, "%.60q has %d words, want \"utterance recording begin end\"", r.key+" "+r.value, len(f)+1)
			continue
		}
		if rec, ok := d.recordings.find(f[0]); ok {
			d.record(e, rec)
		} else {
			e.fail(MissingAudio, e.at, "the recording %.40q is not in wav.scp", f[0])
		}
		begin, okBegin := decimal(f[1])
		end, okEnd := decimal(f[2])
		if !okBegin || !okEnd || begin < 0 || end != -1 && end <= begin {
			e.fail(BadManifest, e.at, "the utterance is %.20q to %.20q, want seconds, 0 <= begin < end, or -1 for the end of the recording", f[1], f[2])
		}
		if e.begin = begin; end != -1 {
			e.end = end
		}
		if len(f) == 4 {
			if c, err := strconv.Atoi(f[3]); err == nil && c >= 0 {
				e.channel = c
			} else if c, ok := ctmChannel(f[3], true); ok {
				e.channel = c
			} else {
				e.fail(BadManifest, e.at, "the channel is %.20q, want a number from 0 or a letter from A", f[3])
			}
		}
	}
	return entries, nil
}

// record finds an utterance's recording.
func (d *kaldiDir) record(e *entry, r kaldiRow) {
	d.recordingOf[e.u.ID] = r.key
	at := lineOf(d.recordings.rel, r.line)
	file, offset := r.value, strings.LastIndexByte(r.value, ':')
	switch {
	case file == "":
		e.fail(BadManifest, at, "%.40q stands alone, want \"recording path\"", r.key)
	case strings.HasSuffix(file, "|"):
		e.fail(UnreadableAudio, at, "%.60q is a command, which is not run: want the path of a WAV, SPHERE or FLAC file (all are read as they are)", file)
	case file == "-" || IsRemote(file):
		e.fail(UnreadableAudio, at, "%.60q is no path, want that of a WAV, SPHERE or FLAC file", file)
	case offset > 0 && offset < len(file)-1 && strings.Trim(file[offset+1:], "0123456789") == "":
		e.fail(UnreadableAudio, at, "%.60q is a place in an archive, want the path of a WAV, SPHERE or FLAC file", file)
	default:
		e.audio = locateAudio(file, d.path, d.root)
	}
}

// describe gives an utterance its split, speaker and text.
func (d *kaldiDir) describe(e *entry) {
	e.u.Split = d.split
	if r, ok := d.text.find(e.u.ID); ok {
		e.u.Text = strings.Join(strings.Fields(r.value), " ")
	}
	switch r, ok := d.utt2spk.find(e.u.ID); {
	case !d.utt2spk.there:
		e.u.Speaker = e.u.ID
	case !ok || r.value == "":
		e.fail(BadManifest, e.at, "utt2spk has no speaker for the utterance")
	default:
		e.u.Speaker = r.value
	}
}
