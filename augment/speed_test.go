package augment

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"

	"framewise/corpus"
	"framewise/corpus/draw"
)

func speedConfig(factors ...float64) Config {
	c := DefaultConfig()
	c.Speed.Factors = factors
	return c
}

// A click comes where the exact quotient says, the segment that it begins does
// too, and boundaries stay shared, in order and within the signal.
func TestSpeedKeepsLabelsTrue(t *testing.T) {
	for _, rate := range []int{baseRate, 11025} {
		for _, factor := range []string{"0.9", "1.1", "0.875", "2", "0.5"} {
			const n = 9001
			v := Variant("speed-" + factor)
			s := &Source{Samples: make([]float32, n), Rate: rate, Begin: 77, Speaker: "F"}
			for _, click := range []int64{1500, 4501, 7003} {
				s.Samples[click] = 10000
			}
			s.Alignment = corpus.Alignment{{Begin: 77, End: 77 + 1500, Label: "h#"}, {Begin: 77 + 1500, End: 77 + 4501, Label: "s"},
				{Begin: 77 + 4501, End: 77 + 7003, Label: "iy"}, {Begin: 77 + 7003, End: 77 + n, Label: "h#"}}
			f, _ := new(big.Rat).SetString(factor)
			x, _ := f.Float64()
			out := render(t, Recipe{ID: "a+sp" + factor, Variant: v, Parts: []Part{{Utterance: "a"}}}, speedConfig(x), "h#", library{"a": s})

			// length and boundaries in exact arithmetic
			scale := new(big.Rat).Quo(big.NewRat(baseRate, int64(rate)), f)
			length := new(big.Rat).Mul(scale, big.NewRat(n, 1))
			want := new(big.Int).Quo(new(big.Int).Add(length.Num(), new(big.Int).Sub(length.Denom(), big.NewInt(1))), length.Denom()).Int64()
			if out.BaseSamples != want || int64(len(out.Samples)) != want || v.BaseSamples(Member{Rate: rate, Samples: n}, baseRate) != want {
				t.Errorf("%d Hz at %s: %d samples, want %d", rate, factor, out.BaseSamples, want)
			}
			at := int64(0)
			for i, seg := range out.Alignment {
				if seg.Begin != at || seg.End <= seg.Begin {
					t.Errorf("%d Hz at %s: segment %v behind %d", rate, factor, seg, at)
				}
				at = seg.End
				if i == 0 {
					continue
				}
				exact, _ := new(big.Rat).Mul(scale, big.NewRat(s.Alignment[i].Begin-77, 1)).Float64()
				if math.Abs(float64(seg.Begin)-exact) > 0.5 {
					t.Errorf("%d Hz at %s: boundary %d, want %g", rate, factor, seg.Begin, exact)
				}
				if peak := peakNear(out.Samples, int(exact), 200); math.Abs(float64(peak)-exact) > 1 {
					t.Errorf("%d Hz at %s: the click is at %d, want %g", rate, factor, peak, exact)
				}
			}
			if at != out.BaseSamples {
				t.Errorf("%d Hz at %s: the alignment ends at %d of %d", rate, factor, at, out.BaseSamples)
			}
			p := out.Parts[0]
			if p.Rate != rate || p.NumSamples != n || p.BeginSample != 77 || p.Variant != v || !strings.Contains(p.Effects, `"speed":{"factor":`+factor) {
				t.Errorf("part %+v", p)
			}
		}
	}
}

// peakNear is where the largest of the samples within reach of a place is.
func peakNear(x []float32, at, reach int) int {
	peak := max(at-reach, 0)
	for i := peak; i < min(at+reach, len(x)); i++ {
		if math.Abs(float64(x[i])) > math.Abs(float64(x[peak])) {
			peak = i
		}
	}
	return peak
}

