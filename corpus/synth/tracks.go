package synth

import "framewise/transforms/detmath"

// gesture is an aim of the tract: formants, and how it asserts them. Its
// dominance is full from begin to end and decays exponentially outside.
type gesture struct {
	begin, end float64    // samples
	target     [3]float64 // Hz, of this speaker
	dominance  float64
	decay      float64 // per sample
}

// weight is the gesture's share at sample t.
func (g *gesture) weight(t float64) float64 {
	d := max(g.begin-t, t-g.end, 0)
	if d == 0 {
		return g.dominance
	}
	return float64(g.dominance * detmath.Exp(float64(-d*g.decay)))
}

// tracks are the courses of all parameters of an utterance.
type tracks struct {
	sp       *speaker
	segs     []segment
	gestures []gesture
	first    []int // index of the first gesture of each segment, and the end
	at       int   // segment of the last call
	bend     float64
}

const (
	neighbors   = 3   // segments on each side whose gestures are still felt
	nasalSpread = 2.0 // the velum moves this much slower than the other levels
)

func newTracks(segs []segment, sp *speaker, draws *stream) *tracks {
	tr := &tracks{sp: sp, segs: segs, bend: float64(0.5*sp.tract) + 0.5}
	for i := range segs {
		tr.first = append(tr.first, len(tr.gestures))
		tr.gestures = append(tr.gestures, tr.gesturesOf(i, draws)...)
	}
	tr.first = append(tr.first, len(tr.gestures))
	return tr
}

// gesturesOf is one gesture for a phone, two for a diphthong.
func (tr *tracks) gesturesOf(i int, draws *stream) []gesture {
	s, v := &tr.segs[i], &tr.sp.variation
	var chance [3]float64
	for k := range chance {
		chance[k] = 1 + float64(v.Token*draws.normal())
	}
	chance[2] = float64(0.5*chance[2]) + 0.5
	n := float64(s.length())
	at := func(share float64) float64 { return float64(s.begin) + float64(share*n) }
	make1 := func(from, to float64, f [3]float64) gesture {
		return gesture{
			begin: at(from), end: at(to), target: tr.aim(i, f, chance), dominance: s.phone.dominance,
			decay: 1000 / (s.phone.reach * tr.sp.coart * Rate),
		}
	}
	if s.phone.glide != ([3]float64{}) {
		return []gesture{make1(0.15, 0.35, s.phone.formants), make1(0.75, 0.9, s.phone.glide)}
	}
	return []gesture{make1(0.35, 0.65, s.phone.formants)}
}

// aim is where this token's gesture goes: the table's formants, moved by
// reduction, by the accent, by a neighboring vowel and by chance, for a tract
// of the speaker's length.
func (tr *tracks) aim(i int, f, chance [3]float64) [3]float64 {
	s, v := &tr.segs[i], &tr.sp.variation
	if accent, ok := tr.sp.vowel[s.label]; ok {
		loose := 0.0
		switch {
		case !s.strong:
			loose = v.Reduced
		case !s.stress:
			loose = float64(0.5 * v.Reduced)
		}
		for k, rest := range [3]float64{neutral1, neutral2, neutral3} {
			f[k] += float64(loose * (rest - f[k]))
			f[k] = float64(f[k] * accent[k])
		}
	}
	if s.phone.assim > 0 {
		f[1] += float64(s.phone.assim * (tr.vowelF2(i) - f[1]))
	}
	for k := range f {
		f[k] = float64(f[k] * chance[k] * tr.sp.tract)
	}
	return f
}

// vowelF2 is the second formant of the next phone that is no stop, or of the
// one before if none follows.
func (tr *tracks) vowelF2(i int) float64 {
	for j := i + 1; j < min(i+3, len(tr.segs)); j++ {
		if p := tr.segs[j].phone; p.assim == 0 && p.dominance > 0.1 {
			return p.formants[1]
		}
	}
	for j := i - 1; j >= max(i-2, 0); j-- {
		if p := tr.segs[j].phone; p.assim == 0 && p.dominance > 0.1 {
			if p.glide[1] > 0 {
				return p.glide[1]
			}
			return p.formants[1]
		}
	}
	return neutral2
}

// control is the setting of the synthesizer at one moment.
type control struct {
	formants, bandwidth  [3]float64 // Hz
	voice, breath, noise float64    // amplitudes
	low, zero            float64    // Hz
	peaks                [2]peak
	flat                 float64
}

