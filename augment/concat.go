package augment

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"framewise/corpus/draw"
)

// bucketSize is the least number of utterances that a bucket holds on average:
// enough that groups look random and leftovers are rare, few enough that a
// bucket is small work for one machine.
const bucketSize = 256

// Buckets is the number of buckets B for a corpus of so many utterances, all
// splits together: 1 below 512, then one for every 256.
func Buckets(utterances int) int { return max(1, utterances/bucketSize) }

// BucketKey is what decides a member's bucket: its id, or its speaker under
// same-speaker, so that partners meet.
func (c ConcatConfig) BucketKey(m Member) string {
	if c.Partner == PartnerSame {
		return m.Speaker
	}
	return m.ID
}

// Bucket is the bucket, of n, of the member with this [ConcatConfig.BucketKey]
// in a copy: hash mod n, and 0 if n is below 2.
func Bucket(seed uint64, copy int, key string, n int) int {
	if n < 2 {
		return 0
	}
	return int(uint64(draw.New(seed, "concat-bucket", key, copy)) % uint64(n))
}

// Groups makes the concatenations of one copy and one variant within a bucket,
// sorted by id. The rate is the build's base rate in Hz. Neither the order of
// the bucket nor what other buckets hold makes a difference, and all variants
// of a copy have the same groups, unless max_seconds cuts those of another
// speed elsewhere. Members of splits that are not augmented are
// passed over; members of several splits are never mixed.
func Groups(bucket []Member, copy int, v Variant, c Config, seed uint64, rate int) []Recipe {
	if !slices.Contains(c.Variants(), v) {
		return nil
	}
	s, err := v.parse()
	if err != nil {
		return nil
	}
	d := newDealer(bucket, copy, s, c, seed, rate)
	groups, _ := d.deal()
	rs := make([]Recipe, 0, len(groups))
	for _, g := range groups {
		rs = append(rs, d.recipe(g))
	}
	sortByID(rs)
	return rs
}

func sortByID(rs []Recipe) {
	slices.SortFunc(rs, func(a, b Recipe) int { return strings.Compare(a.ID, b.ID) })
}

// dealer deals the members of a bucket into groups.
type dealer struct {
	c      ConcatConfig
	seed   uint64
	copy   int
	steps  steps
	gap    [2]int   // shortest and longest, in samples at the base rate
	limit  int64    // longest concatenation, in samples at the base rate
	cards  []card   // the members that may be dealt, in the bucket's order
	unfit  []string // ids of augmented members that may not
	chosen []bool   // by card
}

// card is a member with what its place in the order depends on.
type card struct {
	Member
	length         int64 // samples at the base rate
	voice, shuffle draw.Key
}

// group is a list of cards, first to last, with the gap before each.
type group struct {
	cards []int
	gaps  []int64
	total int64 // samples, gaps included
}

func newDealer(bucket []Member, copy int, s steps, c Config, seed uint64, rate int) *dealer {
	d := &dealer{c: c.Concat, seed: seed, copy: copy, steps: s, limit: math.MaxInt64}
	if len(c.Concat.GapMs) == 2 {
		d.gap = [2]int{c.Concat.GapMs[0] * rate / 1000, c.Concat.GapMs[1] * rate / 1000}
	}
	if c.Concat.MaxSeconds > 0 {
		d.limit = int64(c.Concat.MaxSeconds * float64(rate))
	}
	for _, m := range bucket {
		if !c.Augments(m.Split) {
			continue
		}
		in, out := s.speed.rates(m.Rate, rate)
		length := BaseSamples(m.Samples, in, out)
		if length == 0 || length > d.limit || c.Concat.Partner != PartnerAny && m.Speaker == "" {
			d.unfit = append(d.unfit, m.ID)
			continue
		}
		k := card{Member: m, length: length, shuffle: draw.New(seed, "concat-order", m.ID, copy)}
		if c.Concat.Partner == PartnerSame {
			k.voice = draw.New(seed, "concat-speaker", m.Speaker, copy)
		}
		d.cards = append(d.cards, k)
	}
	slices.SortFunc(d.cards, func(a, b card) int {
		order := cmp.Or(strings.Compare(a.Split, b.Split), cmp.Compare(a.voice, b.voice))
		if order == 0 && c.Concat.Partner == PartnerSame {
			order = strings.Compare(a.Speaker, b.Speaker)
		}
		return cmp.Or(order, cmp.Compare(a.shuffle, b.shuffle), strings.Compare(a.ID, b.ID))
	})
	d.chosen = make([]bool, len(d.cards))
	return d
}