// A copy has everything that its original has, in the same groups.
func TestSpeedCopiesAreLikeTheirOriginals(t *testing.T) {
	c := speedConfig(0.9, 1, 1.1)
	c.Concat.MaxSeconds = 0
	want := []Variant{"original", "narrowband", "speed-0.9", "speed-0.9+narrowband", "speed-1.1", "speed-1.1+narrowband"}
	if got := c.Variants(); !slices.Equal(got, want) {
		t.Fatalf("variants %q, want %q", got, want)
	}
	parts := map[string][]Part{}
	counts := map[Variant]int{}
	for _, r := range Plan(randomCorpus(60, 6, 1), c, 5, baseRate) {
		if r.Split == "train" {
			counts[r.Variant]++
		} else if r.Variant != Original || r.Concatenation() {
			t.Errorf("%q of a split that is not augmented", r.ID)
		}
		parts[r.ID] = r.Parts
	}
	for _, v := range want {
		if counts[v] != counts[Original] {
			t.Errorf("%d examples of %s, %d originals", counts[v], v, counts[Original])
		}
	}
	for id, ps := range parts {
		if base, ok := strings.CutSuffix(id, "+sp0.9+nb"); ok && !slices.Equal(ps, parts[base]) {
			t.Errorf("%q has other parts than %q", id, base)
		}
	}
}

func TestVariantNamesAreExact(t *testing.T) {
	for _, v := range []Variant{"", "speed-1", "speed-0.90", "speed-3", "speed-0.9001", "speed-", "speed--0.9", "speed-0x1", "speed-1e0", "narrowband+speed-0.9", "original+narrowband", "speed-0.9+"} {
		if _, err := v.parse(); err == nil {
			t.Errorf("%q was taken for a variant", v)
		}
	}
	for _, v := range speedConfig(0.5, 0.9, 1.125, 2).Variants() {
		if s, err := v.parse(); err != nil || s.variant() != v {
			t.Errorf("%q is %q: %v", v, s.variant(), err)
		}
	}
	for id, want := range map[string]bool{"a+sp0.9": true, "a+sp0.9+nb": true, "a+nb": true, "a+special": false, "a+sp0.9x": false, "sp0.9": false} {
		if DerivedID(id) != want {
			t.Errorf("DerivedID(%q) = %v", id, !want)
		}
	}
}

func TestSpeedRefuses(t *testing.T) {
	for _, c := range []struct {
		factors []float64
		want    string
	}{
		{[]float64{0.9, 0.9}, "augment.speed.factors: 0.9 twice"},
		{[]float64{0.4}, "augment.speed.factors: 0.4, want a factor from 0.5 to 2"},
		{[]float64{-1}, "augment.speed.factors: -1, want"},
		{[]float64{math.NaN()}, "augment.speed.factors: NaN, want"},
		{[]float64{math.Inf(1)}, "augment.speed.factors: +Inf, want"},
		{[]float64{1.0 / 3}, "at most 3 decimals"},
	} {
		if err := speedConfig(c.factors...).Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.factors, err, c.want)
		}
	}
	r := Recipe{ID: "a+sp0.9", Variant: "speed-0.9", Parts: []Part{{Utterance: "a"}}}
	if _, err := Render(r, baseRate, speedConfig(1.1), 1, "", newLibrary(baseRate, "a").load); err == nil || !strings.Contains(err.Error(), "does not make") {
		t.Errorf("a speed that the configuration does not have: %v", err)
	}
}

