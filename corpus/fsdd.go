package corpus

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// FSDDOptions says how the Free Spoken Digit Dataset becomes a manifest.
type FSDDOptions struct {
	ManifestDir string // URIs are relative to it; "" means the corpus's folder
	Channel     int    // of the recordings, from 0

	// DevSpeakers and TestSpeakers are "" (none), a count to draw by hash, or a
	// list of names with commas between. The others are train.
	DevSpeakers, TestSpeakers string

	Workers  int                   // recordings read at a time; 0 means one a CPU
	Progress func(done, total int) // may be nil
}

// fsddName is <digit>_<speaker>_<take> with a suffix; what a file holds is
// decided by its first bytes.
var fsddName = regexp.MustCompile(`(?i)^([0-9])_(.+)_([0-9]+)\.(wav|flac|sph)$`)

// ImportFSDD makes the manifest's lines, sorted by id, of the Free Spoken Digit
// Dataset (doi 10.5281/zenodo.1342401): files <digit>_<speaker>_<take>.wav
// anywhere below dir. The id is the file's name without its suffix, the text is
// the digit, and the alignment is one segment over the whole recording. Splits
// are disjoint in speakers; without options all is train.
//
// A recording that does not read makes a line with a problem. Files of other
// names are left out, and noted if they look like recordings. An error means
// that the folder cannot be read, that it holds no recording of that name, or
// that an option makes no sense.
func ImportFSDD(dir string, opt FSDDOptions) ([]Utterance, ImportReport, error) {
	n := notes{}
	us, files, err := findFSDD(dir, n)
	if err != nil {
		return nil, ImportReport{}, fmt.Errorf("import fsdd: %w", err)
	}
	split, err := opt.splits(us)
	if err != nil {
		return nil, ImportReport{}, fmt.Errorf("import fsdd: %w", err)
	}
	if opt.ManifestDir == "" {
		opt.ManifestDir = dir
	}
	errs := make([]error, len(us))
	inParallel(len(us), opt.Workers, opt.Progress, func(i int) {
		u := &us[i]
		u.Split = split(u.Speaker)
		if u.URI, errs[i] = relativeURI(opt.ManifestDir, files[i]); errs[i] != nil {
			return
		}
		if u.Problem = u.fillAudio(files[i], opt.Channel); u.Problem == nil {
			u.Alignment = Alignment{{0, u.Samples, u.Text}}
		}
	})
	if err := errors.Join(errs...); err != nil {
		return nil, ImportReport{}, fmt.Errorf("import fsdd: %w", err)
	}
	return us, newImportReport(us, n), nil
}

// findFSDD lists the recordings below dir by id, and where they are.
func findFSDD(dir string, n notes) ([]Utterance, []string, error) {
	all, err := walkFiles(dir, n)
	if err != nil {
		return nil, nil, err
	}
	where := map[string]string{}
	var us []Utterance
	for _, f := range all {
		name := path.Base(f.rel)
		m := fsddName.FindStringSubmatch(name)
		if m == nil {
			if ext := strings.ToLower(path.Ext(name)); ext == ".wav" || ext == ".flac" || ext == ".sph" {
				n.add("other-recordings", f.rel)
			}
			continue
		}
		id := strings.TrimSuffix(name, path.Ext(name))
		if where[id] != "" {
			n.add("several-recordings", f.rel)
			continue
		}
		where[id] = f.path
		us = append(us, Utterance{ID: id, Speaker: m[2], Text: m[1], LabelSet: FSDD10})
	}
	if len(us) == 0 {
		return nil, nil, fmt.Errorf("no recording below %q: want files <digit>_<speaker>_<take>.wav", dir)
	}
	slices.SortFunc(us, func(a, b Utterance) int { return strings.Compare(a.ID, b.ID) })
	files := make([]string, len(us))
	for i := range us {
		files[i] = where[us[i].ID]
	}
	return us, files, nil
}

// splits decides a speaker's split: test speakers are chosen first, then
// development speakers from the others.
func (o FSDDOptions) splits(us []Utterance) (func(speaker string) string, error) {
	all := map[string]bool{}
	for i := range us {
		all[us[i].Speaker] = true
	}
	names := slices.Sorted(maps.Keys(all))
	tests, err := chooseSpeakers("test-speakers", o.TestSpeakers, names, names)
	if err != nil {
		return nil, err
	}
	devs, err := chooseSpeakers("dev-speakers", o.DevSpeakers, without(all, tests), names)
	if err != nil {
		return nil, err
	}
	if both := common(devs, tests); len(both) > 0 {
		return nil, fmt.Errorf("dev-speakers and test-speakers both name %s, want disjoint lists", some(slices.Sorted(maps.Keys(both))))
	}
	return func(speaker string) string {
		switch {
		case tests[speaker]:
			return Test
		case devs[speaker]:
			return Dev
		}
		return Train
	}, nil
}
