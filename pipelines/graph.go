package pipelines

import (
	"context"
	"fmt"
	"os"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"framewise/augment"
	"framewise/corpus"
)

// Pipeline is the graph of a build: it plans the job's examples and
// materializes its shards.
func Pipeline(s beam.Scope, j Job) {
	MaterializeShards(s, j, PlanExamples(s, j))
}

// PlanExamples reads the job's manifest and emits every recipe, keyed by the
// number of its shard: KV<int, augment.Recipe>.
func PlanExamples(s beam.Scope, j Job) beam.PCollection {
	s = s.Scope("PlanExamples")
	members := ReadManifest(s, j)
	plain := beam.ParDo(s, &variantsFn{Job: j.forPlanning()}, members)
	if j.Config.Augment.Concat.Copies == 0 || len(j.Config.Augment.Splits) == 0 {
		return plain
	}
	return beam.Flatten(s, plain, ConcatByBucket(s, j, members))
}

// ReadManifest emits an augment.Member for every line of the manifest that was
// not rejected.
func ReadManifest(s beam.Scope, j Job) beam.PCollection {
	s = s.Scope("ReadManifest")
	return beam.ParDo(s, &readManifestFn{Job: j.forReading()}, beam.Create(s, j.Manifest))
}

// ConcatByBucket deals members into buckets, one shuffle, and emits the
// concatenations of each, keyed by shard.
func ConcatByBucket(s beam.Scope, j Job, members beam.PCollection) beam.PCollection {
	s = s.Scope("ConcatByBucket")
	j = j.forPlanning()
	return beam.ParDo(s, &concatFn{Job: j}, beam.GroupByKey(s, beam.ParDo(s, &bucketFn{Job: j}, members)))
}

// MaterializeShards makes one shard of each group of recipes, and empty ones
// of the numbers that no recipe has.
func MaterializeShards(s beam.Scope, j Job, recipes beam.PCollection) {
	s = s.Scope("MaterializeShards")
	numbers := make([]int, j.numShards())
	for i := range numbers {
		numbers[i] = i
	}
	all := beam.ParDo(s, &shardKeyFn{}, beam.CreateList(s, numbers))
	j.Skip = nil
	beam.ParDo0(s, &materializeFn{Job: j}, beam.CoGroupByKey(s, all, recipes))
}

// forReading is the job without what reading the manifest does not need.
func (j Job) forReading() Job {
	j.Labels, j.Checks, j.Sounds = nil, nil, nil
	return j
}

// forPlanning is the job without what planning does not need.
func (j Job) forPlanning() Job {
	j.Skip, j.Labels, j.Checks, j.Sounds = nil, nil, nil, nil
	return j
}

func init() {
	register.DoFn3x1[context.Context, string, func(augment.Member), error](&readManifestFn{})
	register.DoFn2x1[augment.Member, func(int, augment.Recipe), error](&variantsFn{})
	register.DoFn2x0[augment.Member, func(string, augment.Member)](&bucketFn{})
	register.DoFn3x1[string, func(*augment.Member) bool, func(int, augment.Recipe), error](&concatFn{})
	register.DoFn1x2[int, int, bool](&shardKeyFn{})
	register.DoFn4x1[context.Context, int, func(*bool) bool, func(*augment.Recipe) bool, error](&materializeFn{})
	register.Emitter1[augment.Member]()
	register.Emitter2[int, augment.Recipe]()
	register.Emitter2[string, augment.Member]()
	register.Iter1[augment.Member]()
	register.Iter1[augment.Recipe]()
	register.Iter1[bool]()
}

// readManifestFn streams a manifest.
type readManifestFn struct {
	Job Job `json:"job"`

	read beam.Counter
}

func (f *readManifestFn) Setup() { f.read = beam.NewCounter("ReadManifest", "members") }

func (f *readManifestFn) ProcessElement(ctx context.Context, path string, emit func(augment.Member)) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read manifest: %w", err)
	}
	defer file.Close()
	counts := countsOf(f.Job.ID)
	return corpus.ReadManifest(file, path, func(line int, ref corpus.LineRef, u *corpus.Utterance, err error) error {
		if skipped(f.Job.Skip, line) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("manifest %q: it was changed while the build ran: %w", path, err)
		}
		f.read.Inc(ctx, 1)
		counts.members.Add(1)
		counts.steps.Add(1)
		emit(augment.Member{ID: u.ID, Ref: augment.Ref(ref), Split: u.Split, Speaker: u.Speaker, Rate: u.Rate, Samples: u.NumSamples()})
		return nil
	})
}

// variantsFn makes the plain examples of an utterance.
type variantsFn struct {
	Job Job `json:"job"`
}

func (f *variantsFn) ProcessElement(m augment.Member, emit func(int, augment.Recipe)) error {
	return f.Job.emit(augment.Variants(m, f.Job.Config.Augment), emit)
}

// emit keys recipes by shard.
func (j *Job) emit(rs []augment.Recipe, emit func(int, augment.Recipe)) error {
	for _, r := range rs {
		n, err := j.shardOf(r.Split, r.ID)
		if err != nil {
			return err
		}
		emit(n, r)
	}
	return nil
}

// bucketFn deals a member into a bucket for each copy.
type bucketFn struct {
	Job Job `json:"job"`
}

func (f *bucketFn) ProcessElement(m augment.Member, emit func(string, augment.Member)) {
	n := augment.Buckets(f.Job.Members)
	for copy := range f.Job.Config.Augment.Concat.Copies {
		if key, ok := bucketKey(m, copy, n, f.Job.Config); ok {
			emit(key, m)
		}
	}
}

// concatFn makes the concatenations of a bucket, of every variant.
type concatFn struct {
	Job Job `json:"job"`
}

func (f *concatFn) ProcessElement(key string, members func(*augment.Member) bool, emit func(int, augment.Recipe)) error {
	copy, err := copyOf(key)
	if err != nil {
		return err
	}
	var bucket []augment.Member
	var m augment.Member
	for members(&m) {
		bucket = append(bucket, m)
	}
	countsOf(f.Job.ID).steps.Add(1)
	c := f.Job.Config
	for _, v := range c.Augment.Variants() {
		if err := f.Job.emit(augment.Groups(bucket, copy, v, c.Augment, c.Seed, f.Job.Rate), emit); err != nil {
			return err
		}
	}
	return nil
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

func (f *materializeFn) Setup() error {
	const stage = "MaterializeShards"
	f.made, f.kept = beam.NewCounter(stage, "shards_made"), beam.NewCounter(stage, "shards_kept")
	f.examples, f.dropped = beam.NewCounter(stage, "examples"), beam.NewCounter(stage, "examples_dropped")
	var err error
	f.press, err = newPress(f.Job)
	return err
}

func (f *materializeFn) ProcessElement(ctx context.Context, number int, _ func(*bool) bool, recipes func(*augment.Recipe) bool) error {
	var rs []augment.Recipe
	var r augment.Recipe
	for recipes(&r) {
		rs = append(rs, r)
	}
	result, kept, err := f.press.shard(ctx, number, rs)
	if err != nil {
		return err
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