// control sets c to the tracks at sample t. Calls must not go back in time.
func (tr *tracks) control(t float64, c *control) {
	for tr.at+1 < len(tr.segs) && float64(tr.segs[tr.at].end) <= t {
		tr.at++
	}
	tr.shape(t, c)
	other, share := tr.neighbor(t, 1)
	a, b := &tr.segs[tr.at], &tr.segs[other]
	mix := func(x, y float64) float64 { return x + float64(share*(y-x)) }
	la, lb := tr.levels(a, t), tr.levels(b, t)
	c.voice, c.breath, c.noise = mix(la.voice, lb.voice), mix(la.breath, lb.breath), mix(la.noise, lb.noise)
	c.low = mix(la.low, lb.low)
	for k := range c.bandwidth {
		c.bandwidth[k] = mix(a.phone.bandwidth[k], b.phone.bandwidth[k])
	}
	other, share = tr.neighbor(t, nasalSpread)
	c.zero = mix(zeroOf(a.phone), zeroOf(tr.segs[other].phone))
	tr.hiss(a, b, la.noise, lb.noise, share, c)
}

// shape sets the formants: the mean of the targets around t by dominance.
func (tr *tracks) shape(t float64, c *control) {
	from := tr.first[max(tr.at-neighbors, 0)]
	to := tr.first[min(tr.at+neighbors+1, len(tr.segs))]
	var sum [3]float64
	total := 0.0
	for i := from; i < to; i++ {
		g := &tr.gestures[i]
		w := g.weight(t)
		total += w
		for k := range sum {
			sum[k] += float64(w * g.target[k])
		}
	}
	for k := range sum {
		c.formants[k] = sum[k] / total
	}
	// Formants of a tract do not meet.
	c.formants[0] = max(c.formants[0], 150)
	c.formants[1] = max(c.formants[1], c.formants[0]+150)
	c.formants[2] = max(c.formants[2], c.formants[1]+150)
}

// neighbor is the segment that mixes with the current one at t, and its share,
// which is a half at the boundary. slow widens the time of mixing.
func (tr *tracks) neighbor(t float64, slow float64) (other int, share float64) {
	s := &tr.segs[tr.at]
	other = tr.at + 1
	d := float64(s.end) - t
	if before := t - float64(s.begin); before < d {
		other, d = tr.at-1, before
	}
	if other < 0 || other >= len(tr.segs) {
		return tr.at, 0
	}
	o := &tr.segs[other]
	h := float64(slow * min(s.phone.edge, o.phone.edge) * (Rate / 1000))
	h = min(h, float64(0.5*float64(min(s.length(), o.length()))))
	if d >= h {
		return other, 0
	}
	return other, 0.5 - float64(0.5*d/h)
}

// levels are a segment's amplitudes at t, which may lie a little outside it.
type levels struct{ voice, breath, noise, low float64 }

func (tr *tracks) levels(s *segment, t float64) levels {
	p, sp := s.phone, tr.sp
	l := levels{voice: p.amp.voice, breath: p.amp.breath, noise: float64(p.amp.noise * sp.frication), low: sp.tiltCorner}
	l.breath += float64(l.voice * sp.breath)
	if p.low > 0 {
		l.low = min(p.low, l.low)
	}
	if p.decay > 0 {
		since := max(t-float64(s.begin), 0)
		l.noise = float64(l.noise * detmath.Exp(-since/float64(p.decay*(Rate/1000))))
	}
	return l
}

func zeroOf(p *phone) float64 {
	if p.zero > 0 {
		return p.zero
	}
	return nasal
}

// hiss mixes the noise spectra of two segments by their share of the noise, and
// leaves the last one standing where there is none.
func (tr *tracks) hiss(a, b *segment, na, nb, share float64, c *control) {
	na, nb = float64((1-share)*na), float64(share*nb)
	if na+nb < 1e-5 {
		return
	}
	w := nb / (na + nb)
	mix := func(x, y float64) float64 { return x + float64(w*(y-x)) }
	for k := range c.peaks {
		pa, pb := tr.place(a.phone.peaks[k], c), tr.place(b.phone.peaks[k], c)
		c.peaks[k] = peak{freq: mix(pa.freq, pb.freq), band: mix(pa.band, pb.band), gain: mix(pa.gain, pb.gain)}
	}
	c.flat = mix(a.phone.flat, b.phone.flat)
}

// place is a noise peak for this speaker's tract. The cavity in front of the
// constriction scales by half as much as the whole tract.
func (tr *tracks) place(p peak, c *control) peak {
	f := float64(p.freq * tr.bend)
	if p.follow > 0 {
		f = float64(p.follow * c.formants[1])
	}
	p.freq = min(f, 7400)
	return p
}
