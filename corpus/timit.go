package corpus

import (
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"framewise/corpus/files"
)

// TIMITOptions says how a TIMIT-shaped corpus becomes a manifest.
type TIMITOptions struct {
	ManifestDir string // URIs are relative to it; "" means the corpus's folder
	KeepSA      bool   // keep the sentences SA1 and SA2, which every speaker reads
	Channel     int    // of the recordings, from 0

	// DevSpeakers and TestSpeakers are "", a count or a list of names with
	// commas between; see ImportTIMIT.
	DevSpeakers, TestSpeakers string

	Workers  int                   // recordings read at a time; 0 means one a CPU
	Progress func(done, total int) // may be nil
}

// timitItem is the files of one TIMIT utterance.
type timitItem struct {
	id, part, speaker, stem string
	audio                   []string // in order of preference
	phn, txt                string
	base                    string // path without suffix, as it is on disk
}

// timitAudio is the suffixes of recordings, in order of preference: copies of
// the corpus exist that have both the original and a RIFF version of each.
var timitAudio = []string{".WAV", ".WAV.WAV", ".FLAC", ".WAV.FLAC", ".SPH", ".NIST"}

// ImportTIMIT makes the manifest's lines, sorted by id, of a corpus in TIMIT's
// layout: TRAIN/ and TEST/ (either may be absent), in them a folder a dialect
// region, in those a folder a speaker, with SX127.WAV, .PHN and .TXT. Names may
// be in either case, end with ".1" or ";1", and recordings may be .WAV,
// .WAV.wav or .flac: their first bytes decide. An utterance is found by its
// recording or its label file; its id is its path without the suffix in upper
// case, from TRAIN or TEST on.
//
// # Splits
//
// TRAIN is train. Of TEST, the 24 speakers of the core test are test, the 50
// development speakers are dev and the others are test-rest; if no speaker of
// the core test is there, all but the development speakers are test.
// TestSpeakers names the test speakers instead, and the other speakers of TEST
// become test-rest; a count draws them by hash from TEST (from TRAIN where
// there is no TEST). DevSpeakers names the development speakers instead; a
// count draws them by hash from TRAIN, and "0" is none.
//
// # What is wrong with an utterance
//
// A recording that does not read, a label file that does not parse or lies
// outside the recording (see the tolerances below), a label that TIMIT does not
// have, a recording without a label file (MissingLabels) or a label file without
// a recording (MissingAudio) make a line with a problem, not an error. An error
// means that the folder cannot be read, that it holds no utterance, or that an
// option makes no sense.
//
// Small blemishes of label files are put right and counted in the report's
// notes: an overlap of at most 10 ms moves the later segment's begin, an end at
// most 25 ms past the recording is clipped to it, empty segments are dropped.
// Gaps are kept; their samples have no label.
func ImportTIMIT(dir string, opt TIMITOptions) ([]Utterance, ImportReport, error) {
	n := notes{}
	items, err := findTIMIT(dir, opt.KeepSA, n)
	if err != nil {
		return nil, ImportReport{}, fmt.Errorf("import timit: %w", err)
	}
	split, err := opt.splits(items)
	if err != nil {
		return nil, ImportReport{}, fmt.Errorf("import timit: %w", err)
	}
	if opt.ManifestDir == "" {
		opt.ManifestDir = dir
	}
	labels, err := LoadLabelSet(TIMIT61, "")
	if err != nil {
		return nil, ImportReport{}, err
	}
	us, kinds, errs := make([]Utterance, len(items)), make([][]string, len(items)), make([]error, len(items))
	inParallel(len(items), opt.Workers, opt.Progress, func(i int) {
		note := func(kind string) { kinds[i] = append(kinds[i], kind) }
		us[i], errs[i] = items[i].utterance(opt, labels, note)
		us[i].Split = split(items[i])
	})
	if err := errors.Join(errs...); err != nil {
		return nil, ImportReport{}, fmt.Errorf("import timit: %w", err)
	}
	for i, ks := range kinds {
		for _, k := range ks {
			n.add(k, us[i].ID)
		}
	}
	return us, newImportReport(us, n), nil
}

// findTIMIT lists the utterances below dir by id.
func findTIMIT(dir string, keepSA bool, n notes) ([]*timitItem, error) {
	files, err := walkFiles(dir, n)
	if err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("folder %q: %w", dir, err)
	}
	found := map[string]*timitItem{}
	for _, f := range files {
		stem, suffix := timitName(path.Base(f.rel))
		if stem == "" {
			continue
		}
		// TRAIN may be dir itself.
		folders := strings.Split(strings.ToUpper(path.Join(filepath.Base(abs), path.Dir(f.rel))), "/")
		top := slices.IndexFunc(folders[1:], isPart) + 1
		if top == 0 && !isPart(folders[0]) || top == len(folders)-1 {
			n.add("outside-train-and-test", f.rel)
			continue
		}
		folders = folders[top:]
		if !keepSA && (stem == "SA1" || stem == "SA2") {
			if suffix == ".PHN" {
				n.add("sa-left-out", f.rel)
			}
			continue
		}
		id := strings.Join(folders, "/") + "/" + stem
		it := found[id]
		if it == nil {
			it = &timitItem{id: id, part: folders[0], speaker: folders[len(folders)-1], stem: stem}
			it.base = filepath.Join(filepath.Dir(f.path), filepath.Base(f.path)[:len(stem)])
			found[id] = it
		}
		it.add(f, suffix, n)
	}
	var items []*timitItem
	for _, it := range found {
		if it.phn != "" || len(it.audio) > 0 { // a text alone is no utterance
			items = append(items, it)
		}
	}
	if len(items) == 0 {
		return nil, fmt.Errorf("no utterance below %q: want TRAIN/ or TEST/ with a folder a speaker and .WAV and .PHN files in it", dir)
	}
	slices.SortFunc(items, func(a, b *timitItem) int { return strings.Compare(a.id, b.id) })
	for _, it := range items {
		slices.SortStableFunc(it.audio, func(a, b string) int { return audioRank(a) - audioRank(b) })
	}
	return items, nil
}

