package synth

import "framewise/transforms/detmath"

// segment is a phone with its place in time.
type segment struct {
	token
	phone      *phone
	begin, end int // samples, end exclusive
}

func (s *segment) length() int { return s.end - s.begin }

// schedule gives the tokens their durations, one after the other from 0.
func schedule(ts []token, sp *speaker, draws *stream) []segment {
	pace := float64(sp.stretch * (1 + float64(0.06*draws.normal())))
	segs := make([]segment, len(ts))
	at := 0
	for i, t := range ts {
		p := phones[t.label]
		ms := duration(ts, i, p, pace)
		ms = float64(ms * detmath.Exp(float64(sp.variation.Duration*draws.normal())))
		n := int(float64(max(ms, 12) * (Rate / 1000)))
		segs[i] = segment{token: t, phone: p, begin: at, end: at + n}
		at += n
	}
	return segs
}

// duration is Klatt's rule: the least duration, and the rest of the inherent
// one stretched by the context. In milliseconds.
func duration(ts []token, i int, p *phone, pace float64) float64 {
	t := ts[i]
	share := pace
	switch {
	case t.word < 0: // silences know no stress
	case p.vowel && t.stress:
		share = float64(share * 1.15)
	case p.vowel && !t.strong:
		share = float64(share * 0.6)
	case p.vowel:
		share = float64(share * 0.75)
	case !t.strong:
		share = float64(share * 0.8)
	}
	if t.word >= 0 && finalSyllable(ts, i) {
		share = float64(share * 1.4)
	}
	if p.vowel && i+1 < len(ts) && isVoiceless(afterClosure(ts, i+1)) {
		share = float64(share * 0.75) // the vowel of "seat" is shorter than that of "seed"
	}
	return p.min + float64((p.dur-p.min)*share)
}

// finalSyllable says whether no vowel follows phone i in its phrase.
func finalSyllable(ts []token, i int) bool {
	for !endsPhrase(ts, i) {
		i++
		if isVowel(ts[i].label) {
			return false
		}
	}
	return true
}

// afterClosure is the label at i, or for a closure that of its stop.
func afterClosure(ts []token, i int) string {
	switch l := ts[i].label; l {
	case "pcl", "tcl", "kcl":
		return l[:1]
	default:
		return l
	}
}

// accent is a hump of pitch around a stressed vowel.
type accent struct{ center, width, height float64 } // samples, samples, relative

// melody is the pitch of an utterance.
type melody struct {
	base     float64
	begin    float64 // where speech begins and ends, samples
	end      float64
	question bool
	accents  []accent
	next     int // the first accent that can still matter
	drift    [2]float64
}

func newMelody(segs []segment, sp *speaker, question bool, draws *stream) *melody {
	m := &melody{base: float64(sp.pitch * (1 + float64(0.05*draws.normal()))), question: question}
	m.begin, m.end = float64(segs[1].begin), float64(segs[len(segs)-2].end)
	m.drift = [2]float64{float64(6.28 * draws.unit()), float64(6.28 * draws.unit())}
	for _, s := range segs {
		center := float64(float64(s.begin+s.end) * 0.5)
		switch {
		case s.stress:
			height := float64(sp.liveliness * (0.10 + float64(0.06*draws.normal())))
			m.accents = append(m.accents, accent{center, 0.16 * Rate, height})
		case s.label == "q":
			m.accents = append(m.accents, accent{center, 0.035 * Rate, -0.4})
		}
	}
	return m
}

// at is the pitch at sample t in Hz. Calls must not go back in time.
func (m *melody) at(t float64) float64 {
	x := min(max((t-m.begin)/(m.end-m.begin), 0), 1)
	rel := 1.12 - float64(0.24*x) // declination
	switch {
	case m.question && x > 0.8:
		rel += float64(1.6 * (x - 0.8))
	case x > 0.85:
		rel -= float64(0.9 * (x - 0.85))
	}
	for m.next < len(m.accents) && m.accents[m.next].center+0.2*Rate < t {
		m.next++
	}
	for _, a := range m.accents[m.next:] {
		d := (t - a.center) / a.width
		if d < -1 {
			if a.center-0.2*Rate > t {
				break
			}
			continue
		}
		if d < 1 {
			h := 1 - float64(d*d)
			rel += float64(a.height * float64(h*h))
		}
	}
	// Flutter: two slow sines whose periods do not divide each other.
	flutter := detmath.Sin(float64(t*(2*3.14159265*4.7/Rate))+m.drift[0]) + detmath.Sin(float64(t*(2*3.14159265*7.1/Rate))+m.drift[1])
	rel += float64(0.006 * flutter)
	return float64(m.base * max(rel, 0.4))
}
