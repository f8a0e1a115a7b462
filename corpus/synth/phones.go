package synth

// phone is the acoustic recipe of a label.
//
// Frequencies are those of an average man in Hz; a speaker's tract scales
// them. Levels are in dB below a full vowel, off is silence.
type phone struct {
	vowel     bool    // the nucleus of a syllable
	dur, min  float64 // ms: inherent and least duration (Klatt 1979)
	formants  [3]float64
	glide     [3]float64 // formants at the end of a diphthong, zero if it has no glide
	bandwidth [3]float64
	dominance float64 // against neighbors; near 0 is a phone that takes their formants
	reach     float64 // ms: time constant of the dominance outside the phone
	assim     float64 // share of the next vowel's F2 in its own
	voice     float64 // dB
	breath    float64 // dB: aspiration through the formants
	noise     float64 // dB: frication past them
	low       float64 // Hz: low-pass on voicing in a closure, 0 for the speaker's own
	peaks     [2]peak // of the noise
	flat      float64 // share of unshaped noise
	decay     float64 // ms: a burst, its noise decays; 0 is steady
	zero      float64 // Hz: the nasal zero, 0 for oral
	edge      float64 // ms: half the time that levels take to change

	amp struct{ voice, breath, noise float64 } // the levels as amplitudes
}

// peak is a resonance of the noise. follow ties it to F2 (velars).
type peak struct{ freq, band, gain, follow float64 }

const (
	off      = -120.0 // dB
	neutral1 = 500.0  // formants of a tract at rest, Hz
	neutral2 = 1450.0
	neutral3 = 2450.0
	nasal    = 270.0 // Hz: the nasal pole (Klatt 1980)
)

// Vowels: inherent and least duration in ms, F1 to F3 in Hz (Peterson and Barney
// 1952, men; reduced vowels after Klatt 1980), end of the glide.
var vowelTable = []struct {
	label           string
	dur, min        float64
	formants, glide [3]float64
}{
	{"iy", 135, 55, [3]float64{290, 2250, 2950}, [3]float64{270, 2310, 3030}},
	{"ih", 110, 45, [3]float64{390, 1990, 2550}, [3]float64{}},
	{"eh", 125, 60, [3]float64{530, 1840, 2480}, [3]float64{}},
	{"ae", 170, 75, [3]float64{660, 1720, 2410}, [3]float64{640, 1640, 2400}},
	{"aa", 170, 80, [3]float64{730, 1090, 2440}, [3]float64{}},
	{"ah", 120, 55, [3]float64{640, 1190, 2390}, [3]float64{}},
	{"ao", 175, 80, [3]float64{570, 840, 2410}, [3]float64{}},
	{"uh", 115, 50, [3]float64{440, 1020, 2240}, [3]float64{}},
	{"uw", 150, 65, [3]float64{310, 900, 2240}, [3]float64{300, 830, 2240}},
	{"ux", 135, 55, [3]float64{310, 1580, 2260}, [3]float64{310, 1420, 2240}},
	{"er", 160, 75, [3]float64{490, 1350, 1690}, [3]float64{}},
	{"ey", 150, 75, [3]float64{480, 1950, 2570}, [3]float64{330, 2240, 2800}},
	{"ay", 190, 95, [3]float64{710, 1150, 2450}, [3]float64{400, 1950, 2600}},
	{"oy", 220, 110, [3]float64{530, 860, 2400}, [3]float64{380, 1930, 2550}},
	{"aw", 200, 100, [3]float64{710, 1250, 2450}, [3]float64{440, 950, 2350}},
	{"ow", 165, 75, [3]float64{520, 980, 2400}, [3]float64{370, 820, 2300}},
	{"ax", 65, 35, [3]float64{500, 1400, 2420}, [3]float64{}},
	{"ix", 65, 35, [3]float64{420, 1780, 2520}, [3]float64{}},
	{"axr", 90, 50, [3]float64{470, 1310, 1700}, [3]float64{}},
	{"ax-h", 45, 25, [3]float64{500, 1450, 2450}, [3]float64{}},
}

var vowelLabels = func() []string {
	var labels []string
	for _, v := range vowelTable {
		labels = append(labels, v.label)
	}
	return labels
}()

