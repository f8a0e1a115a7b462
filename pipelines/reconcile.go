package pipelines

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"sync"

	"golang.org/x/sync/errgroup"

	"framewise/corpus"
	"framewise/dataset"
)

// readsAtOnce is how many small files are read at a time: a remote store
// answers each after tens of milliseconds, and any number of them together.
const readsAtOnce = 16

// eachShard calls fn for every planned shard, several at a time; number counts
// them over all splits.
func (b *builder) eachShard(ctx context.Context, fn func(ctx context.Context, number int, s SplitShards, shard int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(readsAtOnce)
	number := 0
	for _, s := range b.job.Shards {
		for i := range s.Shards {
			n := number
			g.Go(func() error { return fn(ctx, n, s, i) })
			number++
		}
	}
	return g.Wait()
}

// sidecars hashes the result of every planned shard that stands.
func (b *builder) sidecars(ctx context.Context) (map[string][32]byte, error) {
	var mu sync.Mutex
	sums := map[string][32]byte{}
	err := b.eachShard(ctx, func(ctx context.Context, _ int, s SplitShards, i int) error {
		name := dataset.SidecarName(s.Split, i, s.Shards)
		content, err := b.store.ReadFile(ctx, name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read result of a shard: %w", err)
		}
		mu.Lock()
		defer mu.Unlock()
		sums[name] = sha256.Sum256(content)
		return nil
	})
	return sums, err
}

// unchanged counts the shards whose results are what they were before.
func (b *builder) unchanged(ctx context.Context, before map[string][32]byte) (int, error) {
	now, err := b.sidecars(ctx)
	n := 0
	for name, sum := range now {
		if before[name] == sum {
			n++
		}
	}
	return n, err
}

// results reads what the shards say of themselves. A shard that is not there
// means that the run failed, whatever the runner said.
func (b *builder) results(ctx context.Context) ([]dataset.ShardResult, error) {
	all := make([]dataset.ShardResult, b.job.numShards())
	err := b.eachShard(ctx, func(ctx context.Context, number int, s SplitShards, i int) error {
		r, err := b.result(ctx, s, i)
		if err == nil {
			all[number] = *r
		}
		return err
	})
	return all, err
}

func (b *builder) result(ctx context.Context, s SplitShards, i int) (*dataset.ShardResult, error) {
	name := dataset.ShardName(s.Split, i, s.Shards)
	content, err := b.store.ReadFile(ctx, dataset.SidecarName(s.Split, i, s.Shards))
	if err != nil {
		return nil, fmt.Errorf("build: the run ended without shard %s: %w", name, err)
	}
	r, err := dataset.ParseShardResult(content)
	if err != nil {
		return nil, fmt.Errorf("build: shard %s: %w", name, err)
	}
	info, err := b.store.Stat(ctx, r.Path)
	if err != nil {
		return nil, fmt.Errorf("build: the run ended without shard %s: %w", name, err)
	}
	if info.Size != r.Bytes {
		return nil, fmt.Errorf("build: shard %s has %d bytes, its result says %d: %w", name, info.Size, r.Bytes, dataset.ErrReconcile)
	}
	return r, nil
}

// confirm reads the recordings again that were rejected while shards were
// made. One that can be read now was not bad: its storage failed for a moment,
// and a dataset without it would be another one than the next build makes.
func (b *builder) confirm(ctx context.Context, results []dataset.ShardResult) error {
	if err := b.survey.stands(ctx); err != nil {
		return err
	}
	var lists [][]dataset.Reject
	for _, r := range results {
		lists = append(lists, r.Rejects)
	}
	bad := map[string]dataset.Reject{}
	for _, r := range dataset.MergeRejects(lists...) {
		if r.Kind == dataset.RejectUtterance && r.Stage == stageRead {
			bad[r.ID] = r
		}
	}
	if len(bad) == 0 {
		return nil
	}
	manifest, err := openManifest(ctx, b.opt.Manifest)
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	defer manifest.Close()
	return corpus.ReadManifest(manifest, b.opt.Manifest, func(line int, _ corpus.LineRef, u *corpus.Utterance, err error) error {
		if skipped(b.job.Skip, line) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("build: manifest %q: it was changed while the build ran: %w", b.opt.Manifest, err)
		}
		r, ok := bad[u.ID]
		if !ok {
			return nil
		}
		_, err = LoadSource(ctx, b.opt.Manifest, u)
		var still *corpus.Problem
		switch {
		case err == nil:
			return fmt.Errorf("build: utterance %q was rejected as %s (%s): %w", r.ID, r.Reason, r.Detail, ErrUnsteady)
		case !errors.As(err, &still):
			return fmt.Errorf("build: utterance %q: %w", r.ID, err)
		}
		return nil
	})
}