// For any alignment, rates and factor: boundaries keep their order and contact,
// lie within half a sample of the exact quotient, and the last is the part's
// end; no segment appears, and what vanishes held no sample.
func TestSpeedScalesAlignmentsInIntegers(t *testing.T) {
	factors := []string{"0.5", "0.9", "0.951", "1", "1.1", "1.125", "2"}
	for seed := range 400 {
		k := draw.New(uint64(seed), "test-speed", "", 0)
		from, base := []int{8000, 11025, 16000, 44100}[k.IntN(0, 4)], []int{8000, 16000, 22050}[k.IntN(1, 3)]
		f, err := parseSpeed(factors[k.IntN(2, len(factors))])
		if err != nil {
			t.Fatal(err)
		}
		n := int64(k.Between(3, 1, 1<<uint(k.Between(4, 1, 31))))
		in, out := f.rates(from, base)
		p := RenderedPart{BeginSample: int64(k.IntN(5, 1000)), NumSamples: n, Begin: int64(k.IntN(6, 5000)), Length: BaseSamples(n, in, out)}
		exact := func(b int64) *big.Rat { // b*base/(from*num/den)
			return new(big.Rat).Mul(big.NewRat(b, 1), big.NewRat(int64(base)*int64(f.den), int64(from)*int64(f.num)))
		}
		if length := exact(n); length.Cmp(big.NewRat(p.Length, 1)) > 0 || length.Cmp(big.NewRat(p.Length-1, 1)) <= 0 {
			t.Fatalf("seed %d: %d samples, want the next integer above %s", seed, p.Length, length)
		}
		cuts := []int64{0, n}
		for i := range k.IntN(7, 40) {
			cuts = append(cuts, int64(k.Between(8+i, 0, int(n))))
		}
		slices.Sort(cuts)
		cuts = slices.Compact(cuts)
		var a corpus.Alignment
		for i := 1; i < len(cuts); i++ {
			a = append(a, corpus.Segment{Begin: p.BeginSample + cuts[i-1], End: p.BeginSample + cuts[i], Label: strconv.Itoa(i)})
		}
		placed := place(a, p, in, out)
		at, last := p.Begin, 0
		for _, s := range placed {
			i, _ := strconv.Atoi(s.Label)
			if s.Begin != at || s.End <= s.Begin || i <= last {
				t.Fatalf("seed %d: segment %v behind %d and label %d", seed, s, at, last)
			}
			at, last = s.End, i
			off := new(big.Rat).Sub(exact(cuts[i]), big.NewRat(s.End-p.Begin, 1))
			if half := big.NewRat(1, 2); i < len(cuts)-1 && off.Abs(off).Cmp(half) > 0 {
				t.Fatalf("seed %d: boundary %d comes to %d, want %s", seed, cuts[i], s.End-p.Begin, exact(cuts[i]))
			}
		}
		if at != p.Begin+p.Length {
			t.Fatalf("seed %d: the alignment ends at %d, want %d", seed, at, p.Begin+p.Length)
		}
	}
}

// The largest numbers that a survey lets through do not overflow.
func TestPositionsDoNotOverflow(t *testing.T) {
	f, err := parseSpeed("0.999")
	if err != nil {
		t.Fatal(err)
	}
	for _, rates := range [][2]int{{1, 768000}, {MaxRate, 1}, {MaxRate - 1, 767999}, {7, 767999}} {
		in, out := f.rates(rates[0], rates[1])
		want := new(big.Rat).Mul(big.NewRat(MaxSamples, 1), big.NewRat(int64(out), int64(in)))
		length := BaseSamples(MaxSamples, in, out)
		if d := want.Sub(big.NewRat(length, 1), want); d.Sign() < 0 || d.Cmp(big.NewRat(1, 1)) >= 0 {
			t.Errorf("%v Hz: %d samples, want %s less", rates, length, d)
		}
		p := RenderedPart{NumSamples: MaxSamples, Length: length}
		a := place(corpus.Alignment{{Begin: 0, End: MaxSamples - 1, Label: "a"}, {Begin: MaxSamples - 1, End: MaxSamples, Label: "b"}}, p, in, out)
		if len(a) == 0 || a[0].Begin != 0 || a[len(a)-1].End != length || a[0].End < a[0].Begin {
			t.Errorf("%v Hz: alignment %v of %d samples", rates, a, length)
		}
	}
}
