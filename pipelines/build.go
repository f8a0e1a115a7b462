package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"go.yaml.in/yaml/v3"

	"framewise/corpus"
	"framewise/dataset"
)

// RunFunc runs a pipeline to its end; activity is a number that changes as long
// as the work gets on. runners.Func makes one.
type RunFunc = func(ctx context.Context, p *beam.Pipeline, activity func() int64) error

// BuildOptions says what to build, where, and how.
type BuildOptions struct {
	Manifest  string      // corpus.jsonl, a path or a gs:// URI
	Out       string      // the dataset's folder, or gs://BUCKET/FOLDER
	Config    BuildConfig // what to make
	Workers   int         // examples made at once in a process; 0 = one for each CPU
	AllowLeak []string    // kinds of leaks that are not an error, from LeakKinds
	Run       RunFunc

	// Progress is told how much of a stage is done, from one goroutine at a
	// time, a few times a second; nil is fine.
	Progress func(stage string, done, total int64)

	// Notice is told, in a sentence, what is no error and worth a warning: that
	// an earlier build into the folder was killed; nil is fine.
	Notice func(sentence string)
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
	if opt.Notice == nil {
		opt.Notice = func(string) {}
	}
	if opt.Workers < 1 {
		opt.Workers = runtime.GOMAXPROCS(0)
	}
	var err error
	if opt.Manifest, err = absolute(opt.Manifest); err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	if opt.Out, err = absolute(opt.Out); err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	if opt.Config.Augment, err = atHome(opt.Config.Augment); err != nil {
		return nil, err
	}
	survey, err := NewSurvey(ctx, opt.Manifest, opt.Config, func(done, total int64) { opt.Progress(StageSurvey, done, total) })
	if survey == nil {
		return nil, err
	}
	if leak := survey.CheckLeaks(opt.AllowLeak); leak != nil {
		return nil, leak
	}
	store, storeErr := openStore(ctx, opt.Out)
	if storeErr != nil {
		return nil, fmt.Errorf("build: %w", storeErr)
	}
	owned, release, stale, lockErr := claim(ctx, opt.Out, store)
	if lockErr != nil {
		return nil, lockErr
	}
	id := fmt.Sprintf("build-%d", buildNumber.Add(1))
	defer func() {
		if !vacate(id, release) {
			opt.Notice(fmt.Sprintf("workers of the build are still writing in %s; it stays locked until they stop or this process ends", opt.Out))
		}
	}()
	if stale != nil {
		opt.Notice(takeover(opt.Out, *stale))
	}
	b := &builder{opt: opt, survey: survey, store: store}
	if beginErr := b.begin(owned); beginErr != nil {
		return nil, beginErr
	}
	if err != nil { // nothing is usable
		return nil, errors.Join(err, b.writeRejects(owned, survey.Rejects))
	}
	b.plan = survey.Plan()
	b.job = newJob(survey, id, opt.Out, opt.Workers)
	survey.Members = nil // the pipeline reads them again; a million weigh 100 MB
	report, err := b.build(owned)
	if cause := context.Cause(owned); err != nil && ctx.Err() == nil && cause != nil {
		return nil, cause // the place was lost to another build
	}
	return report, err
}

// builder is one build under way.
type builder struct {
	opt    BuildOptions
	survey *Survey
	store  dataset.Store
	plan   *PlanReport
	job    Job

	seen   int64 // what standing found
	looked time.Time
}

func (b *builder) build(ctx context.Context) (*BuildReport, error) {
	if err := b.tooMany(int64(len(b.survey.Rejects)), "before any audio was read"); err != nil {
		return nil, errors.Join(err, b.writeRejects(ctx, b.survey.Rejects))
	}
	counts := countsOf(b.job.ID)
	before, err := b.sidecars(ctx)
	if err != nil {
		return nil, err
	}
	if err := b.run(ctx, counts); err != nil {
		if ctx.Err() == nil {
			err = errors.Join(b.survey.stands(ctx), err)
		}
		return nil, err
	}
	results, err := b.results(ctx)
	if err != nil {
		return nil, err
	}
	if err := b.confirm(ctx, results); err != nil {
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
		ErrTooManyRejects, rejected, b.survey.Utterances, when, limit, dataset.JoinPath(b.opt.Out, dataset.RejectsName))
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
		return fmt.Errorf("build: %w", c.explain(err))
	}
	b.opt.Progress(StageMake, b.plan.Total.Examples, b.plan.Total.Examples)
	return nil
}

// standing is the number of shards that have a result: what can be seen here of
// workers that run elsewhere. A folder that cannot be read counts for nothing.
// A remote one is asked now and then only: every question has its price.
func (b *builder) standing(ctx context.Context) int64 {
	if corpus.IsRemote(b.opt.Out) && time.Since(b.looked) < 30*time.Second {
		return b.seen
	}
	files, err := b.store.List(ctx, ".build")
	if err != nil {
		return 0
	}
	b.seen, b.looked = int64(len(files)), time.Now()
	return b.seen
}

func (b *builder) tell(c *counts) {
	if done := c.examples.Load(); done > 0 {
		b.opt.Progress(StageMake, done, b.plan.Total.Examples)
	} else {
		b.opt.Progress(StagePlan, c.members.Load(), int64(b.job.Members))
	}
}
