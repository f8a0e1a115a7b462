package corpus

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"framewise/corpus/files"
)

// audioSuffixes are the suffixes of recordings, in order of preference.
var audioSuffixes = []string{".wav", ".flac", ".sph", ".nist"}

// textGridUnit is the difference of two times of a TextGrid that is none,
// seconds: programs that write them add up floats.
const textGridUnit = 1e-6

// textTiers are what a tier of words is called.
var textTiers = []string{"words", "word", "wrd", "text", "sentence", "utterance"}

// gridItem is the files of one recording.
type gridItem struct {
	stem  string // path without suffix, relative to the corpus
	audio string
	grids []corpusFile
}

// ImportTextGrid makes the manifest's lines, sorted by id, of a folder of
// recordings with Praat TextGrids: x.wav (.flac, .sph) beside x.TextGrid,
// anywhere below dir. Files named x_phones.TextGrid and the like belong to x
// too. An utterance is found by its recording or its TextGrid; its id is its
// path without the suffix. The labels are the interval tier opt.Tier, or one
// called phones, phone, phn ...; intervals without a text have no label unless
// opt.EmptyLabel names one. The text is that of a tier called words or the
// like. The speaker is opt.speakerOf the recording, and all is train but for
// DevSpeakers and TestSpeakers.
//
// What cannot be read makes a line with a problem. An error means that the
// folder cannot be read or holds no TextGrid, that no TextGrid has the tier, or
// that an option makes no sense.
func ImportTextGrid(dir string, opt ImportOptions) ([]Utterance, ImportReport, error) {
	us, report, err := importTextGrid(dir, opt)
	if err != nil {
		return nil, ImportReport{}, fmt.Errorf("import textgrid: %w", err)
	}
	return us, report, nil
}

func importTextGrid(dir string, opt ImportOptions) ([]Utterance, ImportReport, error) {
	n := notes{}
	items, err := findGrids(dir, n)
	if err != nil {
		return nil, ImportReport{}, err
	}
	entries, tiers, found := make([]*entry, len(items)), map[string]bool{}, false
	for i, it := range items {
		e := newEntry(it.stem, opt)
		entries[i] = e
		if e.audio = it.audio; e.audio == "" {
			e.audio = strings.TrimSuffix(it.grids[0].path, filepath.Ext(it.grids[0].path)) + audioSuffixes[0]
			e.fail(MissingAudio, "", "there is %s and no recording beside it, want %s", path.Base(it.grids[0].rel), filepath.Base(e.audio))
		}
		e.u.Speaker = opt.speakerOf(dir, e.audio)
		var names []string
		if len(it.grids) == 0 {
			e.fail(MissingLabels, "", "there is a recording and no TextGrid beside it, want %s.TextGrid", path.Base(it.stem))
		} else if names = e.readGrids(it.grids, opt); e.aligned {
			found = true
		}
		for _, t := range names {
			tiers[t] = true
		}
	}
	if !found && len(tiers) > 0 {
		return nil, ImportReport{}, fmt.Errorf("no TextGrid below %q has an interval tier called %s; they have %s: name one with --tier", dir, wantedTier(opt.Tier), some(without(tiers, nil)))
	}
	return resolve(dir, entries, opt, n)
}

func wantedTier(name string) string {
	if name != "" {
		return fmt.Sprintf("%q", name)
	}
	return strings.Join(tierNames, ", ")
}

