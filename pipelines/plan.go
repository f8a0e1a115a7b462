package pipelines

import (
	"cmp"
	"slices"

	"framewise/augment"
	"framewise/corpus"
	"framewise/dataset"
	"framewise/transforms"
)

// PlanReport is what a build would make: what `framewise plan` prints.
type PlanReport struct {
	Utterances int64                   `json:"utterances"`  // lines of the manifest
	Rejected   int64                   `json:"rejected"`    // of them, without a look at the audio
	Reasons    map[corpus.Reason]int64 `json:"reasons"`     // of the rejects
	SampleRate int                     `json:"sample_rate"` // Hz
	LabelSet   string                  `json:"label_set"`
	Features   int                     `json:"features"` // F
	Splits     []SplitPlan             `json:"splits"`
	Total      Amount                  `json:"total"`
	Shards     int                     `json:"shards"`
}

// Amount is a number of examples and what they come to.
type Amount struct {
	Examples int64   `json:"examples"`
	Hours    float64 `json:"hours"` // of audio, on the base timeline
	Frames   int64   `json:"frames"`
	Bytes    int64   `json:"bytes"` // of shards, before compression; an estimate

	samples int64
}

// SplitPlan is the part of the plan that goes into one split.
type SplitPlan struct {
	Split         string        `json:"split"`
	Utterances    int64         `json:"utterances"`
	Speakers      int64         `json:"speakers"`
	Amount                      // of all examples
	Augmentations []AugmentPlan `json:"augmentations"`
	LeftOut       int64         `json:"left_out"` // utterances that a concatenation copy has no partner for
	Shards        int           `json:"shards"`
}

// AugmentPlan is what one augmentation adds to a split.
type AugmentPlan struct {
	Name string `json:"name"` // the variant; concatenation; concatenation+ and the variant
	Amount
}

// Check is a sum over the planned ids of a shard that does not depend on their
// order: two plans agree on a shard if their Checks are equal.
type Check struct {
	Examples int64  `json:"examples"`
	Sum      uint64 `json:"sum"` // of dataset.RowKey, modulo 2^64
}

func (c *Check) add(key uint64) {
	c.Examples++
	c.Sum += key
}

// ledger counts the recipes of one split.
type ledger struct {
	split    string
	keys     []uint64 // dataset.RowKey of every recipe
	speakers map[string]bool
	members  int64
	leftOut  int64
	total    Amount
	byName   map[string]*Amount
}

// augmentation names what was done to a recipe's utterances.
func augmentation(v augment.Variant, concatenated bool) string {
	switch {
	case !concatenated:
		return string(v)
	case v == augment.Original:
		return "concatenation"
	}
	return "concatenation+" + string(v)
}

// bookkeeper turns members into ledgers by split.
type bookkeeper struct {
	config  BuildConfig
	rate    int
	framing transforms.Framing
	dim     int
	members []augment.Member
	index   map[string]int32 // of members by id
	splits  map[string]*ledger
}

// tally works the plan out, recipe by recipe, and keeps only what is counted.
func (b *bookkeeper) tally() {
	c, seed := b.config.Augment, b.config.Seed
	for _, m := range b.members {
		l := b.ledger(m.Split)
		l.members++
		l.speakers[m.Speaker] = true
		b.book(augment.Variants(m, c))
	}
	for copy := range c.Concat.Copies {
		for _, bucket := range buckets(b.members, copy, b.config) {
			for _, v := range c.Variants() {
				b.book(augment.Groups(bucket, copy, v, c, seed, b.rate))
			}
		}
	}
	for _, id := range augment.LeftOut(b.members, c, seed, b.rate) {
		b.ledger(b.members[b.index[id]].Split).leftOut++
	}
}

func (b *bookkeeper) ledger(split string) *ledger {
	l := b.splits[split]
	if l == nil {
		l = &ledger{split: split, speakers: map[string]bool{}, byName: map[string]*Amount{}}
		b.splits[split] = l
	}
	return l
}

func (b *bookkeeper) book(rs []augment.Recipe) {
	for _, r := range rs {
		l := b.ledger(r.Split)
		l.keys = append(l.keys, dataset.RowKey(r.ID))
		name := augmentation(r.Variant, r.Concatenation())
		if l.byName[name] == nil {
			l.byName[name] = &Amount{}
		}
		n := r.NumSamples(b.rate, b.member)
		frames := int64(b.framing.NumFrames(int(n)))
		one := Amount{Examples: 1, Frames: frames, Bytes: b.config.Shard.RowBytes(frames, b.dim), samples: n}
		l.byName[name].add(one)
		l.total.add(one)
	}
}

func (b *bookkeeper) member(id string) augment.Member { return b.members[b.index[id]] }

func (a *Amount) add(o Amount) {
	a.Examples += o.Examples
	a.Frames += o.Frames
	a.Bytes += o.Bytes
	a.samples += o.samples
}

// at fills in the hours.
func (a Amount) at(rate int) Amount {
	a.Hours = float64(a.samples) / float64(rate) / 3600
	return a
}

// plan is a ledger's page of the report.
func (l *ledger) plan(rate int, c BuildConfig) SplitPlan {
	p := SplitPlan{Split: l.split, Utterances: l.members, Speakers: int64(len(l.speakers)), Amount: l.total.at(rate),
		LeftOut: l.leftOut, Shards: c.Shard.NumShards(l.total.Bytes)}
	for name, a := range l.byName {
		p.Augmentations = append(p.Augmentations, AugmentPlan{name, a.at(rate)})
	}
	var order []string
	for _, concatenated := range []bool{false, true} {
		for _, v := range c.Augment.Variants() {
			order = append(order, augmentation(v, concatenated))
		}
	}
	slices.SortFunc(p.Augmentations, func(a, b AugmentPlan) int {
		return cmp.Compare(slices.Index(order, a.Name), slices.Index(order, b.Name))
	})
	return p
}

// checks are the Checks of the split's shards.
func (l *ledger) checks(shards int) []Check {
	cs := make([]Check, shards)
	for _, k := range l.keys {
		cs[k%uint64(shards)].add(k)
	}
	return cs
}

// bucketOf is where a member is dealt into concatenations, of the buckets for
// so many members: only members of one bucket can meet. Its second result is
// false for members of splits that are not augmented.
func bucketOf(m augment.Member, copy, members int, c BuildConfig) (int, bool) {
	if !c.Augment.Augments(m.Split) {
		return 0, false
	}
	return augment.Bucket(c.Seed, copy, c.Augment.Concat.BucketKey(m), augment.Buckets(members)), true
}

// buckets deals members in process.
func buckets(ms []augment.Member, copy int, c BuildConfig) [][]augment.Member {
	out := make([][]augment.Member, augment.Buckets(len(ms)))
	for _, m := range ms {
		if n, ok := bucketOf(m, copy, len(ms), c); ok {
			out[n] = append(out[n], m)
		}
	}
	return out
}
