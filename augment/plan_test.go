package augment

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"framewise/corpus/draw"
)

const baseRate = 16000

// randomConfig draws a valid configuration.
func randomConfig(seed uint64) Config {
	k := draw.New(seed, "test-config", "", 0)
	lo := k.Between(0, 2, 4)
	c := Config{
		Splits:     [][]string{{"train"}, {"train", "dev"}, {"dev"}}[k.IntN(1, 3)],
		Originals:  k.IntN(2, 3) > 0,
		Narrowband: NarrowbandConfig{Mode: []string{"off", "keep", "restore"}[k.IntN(3, 3)], KeepBand: BandOwn},
		Concat: ConcatConfig{Copies: k.Between(4, 1, 3), Min: lo, Max: lo + k.IntN(5, 3), GapFill: FillNoise,
			Partner:   []string{PartnerAny, PartnerSame, PartnerDifferent}[k.IntN(6, 3)],
			GapMs:     []int{k.IntN(7, 100), 100 + k.IntN(8, 200)},
			Leftovers: []string{LeftoversKeep, LeftoversDrop, LeftoversWrap}[k.IntN(9, 3)]},
	}
	if k.IntN(12, 3) == 0 {
		c.Speed.Factors = [][]float64{{0.9, 1, 1.1}, {1.25}}[k.IntN(13, 2)]
	}
	if k.IntN(14, 3) == 0 {
		c.Gain, c.Perturb.Copies = GainConfig{DB: []float64{-3, 3}, Probability: 0.5}, k.Between(15, 1, 2)
	}
	if k.IntN(10, 2) == 0 {
		c.Concat.MaxSeconds = float64(k.Between(11, 40, 300)) / 10
	}
	return c
}

// eachPlan runs a check over plans of random corpora and configurations.
func eachPlan(t *testing.T, check func(t *testing.T, ms []Member, c Config, seed uint64, rs []Recipe)) {
	for seed := range uint64(60) {
		n := draw.New(seed, "test-size", "", 0).IntN(0, 90)
		if seed%20 == 7 {
			n += 1100 // more than one bucket
		}
		ms, c := randomCorpus(n, 1+n/9, seed), randomConfig(seed)
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			check(t, ms, c, seed, Plan(ms, c, seed, baseRate))
		})
	}
}

func byID(ms []Member) map[string]Member {
	m := map[string]Member{}
	for _, u := range ms {
		m[u.ID] = u
	}
	return m
}

func lengths(ms []Member) func(string) Member {
	m := byID(ms)
	return func(id string) Member { return m[id] }
}

func TestRecipesKeepTheirPromises(t *testing.T) {
	eachPlan(t, func(t *testing.T, ms []Member, c Config, seed uint64, rs []Recipe) {
		members, length := byID(ms), lengths(ms)
		for i, r := range rs {
			if i > 0 && rs[i-1].ID >= r.ID {
				t.Fatalf("%q before %q: not sorted by a unique id", rs[i-1].ID, r.ID)
			}
			if derived := r.Concatenation() || r.Variant != Original; derived != DerivedID(r.ID) {
				t.Errorf("DerivedID(%q) = %v", r.ID, !derived)
			}
			var speakers []string
			for j, p := range r.Parts {
				m := members[p.Utterance]
				speakers = append(speakers, m.Speaker)
				if m.Split != r.Split || m.Ref != p.Ref {
					t.Errorf("%q of %s holds %+v of %s", r.ID, r.Split, p, m.Split)
				}
				if lo, hi := int64(c.Concat.GapMs[0]*16), int64(c.Concat.GapMs[1]*16); j == 0 && p.Gap != 0 || j > 0 && (p.Gap < lo || p.Gap > hi) {
					t.Errorf("%q: gap %d before part %d, want %d to %d", r.ID, p.Gap, j, lo, hi)
				}
			}
			if !r.Concatenation() {
				continue
			}
			if n := len(r.Parts); n > c.Concat.Max || n < c.Concat.Min && (c.Concat.Leftovers == LeftoversDrop || n < 2) {
				t.Errorf("%q has %d parts under %+v", r.ID, n, c.Concat)
			}
			if most := c.Concat.MaxSeconds * baseRate; most > 0 && float64(r.NumSamples(baseRate, length)) > most {
				t.Errorf("%q has %d samples, want at most %g", r.ID, r.NumSamples(baseRate, length), most)
			}
			ids := slices.Clone(r.Parts)
			slices.SortFunc(ids, func(a, b Part) int { return strings.Compare(a.Utterance, b.Utterance) })
			if n := len(slices.CompactFunc(ids, func(a, b Part) bool { return a.Utterance == b.Utterance })); n != len(r.Parts) {
				t.Errorf("%q repeats an utterance: %+v", r.ID, r.Parts)
			}
			slices.Sort(speakers)
			distinct := len(slices.Compact(slices.Clone(speakers)))
			if c.Concat.Partner == PartnerSame && distinct != 1 || c.Concat.Partner == PartnerDifferent && distinct != len(speakers) ||
				c.Concat.Partner != PartnerAny && speakers[0] == "" {
				t.Errorf("%q joins speakers %q under %s", r.ID, speakers, c.Concat.Partner)
			}
		}
	})
}

