package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"framewise/corpus/audio"
	"framewise/corpus/files"
)

// minCoverage is the share of an aligned corpus's samples below which Check
// warns that labels are missing, and maxShare that of one label above which it
// warns that a classifier can score by always saying it.
const (
	minCoverage = 0.95
	maxShare    = 0.5
)

// CheckOptions says how far Check goes.
type CheckOptions struct {
	StrictText bool                  // a text in two splits is an error
	SkipAudio  bool                  // do not open the recordings
	Workers    int                   // recordings read at a time; 0 means one a CPU
	Progress   func(done, total int) // recordings read; may be nil

	// Fetch says where the content of a URI with a scheme lies on this machine,
	// in a file of the same name. Without it remote recordings are not read.
	Fetch func(uri string) (path string, err error)

	// Unusable says why what the corpus is for cannot use an utterance that is
	// sound in itself; nil if there is no reason. Without it none is asked for.
	Unusable func(u *Utterance) *Problem
}

// CheckReport is what Check found. All lists are in a fixed order.
type CheckReport struct {
	Manifest   string       `json:"manifest"`
	Utterances int          `json:"utterances"` // lines
	Recordings int          `json:"recordings"` // files that were read
	Splits     []SplitCount `json:"splits"`
	Findings   []Finding    `json:"findings"` // errors first
}

// Errors is how many cases of how many errors there are, 0 for a sound corpus.
func (r *CheckReport) Errors() int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == SevereError {
			n += f.Count
		}
	}
	return n
}

// Check judges a manifest and the recordings that it names. Errors are lines
// that do not parse, that have a problem or are unusable, duplicate ids, alignments outside
// the recording or overlapping, unknown labels, recordings that are missing,
// unreadable or not what the line says (by rate, samples, channel or SHA-256),
// and speakers and recordings in two splits. Warnings are texts in two splits,
// a label coverage below 95 % and a label with over half of the samples. The
// error is for a manifest that cannot be read at all.
func Check(manifestPath string, opt CheckOptions) (*CheckReport, error) {
	local, err := opt.local(manifestPath)
	if err != nil {
		return nil, fmt.Errorf("check: %w", err)
	}
	f, err := files.OpenInput(local)
	if err != nil {
		return nil, fmt.Errorf("check: %w", err)
	}
	defer f.Close()
	c := checker{
		opt: opt, manifest: manifestPath, found: findings{}, splits: newSplitCounter(),
		ids: map[string]int{}, sets: map[string]*LabelSet{}, files: map[string]*fileUse{},
		labels: map[string]int64{},
	}
	if err := ReadManifest(f, manifestPath, c.line); err != nil {
		return nil, fmt.Errorf("check: %w", err)
	}
	c.found.leaks(FindLeaks(slices.Values(c.witnesses)), opt.StrictText)
	c.coverage()
	r := &CheckReport{Manifest: manifestPath, Utterances: c.lines, Splits: c.splits.list()}
	if !opt.SkipAudio {
		if r.Recordings, err = c.audio(manifestPath, opt); err != nil {
			return nil, fmt.Errorf("check: %w", err)
		}
	}
	r.Findings = c.found.list()
	return r, nil
}

// checker is the state of a check.
type checker struct {
	opt       CheckOptions
	manifest  string
	found     findings
	splits    *splitCounter
	witnesses []Witness // one for each line that parses
	lines     int
	ids       map[string]int       // id -> line
	sets      map[string]*LabelSet // nil for one that does not load
	files     map[string]*fileUse  // by URI

	aligned          bool // any line has an alignment
	samples, covered int64
	labels           map[string]int64 // "set label" -> samples
	sparse           []Case           // aligned utterances below minCoverage
}

// fileUse is what the manifest's lines say of a recording. The first line
// stands for all.
type fileUse struct {
	line     int
	id, uri  string
	sha      string
	rate     int
	samples  int64
	channels int // at least so many
}

// line takes in a line of the manifest.
func (c *checker) line(line int, _ LineRef, u *Utterance, err error) error {
	c.lines++
	id := ""
	if u != nil {
		id = u.ID
	}
	if first, ok := c.ids[id]; ok && id != "" {
		c.found.problem(line, id, &Problem{Reason: DuplicateID, Detail: fmt.Sprintf("line %d has this id too", first)})
	} else {
		c.ids[id] = line
	}
	if err != nil {
		c.found.problem(line, id, ProblemOf(err))
		return nil
	}
	c.splits.add(u)
	c.witnesses = append(c.witnesses, Witness{ID: u.ID, Line: line, Split: u.Split, Speaker: u.Speaker, Audio: u.ContentHash(), Words: Words(u.Text)})
	if u.Problem != nil {
		c.found.problem(line, id, u.Problem)
		return nil
	}
	if p := c.unknownLabel(u); p != nil {
		c.found.problem(line, id, p)
	}
	if c.opt.Unusable != nil {
		if p := c.opt.Unusable(u); p != nil {
			c.found.problem(line, id, p)
		}
	}
	c.count(line, u)
	c.use(line, u)
	return nil
}

// unknownLabel holds the labels against their set.
func (c *checker) unknownLabel(u *Utterance) *Problem {
	if u.LabelSet == "" {
		return nil
	}
	set, ok := c.sets[u.LabelSet]
	if !ok {
		var err error
		if set, err = c.labelSet(u.LabelSet); err != nil {
			set = nil
		}
		c.sets[u.LabelSet] = set
	}
	if set == nil {
		return &Problem{Reason: UnknownLabel, Detail: fmt.Sprintf("the label set %q is not built in and %s.labels beside the manifest does not load", u.LabelSet, u.LabelSet)}
	}
	return set.Unknown(u)
}

