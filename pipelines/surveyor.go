package pipelines

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"framewise/augment"
	"framewise/corpus"
	"framewise/dataset"
)

// surveyor is a Survey in the making.
type surveyor struct {
	*Survey
	ctx    context.Context
	file   io.ReaderAt
	index  map[string]int32     // of the member by id
	lines  []int32              // line of the member
	audio  []corpus.ContentHash // by member
	others []corpus.Witness     // lines that parse and are no members
	struck []int32              // line of the reject
	sets   map[string]*corpus.LabelSet
	words  map[string]string // one copy of each speaker and split name
}

// mark begins a range at a line of the manifest if the one before it is full.
func (s *surveyor) mark(line int, offset int64) {
	n := len(s.ranges)
	if n > 0 && line-s.ranges[n-1].Line < batchSize {
		return
	}
	if n > 0 {
		s.ranges[n-1].Length = offset - s.ranges[n-1].Offset
	}
	s.ranges = append(s.ranges, ManifestRange{Offset: offset, Line: line})
}

// line takes one line of the manifest.
func (s *surveyor) line(line int, ref augment.Ref, u *corpus.Utterance, err error) error {
	s.Utterances++
	var bad *corpus.Problem
	switch {
	case errors.As(err, &bad):
		id, uri := fmt.Sprintf("line %d", line), ""
		if u != nil && u.ID != "" {
			id, uri = u.ID, u.URI
		}
		s.reject(line, id, uri, bad)
		return nil
	case err != nil:
		return err
	}
	if bad, err = s.inspect(u); err != nil {
		return err
	}
	if bad != nil {
		s.others = append(s.others, s.witness(u))
		s.reject(line, u.ID, u.URI, bad)
		return nil
	}
	m := memberOf(u, corpus.LineRef(ref))
	m.Split, m.Speaker = s.word(u.Split), s.word(u.Speaker)
	at, seen := s.index[u.ID]
	if !seen {
		s.index[u.ID] = int32(len(s.Members))
		s.Members, s.lines = append(s.Members, m), append(s.lines, int32(line))
		s.audio = append(s.audio, u.ContentHash())
		return nil
	}
	return s.duplicate(at, line, m, u)
}

// duplicate decides between two lines of one id: the smaller in bytes stays,
// so that the order of the manifest does not matter.
func (s *surveyor) duplicate(at int32, line int, m augment.Member, u *corpus.Utterance) error {
	old, now := make([]byte, s.Members[at].Ref.Length), make([]byte, m.Ref.Length)
	for _, r := range []struct {
		b   []byte
		ref augment.Ref
	}{{old, s.Members[at].Ref}, {now, m.Ref}} {
		if _, err := s.file.ReadAt(r.b, r.ref.Offset); err != nil {
			return fmt.Errorf("read manifest %q at byte %d again: %w", s.Manifest, r.ref.Offset, err)
		}
	}
	loser, other := line, s.witness(u)
	if bytes.Compare(now, old) < 0 {
		loser, other = int(s.lines[at]), witnessOf(s.Members[at], s.audio[at])
		s.Members[at], s.lines[at], s.audio[at] = m, int32(line), u.ContentHash()
	}
	s.others = append(s.others, other)
	s.reject(loser, u.ID, u.URI, &corpus.Problem{Reason: corpus.DuplicateID, Detail: "another line has the same id; want each id once"})
	return nil
}

func (s *surveyor) word(w string) string {
	if have, ok := s.words[w]; ok {
		return have
	}
	w = strings.Clone(w)
	s.words[w] = w
	return w
}

// reject writes a line off.
func (s *surveyor) reject(line int, id, uri string, p *corpus.Problem) {
	for line > 8*len(s.skip) {
		s.skip = append(s.skip, 0)
	}
	s.skip[(line-1)/8] |= 1 << ((line - 1) % 8)
	s.struck = append(s.struck, int32(line))
	at := p.At
	if p.Reason == corpus.DuplicateID {
		at = fmt.Sprintf("line %d", line)
	}
	s.Rejects = append(s.Rejects, dataset.Reject{Kind: dataset.RejectUtterance, ID: id, Stage: stageManifest,
		Reason: p.Reason, URI: uri, At: at, Detail: p.Detail})
}

// inspectLine finds what is wrong with an utterance as far as its line shows it,
// but for its labels.
func inspectLine(u *corpus.Utterance) *corpus.Problem {
	if u.Problem != nil {
		return u.Problem
	}
	if bad := augment.Unusable(u); bad != nil {
		return bad
	}
	return nil
}

// inspect is inspectLine with the labels, which have to be those of their set.
func (s *surveyor) inspect(u *corpus.Utterance) (*corpus.Problem, error) {
	if bad := inspectLine(u); bad != nil || u.LabelSet == "" {
		return bad, nil
	}
	set, ok := s.sets[u.LabelSet]
	if !ok {
		var err error
		if set, err = loadLabelSet(s.ctx, u.LabelSet, s.Manifest); err != nil {
			return nil, err
		}
		s.sets[u.LabelSet] = set
	}
	return set.Unknown(u), nil
}