// Every utterance is in one group of every copy and speed, or LeftOut has it;
// wrapping may use it again, and nothing else does.
func TestCopiesUseEveryUtteranceOnce(t *testing.T) {
	eachPlan(t, func(t *testing.T, ms []Member, c Config, seed uint64, rs []Recipe) {
		members := byID(ms)
		uses := map[string]int{} // by variant, copy and utterance
		for _, r := range rs {
			for _, p := range r.Parts {
				if r.Concatenation() {
					uses[fmt.Sprintf("%s %s %s", r.Variant, strings.Split(r.ID, "/")[1], p.Utterance)]++
				}
			}
		}
		left := map[string]int{}
		for _, id := range LeftOut(ms, c, seed, baseRate) {
			left[id]++
			if !c.Augments(members[id].Split) {
				t.Errorf("%q is left out of a split that is not augmented", id)
			}
			if c.Concat.Partner == PartnerAny && c.Concat.MaxSeconds == 0 && c.Concat.Leftovers != LeftoversDrop && len(left) > 2*Buckets(len(ms))*(1+len(c.Speed.speeds())) {
				t.Errorf("%d utterances left out, want one a bucket at most", len(left))
			}
		}
		for _, m := range ms {
			for _, narrowband := range []bool{false, true} {
				in, more, speeds := 0, 0, 0
				for _, s := range c.variants() {
					if s.narrowband != narrowband {
						continue
					}
					speeds++
					for copy := range c.Concat.Copies {
						n := uses[fmt.Sprintf("%s %d %s", s.variant(), copy, m.ID)]
						in, more = in+min(n, 1), more+max(n-1, 0)
					}
				}
				want := 0
				if c.Augments(m.Split) && speeds > 0 {
					want = speeds*c.Concat.Copies - left[m.ID]*(1+c.perturbations())
				}
				if in != want || more > 0 && c.Concat.Leftovers != LeftoversWrap {
					t.Errorf("%q is in concatenations (narrowband: %v) of %d copies and speeds, want %d; used again %d times", m.ID, narrowband, in, want, more)
				}
			}
		}
	})
}

func TestPlainExamples(t *testing.T) {
	eachPlan(t, func(t *testing.T, ms []Member, c Config, seed uint64, rs []Recipe) {
		have := map[string]bool{}
		for _, r := range rs {
			have[r.ID] = true
		}
		for _, m := range ms {
			on := c.Augments(m.Split)
			if original := c.Originals || !on; have[m.ID] != original {
				t.Errorf("%q is there: %v, want %v", m.ID, have[m.ID], original)
			}
			if narrow := on && c.Narrowband.Mode != NarrowbandOff; have[m.ID+"+nb"] != narrow {
				t.Errorf("%q is there: %v, want %v", m.ID+"+nb", have[m.ID+"+nb"], narrow)
			}
		}
	})
}

