package pipelines

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"framewise/augment"
	"framewise/corpus"
)

// An element of a shuffle costs an engine tens of microseconds and half a
// kilobyte whatever is in it, so what is planned passes in batches: all of a
// range of the manifest, or of a deck, that goes to one place.

// MemberBatch is some utterances of the corpus.
type MemberBatch struct{ Members []augment.Member }

// RecipeBatch is some recipes of one shard.
type RecipeBatch struct{ Recipes []augment.Recipe }

// ManifestRange is some lines of a manifest that follow each other: the work of
// one call.
type ManifestRange struct {
	Offset, Length int64 // bytes
	Line           int   // the first one's number, from 1
}

// batchSize is how many utterances a range has, and a deck on average: large
// enough that batches between the two hold many, small enough that a corpus of
// a million is work for dozens of workers. Only tests change it.
var batchSize = 1 << 14

func init() {
	register.DoFn3x1[context.Context, ManifestRange, func(MemberBatch), error](&readManifestFn{})
	register.DoFn2x1[MemberBatch, func(int, RecipeBatch), error](&variantsFn{})
	register.DoFn2x0[MemberBatch, func(int, MemberBatch)](&dealFn{})
	register.DoFn3x1[int, func(*MemberBatch) bool, func(int, RecipeBatch), error](&concatFn{})
	register.Emitter1[MemberBatch]()
	register.Emitter2[int, RecipeBatch]()
	register.Emitter2[int, MemberBatch]()
	register.Iter1[MemberBatch]()
}

// readManifestFn reads a range of the manifest.
type readManifestFn struct {
	Job Job `json:"job"`

	read beam.Counter
}

func (f *readManifestFn) Setup() { f.read = beam.NewCounter("ReadManifest", "members") }

func (f *readManifestFn) ProcessElement(ctx context.Context, r ManifestRange, emit func(MemberBatch)) error {
	path := f.Job.Manifest
	file, err := openManifest(ctx, path)
	if err != nil {
		return err
	}
	defer file.Close()
	var b MemberBatch
	err = corpus.ReadManifest(io.NewSectionReader(file, r.Offset, r.Length), path, func(line int, ref corpus.LineRef, u *corpus.Utterance, err error) error {
		line += r.Line - 1
		if skipped(f.Job.Skip, line) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("manifest %q: line %d: it was changed while the build ran: %w", path, line, err)
		}
		ref.Offset += r.Offset
		b.Members = append(b.Members, memberOf(u, ref))
		return nil
	})
	if err != nil {
		return err
	}
	n := int64(len(b.Members))
	f.read.Inc(ctx, n)
	counts := countsOf(f.Job.ID)
	counts.members.Add(n)
	counts.steps.Add(1)
	emit(b)
	return nil
}

// memberOf is what planning needs of an utterance.
func memberOf(u *corpus.Utterance, ref corpus.LineRef) augment.Member {
	return augment.Member{ID: u.ID, Ref: augment.Ref(ref), Split: u.Split, Speaker: u.Speaker, Rate: u.Rate, Samples: u.NumSamples()}
}

// variantsFn makes the plain examples of utterances.
type variantsFn struct {
	Job Job `json:"job"`
}

func (f *variantsFn) ProcessElement(b MemberBatch, emit func(int, RecipeBatch)) error {
	var p packer
	for _, m := range b.Members {
		if err := p.add(&f.Job, augment.Variants(m, f.Job.Config.Augment)); err != nil {
			return err
		}
	}
	p.emit(emit)
	return nil
}

// packer sorts recipes into batches by shard.
type packer map[int][]augment.Recipe

func (p *packer) add(j *Job, rs []augment.Recipe) error {
	if *p == nil {
		*p = packer{}
	}
	for _, r := range rs {
		n, err := j.shardOf(r.Split, r.ID)
		if err != nil {
			return err
		}
		(*p)[n] = append((*p)[n], r)
	}
	return nil
}

func (p packer) emit(emit func(int, RecipeBatch)) {
	for _, n := range slices.Sorted(maps.Keys(p)) {
		emit(n, RecipeBatch{p[n]})
	}
}

// unpack is the recipes of all batches.
func unpack(batches func(*RecipeBatch) bool) []augment.Recipe {
	var rs []augment.Recipe
	var b RecipeBatch
	for batches(&b) {
		rs = append(rs, b.Recipes...)
	}
	return rs
}

// dealFn deals members into the decks of each copy. A deck is some of a copy's
// buckets.
type dealFn struct {
	Job Job `json:"job"`
}

func (f *dealFn) ProcessElement(b MemberBatch, emit func(int, MemberBatch)) {
	n := decks(f.Job.Members)
	for copy := range f.Job.Config.Augment.Concat.Copies {
		dealt := make([][]augment.Member, n)
		for _, m := range b.Members {
			if bucket, ok := bucketOf(m, copy, f.Job.Members, f.Job.Config); ok {
				dealt[bucket%n] = append(dealt[bucket%n], m)
			}
		}
		for i, ms := range dealt {
			if len(ms) > 0 {
				emit(copy*n+i, MemberBatch{ms})
			}
		}
	}
}

// decks is the number of decks a copy.
func decks(members int) int { return max(1, members/batchSize) }

// concatFn makes the concatenations of a deck, of every variant.
type concatFn struct {
	Job Job `json:"job"`
}

func (f *concatFn) ProcessElement(key int, batches func(*MemberBatch) bool, emit func(int, RecipeBatch)) error {
	j, copy := &f.Job, key/decks(f.Job.Members)
	dealt := map[int][]augment.Member{}
	var b MemberBatch
	for batches(&b) {
		for _, m := range b.Members {
			if bucket, ok := bucketOf(m, copy, j.Members, j.Config); ok {
				dealt[bucket] = append(dealt[bucket], m)
			}
		}
	}
	countsOf(j.ID).steps.Add(1)
	var p packer
	for _, bucket := range dealt {
		for _, v := range j.Config.Augment.Variants() {
			if err := p.add(j, augment.Groups(bucket, copy, v, j.Config.Augment, j.Config.Seed, j.Rate)); err != nil {
				return err
			}
		}
	}
	p.emit(emit)
	return nil
}
