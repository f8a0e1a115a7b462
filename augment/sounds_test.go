package augment

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"framewise/corpus"
	"framewise/corpus/draw"
)

// perturbed renders one utterance with an effect's sounds.
func perturbed(t *testing.T, src []float32, c Config, effect string, s *Sounds) *Rendered {
	t.Helper()
	x := NewRenderer(baseRate, c, 7, "")
	x.UseSounds(map[string]*Sounds{effect: s})
	out, err := x.Render(recipeOf("perturbed-0", 0, "a"), library{"a": {Samples: src, Rate: baseRate}}.load)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func noiseConfig(snr ...float64) Config {
	c := perturbConfig()
	c.Noise.Manifest, c.Noise.SNRDB = "noises", snr
	return c
}

func reverbConfig() Config {
	c := perturbConfig()
	c.Reverb.Manifest = "rooms"
	return c
}

// The ratio in the samples is the one that was drawn, whatever the noise's
// rate and length; nothing reads beyond the noise.
func TestNoiseHasItsRatio(t *testing.T) {
	src := testSignal("speech", 24000)
	for _, rate := range []int{8000, 16000, 44100} {
		for _, n := range []int{2, 777, 200000} {
			noise := testSignal("noise", n)
			for i := range noise {
				noise[i] = noise[i]/50 + 3000 // an offset counts for nothing
			}
			out := perturbed(t, src, noiseConfig(-5, 25), "noise", soundsOf(rate, map[string][]float32{"n": noise}))
			added := make([]float32, len(src))
			for i := range added {
				added[i] = out.Samples[i] - src[i]
			}
			fx := effectsOf(t, out.Parts[0])["noise"]
			if snr := 10 * math.Log10(power(src)/power(added)); math.Abs(snr-fx["snr_db"].(float64)) > 0.01 {
				t.Errorf("%d Hz, %d samples: measured %.3f dB, drawn were %v", rate, n, snr, fx)
			}
			if fx["sound"] != "n" || fx["offset"].(float64) >= float64(n) {
				t.Errorf("effects %v", fx)
			}
		}
	}
}

func TestSilenceStaysSilence(t *testing.T) {
	zero, src := make([]float32, 3000), testSignal("speech", 3000)
	for _, c := range []struct {
		what          string
		speech, noise []float32
	}{{"noise", src, zero}, {"speech", zero, src}, {"both", zero, zero}} {
		out := perturbed(t, c.speech, noiseConfig(10), "noise", soundsOf(baseRate, map[string][]float32{"n": c.noise}))
		if !slices.Equal(out.Samples, c.speech) || effectsOf(t, out.Parts[0])["noise"]["gain"] != 0.0 {
			t.Errorf("silent %s: the samples are changed, effects %s", c.what, out.Parts[0].Effects)
		}
	}
	if out := perturbed(t, zero, reverbConfig(), "reverb", soundsOf(baseRate, map[string][]float32{"r": testResponse("r", 500)})); !slices.Equal(out.Samples, zero) {
		t.Error("a room makes sound of silence")
	}
}

// The direct path stays where it was, to half a sample, whatever the
// response's rate, polarity and delay; length and power stay too.
func TestReverbKeepsTimeAndPower(t *testing.T) {
	for _, rate := range []int{8000, 16000, 44100, 48000} {
		for _, delay := range []int{0, 3, rate / 50} {
			for _, sign := range []float32{1, -1} {
				h := make([]float32, rate/4)
				h[delay] = sign * 20000
				h[delay+rate/10] = 4000 // an echo 100 ms later
				src := make([]float32, baseRate)
				src[5000], src[5001] = 10000, 2000
				out := perturbed(t, src, reverbConfig(), "reverb", soundsOf(rate, map[string][]float32{"r": h}))
				if peak := peakNear(out.Samples, 5000, 4000); peak != 5000 {
					t.Errorf("%d Hz, delay %d: the click is at %d, want 5000", rate, delay, peak)
				}
				if echo := peakNear(out.Samples, 5000+baseRate/10, 400); echo < 5000+baseRate/10-1 || echo > 5000+baseRate/10+1 {
					t.Errorf("%d Hz, delay %d: the echo is at %d, want %d", rate, delay, echo, 5000+baseRate/10)
				}
				if p := power(out.Samples) / power(src); math.Abs(p-1) > 1e-5 || len(out.Samples) != len(src) {
					t.Errorf("%d Hz, delay %d: %d samples of %g times the power", rate, delay, len(out.Samples), p)
				}
				if d := effectsOf(t, out.Parts[0])["reverb"]["delay"].(float64); math.Abs(d-float64(delay)) > float64(rate)/baseRate {
					t.Errorf("%d Hz: a delay of %g noted, want %d", rate, d, delay)
				}
			}
		}
	}
}

// One sound more is drawn by its share of the parts and changes no other; each
// sound is as likely as any.
func TestOneSoundMoreChangesItsOwnDraws(t *testing.T) {
	c, before, after := noiseConfig(10), map[string][]float32{}, map[string][]float32{}
	for i := range 10 {
		before[fmt.Sprint(i)] = []float32{1, 2}
		after[fmt.Sprint(i)] = []float32{1, 2}
	}
	after["new"] = []float32{1, 2}
	a, b := map[string]*Sounds{"noise": soundsOf(baseRate, before)}, map[string]*Sounds{"noise": soundsOf(baseRate, after)}
	count := map[string]int{}
	for i := range 11000 {
		id := fmt.Sprintf("utt%d", i)
		old, now := c.DrawnSounds(3, id, "perturbed-0", a), c.DrawnSounds(3, id, "perturbed-0", b)
		if len(old) != 1 || len(now) != 1 || now[0].ID != "new" && now[0].ID != old[0].ID {
			t.Fatalf("%s drew %v, and %v with one more", id, old, now)
		}
		count[now[0].ID]++
	}
	for id, n := range count {
		if n < 890 || n > 1110 { // 1000 +- 3.6 deviations
			t.Errorf("%q was drawn %d times of 11000, want some 1000", id, n)
		}
	}
	if got := c.DrawnSounds(3, "utt1", "original", a); got != nil {
		t.Errorf("an original draws %v", got)
	}
}

// A sound that cannot be read is no one's reject.
func TestFaultsOfSoundsAreErrors(t *testing.T) {
	x := NewRenderer(baseRate, noiseConfig(10), 7, "")
	r, l := recipeOf("perturbed-0", 0, "a"), library{"a": {Samples: testSignal("a", 500), Rate: baseRate}}
	if _, err := x.Render(r, l.load); err == nil || !strings.Contains(err.Error(), "augment.noise: no recordings are at hand") {
		t.Errorf("no sounds: %v", err)
	}
	gone := errors.New("disk gone")
	x.UseSounds(map[string]*Sounds{"noise": NewSounds([]corpus.Utterance{{ID: "n", Rate: baseRate, End: 900}},
		func(*corpus.Utterance, []float32, int64) error { return gone })})
	var problem *corpus.Problem
	if _, err := x.Render(r, l.load); !errors.Is(err, gone) || errors.As(err, &problem) || !strings.Contains(err.Error(), `noise "n"`) {
		t.Errorf("a fault of reading: %v", err)
	}
	x.UseSounds(map[string]*Sounds{"noise": NewSounds([]corpus.Utterance{{ID: "n", Rate: baseRate}}, nil)})
	if _, err := x.Render(r, l.load); err == nil || !strings.Contains(err.Error(), `"n" has 0 samples`) {
		t.Errorf("an empty sound: %v", err)
	}
	y := NewRenderer(baseRate, reverbConfig(), 7, "")
	y.UseSounds(map[string]*Sounds{"reverb": soundsOf(baseRate, map[string][]float32{"r": make([]float32, 9)})})
	if _, err := y.Render(r, l.load); err == nil || !strings.Contains(err.Error(), "every sample is 0") {
		t.Errorf("a response of zeros: %v", err)
	}
}

func TestManifestsInConfigurations(t *testing.T) {
	c := noiseConfig(10)
	if m := c.Manifests(); len(m) != 1 || m["noise"] != "noises" {
		t.Errorf("manifests %v", m)
	}
	to := c.WithManifests(map[string]string{"noise": "x", "reverb": "y"})
	if to.Noise.Manifest != "x" || to.Reverb.Manifest != "" || c.Noise.Manifest != "noises" {
		t.Errorf("%+v of %+v", to, c)
	}
	for want, change := range map[string]func(*Config){
		"augment.noise.snr_db: empty beside a manifest":        func(c *Config) { c.Noise.SNRDB = nil },
		"augment.noise.manifest: empty beside snr_db":          func(c *Config) { c.Noise.Manifest = "" },
		"augment.noise.snr_db: 200 dB, want -100 to 100":       func(c *Config) { c.Noise.SNRDB = []float64{200} },
		"augment.noise.probability: -1, want a number above 0": func(c *Config) { c.Noise.Probability = -1 },
		"augment.reverb.probability: 2, want a number above 0": func(c *Config) { c.Reverb = ReverbConfig{"r", 2} },
	} {
		config := noiseConfig(10)
		change(&config)
		if err := config.Validate(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// A sound goes round, and no sample of it is read twice or without need.
func TestLoop(t *testing.T) {
	for n := 1; n < 9; n++ {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(i)
		}
		s, read := soundsOf(baseRate, map[string][]float32{"n": x}), 0
		fill := s.read
		s.read = func(u *corpus.Utterance, dst []float32, begin int64) error {
			read += len(dst)
			return fill(u, dst, begin)
		}
		for want := 1; want < 30; want++ {
			offset := int64(draw.Key(want).IntN(0, n))
			dst := make([]float32, want)
			read = 0
			if err := s.loop(&s.list[0], dst, offset); err != nil {
				t.Fatal(err)
			}
			if read != min(n, want) {
				t.Fatalf("%d of a sound of %d: %d samples were read, want each once", want, n, read)
			}
			for i, v := range dst {
				if int(v) != (int(offset)+i)%n {
					t.Fatalf("%d of a sound of %d from %d: %v", want, n, offset, dst)
				}
			}
		}
	}
}