// The pieces that a distributed planner puts together are the plan, in
// whatever order the members come.
func TestPlanIsTheUnionOfItsPieces(t *testing.T) {
	eachPlan(t, func(t *testing.T, ms []Member, c Config, seed uint64, want []Recipe) {
		shuffled := slices.Clone(ms)
		k := draw.New(seed, "test-shuffle", "", 0)
		for i := range shuffled {
			j := i + k.IntN(i, len(shuffled)-i)
			shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
		}
		if got := Plan(shuffled, c, seed, baseRate); planText(got) != planText(want) {
			t.Error("another order of the corpus gives another plan")
		}
		var got []Recipe
		n := Buckets(len(ms))
		for copy := range c.Concat.Copies {
			buckets := map[int][]Member{} // of all splits together: Groups keeps them apart
			for _, m := range shuffled {
				b := Bucket(seed, copy, c.Concat.BucketKey(m), n)
				buckets[b] = append(buckets[b], m)
			}
			for _, bucket := range buckets {
				for _, v := range c.Variants() {
					got = append(got, Groups(bucket, copy, v, c, seed, baseRate)...)
				}
			}
		}
		for _, m := range shuffled {
			got = append(got, Variants(m, c)...)
		}
		sortByID(got)
		if planText(got) != planText(want) {
			t.Error("the union of the buckets is another plan")
		}
	})
}

func TestSeedChangesGroups(t *testing.T) {
	ms, c := randomCorpus(60, 6, 1), DefaultConfig()
	pairs := func(seed uint64) (out []string) {
		for _, r := range Plan(ms, c, seed, baseRate) {
			for i := 1; i < len(r.Parts); i++ {
				out = append(out, r.Parts[i-1].Utterance+" "+r.Parts[i].Utterance)
			}
		}
		return out
	}
	one, two := pairs(1), pairs(2)
	same := 0
	for _, p := range one {
		if slices.Contains(two, p) {
			same++
		}
	}
	if same > len(one)/5 {
		t.Errorf("%d of %d neighbors are the same under two seeds", same, len(one))
	}
}

func TestGroupSizesAreUniform(t *testing.T) {
	c := DefaultConfig()
	c.Concat = ConcatConfig{Copies: 1, Min: 2, Max: 5, Partner: PartnerAny, GapMs: []int{0, 0}, GapFill: FillZero, Leftovers: LeftoversKeep}
	count := map[int]int{}
	total := 0
	for _, r := range Plan(randomCorpus(6000, 50, 9), c, 9, baseRate) {
		if r.Concatenation() && r.Variant == Original {
			count[len(r.Parts)]++
			total++
		}
	}
	for k := 2; k <= 5; k++ { // 4 standard deviations of a binomial are about 7 %
		if share := float64(count[k]) / float64(total); share < 0.22 || share > 0.28 {
			t.Errorf("%.1f %% of the groups have %d parts, want 25 %%", 100*share, k)
		}
	}
}

func TestBuckets(t *testing.T) {
	for _, c := range []struct{ n, want int }{{0, 1}, {511, 1}, {512, 2}, {3696, 14}, {1 << 20, 4096}} {
		if got := Buckets(c.n); got != c.want {
			t.Errorf("Buckets(%d) = %d, want %d", c.n, got, c.want)
		}
	}
	var fill [8]int
	for i := range 8 * 256 {
		fill[Bucket(3, 0, fmt.Sprint(i), 8)]++
	}
	if least, most := slices.Min(fill[:]), slices.Max(fill[:]); least < 190 || most > 330 {
		t.Errorf("buckets hold %d to %d of 256 on average", least, most)
	}
	if Bucket(3, 0, "x", 0) != 0 || Bucket(3, 0, "x", 1) != 0 {
		t.Error("fewer than two buckets have a bucket beside 0")
	}
}

func TestBaseSamples(t *testing.T) {
	for _, c := range []struct {
		n        int64
		from, to int
		want     int64
	}{{100, 16000, 16000, 100}, {3, 16000, 8000, 2}, {441, 44100, 16000, 160}, {1, 48000, 8000, 1}, {0, 8000, 8000, 0}, {5, 0, 8000, 0}, {5, 8000, -1, 0}} {
		if got := BaseSamples(c.n, c.from, c.to); got != c.want {
			t.Errorf("BaseSamples(%d, %d, %d) = %d, want %d", c.n, c.from, c.to, got, c.want)
		}
	}
}

func TestGroupsOfAVariantThatIsOff(t *testing.T) {
	c := DefaultConfig()
	c.Narrowband.Mode = NarrowbandOff
	if rs := Groups(randomCorpus(30, 3, 1), 0, Narrowband, c, 1, baseRate); len(rs) != 0 {
		t.Errorf("%d narrowband concatenations with narrowband off", len(rs))
	}
}