// labelSet finds a label set, built in or beside the manifest.
func (c *checker) labelSet(name string) (*LabelSet, error) {
	if name != TIMIT61 && name != FSDD10 && IsRemote(c.manifest) {
		file, err := c.opt.local(ResolveURI(c.manifest, name+".labels"))
		if err != nil {
			return nil, err
		}
		return LoadLabelSet(name, filepath.Dir(file))
	}
	return LoadLabelSet(name, filepath.Dir(c.manifest))
}

// local is where a file lies on this machine.
func (o *CheckOptions) local(path string) (string, error) {
	if !IsRemote(path) {
		return path, nil
	}
	if o.Fetch == nil {
		return "", fmt.Errorf("%s: want a file of this machine", path)
	}
	return o.Fetch(path)
}

// count adds up labelled samples.
func (c *checker) count(line int, u *Utterance) {
	n, covered := u.NumSamples(), u.Alignment.Covered(u.Begin, u.End)
	c.samples += n
	c.covered += covered
	c.aligned = c.aligned || u.Alignment != nil
	for _, s := range u.Alignment {
		c.labels[u.LabelSet+" "+s.Label] += max(min(s.End, u.End)-max(s.Begin, u.Begin), 0)
	}
	if share := float64(covered) / float64(n); share < minCoverage && len(c.sparse) < maxExamples {
		c.sparse = append(c.sparse, Case{Line: line, ID: u.ID, Detail: fmt.Sprintf("%.1f %% of its samples have a label", 100*share)})
	}
}

// coverage judges the sums of count.
func (c *checker) coverage() {
	if !c.aligned { // a corpus for CTC, or for features alone
		return
	}
	if share := float64(c.covered) / float64(c.samples); share < minCoverage {
		c.found[LowCoverage] = &Finding{
			Kind: LowCoverage, Severity: SevereWarning, Count: 1, Examples: c.sparse,
			Detail: fmt.Sprintf("%.1f %% of the corpus's samples have a label, want at least %.0f %%", 100*share, 100*minCoverage),
		}
	}
	for _, key := range slices.Sorted(maps.Keys(c.labels)) {
		if share := float64(c.labels[key]) / float64(c.covered); share > maxShare {
			_, label, _ := strings.Cut(key, " ")
			c.found.add(DominantLabel, SevereWarning, "labels that have more than half of the labelled samples", Case{ID: label, Detail: fmt.Sprintf("%.1f %% of the labelled samples", 100*share)})
		}
	}
}

// use notes which recording a line needs, and holds lines about one recording
// against each other.
func (c *checker) use(line int, u *Utterance) {
	f := c.files[u.URI]
	if f == nil {
		f = &fileUse{line: line, id: u.ID, uri: u.URI, sha: u.SHA256, rate: u.Rate, samples: u.Samples}
		c.files[u.URI] = f
	}
	f.channels = max(f.channels, u.Channel+1)
	if f.sha != u.SHA256 || f.rate != u.Rate || f.samples != u.Samples {
		c.found.problem(line, u.ID, &Problem{Reason: BadManifest, Detail: fmt.Sprintf("the sha256, rate or samples of %s are not those that line %d gives", u.URI, f.line)})
	}
}

// audio reads the recordings and says how many. The error is for a store that
// cannot be reached.
func (c *checker) audio(manifestPath string, opt CheckOptions) (int, error) {
	var local []*fileUse
	for _, uri := range slices.Sorted(maps.Keys(c.files)) {
		f := c.files[uri]
		if opt.Fetch == nil && IsRemote(ResolveURI(manifestPath, uri)) {
			c.found.add(UncheckedAudio, SevereWarning, "remote recordings, which were not read", Case{Line: f.line, ID: f.id, Detail: uri})
			continue
		}
		local = append(local, f)
	}
	var mu sync.Mutex
	var fault error // of a store that cannot be reached
	inParallel(len(local), opt.Workers, opt.Progress, func(i int) {
		f := local[i]
		path, err := opt.local(ResolveURI(manifestPath, f.uri))
		var p *Problem
		switch {
		case errors.Is(err, fs.ErrNotExist):
			p = &Problem{Reason: MissingAudio, Detail: "there is no such file"}
		case err == nil:
			p = f.check(path)
		}
		mu.Lock()
		defer mu.Unlock()
		if p != nil {
			c.found.problem(f.line, f.id, p)
		} else if fault == nil {
			fault = err
		}
	})
	return len(local), fault
}

// check holds a recording against what the manifest says of it.
func (f *fileUse) check(path string) *Problem {
	a, err := audio.Open(path)
	if err != nil {
		return ProblemOf(err)
	}
	defer a.Close()
	sum, err := audio.Sum(path)
	if err != nil {
		return ProblemOf(err)
	}
	changed := func(what string, got, want any) *Problem {
		return &Problem{Reason: AudioChanged, Detail: fmt.Sprintf("%s: the %s is %v, want %v as the manifest says", f.uri, what, got, want)}
	}
	switch {
	case a.Info.Rate != f.rate:
		return changed("rate", a.Info.Rate, f.rate)
	case a.Info.NumSamples != f.samples:
		return changed("number of samples", a.Info.NumSamples, f.samples)
	case a.Info.Channels < f.channels:
		return changed("number of channels", a.Info.Channels, fmt.Sprintf("at least %d", f.channels))
	case sum != f.sha:
		return changed("sha256", sum, f.sha)
	}
	if err := a.Verify(); err != nil {
		return ProblemOf(err)
	}
	return nil
}
