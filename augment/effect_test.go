package augment

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"framewise/corpus/draw"
)

// perturbConfig is the default without concatenations, with gain on.
func perturbConfig(db ...float64) Config {
	c := DefaultConfig()
	c.Concat.Copies = 0
	c.Gain.DB = db
	return c
}

// effectsOf reads the effects of a rendered part.
func effectsOf(t *testing.T, p RenderedPart) map[string]map[string]any {
	t.Helper()
	var fx map[string]map[string]any
	if err := json.Unmarshal([]byte(p.Effects), &fx); err != nil {
		t.Fatalf("effects %s: %v", p.Effects, err)
	}
	return fx
}

// renderPlain renders a plain copy of one utterance.
func renderPlain(t *testing.T, utterance string, v Variant, c Config, l library) *Rendered {
	t.Helper()
	s, err := v.parse()
	if err != nil {
		t.Fatal(err)
	}
	return render(t, Recipe{ID: utterance + s.suffix(), Variant: v, Parts: []Part{{Utterance: utterance}}}, c, "h#", l)
}

// Whatever is made of an utterance is made of its perturbed copies, with its
// alignment, its parts and its groups.
func TestPerturbedCopiesAreLikeTheirOriginals(t *testing.T) {
	c := speedConfig(0.9)
	c.Gain.DB, c.Perturb.Copies, c.Concat.MaxSeconds = []float64{-6, 6}, 2, 0
	want := []Variant{"original", "narrowband", "perturbed-0", "perturbed-0+narrowband", "perturbed-1", "perturbed-1+narrowband",
		"speed-0.9", "speed-0.9+narrowband", "speed-0.9+perturbed-0", "speed-0.9+perturbed-0+narrowband", "speed-0.9+perturbed-1", "speed-0.9+perturbed-1+narrowband"}
	if got := c.Variants(); !slices.Equal(got, want) {
		t.Fatalf("variants %q, want %q", got, want)
	}
	plan := Plan(randomCorpus(60, 6, 1), c, 5, baseRate)
	byName := map[string]Recipe{}
	for _, r := range plan {
		byName[r.ID] = r
		if r.Split != "train" && r.Variant != Original {
			t.Errorf("%q of a split that is not augmented", r.ID)
		}
		if s, err := r.Variant.parse(); err != nil || s.variant() != r.Variant || !strings.HasSuffix(r.ID, s.suffix()) || (r.Variant != Original) != DerivedID(r.ID) && !r.Concatenation() {
			t.Errorf("%q of variant %q: %v", r.ID, r.Variant, err)
		}
	}
	counts := 0
	for _, r := range plan {
		if original, ok := strings.CutSuffix(r.ID, "+p1"); ok {
			counts++
			if o := byName[original]; !slices.Equal(o.Parts, r.Parts) || o.NumSamples(baseRate, lengths(randomCorpus(60, 6, 1))) != r.NumSamples(baseRate, lengths(randomCorpus(60, 6, 1))) {
				t.Errorf("%q has other parts than %q", r.ID, original)
			}
		}
	}
	if counts == 0 || len(plan) < 12*counts/2 {
		t.Errorf("%d second perturbed copies among %d examples", counts, len(plan))
	}
	l := newLibrary(baseRate, "a", "b")
	for _, speed := range []string{"", "speed-0.9+"} {
		o := Variant(strings.TrimSuffix(speed, "+"))
		if o == "" {
			o = Original
		}
		original, copied := renderPlain(t, "a", o, c, l), renderPlain(t, "a", Variant(speed+"perturbed-1"), c, l)
		if !slices.Equal(original.Alignment, copied.Alignment) || original.BaseSamples != copied.BaseSamples || !slices.Equal(original.Phones, copied.Phones) {
			t.Errorf("%s: the perturbed copy has other labels or another length", o)
		}
	}
}

// A part's draws are those of its utterance, speed and copy, wherever it is.
func TestDrawsDependOnNothingElse(t *testing.T) {
	c, l := perturbConfig(-6, 6), newLibrary(baseRate, "a", "b")
	c.Perturb.Copies = 2
	c.Concat.Copies = 1
	db := map[float64]bool{}
	for _, v := range []Variant{"perturbed-0", "perturbed-1"} {
		alone := renderPlain(t, "b", v, c, l)
		db[effectsOf(t, alone.Parts[0])["gain"]["db"].(float64)] = true
		r := recipeOf(v, 0, "a", "b")
		joined := render(t, r, c, "h#", l)
		if joined.Parts[1].Effects != alone.Parts[0].Effects || !slices.Equal(joined.Samples[joined.Parts[1].Begin:], alone.Samples) {
			t.Errorf("%s: a part is perturbed otherwise than its utterance alone: %s, %s", v, joined.Parts[1].Effects, alone.Parts[0].Effects)
		}
		narrow := renderPlain(t, "b", v+"+narrowband", c, l)
		if effectsOf(t, narrow.Parts[0])["gain"]["db"] != effectsOf(t, alone.Parts[0])["gain"]["db"] {
			t.Errorf("%s: its narrowband copy has another gain", v)
		}
	}
	if len(db) != 2 {
		t.Error("two perturbed copies have the same gain")
	}
	if before := l["a"].Samples[100]; before != randomSource("a", baseRate, 10).Samples[100] {
		t.Error("rendering changed its source")
	}
}

