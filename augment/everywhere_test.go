package augment

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"testing"
)

// Samples, effects and alignments of everything at once are the same on every
// CPU; make test-arch runs this on several.
func TestSameBytesEverywhere(t *testing.T) {
	c := speedConfig(0.9)
	c.Gain.DB, c.Perturb.Copies = []float64{-6, 6}, 2
	c.Noise.Manifest, c.Noise.SNRDB = "noises", []float64{0, 20}
	c.Reverb.Manifest = "rooms"
	x := NewRenderer(baseRate, c, 20160818, "h#")
	x.UseSounds(map[string]*Sounds{
		"noise":  soundsOf(44100, map[string][]float32{"a": testSignal("a", 9000), "b": testSignal("b", 300)}),
		"reverb": soundsOf(8000, map[string][]float32{"c": testDecay("c", 900), "d": testDecay("d", 2500)}),
	})
	l, h := newLibrary(baseRate, "a", "b", "c"), sha256.New()
	for _, v := range c.Variants() {
		out, err := x.Render(recipeOf(v, 700, "a", "b", "c"), l.load)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range out.Samples {
			h.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(s)))
		}
		for _, p := range out.Parts {
			h.Write([]byte(p.Effects))
		}
		for _, s := range out.Alignment {
			h.Write(binary.LittleEndian.AppendUint64(nil, uint64(s.End)))
		}
	}
	const want = "020d99c276039ec54bc4669b6f52e15ffc6dfeca957dd2c7a66c27c8def46e03"
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("SHA-256 %s, want %s", got, want)
	}
}

// testDecay is a response made without transcendental functions.
func testDecay(name string, n int) []float32 {
	h := testSignal(name, n)
	for i := range h {
		h[i] = float32(math.Round(float64(h[i]) / float64(1+i)))
	}
	h[7] = -12000
	return h
}
