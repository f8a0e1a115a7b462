package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"framewise/augment"
	"framewise/corpus"
	"framewise/corpus/files"
	"framewise/dataset"
	"framewise/transforms"
)

// Survey is what one pass over a manifest tells: who is in it, what has to be
// rejected without a look at the audio, and what a build would make.
type Survey struct {
	Manifest   string             // its path
	Config     BuildConfig        // as given
	Rate       int                // Hz, of the build
	Framing    transforms.Framing // at Rate
	Features   int                // F
	Labels     *corpus.LabelSet   // nil if no utterance names one
	Utterances int64              // lines of the manifest
	Members    []augment.Member   // the usable utterances, in the order of the manifest
	Rejects    []dataset.Reject   // one for each of the others
	Leaks      []Leak             // sorted

	ranges  []ManifestRange
	sounds  soundLists
	skip    []byte // a bit for every line, from line 1 at bit 0: set where the line was rejected
	plans   []SplitPlan
	checks  map[string][]Check
	info    os.FileInfo // of the manifest as it was read
	version string      // of a remote one
}

// stands is an error unless the manifest is still the file that was read.
func (s *Survey) stands(ctx context.Context) error {
	if corpus.IsRemote(s.Manifest) {
		return s.standsThere(ctx)
	}
	now, err := os.Stat(s.Manifest)
	if err == nil && (now.Size() != s.info.Size() || !now.ModTime().Equal(s.info.ModTime())) {
		err = errors.New("its size or time is another")
	}
	if err != nil {
		return fmt.Errorf("build: the manifest %q was changed while the build ran: %w; build again", s.Manifest, err)
	}
	return nil
}

// standsThere is stands of a remote manifest. The copy on this machine is not
// asked: it may have gone, and workers read what is there.
func (s *Survey) standsThere(ctx context.Context) error {
	now, err := dataset.StatFile(ctx, s.Manifest)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("build: look whether the manifest was changed: %w", err)
	case err == nil && now.Version != s.version:
		err = fmt.Errorf("it is version %s, and was %s", now.Version, s.version)
	}
	if err != nil {
		return fmt.Errorf("build: the manifest %q was changed while the build ran: %w; build again", s.Manifest, err)
	}
	return nil
}

// NewSurvey reads a manifest and works out what the configuration makes of it.
// progress is told how many bytes of how many have been read; it may be nil.
// The error is a *ConfigError if the configuration is wrong or does not suit
// the corpus; with ErrNoUtterances there is a survey beside it, whose Rejects
// say why.
func NewSurvey(ctx context.Context, manifest string, cfg BuildConfig, progress func(done, total int64)) (*Survey, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	var version string
	if corpus.IsRemote(manifest) { // before it is fetched: what comes in between is a change
		now, err := dataset.StatFile(ctx, manifest)
		if err != nil {
			return nil, fmt.Errorf("survey manifest: %w", err)
		}
		version = now.Version
	}
	local, err := dataset.LocalCopy(ctx, manifest)
	if err != nil {
		return nil, fmt.Errorf("survey manifest: %w", err)
	}
	f, info, err := files.OpenRegular(local)
	if errors.Is(err, files.ErrNotRegular) {
		return nil, fmt.Errorf("survey manifest: %w; it is read more than once, which a pipe cannot be: write the manifest to a file first", err)
	}
	if err != nil {
		return nil, fmt.Errorf("survey manifest: %w", err)
	}
	defer f.Close()
	if progress == nil {
		progress = func(int64, int64) {}
	}
	s := &surveyor{
		Survey: &Survey{Manifest: manifest, Config: cfg, info: info, version: version},
		ctx:    ctx, file: f, index: map[string]int32{}, sets: map[string]*corpus.LabelSet{}, words: map[string]string{},
	}
	err = corpus.ReadManifest(f, manifest, func(line int, ref corpus.LineRef, u *corpus.Utterance, err error) error {
		if line%1000 == 0 {
			progress(ref.Offset, info.Size())
		}
		s.mark(line, ref.Offset)
		return s.line(line, augment.Ref(ref), u, err)
	})
	if err != nil {
		return nil, err
	}
	progress(info.Size(), info.Size())
	if n := len(s.ranges); n > 0 {
		s.ranges[n-1].Length = info.Size() - s.ranges[n-1].Offset
	}
	err = s.finish()
	if err != nil && !errors.Is(err, ErrNoUtterances) {
		return nil, err
	}
	return s.Survey, err
}

// Plan is what a build would make.
func (s *Survey) Plan() *PlanReport {
	p := &PlanReport{Utterances: s.Utterances, Rejected: int64(len(s.Rejects)), Reasons: map[corpus.Reason]int64{},
		SampleRate: s.Rate, Features: s.Features, Splits: slices.Clone(s.plans)}
	if s.Labels != nil {
		p.LabelSet = s.Labels.Name
	}
	for _, r := range s.Rejects {
		p.Reasons[r.Reason]++
	}
	for _, sp := range s.plans {
		p.Total.add(sp.Amount)
		p.Shards += sp.Shards
	}
	p.Total = p.Total.at(s.Rate)
	return p
}

// CheckLeaks is a *LeakError for the leaks whose kind is not allowed.
func (s *Survey) CheckLeaks(allow []string) error {
	for _, kind := range allow {
		if !slices.Contains(LeakKinds, kind) {
			return &ConfigError{"allow-leak", fmt.Errorf("allow-leak: %q, want one of %s", kind, strings.Join(LeakKinds, ", "))}
		}
	}
	leaks := slices.DeleteFunc(slices.Clone(s.Leaks), func(l Leak) bool { return slices.Contains(allow, l.Kind) })
	if len(leaks) > 0 {
		return &LeakError{leaks}
	}
	return nil
}

// skipped says whether a line, from 1, was rejected.
func skipped(skip []byte, line int) bool {
	i := line - 1
	return i/8 < len(skip) && skip[i/8]>>(i%8)&1 == 1
}
