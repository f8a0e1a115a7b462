package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/gofrs/flock"
	"go.yaml.in/yaml/v3"

	"framewise/corpus"
	"framewise/dataset"
)

// RunFunc runs a pipeline to its end; activity is a number that changes as long
// as the work gets on. runners.Func makes one.
type RunFunc = func(ctx context.Context, p *beam.Pipeline, activity func() int64) error

// BuildOptions says what to build, where, and how.
type BuildOptions struct {
	Manifest  string      // corpus.jsonl
	Out       string      // the dataset's folder
	Config    BuildConfig // what to make
	Workers   int         // examples made at once in a process; 0 = one for each CPU
	AllowLeak []string    // kinds of leaks that are not an error, from LeakKinds
	Run       RunFunc

	// Progress is told how much of a stage is done, from one goroutine at a
	// time, a few times a second; nil is fine.
	Progress func(stage string, done, total int64)
}

// BuildReport says what a build came to.
type BuildReport struct {
	Counts       dataset.Counts          `json:"counts"`
	Plan         *PlanReport             `json:"plan"`
	Rejects      map[corpus.Reason]int64 `json:"rejects"`       // utterances by reason
	ShardsMade   int                     `json:"shards_made"`   // by this run
	ShardsKept   int                     `json:"shards_kept"`   // that stood already
	FilesRemoved int                     `json:"files_removed"` // of an earlier build with other shards
	Bytes        int64                   `json:"bytes"`         // of all shards
	SHA256       string                  `json:"sha256"`        // of dataset.json, as it states itself
}

// lockName is the file whose lock a builder holds. It is left behind: the lock
// is the operating system's, and ends with the process.
const lockName = ".build/lock"

// buildNumber tells the builds of a process apart.
var buildNumber atomic.Int64

// Build makes a dataset. It surveys the manifest, runs the pipeline, reconciles
// what the shards say with what was planned, and writes dataset.json last.
// Shards that stand already are kept. The same corpus and configuration give
// the same bytes whatever Workers, Run and the order of the manifest are.
//
// Errors: *ConfigError for the call; *LeakError; ErrTooManyRejects, with
// rejects.jsonl written; ErrLocked; dataset.ErrReconcile; faults of the machine.
func Build(ctx context.Context, opt BuildOptions) (*BuildReport, error) {
	if opt.Progress == nil {
		opt.Progress = func(string, int64, int64) {}
	}
	if opt.Workers < 1 {
		opt.Workers = runtime.GOMAXPROCS(0)
	}
	var err error
	if opt.Manifest, err = filepath.Abs(opt.Manifest); err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	if opt.Out, err = filepath.Abs(opt.Out); err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	survey, err := NewSurvey(opt.Manifest, opt.Config, func(done, total int64) { opt.Progress(StageSurvey, done, total) })
	if survey == nil {
		return nil, err
	}
	if leak := survey.CheckLeaks(opt.AllowLeak); leak != nil {
		return nil, leak
	}
	unlock, lockErr := lock(opt.Out)
	if lockErr != nil {
		return nil, lockErr
	}
	defer unlock()
	b := &builder{opt: opt, survey: survey, store: dataset.NewLocal(opt.Out)}
	if beginErr := b.begin(ctx); beginErr != nil {
		return nil, beginErr
	}
	if err != nil { // nothing is usable
		return nil, errors.Join(err, b.writeRejects(ctx, survey.Rejects))
	}
	b.plan = survey.Plan()
	b.job = newJob(survey, fmt.Sprintf("build-%d", buildNumber.Add(1)), opt.Out, opt.Workers)
	survey.Members = nil // the pipeline reads them again; a million weigh 100 MB
	return b.build(ctx)
}

// lock makes this process the only builder of a folder.
func lock(out string) (unlock func(), err error) {
	path := filepath.Join(out, filepath.FromSlash(lockName))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("build into %q: %w", out, err)
	}
	l := flock.New(path)
	ok, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %q: %w", path, err)
	}
	if !ok {
		return nil, fmt.Errorf("build into %q: %w: wait for its end, or name another folder (lock %q)", out, ErrLocked, path)
	}
	return func() { _ = l.Unlock() }, nil // the process's end would unlock it too
}

