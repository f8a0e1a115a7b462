package augment

import "slices"

// Plan lists every example of a corpus, sorted by id: the plain ones of each
// member and the concatenations. The order of the members does not matter;
// their ids must differ. The configuration must be valid. The rate is the
// build's base rate in Hz.
//
// It equals the union of [Variants] of every member with, for every copy below
// Concat.Copies, every variant of [Config.Variants] and every bucket of
// [Buckets](len(ms)), the [Groups] of the members in that [Bucket].
func Plan(ms []Member, c Config, seed uint64, rate int) []Recipe {
	var rs []Recipe
	for _, m := range ms {
		rs = append(rs, Variants(m, c)...)
	}
	for copy := range c.Concat.Copies {
		for _, bucket := range deal(ms, copy, c, seed) {
			for _, v := range c.Variants() {
				rs = append(rs, Groups(bucket, copy, v, c, seed, rate)...)
			}
		}
	}
	sortByID(rs)
	return rs
}

// LeftOut lists, sorted, the ids of the utterances of augmented splits that
// are in no concatenation, one entry for every copy and speed that lacks them:
// too long, without a partner, or dropped.
func LeftOut(ms []Member, c Config, seed uint64, rate int) []string {
	var ids []string
	for copy := range c.Concat.Copies {
		for _, bucket := range deal(ms, copy, c, seed) {
			for _, s := range c.variants() {
				if s.sameGroups() {
					continue // counted already
				}
				_, left := newDealer(bucket, copy, s, c, seed, rate).deal()
				ids = append(ids, left...)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

// deal sorts the members of augmented splits into the buckets of a copy.
func deal(ms []Member, copy int, c Config, seed uint64) [][]Member {
	buckets := make([][]Member, Buckets(len(ms)))
	for _, m := range ms {
		if c.Augments(m.Split) {
			b := Bucket(seed, copy, c.Concat.BucketKey(m), len(buckets))
			buckets[b] = append(buckets[b], m)
		}
	}
	return buckets
}
