package corpus

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// kaldiTable is a file of lines "key value", of which the first of a key counts.
type kaldiTable struct {
	rel   string
	there bool
	rows  []kaldiRow
	index map[string]int
}

type kaldiRow struct {
	key, value string // the value may be empty
	line       int
}

func (t *kaldiTable) find(key string) (kaldiRow, bool) {
	i, ok := t.index[key]
	if !ok {
		return kaldiRow{}, false
	}
	return t.rows[i], true
}

// table reads a file of the data directory, which need not be there.
func (d *kaldiDir) table(name string) (*kaldiTable, error) {
	t := &kaldiTable{rel: path.Join(d.rel, name), index: map[string]int{}}
	file := filepath.Join(d.path, name)
	if !exists(file) {
		return t, nil
	}
	t.there = true
	return t, eachLine(file, func(line int, text []byte, p *Problem) error {
		if p != nil {
			d.bad = append(d.bad, badLine(t.rel, line, d.split, p, d.opt))
			return nil
		}
		key, value := string(text), ""
		if i := strings.IndexAny(key, " \t"); i >= 0 {
			key, value = key[:i], strings.TrimSpace(key[i:])
		}
		if _, ok := t.index[key]; !ok {
			t.index[key] = len(t.rows)
		}
		t.rows = append(t.rows, kaldiRow{key, value, line})
		return nil
	})
}

// align gives the utterances their alignment.
func (d *kaldiDir) align(entries []*entry) error {
	i := slices.IndexFunc(kaldiCTMs, func(name string) bool { return exists(filepath.Join(d.path, name)) })
	if i < 0 {
		return nil
	}
	var ts ctmTracks
	rel := path.Join(d.rel, kaldiCTMs[i])
	if err := ts.read(filepath.Join(d.path, kaldiCTMs[i]), rel); err != nil {
		return err
	}
	phones, err := d.table("phones.txt")
	if err != nil {
		return err
	}
	symbols := map[string]string{}
	for _, r := range phones.rows {
		symbols[r.value] = r.key
	}
	tracks, used := map[string]*ctmTrack{}, map[string]bool{}
	for _, k := range ts.order {
		t := ts.tracks[k]
		if first := tracks[k.name]; first != nil {
			first.problem = &Problem{Reason: BadAlignment, At: rel, Detail: fmt.Sprintf("%.40q has lines of the channels %s and %s, want one", k.name, first.key.channel, k.channel)}
			continue
		}
		t.translate(symbols)
		tracks[k.name] = t
	}
	for _, e := range entries {
		if t := tracks[e.u.ID]; t != nil {
			used[e.u.ID] = true
			t.give(e, e.begin)
		} else if rec := d.recordingOf[e.u.ID]; tracks[rec] != nil {
			used[rec] = true
			tracks[rec].give(e, 0)
			e.spans = slices.DeleteFunc(slices.Clone(e.spans), func(s span) bool { return s.end <= e.begin || s.begin >= e.end })
		}
	}
	for _, name := range slices.Sorted(maps.Keys(tracks)) {
		if !used[name] {
			d.notes.add("unknown-utterance", fmt.Sprintf("%s (%s)", rel, name))
		}
	}
	for _, l := range ts.lost {
		d.bad = append(d.bad, badLine(l.rel, l.line, d.split, l.p, d.opt))
	}
	return nil
}

// translate looks labels that are all numbers up in a table of symbols.
func (t *ctmTrack) translate(symbols map[string]string) {
	if len(symbols) == 0 || t.problem != nil || slices.ContainsFunc(t.spans, func(s span) bool { return strings.Trim(s.label, "0123456789") != "" }) {
		return
	}
	for i, s := range t.spans {
		symbol, ok := symbols[s.label]
		if !ok {
			t.problem = &Problem{Reason: UnknownLabel, At: t.at, Detail: fmt.Sprintf("segment %d of %.40q has the number %s, which phones.txt does not have", i+1, t.key.name, s.label)}
			return
		}
		t.spans[i].label = symbol
	}
}
