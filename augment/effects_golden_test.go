package augment

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"framewise/corpus"
	"framewise/corpus/draw"
)

// testSignal is signal of testdata/make_effects.py.
func testSignal(name string, n int) []float32 {
	k, x := draw.New(1, "test-signal", name, 0), make([]float32, n)
	for i := range x {
		x[i] = float32(k.IntN(i, 20001) - 10000)
	}
	return x
}

// testResponse is response of testdata/make_effects.py.
func testResponse(name string, n int) []float32 {
	h := testSignal(name, n)
	for i := range h {
		h[i] = float32(math.RoundToEven(float64(h[i]) * math.Pow(0.5, float64(i)/(float64(n)/8))))
	}
	h[5] = -12000
	return h
}

// soundsOf makes Sounds that read from memory.
func soundsOf(rate int, in map[string][]float32) *Sounds {
	var list []corpus.Utterance
	for id, x := range in {
		list = append(list, corpus.Utterance{ID: id, Rate: rate, Begin: 40, End: 40 + int64(len(x))})
	}
	return NewSounds(list, func(s *corpus.Utterance, dst []float32, begin int64) error {
		x := in[s.ID]
		if begin < 0 || begin+int64(len(dst)) > int64(len(x)) || len(dst) == 0 {
			return fmt.Errorf("samples %d to %d of %d", begin, begin+int64(len(dst)), len(x))
		}
		copy(dst, x[begin:])
		return nil
	})
}

// The golden values come from testdata/make_effects.py: draws from the
// description of docs/augmentation.md, and numpy's and scipy's arithmetic.
func TestEffectsAreTheGoldenOnes(t *testing.T) {
	var golden struct {
		Noises, Rooms map[string]int
		Cases         []struct {
			Seed        uint64
			Utterance   string
			Copy, N     int
			SNRDB       []float64 `json:"snr_db"`
			DB          []float64
			Probability float64
			Effects     map[string]map[string]any
			RMS         float64
			Samples     []float64
		}
	}
	b, err := os.ReadFile("testdata/effects.golden.json")
	if err == nil {
		err = json.Unmarshal(b, &golden)
	}
	if err != nil {
		t.Fatal(err)
	}
	noises, rooms := map[string][]float32{}, map[string][]float32{}
	for id, n := range golden.Noises {
		noises[id] = testSignal(id, n)
	}
	for id, n := range golden.Rooms {
		rooms[id] = testResponse(id, n)
	}
	sounds := map[string]*Sounds{"noise": soundsOf(baseRate, noises), "reverb": soundsOf(baseRate, rooms)}
	for i, g := range golden.Cases {
		c := perturbConfig(g.DB...)
		c.Perturb.Copies = 3
		c.Gain.Probability = g.Probability
		c.Noise = NoiseConfig{Manifest: "noises", SNRDB: g.SNRDB, Probability: g.Probability}
		c.Reverb = ReverbConfig{Manifest: "rooms", Probability: g.Probability}
		x := NewRenderer(baseRate, c, g.Seed, "")
		x.UseSounds(sounds)
		v := Variant(fmt.Sprintf("perturbed-%d", g.Copy))
		out, err := x.Render(recipeOf(v, 0, g.Utterance), library{g.Utterance: {Samples: testSignal(g.Utterance, g.N), Rate: baseRate}}.load)
		if err != nil {
			t.Fatal(err)
		}
		got := effectsOf(t, out.Parts[0])
		if len(got) != len(g.Effects) {
			t.Errorf("case %d: effects %v, want %v", i, got, g.Effects)
		}
		for effect, want := range g.Effects {
			for name, w := range want {
				if f, ok := w.(float64); ok && math.Abs(f-asFloat(got[effect][name])) <= 1e-7*math.Abs(f) || w == got[effect][name] {
					continue
				}
				t.Errorf("case %d: %s of %s is %v, want %v", i, name, effect, got[effect][name], w)
			}
		}
		for j, want := range g.Samples {
			if at := j * max(1, g.N/60); math.Abs(float64(out.Samples[at])-want) > 1e-6*g.RMS {
				t.Fatalf("case %d: sample %d is %g, want %g", i, at, out.Samples[at], want)
			}
		}
	}
	if len(golden.Cases) != 12 {
		t.Errorf("%d golden cases, want 12", len(golden.Cases))
	}
}

func asFloat(v any) float64 {
	f, _ := v.(float64)
	return f
}