// isPart says whether a folder is one of the corpus's two.
func isPart(folder string) bool { return folder == "TRAIN" || folder == "TEST" }

// timitName splits a file's name into the utterance's and a suffix in upper
// case; the stem is "" for files that are of no interest.
func timitName(name string) (stem, suffix string) {
	name = strings.ToUpper(name)
	name = strings.TrimSuffix(strings.TrimSuffix(name, ";1"), ".1")
	stem, rest, ok := strings.Cut(name, ".")
	suffix = "." + rest
	if !ok || suffix != ".PHN" && suffix != ".TXT" && !slices.Contains(timitAudio, suffix) {
		return "", ""
	}
	return stem, suffix
}

// audioRank is a recording's place in timitAudio.
func audioRank(file string) int {
	_, suffix := timitName(filepath.Base(file))
	return slices.Index(timitAudio, suffix)
}

// add takes a file in.
func (it *timitItem) add(f corpusFile, suffix string, n notes) {
	dst := &it.phn
	switch suffix {
	case ".PHN":
	case ".TXT":
		dst = &it.txt
	default:
		it.audio = append(it.audio, f.path)
		if len(it.audio) > 1 {
			n.add("several-recordings", f.rel)
		}
		return
	}
	if *dst != "" {
		n.add("several-label-files", f.rel)
		return
	}
	*dst = f.path
}

// utterance reads an item's files. The error is for paths that cannot be told
// in a manifest; all else is a problem of the line.
func (it *timitItem) utterance(opt TIMITOptions, labels *LabelSet, note func(kind string)) (Utterance, error) {
	u := Utterance{ID: it.id, Speaker: it.speaker, LabelSet: labels.Name, Text: readTIMITText(it.txt)}
	file, p := it.base+".WAV", (*Problem)(nil)
	if len(it.audio) == 0 {
		p = &Problem{Reason: MissingAudio, Detail: fmt.Sprintf("there is %s and no recording beside it, want %s.WAV", filepath.Base(it.phn), it.stem)}
	}
	for i, a := range it.audio {
		// The first that reads, or the first: its problem is the line's.
		if q := u.fillAudio(a, opt.Channel); i == 0 || q == nil {
			file, p = a, q
		}
		if p == nil {
			break
		}
	}
	var err error
	if u.URI, err = relativeURI(opt.ManifestDir, file); err != nil {
		return u, err
	}
	if p == nil {
		p = u.fillLabels(it.phn, labels, note)
	}
	u.Problem = p
	return u, nil
}

// fillLabels reads a label file into the alignment.
func (u *Utterance) fillLabels(phn string, labels *LabelSet, note func(kind string)) *Problem {
	if phn == "" {
		return &Problem{Reason: MissingLabels, Detail: "there is a recording and no .PHN file beside it"}
	}
	f, _, err := files.OpenRegular(phn)
	if err != nil {
		return &Problem{Reason: MissingLabels, Detail: fmt.Sprintf("%s: %s", filepath.Base(phn), withoutPath(err))}
	}
	defer f.Close()
	name := filepath.Base(phn)
	raw, err := ReadPHN(f)
	if err != nil {
		p := ProblemOf(err)
		p.At = strings.TrimSpace(name + " " + p.At)
		return p
	}
	a, p := raw.settle(u.Samples, u.Rate, note)
	if p == nil {
		u.Alignment = a
		p = labels.Unknown(u)
	}
	if p != nil {
		u.Alignment, p.At = nil, name
	}
	return p
}

// maxText bounds what is read of a .TXT file, in bytes.
const maxText = 64 << 10

// readTIMITText is the sentence of a .TXT file without the two sample numbers
// before it, or "" if there is none to read.
func readTIMITText(file string) string {
	if file == "" {
		return ""
	}
	f, _, err := files.OpenRegular(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxText))
	if err != nil {
		return ""
	}
	words := strings.Fields(strings.ToValidUTF8(string(b), "\ufffd"))
	if len(words) >= 2 && isNumber(words[0]) && isNumber(words[1]) {
		words = words[2:]
	}
	return strings.Join(words, " ")
}

// isNumber says whether a word is a sample number.
func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 63)
	return err == nil
}