// finish reconciles, removes what an earlier build left, and writes
// dataset.json.
func (b *builder) finish(ctx context.Context, results []dataset.ShardResult, report *BuildReport) error {
	s := b.survey
	var lists [][]dataset.Reject
	for _, r := range results {
		lists = append(lists, r.Rejects)
	}
	late := int64(0) // utterances that were planned and turned out bad
	for _, r := range dataset.MergeRejects(lists...) {
		if r.Kind == dataset.RejectUtterance {
			late++
		}
	}
	a := dataset.Assembly{AlgorithmVersion: algorithmVersion, Seed: s.Config.Seed, SampleRate: s.Rate, FeatureDim: s.Features,
		LabelSet: s.Labels, Features: s.Config.Features, Augment: s.Config.Augment.WithManifests(s.sounds.contents()), Shard: s.Config.Shard,
		Utterances: s.Utterances, Used: int64(b.job.Members) - late, Rejects: s.Rejects, Results: results}
	for _, p := range s.plans {
		a.Splits = append(a.Splits, dataset.SplitPlan{Name: p.Split, Shards: p.Shards, Planned: p.Examples})
	}
	manifest, rejects, err := dataset.Assemble(a)
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	if err := b.writeRejects(ctx, rejects); err != nil {
		return err
	}
	if err := b.tooMany(manifest.Counts.Rejected, "were rejected"); err != nil {
		return err
	}
	report.Counts, report.Rejects = manifest.Counts, map[corpus.Reason]int64{}
	for _, r := range rejects {
		if r.Kind == dataset.RejectUtterance {
			report.Rejects[r.Reason]++
		}
	}
	for _, r := range results {
		report.Bytes += r.Bytes
	}
	if report.FilesRemoved, err = b.removeStale(ctx); err != nil {
		return err
	}
	content, err := manifest.Marshal()
	if err != nil {
		return err
	}
	report.SHA256 = manifest.SHA256
	return b.store.WriteFile(ctx, dataset.ManifestName, content)
}

func (b *builder) writeRejects(ctx context.Context, rejects []dataset.Reject) error {
	var buf bytes.Buffer
	if err := dataset.WriteRejects(&buf, dataset.MergeRejects(rejects)); err != nil {
		return err
	}
	return b.store.WriteFile(ctx, dataset.RejectsName, buf.Bytes())
}

// shardFile is what a build calls its files; nothing else is ever removed.
var shardFile = regexp.MustCompile(`^(\.build/)?(train|dev|test|test-rest)/shard-\d{5}-of-\d{5}\.(arrow|json)$`)

// removeStale removes the shards and results of an earlier build that this one
// does not have: those of another shard count, or of a split that is gone.
func (b *builder) removeStale(ctx context.Context) (int, error) {
	wanted := map[string]bool{}
	for _, s := range b.job.Shards {
		for i := range s.Shards {
			wanted[dataset.ShardName(s.Split, i, s.Shards)] = true
			wanted[dataset.SidecarName(s.Split, i, s.Shards)] = true
		}
	}
	files, err := b.store.List(ctx, ".")
	if err != nil {
		return 0, fmt.Errorf("build: look for files of an earlier build: %w", err)
	}
	n := 0
	for _, f := range files {
		if wanted[f.Name] || !shardFile.MatchString(path.Clean(f.Name)) {
			continue
		}
		if err := b.store.Remove(ctx, f.Name); err != nil {
			return n, fmt.Errorf("build: remove a file of an earlier build: %w", err)
		}
		n++
	}
	return n, nil
}
