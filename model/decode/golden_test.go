package decode

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

// goldens are from fast-ctc-decode, flashlight-text and NLTK: see
// testdata/make_golden.py.
type goldens struct {
	Bigrams []struct {
		Labels    int
		Sequences [][]int
		P         [][]float64 // [before, label]; the last row is the beginning, the last column the end
	}
	Plain []struct {
		K       int
		P       []float32
		Classes []int
	}
	Weighted []struct {
		K, Bigram int
		Weight    float64
		P         []float32
		Best      []struct {
			Classes []int
			Score   float64
		}
	}
}

func readGoldens(t *testing.T) goldens {
	t.Helper()
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g goldens
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func bigramOf(t *testing.T, labels int, sequences [][]int) *Bigram {
	t.Helper()
	counts, err := CountBigrams(labels, func(add func([]int) error) error {
		for _, s := range sequences {
			if err := add(s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewBigram(counts)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBigramAgainstNLTK(t *testing.T) {
	for _, g := range readGoldens(t).Bigrams {
		b := bigramOf(t, g.Labels, g.Sequences)
		for v, row := range g.P {
			before, sum := v, 0.0
			if v == g.Labels {
				before = -1
			}
			for w, p := range row {
				got := math.Exp(b.LogProb(before, w))
				if sum += got; math.Abs(got-p) > 1e-12 {
					t.Errorf("%d labels: P(%d|%d) = %v, want %v", g.Labels, w, before, got, p)
				}
			}
			if math.Abs(sum-1) > 1e-12 {
				t.Errorf("%d labels: the probabilities after %d sum to %v", g.Labels, before, sum)
			}
		}
	}
}

func TestBeamAgainstFastCTCDecode(t *testing.T) {
	for i, g := range readGoldens(t).Plain {
		b, err := NewBeam(BeamOptions{Classes: g.K, Blank: 0, Width: 2000})
		if err != nil {
			t.Fatal(err)
		}
		got, err := b.Decode(len(g.P)/g.K, func(t int) []float32 { return g.P[t*g.K:][:g.K] }, 1)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got[0].Classes, g.Classes) {
			t.Errorf("case %d: %v, want %v", i, got[0].Classes, g.Classes)
		}
	}
}

func TestBeamAgainstFlashlight(t *testing.T) {
	gs := readGoldens(t)
	for i, g := range gs.Weighted {
		grams := gs.Bigrams[g.Bigram]
		b, err := NewBeam(BeamOptions{Classes: g.K, Blank: g.K - 1, Width: 30000, Bigram: bigramOf(t, grams.Labels, grams.Sequences), BigramWeight: g.Weight})
		if err != nil {
			t.Fatal(err)
		}
		got, err := b.Decode(len(g.P)/g.K, func(t int) []float32 { return g.P[t*g.K:][:g.K] }, len(g.Best))
		if err != nil {
			t.Fatal(err)
		}
		for n, want := range g.Best {
			if !slices.Equal(got[n].Classes, want.Classes) || math.Abs(got[n].Score-want.Score) > 1e-5 {
				t.Errorf("case %d, place %d: %+v, want %+v", i, n, got[n], want)
			}
		}
	}
}