// The gain in the recording is the one that is noted; draws fill their range,
// and effects come as often as their probability says.
func TestGain(t *testing.T) {
	l := newLibrary(baseRate, "a")
	for _, want := range [][]float64{{-20}, {3, 9}, {-6, 0, 6}} {
		c := perturbConfig(want...)
		out := renderPlain(t, "a", "perturbed-0", c, l)
		db := effectsOf(t, out.Parts[0])["gain"]["db"].(float64)
		if measured := 10 * math.Log10(power(out.Samples)/power(l["a"].Samples)); math.Abs(measured-db) > 1e-5 {
			t.Errorf("%v: %g dB in the samples, %g noted", want, measured, db)
		}
		if len(want) == 2 && (db < want[0] || db > want[1]) || len(want) != 2 && !slices.Contains(want, db) {
			t.Errorf("%v: drew %g", want, db)
		}
	}
	c := perturbConfig(3, 9)
	c.Gain.Probability = 0.25
	n, lo, hi := 0, 9.0, 3.0
	for i := range 4000 {
		for _, e := range c.drawn(1, string(rune('a'+i)), steps{speed: unchanged, perturbation: 1}) {
			db := pickDB(c.Gain.DB, e.key, 1)
			n, lo, hi = n+1, min(lo, db), max(hi, db)
		}
	}
	if n < 900 || n > 1100 || lo < 3 || lo > 3.1 || hi > 9 || hi < 8.9 { // 1000 +- 3.6 deviations
		t.Errorf("%d of 4000 got a gain, from %g to %g dB", n, lo, hi)
	}
	if k := draw.New(1, "gain", "a+p0", 0); c.drawn(1, "a", steps{speed: unchanged, perturbation: 1}) != nil != (k.Float64(0) < 0.25) {
		t.Error("the key of a draw is not the one of the documentation")
	}
}

func TestPerturbRefuses(t *testing.T) {
	for _, c := range []struct {
		change func(*Config)
		want   string // "" if the configuration is valid
	}{
		{func(c *Config) { c.Gain.DB = []float64{101} }, "augment.gain.db: 101 dB, want -100 to 100"},
		{func(c *Config) { c.Gain.DB = []float64{math.NaN()} }, "augment.gain.db: NaN dB, want"},
		{func(c *Config) { c.Gain.DB = []float64{6, -6} }, "augment.gain.db: [6, -6], want [lowest, highest]"},
		{func(c *Config) { c.Gain.DB, c.Gain.Probability = []float64{1}, 0 }, "augment.gain.probability: 0, want a number above 0 and up to 1"},
		{func(c *Config) { c.Gain.DB, c.Gain.Probability = []float64{1}, 1.5 }, "augment.gain.probability: 1.5, want"},
		{func(c *Config) { c.Gain.DB, c.Perturb.Copies = []float64{1}, 0 }, "augment.perturb.copies: 0, want 1 to 100"},
		{func(c *Config) { c.Gain.Probability, c.Perturb.Copies = 7, -3 }, ""},
	} {
		config := DefaultConfig()
		c.change(&config)
		err := config.Validate()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)) {
			t.Errorf("%+v: %v, want %q", config, err, c.want)
		}
	}
}

// What is off does not change what digests are made of.
func TestConfigWithoutEffectsIsAsBefore(t *testing.T) {
	b, err := json.Marshal(DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"splits":["train"],"originals":true,"narrowband":{"mode":"keep","keep_band":"own"},"concat":{"copies":1,"min":2,"max":3,"partner":"any","gap_ms":[0,200],"gap_fill":"noise","max_seconds":20,"leftovers":"keep"}}`
	if string(b) != want {
		t.Errorf("%s, want %s", b, want)
	}
	c := DefaultConfig()
	c.Perturb.Copies, c.Gain = 7, GainConfig{}
	if again, err := json.Marshal(c); err != nil || string(again) != want {
		t.Errorf("%s, want %s (%v)", again, want, err)
	}
}
