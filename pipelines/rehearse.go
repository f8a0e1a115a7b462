package pipelines

import (
	"context"
	"fmt"
	"runtime"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"framewise/dataset"
)

// Rehearse goes through a build without its audio: it surveys the manifest, runs
// the pipeline up to the shards, and there holds the recipes that arrived
// against those that the survey planned. It writes nothing and needs none of
// the recordings. Of the options, Out is not used, and Run has to run the DoFns
// in this process, which counts them.
func Rehearse(ctx context.Context, opt BuildOptions) (*PlanReport, error) {
	if opt.Workers < 1 {
		opt.Workers = runtime.GOMAXPROCS(0)
	}
	var err error
	if opt.Manifest, err = absolute(opt.Manifest); err != nil {
		return nil, fmt.Errorf("rehearse: %w", err)
	}
	survey, err := NewSurvey(ctx, opt.Manifest, opt.Config, nil)
	if err != nil {
		return nil, err
	}
	j := newJob(survey, fmt.Sprintf("rehearsal-%d", buildNumber.Add(1)), "", opt.Workers)
	survey.Members = nil // as in a build
	c := countsOf(j.ID)
	defer builds.Delete(j.ID)
	p, s := beam.NewPipelineWithRoot()
	RehearseShards(s, j, PlanExamples(s, j))
	if err := opt.Run(ctx, p, c.steps.Load); err != nil {
		return nil, fmt.Errorf("rehearse: %w", err)
	}
	plan := survey.Plan()
	if made, shards := c.examples.Load(), int(c.made.Load()); made != plan.Total.Examples || shards != plan.Shards {
		return nil, fmt.Errorf("rehearse: %d recipes arrived at %d shards, want %d at %d: %w", made, shards, plan.Total.Examples, plan.Shards, dataset.ErrReconcile)
	}
	return plan, nil
}

// RehearseShards checks the recipes of every shard and makes none.
func RehearseShards(s beam.Scope, j Job, recipes beam.PCollection) {
	s = s.Scope("RehearseShards")
	settle(s, beam.ParDo(s, &rehearseFn{Job: j.forRehearsal()}, byShard(s, j, recipes)))
}

// forRehearsal is the job without what the rehearsal does not need.
func (j Job) forRehearsal() Job {
	j.Skip, j.Ranges, j.Labels = nil, nil, nil
	return j
}

func init() {
	register.DoFn3x2[int, func(*bool) bool, func(*RecipeBatch) bool, int, error](&rehearseFn{})
}

// rehearseFn checks the recipes of one shard.
type rehearseFn struct {
	Job Job `json:"job"`
}

func (f *rehearseFn) ProcessElement(number int, _ func(*bool) bool, recipes func(*RecipeBatch) bool) (int, error) {
	rs := unpack(recipes)
	split, shard, of, err := f.Job.place(number)
	if err != nil {
		return number, err
	}
	if err := f.Job.check(number, rs); err != nil {
		return number, fmt.Errorf("shard %s: %w", dataset.ShardName(split, shard, of), err)
	}
	c := countsOf(f.Job.ID)
	c.examples.Add(int64(len(rs)))
	c.made.Add(1)
	c.steps.Add(1)
	return number, nil
}