// builder is one build under way.
type builder struct {
	opt    BuildOptions
	survey *Survey
	store  *dataset.Local
	plan   *PlanReport
	job    Job
}

func (b *builder) build(ctx context.Context) (*BuildReport, error) {
	if err := b.tooMany(int64(len(b.survey.Rejects)), "before any audio was read"); err != nil {
		return nil, errors.Join(err, b.writeRejects(ctx, b.survey.Rejects))
	}
	counts := countsOf(b.job.ID)
	defer builds.Delete(b.job.ID)
	before, err := b.sidecars(ctx)
	if err != nil {
		return nil, err
	}
	if err := b.run(ctx, counts); err != nil {
		return nil, err
	}
	results, err := b.results(ctx)
	if err != nil {
		return nil, err
	}
	report := &BuildReport{Plan: b.plan, ShardsMade: int(counts.made.Load()), ShardsKept: int(counts.kept.Load())}
	if report.ShardsMade+report.ShardsKept != len(results) {
		// Workers elsewhere counted for themselves: compare what they left.
		report.ShardsKept, err = b.unchanged(ctx, before)
		report.ShardsMade = len(results) - report.ShardsKept
		if err != nil {
			return nil, err
		}
	}
	if err := b.finish(ctx, results, report); err != nil {
		return nil, err
	}
	return report, nil
}

// begin makes the folder that of an unfinished build: without dataset.json, and
// with the configuration in use.
func (b *builder) begin(ctx context.Context) error {
	for _, name := range []string{dataset.ManifestName, dataset.RejectsName} {
		if err := b.store.Remove(ctx, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("build into %q: %w", b.opt.Out, err)
		}
	}
	if _, err := b.store.Clean(ctx); err != nil {
		return fmt.Errorf("build into %q: %w", b.opt.Out, err)
	}
	y, err := yaml.Marshal(BuildRecord{b.opt.Config, b.opt.Manifest})
	if err != nil {
		return fmt.Errorf("write %s: %w", dataset.ConfigName, err)
	}
	return b.store.WriteFile(ctx, dataset.ConfigName, y)
}

// tooMany is ErrTooManyRejects in so many words if there are.
func (b *builder) tooMany(rejected int64, when string) error {
	limit := b.opt.Config.MaxRejects
	if limit.Allows(rejected, b.survey.Utterances) {
		return nil
	}
	return fmt.Errorf("build: %w: %d of %d utterances %s, max_rejects allows %v; %s says which and why",
		ErrTooManyRejects, rejected, b.survey.Utterances, when, limit, filepath.Join(b.opt.Out, dataset.RejectsName))
}

// run runs the pipeline and tells how it gets on.
func (b *builder) run(ctx context.Context, c *counts) error {
	p, s := beam.NewPipelineWithRoot()
	Pipeline(s, b.job)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			b.tell(c)
			select {
			case <-tick.C:
			case <-stop:
				return
			}
		}
	}()
	err := b.opt.Run(ctx, p, func() int64 { return c.steps.Load() + b.standing(ctx) })
	close(stop)
	<-stopped
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	b.opt.Progress(StageMake, b.plan.Total.Examples, b.plan.Total.Examples)
	return nil
}

// standing is the number of shards that have a result: what can be seen here of
// workers that run elsewhere. A folder that cannot be read counts for nothing.
func (b *builder) standing(ctx context.Context) int64 {
	files, err := b.store.List(ctx, ".build")
	if err != nil {
		return 0
	}
	return int64(len(files))
}

func (b *builder) tell(c *counts) {
	if done := c.examples.Load(); done > 0 {
		b.opt.Progress(StageMake, done, b.plan.Total.Examples)
	} else {
		b.opt.Progress(StagePlan, c.members.Load(), int64(b.job.Members))
	}
}
