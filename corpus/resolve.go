package corpus

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"
)

// resolve makes the manifest's lines of a corpus's entries, sorted by id: it
// reads every recording once, turns seconds into samples, decides splits and
// gives the alignments their label set.
func resolve(dir string, entries []*entry, opt ImportOptions, n notes) ([]Utterance, ImportReport, error) {
	if opt.ManifestDir == "" {
		opt.ManifestDir = dir
	}
	for _, e := range entries {
		e.settleID()
	}
	slices.SortStableFunc(entries, func(a, b *entry) int { return cmp.Compare(a.u.ID, b.u.ID) })
	for i, e := range entries {
		if i > 0 && e.u.ID == entries[i-1].u.ID {
			e.problem = &Problem{Reason: DuplicateID, At: e.at, Detail: "the id was seen before; want each id once"}
		}
	}
	if err := setSplits(entries, opt); err != nil {
		return nil, ImportReport{}, err
	}
	wantAligned := slices.ContainsFunc(entries, func(e *entry) bool { return e.aligned })
	recordings := readRecordings(entries, opt)
	labels, builtIn := (*LabelSet)(nil), slices.Contains([]string{TIMIT61, FSDD10}, opt.LabelSet)
	if builtIn {
		var err error
		if labels, err = LoadLabelSet(opt.LabelSet, ""); err != nil {
			return nil, ImportReport{}, err
		}
	}
	us, errs := make([]Utterance, len(entries)), []error{}
	for i, e := range entries {
		note := func(kind string) { n.add(kind, e.u.ID) }
		if e.problem == nil && wantAligned && !e.aligned {
			e.problem = &Problem{Reason: MissingLabels, At: e.at, Detail: "other utterances of the corpus have an alignment and this one has none"}
		}
		if e.audio != "" {
			var err error
			e.u.URI, err = relativeURI(opt.ManifestDir, e.audio)
			errs = append(errs, err)
		}
		if e.problem == nil {
			e.problem = e.fill(recordings[e.recording()], note)
		}
		if e.aligned {
			e.u.LabelSet = opt.LabelSet
		}
		if e.problem == nil && builtIn {
			e.problem = labels.Unknown(&e.u)
		}
		if e.u.Problem = e.problem; e.problem != nil {
			e.u.Alignment = nil
		}
		us[i] = e.u
	}
	if set := LabelsOf(us, opt.LabelSet); set != nil && len(set.Labels) > math.MaxInt16 {
		return nil, ImportReport{}, fmt.Errorf("there are %d different labels, such as %s: want at most %d (are these the phones?)", len(set.Labels), some(set.Labels), math.MaxInt16)
	}
	return us, newImportReport(us, n), errors.Join(errs...)
}

// recordingKey names one channel of a recording.
type recordingKey struct {
	file    string
	channel int
}

func (e *entry) recording() recordingKey { return recordingKey{e.audio, e.channel} }

// readRecordings reads each recording of the entries once. What it finds is the
// utterance of the whole recording, with the problem if it does not read.
func readRecordings(entries []*entry, opt ImportOptions) map[recordingKey]*Utterance {
	found := map[recordingKey]*Utterance{}
	var keys []recordingKey
	for _, e := range entries {
		if k := e.recording(); e.problem == nil && found[k] == nil {
			found[k] = new(Utterance)
			keys = append(keys, k)
		}
	}
	inParallel(len(keys), opt.Workers, opt.Progress, func(i int) {
		u := found[keys[i]]
		u.Problem = u.fillAudio(keys[i].file, keys[i].channel)
	})
	return found
}

// fill completes the utterance with its recording and its alignment.
func (e *entry) fill(rec *Utterance, note func(kind string)) *Problem {
	if rec.Problem != nil {
		return rec.Problem
	}
	u := &e.u
	u.SHA256, u.Rate, u.Channel, u.Samples = rec.SHA256, rec.Rate, rec.Channel, rec.Samples
	if e.claims != nil {
		if kind := e.claims(u); kind != "" {
			note(kind)
		}
	}
	if p := u.cut(e.begin, e.end, note); p != nil {
		return p
	}
	if !e.aligned {
		return nil
	}
	for i, s := range e.spans {
		if s.label == "" || strings.ContainsFunc(s.label, unicode.IsControl) {
			return &Problem{Reason: BadAlignment, At: e.at, Detail: fmt.Sprintf("segment %d has the label %.40q, want one line of text", i+1, s.label)}
		}
	}
	a, p := align(e.spans, u.Rate, e.unit)
	if p == nil {
		a, p = a.settle(u.Samples, u.Rate, func(kind string) {
			// What lies around an utterance that is cut out of a recording needs no label.
			if whole := u.Begin == 0 && u.End == u.Samples; whole || kind != "late-begin" && kind != "early-end" {
				note(kind)
			}
		})
	}
	if p != nil {
		p.At = e.at
		return p
	}
	u.Alignment = a
	return nil
}

// setSplits gives every entry its split.
func setSplits(entries []*entry, opt ImportOptions) error {
	all, train := map[string]bool{}, map[string]bool{}
	for _, e := range entries {
		if e.u.Split == "" {
			e.u.Split = Train
		}
		if e.u.Speaker == "" {
			continue // a line that did not read
		}
		all[e.u.Speaker] = true
		if e.u.Split == Train {
			train[e.u.Speaker] = true
		}
	}
	names := slices.Sorted(maps.Keys(all))
	tests, err := chooseSpeakers("test-speakers", opt.TestSpeakers, slices.Sorted(maps.Keys(train)), names)
	if err != nil {
		return err
	}
	devs, err := chooseSpeakers("dev-speakers", opt.DevSpeakers, without(train, tests), names)
	if err != nil {
		return err
	}
	if both := common(devs, tests); len(both) > 0 {
		return fmt.Errorf("dev-speakers and test-speakers both name %s, want disjoint lists", some(slices.Sorted(maps.Keys(both))))
	}
	for _, e := range entries {
		switch {
		case tests[e.u.Speaker]:
			e.u.Split = Test
		case devs[e.u.Speaker]:
			e.u.Split = Dev
		}
	}
	return nil
}

// LabelsOf is the label set called name of a manifest's lines: the sorted union
// of the labels of those that use it, or nil if none does.
func LabelsOf(us []Utterance, name string) *LabelSet {
	seen := map[string]bool{}
	for i := range us {
		if us[i].LabelSet != name {
			continue
		}
		for _, s := range us[i].Alignment {
			seen[s.Label] = true
		}
	}
	if len(seen) == 0 {
		return nil
	}
	return &LabelSet{Name: name, Labels: slices.Sorted(maps.Keys(seen))}
}