// Noise spectra by place of articulation (Stevens 1998, chapters 7 and 8).
var (
	alveolar = [2]peak{{4600, 900, 1, 0}, {6700, 1600, 0.9, 0}}
	palatal  = [2]peak{{2700, 500, 1, 0}, {4400, 1500, 0.6, 0}}
	labial   = [2]peak{{1100, 1200, 0.35, 0}, {6800, 2600, 0.5, 0}}
	dental   = [2]peak{{1500, 1400, 0.3, 0}, {5800, 3000, 0.6, 0}}
	velar    = [2]peak{{0, 350, 1, 1.05}, {3900, 1600, 0.25, 0}}
	tongue   = [2]peak{{3900, 1100, 1, 0}, {6000, 2000, 0.6, 0}} // alveolar stops
	lips     = [2]peak{{700, 700, 1, 0}, {2500, 2500, 0.25, 0}}  // labial stops
)

// consonants have their formants or loci from Klatt (1980), table III.
var consonants = map[string]phone{
	"l":  {dur: 70, min: 35, formants: [3]float64{350, 1050, 2800}, dominance: 1.3, reach: 22, voice: -3, edge: 12},
	"r":  {dur: 70, min: 30, formants: [3]float64{330, 1180, 1500}, dominance: 1.5, reach: 28, voice: -2, edge: 14},
	"w":  {dur: 75, min: 40, formants: [3]float64{290, 680, 2200}, dominance: 1.5, reach: 26, voice: -3, edge: 14},
	"y":  {dur: 70, min: 35, formants: [3]float64{270, 2150, 2950}, dominance: 1.5, reach: 26, voice: -3, edge: 14},
	"el": {dur: 110, min: 55, formants: [3]float64{430, 850, 2700}, dominance: 1.2, reach: 25, edge: 12},

	"hh": {dur: 65, min: 30, formants: [3]float64{500, 1450, 2450}, dominance: 0.03, reach: 20, voice: off, breath: -6, edge: 10, bandwidth: [3]float64{250, 150, 180}},
	"hv": {dur: 60, min: 25, formants: [3]float64{480, 1450, 2450}, dominance: 0.03, reach: 20, voice: -9, breath: -11, edge: 12, bandwidth: [3]float64{180, 120, 160}},

	"m":   nasalPhone(75, 45, [3]float64{450, 1050, 2250}, 430),
	"n":   nasalPhone(65, 35, [3]float64{450, 1550, 2600}, 480),
	"ng":  nasalPhone(80, 45, [3]float64{450, 2000, 2600}, 530),
	"em":  nasalPhone(110, 60, [3]float64{450, 1080, 2250}, 430),
	"en":  nasalPhone(100, 55, [3]float64{450, 1560, 2600}, 480),
	"eng": nasalPhone(100, 60, [3]float64{450, 2000, 2600}, 530),
	"nx":  nasalPhone(28, 18, [3]float64{450, 1550, 2600}, 480),

	"dx": {dur: 28, min: 18, formants: [3]float64{300, 1720, 2600}, dominance: 0.9, reach: 18, voice: -14, edge: 7},
	"q":  {dur: 45, min: 20, formants: [3]float64{500, 1450, 2450}, dominance: 0.03, reach: 15, voice: -14, edge: 8},

	"f":  {dur: 95, min: 50, formants: [3]float64{340, 1050, 2150}, dominance: 1.2, reach: 20, voice: off, noise: -21, peaks: labial, flat: 0.12, edge: 10},
	"v":  {dur: 60, min: 35, formants: [3]float64{260, 1080, 2150}, dominance: 1.2, reach: 20, voice: -9, noise: -27, peaks: labial, flat: 0.12, low: 900, edge: 10},
	"th": {dur: 85, min: 45, formants: [3]float64{330, 1320, 2550}, dominance: 1.2, reach: 20, voice: off, noise: -23, peaks: dental, flat: 0.12, edge: 10},
	"dh": {dur: 45, min: 25, formants: [3]float64{270, 1320, 2550}, dominance: 1.1, reach: 20, voice: -9, noise: -30, peaks: dental, flat: 0.12, low: 900, edge: 10},
	"s":  {dur: 110, min: 55, formants: [3]float64{320, 1500, 2550}, dominance: 1.3, reach: 20, voice: off, noise: -6, peaks: alveolar, flat: 0.02, edge: 9},
	"z":  {dur: 80, min: 40, formants: [3]float64{260, 1500, 2550}, dominance: 1.3, reach: 20, voice: -11, noise: -11, peaks: alveolar, flat: 0.02, low: 700, edge: 9},
	"sh": {dur: 115, min: 60, formants: [3]float64{310, 1800, 2700}, dominance: 1.3, reach: 22, voice: off, noise: -6, peaks: palatal, flat: 0.02, edge: 9},
	"zh": {dur: 80, min: 45, formants: [3]float64{270, 1800, 2700}, dominance: 1.3, reach: 22, voice: -11, noise: -11, peaks: palatal, flat: 0.02, low: 700, edge: 9},
	"ch": {dur: 80, min: 45, formants: [3]float64{320, 1850, 2750}, dominance: 1.3, reach: 20, voice: off, noise: -6, peaks: palatal, flat: 0.03, edge: 3},
	"jh": {dur: 60, min: 30, formants: [3]float64{270, 1850, 2750}, dominance: 1.3, reach: 20, voice: -12, noise: -10, peaks: palatal, flat: 0.03, low: 700, edge: 3},

	"p": release(45, 22, labialLocus, off, -11, -13, 9, lips),
	"t": release(50, 25, alveolarLocus, off, -11, -7, 13, tongue),
	"k": release(55, 27, velarLocus, off, -11, -7, 15, velar),
	"b": release(17, 10, labialLocus, -5, off, -16, 6, lips),
	"d": release(20, 12, alveolarLocus, -5, off, -11, 7, tongue),
	"g": release(25, 14, velarLocus, -5, off, -11, 9, velar),

	"pcl": closure(65, 35, labialLocus, off),
	"tcl": closure(55, 28, alveolarLocus, off),
	"kcl": closure(60, 30, velarLocus, off),
	"bcl": closure(62, 32, labialLocus, -17),
	"dcl": closure(50, 25, alveolarLocus, -17),
	"gcl": closure(52, 28, velarLocus, -17),

	"epi": silence(35, 18),
	"pau": silence(170, 60),
	"h#":  silence(140, 70),
}