// findGrids lists the recordings and TextGrids below dir by stem.
func findGrids(dir string, n notes) ([]*gridItem, error) {
	files, err := walkFiles(dir, n)
	if err != nil {
		return nil, err
	}
	found := map[string]*gridItem{}
	item := func(stem string) *gridItem {
		if found[stem] == nil {
			found[stem] = &gridItem{stem: stem}
		}
		return found[stem]
	}
	var grids []corpusFile
	for _, suffix := range audioSuffixes {
		for _, f := range files {
			if ext := path.Ext(f.rel); strings.EqualFold(ext, suffix) {
				if it := item(strings.TrimSuffix(f.rel, ext)); it.audio == "" {
					it.audio = f.path
				} else {
					n.add("several-recordings", f.rel)
				}
			}
		}
	}
	for _, f := range files {
		if strings.EqualFold(path.Ext(f.rel), ".textgrid") {
			grids = append(grids, f)
			stem := strings.TrimSuffix(f.rel, path.Ext(f.rel))
			if owner := stem[:max(0, strings.LastIndexByte(stem, '_'))]; found[stem] == nil && owner != "" && found[owner] != nil && found[owner].audio != "" {
				stem = owner
			}
			it := item(stem)
			it.grids = append(it.grids, f)
		}
	}
	if len(grids) == 0 {
		return nil, fmt.Errorf("no TextGrid below %q: want x.wav with x.TextGrid", dir)
	}
	items := make([]*gridItem, 0, len(found))
	for _, it := range found {
		items = append(items, it)
	}
	slices.SortFunc(items, func(a, b *gridItem) int { return strings.Compare(a.stem, b.stem) })
	return items, nil
}

// readGrids reads the labels and the text from a recording's TextGrids, and
// returns the names of their interval tiers. The first with the tier counts.
func (e *entry) readGrids(files []corpusFile, opt ImportOptions) []string {
	var names []string
	for _, f := range files {
		tiers, points, p := readIntervalTiers(f.path)
		if p != nil {
			e.fail(p.Reason, strings.TrimSpace(path.Base(f.rel)+" "+p.At), "%s", p.Detail)
			continue
		}
		these := make([]string, len(tiers))
		for i := range tiers {
			these[i] = tiers[i].Name
		}
		names = append(names, these...)
		if i := chooseTier(these, opt.Tier); i >= 0 && !e.aligned {
			e.aligned, e.spans, e.unit, e.at = true, tiers[i].spans(opt.EmptyLabel), textGridUnit, path.Base(f.rel)
		} else if k := chooseTier(points, opt.Tier); i < 0 && k >= 0 && opt.Tier != "" {
			e.fail(BadAlignment, path.Base(f.rel), "the tier %q holds points, want intervals", points[k])
		}
		for _, name := range textTiers {
			if i := chooseTier(these, name); i >= 0 && e.u.Text == "" {
				e.u.Text = tiers[i].text()
			}
		}
	}
	if !e.aligned && len(names) > 0 {
		e.fail(MissingLabels, path.Base(files[0].rel), "there is no interval tier called %s; there are %s", wantedTier(opt.Tier), some(names))
	} else if !e.aligned {
		e.fail(MissingLabels, path.Base(files[0].rel), "there is no interval tier, want one called %s", wantedTier(opt.Tier))
	}
	return names
}

// readIntervalTiers is a TextGrid's tiers of intervals, and the names of those
// of points.
func readIntervalTiers(file string) (tiers []TextGridTier, points []string, p *Problem) {
	f, _, err := files.OpenRegular(file)
	if err != nil {
		return nil, nil, &Problem{Reason: MissingLabels, Detail: err.Error()}
	}
	defer f.Close()
	g, err := ReadTextGrid(f)
	if err != nil {
		if p := ProblemOf(err); p.Reason == BadAlignment {
			return nil, nil, p
		}
		return nil, nil, &Problem{Reason: BadAlignment, Detail: err.Error()}
	}
	for _, t := range g.Tiers {
		if t.Points {
			points = append(points, t.Name)
		} else {
			tiers = append(tiers, t)
		}
	}
	return tiers, points, nil
}

// spans is the labelled intervals of a tier.
func (t *TextGridTier) spans(empty string) []span {
	var spans []span
	for _, e := range t.Entries {
		label := strings.TrimSpace(e.Text)
		if label == "" {
			label = empty
		}
		if label != "" {
			spans = append(spans, span{e.Begin, e.End, label})
		}
	}
	return spans
}

// text is the texts of a tier, with spaces between.
func (t *TextGridTier) text() string {
	var words []string
	for _, e := range t.Entries {
		words = append(words, strings.Fields(e.Text)...)
	}
	return strings.Join(words, " ")
}