// finish draws the conclusions once all lines are known.
func (s *surveyor) finish() error {
	if len(s.sets) > 1 {
		names := slices.Sorted(maps.Keys(s.sets))
		return fmt.Errorf("manifest %q uses label sets %s and %s: a dataset has one", s.Manifest, names[0], names[1])
	}
	for _, set := range s.sets {
		s.Labels = set
	}
	if err := s.settleRate(); err != nil {
		return err
	}
	if len(s.Members) == 0 {
		return s.none()
	}
	if err := s.checkSpeeds(); err != nil {
		return err
	}
	var err error
	if s.Framing, err = s.Config.Features.Framing(s.Rate); err != nil {
		return &ConfigError{"features", fmt.Errorf("features: at %d Hz: %w", s.Rate, err)}
	}
	x, err := newExtractors(s.Config, s.Rate)
	if err != nil {
		return err
	}
	s.Features = x.full.Dim()
	if s.sounds, err = readSounds(s.ctx, s.Config.Augment, true); err != nil {
		return err
	}
	if err := s.dropShort(); err != nil {
		return err
	}
	s.Leaks = s.findLeaks()
	s.planSplits()
	return nil
}

// nameRejects adds the line to the id of a reject where another line has the
// same id, so that every reject counts for one.
func (s *surveyor) nameRejects() {
	seen := make(map[string]bool, len(s.Rejects))
	for i := range s.Rejects {
		r := &s.Rejects[i]
		if _, used := s.index[r.ID]; used || seen[r.ID] {
			r.ID = fmt.Sprintf("%s (line %d)", r.ID, s.struck[i])
		}
		seen[r.ID] = true
	}
}

// none is the error for a corpus without members.
func (s *surveyor) none() error {
	s.nameRejects()
	if s.Utterances == 0 {
		return fmt.Errorf("manifest %q: %w: it is empty", s.Manifest, ErrNoUtterances)
	}
	r := s.Rejects[0]
	return fmt.Errorf("manifest %q: %w: all %d are rejected, %s with %s (%s)", s.Manifest, ErrNoUtterances, s.Utterances, r.ID, r.Reason, r.Detail)
}

// settleRate finds the rate of the build.
func (s *surveyor) settleRate() error {
	if s.Config.SampleRate != CorpusRate {
		s.Rate = int(s.Config.SampleRate)
		return nil
	}
	for _, m := range s.Members {
		if s.Rate == 0 {
			s.Rate = m.Rate
		}
		if m.Rate != s.Rate {
			lo, hi := min(s.Rate, m.Rate), max(s.Rate, m.Rate)
			return &ConfigError{"sample_rate", fmt.Errorf("sample_rate: the corpus has recordings at %d Hz and at %d Hz; say which rate everything is to have, as in sample_rate: %d", lo, hi, lo)}
		}
	}
	return nil
}

// checkSpeeds refuses rates that a factor cannot be made from.
func (s *surveyor) checkSpeeds() error {
	seen := map[int]bool{}
	for _, m := range s.Members {
		if seen[m.Rate] || !s.Config.Augment.Augments(m.Split) {
			continue
		}
		seen[m.Rate] = true
		if err := s.Config.Augment.Speed.CheckRate(m.Rate, s.Rate); err != nil {
			return &ConfigError{"augment", err}
		}
	}
	return nil
}

// dropShort rejects the members in which no frame fits.
func (s *surveyor) dropShort() error {
	kept := 0
	for i, m := range s.Members {
		n := augment.BaseSamples(m.Samples, m.Rate, s.Rate)
		if s.Framing.NumFrames(int(n)) > 0 {
			s.Members[kept], s.audio[kept], s.lines[kept] = m, s.audio[i], s.lines[i]
			s.index[m.ID] = int32(kept)
			kept++
			continue
		}
		u, err := readLine(s.file, s.Manifest, augment.Part{Utterance: m.ID, Ref: m.Ref})
		if err != nil {
			return err
		}
		delete(s.index, m.ID)
		s.others = append(s.others, witnessOf(m, s.audio[i]))
		s.reject(int(s.lines[i]), m.ID, u.URI, &corpus.Problem{Reason: corpus.TooShort,
			Detail: fmt.Sprintf("%d samples at %d Hz, want at least one frame of %d", n, s.Rate, s.Framing.Win)})
	}
	s.Members = s.Members[:kept]
	if kept == 0 {
		return s.none()
	}
	s.nameRejects()
	return nil
}

// planSplits works the plan out.
func (s *surveyor) planSplits() {
	b := &bookkeeper{config: s.Config, rate: s.Rate, framing: s.Framing, dim: s.Features, members: s.Members, index: s.index, splits: map[string]*ledger{}}
	b.tally()
	s.checks = map[string][]Check{}
	for _, l := range b.splits {
		p := l.plan(s.Rate, s.Config)
		s.plans = append(s.plans, p)
		s.checks[p.Split] = l.checks(p.Shards)
	}
	slices.SortFunc(s.plans, func(a, b SplitPlan) int { return compareSplits(a.Split, b.Split) })
}

// compareSplits puts the known splits into their order, before others.
func compareSplits(a, b string) int {
	rank := func(s string) int {
		if i := slices.Index(corpus.Splits, s); i >= 0 {
			return i
		}
		return len(corpus.Splits)
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}
