package pipelines

import (
	"context"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

// Pipeline is the graph of a build: it plans the job's examples and
// materializes its shards.
func Pipeline(s beam.Scope, j Job) {
	MaterializeShards(s, j, PlanExamples(s, j))
}

// PlanExamples reads the job's manifest and emits every recipe, in batches by
// the number of the shard: KV<int, RecipeBatch>.
func PlanExamples(s beam.Scope, j Job) beam.PCollection {
	s = s.Scope("PlanExamples")
	members := ReadManifest(s, j)
	plain := beam.ParDo(s, &variantsFn{Job: j.forPlanning()}, members)
	if j.Config.Augment.Concat.Copies == 0 || len(j.Config.Augment.Splits) == 0 {
		return plain
	}
	return beam.Flatten(s, plain, ConcatByBucket(s, j, members))
}

// ReadManifest emits a MemberBatch for every range of the manifest: the
// utterances that were not rejected.
func ReadManifest(s beam.Scope, j Job) beam.PCollection {
	s = s.Scope("ReadManifest")
	// Engines that run an element at a time spread them over the workers after
	// a shuffle only.
	ranges := beam.Reshuffle(s, beam.CreateList(s, j.Ranges))
	return beam.ParDo(s, &readManifestFn{Job: j.forReading()}, ranges)
}

// ConcatByBucket deals members into buckets, one shuffle of batches, and emits
// the concatenations of each, in batches by shard.
func ConcatByBucket(s beam.Scope, j Job, members beam.PCollection) beam.PCollection {
	s = s.Scope("ConcatByBucket")
	j = j.forPlanning()
	return beam.ParDo(s, &concatFn{Job: j}, beam.GroupByKey(s, beam.ParDo(s, &dealFn{Job: j}, members)))
}

// MaterializeShards makes one shard of each group of recipes, and empty ones
// of the numbers that no recipe has.
func MaterializeShards(s beam.Scope, j Job, recipes beam.PCollection) {
	s = s.Scope("MaterializeShards")
	grouped := byShard(s, j, recipes)
	j.Skip, j.Ranges = nil, nil
	beam.ParDo0(s, &materializeFn{Job: j}, grouped)
}

// byShard groups recipes by shard. Shards without recipes get a group too.
func byShard(s beam.Scope, j Job, recipes beam.PCollection) beam.PCollection {
	numbers := make([]int, j.numShards())
	for i := range numbers {
		numbers[i] = i
	}
	return beam.CoGroupByKey(s, beam.ParDo(s, &shardKeyFn{}, beam.CreateList(s, numbers)), recipes)
}

// forReading is the job without what reading the manifest does not need.
func (j Job) forReading() Job {
	j.Ranges, j.Labels, j.Checks, j.Sounds = nil, nil, nil, nil
	return j
}

// forPlanning is the job without what planning does not need.
func (j Job) forPlanning() Job {
	j.Skip, j.Ranges, j.Labels, j.Checks, j.Sounds = nil, nil, nil, nil, nil
	return j
}

func init() {
	register.DoFn1x2[int, int, bool](&shardKeyFn{})
	register.DoFn4x1[context.Context, int, func(*bool) bool, func(*RecipeBatch) bool, error](&materializeFn{})
	register.Iter1[RecipeBatch]()
	register.Iter1[bool]()
}

// shardKeyFn makes every shard's number a key of the join, so that shards
// without recipes are made too.
type shardKeyFn struct{}

func (*shardKeyFn) ProcessElement(n int) (int, bool) { return n, true }

// materializeFn makes one shard.
type materializeFn struct {
	Job Job `json:"job"`

	press                         *press
	made, kept, examples, dropped beam.Counter
}

func (f *materializeFn) Setup(ctx context.Context) error {
	const stage = "MaterializeShards"
	f.made, f.kept = beam.NewCounter(stage, "shards_made"), beam.NewCounter(stage, "shards_kept")
	f.examples, f.dropped = beam.NewCounter(stage, "examples"), beam.NewCounter(stage, "examples_dropped")
	var err error
	f.press, err = newPress(ctx, f.Job)
	return err
}

func (f *materializeFn) ProcessElement(ctx context.Context, number int, _ func(*bool) bool, recipes func(*RecipeBatch) bool) error {
	rs := unpack(recipes)
	result, kept, err := f.press.shard(ctx, number, rs)
	if err != nil {
		return f.press.counts.fail(err)
	}
	if kept {
		f.kept.Inc(ctx, 1)
	} else {
		f.made.Inc(ctx, 1)
	}
	f.examples.Inc(ctx, result.Stats.Examples)
	f.dropped.Inc(ctx, int64(len(rs))-result.Stats.Examples)
	return nil
}

func (f *materializeFn) Teardown() error {
	if f.press == nil {
		return nil
	}
	return f.press.close()
}