// Loci of the stops. A velar's depends on the vowel (assim of its recipes).
var (
	labialLocus   = [3]float64{230, 950, 2150}
	alveolarLocus = [3]float64{230, 1720, 2650}
	velarLocus    = [3]float64{230, 1750, 2250}
)

func nasalPhone(dur, least float64, f [3]float64, zero float64) phone {
	return phone{dur: dur, min: least, formants: f, bandwidth: [3]float64{100, 160, 200}, dominance: 1.1, reach: 18, voice: -6, zero: zero, edge: 12}
}

func release(dur, least float64, locus [3]float64, voice, breath, noise, decay float64, peaks [2]peak) phone {
	p := phone{dur: dur, min: least, formants: locus, dominance: 0.6, reach: 16, voice: voice, breath: breath, noise: noise, decay: decay, peaks: peaks, flat: 0.05, edge: 2}
	p.formants[0] = 320
	if locus == velarLocus {
		p.assim = 0.6
	}
	if voice == off {
		p.bandwidth = [3]float64{200, 130, 160}
	}
	return p
}

func closure(dur, least float64, locus [3]float64, voice float64) phone {
	p := phone{dur: dur, min: least, formants: locus, bandwidth: [3]float64{70, 150, 200}, dominance: 1.4, reach: 16, voice: voice, low: 220, edge: 5}
	if locus == velarLocus {
		p.assim = 0.6
	}
	return p
}

func silence(dur, least float64) phone {
	return phone{dur: dur, min: least, formants: [3]float64{neutral1, neutral2, neutral3}, dominance: 0.02, reach: 30, voice: off, edge: 12}
}

// phones is the recipe of every label.
var phones = func() map[string]*phone {
	m := make(map[string]*phone)
	for _, v := range vowelTable {
		m[v.label] = &phone{vowel: true, dur: v.dur, min: v.min, formants: v.formants, glide: v.glide, dominance: 1, reach: 20, breath: off, noise: off, edge: 12}
	}
	m["ax-h"].voice, m["ax-h"].breath = off, -10
	for _, label := range []string{"ax", "ix", "ax-h"} {
		m[label].dominance = 0.5
	}
	for label, p := range consonants {
		m[label] = &p
	}
	for _, label := range []string{"el", "em", "en", "eng"} {
		m[label].vowel = true
	}
	for _, p := range m {
		p.complete()
	}
	return m
}()

// complete fills in what the tables leave to the default.
func (p *phone) complete() {
	if p.bandwidth == ([3]float64{}) {
		p.bandwidth = [3]float64{65, 90, 140}
	}
	if p.breath == 0 {
		p.breath = off
	}
	if p.noise == 0 {
		p.noise = off
	}
	p.amp.voice, p.amp.breath, p.amp.noise = decibels(p.voice), decibels(p.breath), decibels(p.noise)
}
