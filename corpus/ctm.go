package corpus

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// ImportCTM makes the manifest's lines, sorted by id, of a folder of recordings
// with NIST CTM files: any number of x.ctm, whose lines name recordings by
// their file's name without its suffix, anywhere below dir. If some CTM files
// have phone or phn in their name, the others (of words) are left out, noted.
//
// Every name and channel is an utterance, the whole recording long. Channels 1
// and A are the first, 2 and B the second, and so on; if any is 0, as Lhotse
// writes them, they count from there. A recording with lines of
// one channel has the recording's name for its id, one of several has name-A,
// name-B. A recording that no line names is an utterance without an alignment.
// Begin and duration are rounded to the file's decimals each: two segments that
// are a last digit apart, or overlap by one, are taken to touch (a hundredth of
// a second at most). The speaker is
// opt.speakerOf the recording, and all is train but for DevSpeakers and
// TestSpeakers.
//
// What cannot be read makes a line with a problem. An error means that the
// folder cannot be read or holds no CTM file, or that an option makes no sense.
func ImportCTM(dir string, opt ImportOptions) ([]Utterance, ImportReport, error) {
	us, report, err := importCTM(dir, opt)
	if err != nil {
		return nil, ImportReport{}, fmt.Errorf("import ctm: %w", err)
	}
	return us, report, nil
}

func importCTM(dir string, opt ImportOptions) ([]Utterance, ImportReport, error) {
	n := notes{}
	files, err := walkFiles(dir, n)
	if err != nil {
		return nil, ImportReport{}, err
	}
	ctms, audio := ctmFiles(files, n), audioByName(files, n)
	if len(ctms) == 0 {
		return nil, ImportReport{}, fmt.Errorf("no .ctm file below %q", dir)
	}
	var ts ctmTracks
	for _, f := range ctms {
		if err := ts.read(f.path, f.rel); err != nil {
			return nil, ImportReport{}, err
		}
	}
	channels := map[string]int{}
	for _, k := range ts.order {
		channels[k.name]++
	}
	var entries []*entry
	for _, k := range ts.order {
		e := newEntry(k.name, opt)
		if channels[k.name] > 1 {
			e.u.ID += "-" + k.channel
		}
		f := audio[k.name]
		if e.audio = f.path; f.path != "" {
			e.u.Speaker = opt.speakerOf(dir, f.path)
		} else {
			e.fail(MissingAudio, ts.tracks[k].at, "no recording is called %.40q, want one with a suffix .wav, .flac or .sph", k.name)
		}
		ts.tracks[k].give(e, 0)
		var ok bool
		if e.channel, ok = ctmChannel(k.channel, ts.fromZero()); !ok {
			e.fail(BadAlignment, ts.tracks[k].at, "the channel of %.40q is %.20q, want 1, 2, ... or A, B, ...", k.name, k.channel)
		}
		entries = append(entries, e)
	}
	for name, f := range audio {
		if channels[name] == 0 {
			e := newEntry(name, opt)
			e.audio, e.u.Speaker = f.path, opt.speakerOf(dir, f.path)
			e.fail(MissingLabels, "", "no line of the CTM files is about this recording")
			entries = append(entries, e)
		}
	}
	for _, l := range ts.lost {
		entries = append(entries, badLine(l.rel, l.line, "", l.p, opt))
	}
	return resolve(dir, entries, opt, n)
}

// ctmFiles picks the CTM files to read.
func ctmFiles(files []corpusFile, n notes) []corpusFile {
	ctms := slices.DeleteFunc(slices.Clone(files), func(f corpusFile) bool {
		return !strings.HasSuffix(strings.TrimSuffix(strings.ToLower(f.rel), ".gz"), ".ctm")
	})
	ofPhones := func(f corpusFile) bool {
		name := strings.ToLower(path.Base(f.rel))
		return strings.Contains(name, "phone") || strings.Contains(name, "phn")
	}
	if !slices.ContainsFunc(ctms, ofPhones) {
		return ctms
	}
	return slices.DeleteFunc(ctms, func(f corpusFile) bool {
		if !ofPhones(f) {
			n.add("other-ctm", f.rel)
		}
		return !ofPhones(f)
	})
}

// audioByName finds recordings by their name without a suffix.
func audioByName(files []corpusFile, n notes) map[string]corpusFile {
	found := map[string]corpusFile{}
	for _, suffix := range audioSuffixes {
		for _, f := range files {
			ext := path.Ext(f.rel)
			if !strings.EqualFold(ext, suffix) {
				continue
			}
			name := strings.TrimSuffix(path.Base(f.rel), ext)
			if found[name].path != "" {
				n.add("several-recordings", f.rel)
				continue
			}
			found[name] = f
		}
	}
	return found
}

// ctmChannel is the number, from 0, of a channel's name: a letter from A, or a
// digit from 1 or from 0.
func ctmChannel(s string, fromZero bool) (int, bool) {
	if len(s) != 1 {
		return 0, false
	}
	first := byte('1')
	if fromZero {
		first = '0'
	}
	switch c := s[0]; {
	case first <= c && c <= '9':
		return int(c - first), true
	case 'A' <= c && c <= 'H':
		return int(c - 'A'), true
	case 'a' <= c && c <= 'h':
		return int(c - 'a'), true
	}
	return 0, false
}
