package synth

import (
	"math"

	"framewise/corpus/draw"
)

const (
	step = 32 // samples between settings of the filters: 2 ms

	// Gains that bring the three branches to the levels of the phone table:
	// a fricative of 0 dB is as loud as an open vowel.
	breathGain = 0.30
	noiseGain  = 0.75
)

// tract is the bank of filters.
type tract struct {
	zero     antiresonator
	pole     resonator
	formants [7]resonator
	hiss     [2]bandpass
	tilt     lowpass
}

func newTract(sp *speaker) *tract {
	v := &tract{}
	v.pole.tune(nasal, 100)
	for i, f := range sp.higher {
		f = min(float64(f*sp.tract), 7000+float64(200*float64(i)))
		v.formants[3+i].tune(f, 250+float64(150*float64(i)))
	}
	return v
}

// tune sets all filters to c.
func (v *tract) tune(c *control) {
	v.zero.tune(c.zero, 100)
	for k := range c.formants {
		v.formants[k].tune(c.formants[k], c.bandwidth[k])
	}
	v.step(c)
}

// step sets those filters to c that may change in steps.
func (v *tract) step(c *control) {
	v.tilt.tune(c.low)
	for k := range v.hiss {
		v.hiss[k].tune(c.peaks[k].freq, c.peaks[k].band, c.peaks[k].gain)
	}
}

// moves are the slides of the filters that may not.
type moves struct {
	zero     slide
	formants [3]slide
}

// aim is how the filters move to c over n samples.
func (v *tract) aim(c *control, n int) moves {
	m := moves{zero: v.zero.aim(c.zero, 100, n)}
	for k := range m.formants {
		m.formants[k] = v.formants[k].aim(c.formants[k], c.bandwidth[k], n)
	}
	return m
}

func (v *tract) move(m *moves) {
	v.zero.move(&m.zero)
	for k := range m.formants {
		v.formants[k].move(&m.formants[k])
	}
}

// speak synthesizes an utterance.
func speak(u *utterance) ([]int16, []segment) {
	sp := u.speaker
	id := sp.name + "/" + u.name
	segs := schedule(pronounce(u.sentence, newStream(sp.seed, "phones", id, 0)), sp, newStream(sp.seed, "durations", id, 0))
	tr := newTracks(segs, sp, newStream(sp.seed, "targets", id, 0))
	mel := newMelody(segs, sp, u.sentence.question, newStream(sp.seed, "melody", id, 0))
	sound := voice(tr, mel, id)
	return record(sound, sp, id), segs
}

// voice is the sound at the lips.
func voice(tr *tracks, mel *melody, id string) []float64 {
	sp := tr.sp
	n := tr.segs[len(tr.segs)-1].end
	out := make([]float64, n)
	v := newTract(sp)
	g := newGlottis(sp, draw.New(sp.seed, "synth/pulses", id, 0))
	white := &noise{key: draw.New(sp.seed, "synth/noise", id, 0)}

	var now, then control
	now.peaks = alveolar
	tr.control(0, &now)
	v.tune(&now)
	for at := 0; at < n; at += step {
		then.peaks, then.flat = now.peaks, now.flat
		tr.control(float64(at+step), &then)
		v.step(&now)
		f0 := float64(mel.at(float64(at)) / Rate)
		speakStep(out[at:min(at+step, n)], v, g, white, f0, &now, &then)
		now = then
	}
	return out
}

// speakStep fills out, over which the levels go from now's to then's.
func speakStep(out []float64, v *tract, g *glottis, white *noise, f0 float64, now, then *control) {
	level, breath, hiss := now.voice, now.breath, now.noise
	dLevel, dBreath, dHiss := float64((then.voice-level)/step), float64((then.breath-breath)/step), float64((then.noise-hiss)/step)
	path := v.aim(then, step)
	for i := range out {
		v.move(&path)
		pulse, open := g.next(f0)
		w := white.next()
		x := v.tilt.next(float64(level*pulse)) + float64(breathGain*breath*w)
		if open && level > 0.01 {
			w = float64(1.3 * w) // voiced noise comes in puffs
		}
		y := v.pole.next(v.zero.next(x))
		for k := range v.formants {
			y = v.formants[k].next(y)
		}
		w = float64(noiseGain * hiss * w)
		out[i] = y + v.hiss[0].next(w) + v.hiss[1].next(w) + float64(now.flat*w)
		level, breath, hiss = level+dLevel, breath+dBreath, hiss+dHiss
	}
}

// record passes the sound through the speaker's channel, adds the noise of the
// room and quantizes. The loudest sample is set to the headroom, so nothing
// clips.
func record(sound []float64, sp *speaker, id string) []int16 {
	shelf := lowpass{}
	shelf.tune(sp.shelfCorner)
	power := 0.0
	for i, x := range sound {
		low := shelf.next(x)
		y := low + float64(sp.shelf*(x-low))
		sound[i] = y
		power += float64(y * y)
	}
	white := &noise{key: draw.New(sp.seed, "synth/room", id, 0)}
	rms := math.Sqrt(power / float64(len(sound)))
	gain := float64(sp.noise * rms * math.Sqrt(1-float64(sp.color*sp.color)))
	room, peak := 0.0, 0.0
	for i := range sound {
		room = float64(sp.color*room) + float64(gain*white.next())
		sound[i] += room
		peak = max(peak, math.Abs(sound[i]))
	}
	scale := float64(32000*decibels(-sp.headroom)) / peak
	out := make([]int16, len(sound))
	for i, y := range sound {
		out[i] = int16(math.Floor(float64(y*scale) + 0.5))
	}
	return out
}
