package synth

import "fmt"

const regions = 8 // dialect regions DR1..DR8

// speaker is a voice and the room it is recorded in. It depends on the seed
// and on its own number, not on how many others there are.
type speaker struct {
	name   string
	female bool
	region int // 1..regions
	test   bool

	pitch, tract             float64 // Hz, factor
	stretch, coart           float64
	tiltCorner, openQuotient float64
	breath                   float64 // linear amplitude
	jitter, shimmer          float64
	frication                float64 // linear factor
	liveliness               float64
	vowel                    map[string][3]float64 // factors on F1..F3 of a vowel
	shelf, shelfCorner       float64               // linear gain above the corner, Hz
	noise, color             float64               // amplitude relative to speech, pole
	headroom                 float64               // dB
	higher                   [4]float64            // F4..F7 before scaling by tract
	variation                Variation
	seed                     uint64
}

// newSpeakers draws all voices. Names are unique: a sex, three letters, and a
// digit from 5 to 9, which no speaker of TIMIT's core test or development set
// has, so that an importer cannot mistake one for the other.
func newSpeakers(c Config) []*speaker {
	taken := make(map[string]bool, c.Speakers)
	speakers := make([]*speaker, c.Speakers)
	for i := range speakers {
		female := i%2 == 0
		name := speakerName(c.Seed, i, female, taken)
		sp := newSpeaker(c, name, female, 1+i/2%regions)
		sp.test = i >= c.Speakers-testSpeakers(c.Speakers)
		speakers[i] = sp
	}
	return speakers
}

func speakerName(seed uint64, i int, female bool, taken map[string]bool) string {
	for try := 0; ; try++ {
		s := newStream(seed, "name", fmt.Sprint(i), try)
		b := []byte{'M', 0, 0, 0, 0}
		if female {
			b[0] = 'F'
		}
		for j := 1; j < 4; j++ {
			b[j] = 'A' + byte(s.intN(26))
		}
		b[4] = '5' + byte(s.intN(5))
		if name := string(b); !taken[name] {
			taken[name] = true
			return name
		}
	}
}

func newSpeaker(c Config, name string, female bool, region int) *speaker {
	v := c.Variation
	s := newStream(c.Seed, "speaker", name, 0)
	pitch, tract := v.PitchMale, v.TractMale
	if female {
		pitch, tract = v.PitchFemale, v.TractFemale
	}
	sp := &speaker{
		name: name, female: female, region: region, variation: v, seed: c.Seed,
		pitch: s.in(pitch), tract: s.in(tract),
		stretch: s.in(v.Stretch), coart: s.in(v.Coarticulation),
		tiltCorner: s.in(v.TiltCorner), openQuotient: s.in(v.OpenQuotient),
		breath: decibels(s.in(v.Breath)),
		jitter: s.in(v.Jitter), shimmer: s.in(v.Shimmer),
		frication: decibels(s.in(v.Frication)), liveliness: s.in(v.Liveliness),
		shelf: decibels(s.in(v.Channel)), shelfCorner: s.in(Range{600, 2400}),
		noise: decibels(-s.in(v.SNR)), color: s.in(v.Color), headroom: s.in(v.Headroom),
	}
	for i, f := range [4]float64{3500, 4500, 5500, 6500} {
		sp.higher[i] = float64(f * (1 + float64(0.03*s.normal())))
	}
	sp.vowel = vowelOffsets(c, name, region)
	return sp
}

// vowelOffsets is the accent: for every vowel, what its region and the speaker
// make of its first three formants.
func vowelOffsets(c Config, name string, region int) map[string][3]float64 {
	m := make(map[string][3]float64)
	for _, label := range vowelLabels {
		dialect := newStream(c.Seed, "dialect", label, region)
		own := newStream(c.Seed, "accent", name+" "+label, 0)
		var f [3]float64
		for i := range f {
			f[i] = 1 + float64(c.Variation.Dialect*dialect.normal()) + float64(c.Variation.Accent*own.normal())
		}
		f[2] = float64(0.5*f[2]) + 0.5 // F3 varies less
		m[label] = f
	}
	return m
}