// deal cuts the order into groups and returns them with the ids of the members
// that are in none.
func (d *dealer) deal() (groups []group, left []string) {
	used := make([]bool, len(d.cards))
	for i := range d.cards {
		if d.chosen[i] {
			continue
		}
		g := d.gather(i)
		if len(g.cards) < d.c.Min {
			if d.c.Leftovers == LeftoversDrop {
				continue
			}
			if d.c.Leftovers == LeftoversWrap {
				d.fill(&g)
			}
		}
		if len(g.cards) < 2 {
			continue
		}
		groups = append(groups, g)
		for _, k := range g.cards {
			used[k] = true
		}
	}
	left = slices.Clone(d.unfit)
	for i, k := range d.cards {
		if !used[i] { // a leftover that no later one took to fill itself up
			left = append(left, k.ID)
		}
	}
	return groups, left
}

// gather begins a group with a card and adds those that follow.
func (d *dealer) gather(first int) group {
	lead := &d.cards[first]
	size := draw.New(d.seed, "concat-size", lead.ID, d.copy).Between(0, d.c.Min, d.c.Max)
	g := group{cards: []int{first}, gaps: []int64{0}, total: lead.length}
	d.chosen[first] = true
	for j := first + 1; j < len(d.cards) && len(g.cards) < size; j++ {
		if d.chosen[j] {
			continue
		}
		if !d.partners(&g, j) {
			if d.c.Partner == PartnerDifferent && d.cards[j].Split == lead.Split {
				continue // a later one may do
			}
			break
		}
		if !d.add(&g, j) {
			break // it begins the next group
		}
		d.chosen[j] = true
	}
	return g
}

// fill takes a leftover up to min from the beginning of the order. The cards
// that it takes stay in the groups that they have.
func (d *dealer) fill(g *group) {
	for j := 0; j < len(d.cards) && len(g.cards) < d.c.Min; j++ {
		if !slices.Contains(g.cards, j) && d.partners(g, j) {
			d.add(g, j)
		}
	}
}

// partners reports whether split and speakers allow card j in the group.
func (d *dealer) partners(g *group, j int) bool {
	lead, next := &d.cards[g.cards[0]], &d.cards[j]
	switch {
	case lead.Split != next.Split:
		return false
	case d.c.Partner == PartnerSame:
		return lead.Speaker == next.Speaker
	case d.c.Partner == PartnerDifferent:
		return !slices.ContainsFunc(g.cards, func(k int) bool { return d.cards[k].Speaker == next.Speaker })
	}
	return true
}

// add puts card j behind the group, unless that makes it too long.
func (d *dealer) add(g *group, j int) bool {
	key := draw.New(d.seed, "concat-gap", d.cards[g.cards[0]].ID, d.copy)
	gap := int64(key.Between(len(g.cards), d.gap[0], d.gap[1]))
	if total := g.total + gap + d.cards[j].length; total <= d.limit {
		g.cards, g.gaps, g.total = append(g.cards, j), append(g.gaps, gap), total
		return true
	}
	return false
}

// recipe names a group. The 64-bit hash of the utterances makes the id the same
// wherever the group is dealt; among a million groups two share one with odds of
// 3 in 10^8.
func (d *dealer) recipe(g group) Recipe {
	parts, ids := make([]Part, len(g.cards)), make([]string, len(g.cards))
	for i, k := range g.cards {
		m := &d.cards[k]
		ids[i] = m.ID
		parts[i] = Part{Utterance: m.ID, Ref: m.Ref, Gap: g.gaps[i]}
	}
	key := draw.New(d.seed, "concat-id", strings.Join(ids, "\x00"), d.copy)
	return Recipe{
		ID:      fmt.Sprintf("%s%d/%016x%s", concatPrefix, d.copy, uint64(key), d.steps.suffix()),
		Split:   d.cards[g.cards[0]].Split,
		Variant: d.steps.variant(),
		Parts:   parts,
	}
}
