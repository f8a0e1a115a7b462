package synth

import (
	"math"
	"math/cmplx"
	"slices"
	"testing"

	"framewise/corpus/draw"
)

// gainOf is the gain of a filter at f Hz, from its response to an impulse.
func gainOf(next func(float64) float64, f float64) float64 {
	var sum complex128
	for i := range 8000 {
		x := 0.0
		if i == 0 {
			x = 1
		}
		sum += complex(next(x), 0) * cmplx.Exp(complex(0, -2*math.Pi*f/Rate*float64(i)))
	}
	return cmplx.Abs(sum)
}

func TestFilters(t *testing.T) {
	near := func(what string, got, want, tol float64) {
		t.Helper()
		if math.Abs(got-want) > tol*want {
			t.Errorf("%s is %.4f, want %.4f", what, got, want)
		}
	}
	gain := func(f float64) float64 {
		var r resonator
		r.tune(1000, 80)
		return gainOf(r.next, f)
	}
	near("gain of a resonator at 0 Hz", gain(0), 1, 1e-9)
	if p := gain(1000); p < gain(960) || p < gain(1040) || p < 8 {
		t.Errorf("resonator of 1000 Hz: gain %g there, %g and %g beside", p, gain(960), gain(1040))
	}
	near("half-power point", gain(1040)/gain(1000), math.Sqrt(0.5), 0.05)

	var r resonator
	var z antiresonator
	r.tune(700, 90)
	z.tune(700, 90)
	both := func(x float64) float64 { return z.next(r.next(x)) }
	near("gain of pole and zero at 700 Hz", gainOf(both, 700), 1, 1e-9)
	near("gain of pole and zero at 3 kHz", gainOf(both, 3000), 1, 1e-9)

	bp := func(f float64) float64 {
		var p bandpass
		p.tune(4000, 600, 0.5)
		return gainOf(p.next, f)
	}
	near("peak of a band-pass", bp(4000), 0.5, 0.02)
	if bp(0) > 1e-9 || bp(Rate/2) > 1e-9 {
		t.Errorf("band-pass lets %g through at 0 Hz and %g at half the rate, want nothing", bp(0), bp(Rate/2))
	}
	lp := func(f float64) float64 {
		var p lowpass
		p.tune(1000)
		return gainOf(p.next, f)
	}
	near("low-pass at 0 Hz", lp(0), 1, 1e-9)
	near("low-pass at its corner", lp(1000), math.Sqrt(0.5), 0.06)
}

// TestSlide: moving a filter over n samples ends where tuning it ends.
func TestSlide(t *testing.T) {
	var r, want resonator
	var z, wantZ antiresonator
	r.tune(500, 60)
	z.tune(270, 100)
	want.tune(1500, 90)
	wantZ.tune(480, 100)
	s, sz := r.aim(1500, 90, step), z.aim(480, 100, step)
	for range step {
		r.move(&s)
		z.move(&sz)
	}
	for _, d := range []float64{r.a - want.a, r.b - want.b, r.c - want.c, z.a - wantZ.a, z.b - wantZ.b, z.c - wantZ.c} {
		if math.Abs(d) > 1e-9*(1+math.Abs(wantZ.a)) {
			t.Errorf("after the slide %+v and %+v, want %+v and %+v", r, z, want, wantZ)
		}
	}
}

func TestNoiseIsWhite(t *testing.T) {
	n := &noise{key: draw.New(1, "synth/test", "", 0)}
	var sum, power, lag float64
	last := 0.0
	const count = 200000
	for range count {
		x := n.next()
		sum += x
		power += x * x
		lag += x * last
		last = x
	}
	if m, v, c := sum/count, power/count, lag/count; math.Abs(m) > 0.01 || math.Abs(v-1) > 0.01 || math.Abs(c) > 0.01 {
		t.Errorf("noise has mean %.4f, variance %.4f, correlation %.4f; want 0, 1, 0", m, v, c)
	}
}

// TestGlottis counts pulses and sums the flow, which returns to where it was.
func TestGlottis(t *testing.T) {
	g := newGlottis(&speaker{openQuotient: 0.6}, draw.New(1, "synth/test", "pulses", 0))
	closures, sum, opened := 0, 0.0, 0
	wasOpen := true
	for range Rate {
		x, open := g.next(125.0 / Rate)
		if wasOpen && !open {
			closures++
		}
		wasOpen = open
		sum += x
		if open {
			opened++
		}
	}
	if closures != 125 {
		t.Errorf("%d closures in a second at 125 Hz", closures)
	}
	if math.Abs(sum)/125 > 0.05 {
		t.Errorf("the flow is off by %.3f a period", sum/125)
	}
	if share := float64(opened) / Rate; math.Abs(share-0.6) > 0.01 {
		t.Errorf("open for %.3f of the time, want 0.6", share)
	}
}

// voices is one speaker of each sex and one utterance of theirs.
func voices(t *testing.T, n int) []*utterance {
	var out []*utterance
	for _, u := range mustPlan(t, Config{Speakers: n, Sentences: 1, Seed: 8}) {
		u.speaker.noise = decibels(-60)
		out = append(out, u)
	}
	return out
}

// pitchOf is the median pitch of the long vowels, by autocorrelation.
func pitchOf(samples []int16, segs []segment) float64 {
	var found []float64
	for _, s := range segs {
		if !slices.Contains([]string{"aa", "ae", "ao", "iy", "axr", "uw", "ux"}, s.label) || s.length() < 1200 {
			continue
		}
		mid := (s.begin + s.end) / 2
		x := samples[mid-500 : mid+500]
		best, at := 0.0, 0
		for lag := Rate / 330; lag <= Rate/60; lag++ {
			sum := 0.0
			for i := range x[:len(x)-lag] {
				sum += float64(x[i]) * float64(x[i+lag])
			}
			if sum > best {
				best, at = sum, lag
			}
		}
		if at > 0 {
			found = append(found, Rate/float64(at))
		}
	}
	slices.Sort(found)
	if len(found) == 0 {
		return 0
	}
	return found[len(found)/2]
}

func TestSpeakersDifferInPitch(t *testing.T) {
	var female, male []float64
	for _, u := range voices(t, 8) {
		f0 := pitchOf(speak(u))
		if r := f0 / u.speaker.pitch; r < 0.75 || r > 1.35 {
			t.Errorf("%s speaks at %.0f Hz, drawn was %.0f", u.speaker.name, f0, u.speaker.pitch)
		}
		if u.speaker.female {
			female = append(female, f0)
		} else {
			male = append(male, f0)
		}
	}
	if slices.Min(female) <= slices.Max(male) {
		t.Errorf("women at %.0f Hz and men at %.0f Hz overlap", female, male)
	}
	if slices.Max(female)-slices.Min(female) < 10 || slices.Max(male)-slices.Min(male) < 10 {
		t.Errorf("women at %.0f Hz, men at %.0f Hz: want them to differ among themselves", female, male)
	}
}

// formantOf is the frequency of the highest peak of the linear-prediction
// spectrum (order 16, autocorrelation method) between lo and hi Hz.
func formantOf(x []int16, lo, hi float64) float64 {
	const order = 16
	y := make([]float64, len(x))
	for i := 1; i < len(x); i++ {
		hann := 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(len(x)))
		y[i] = (float64(x[i]) - 0.95*float64(x[i-1])) * hann
	}
	var r [order + 1]float64
	for k := range r {
		for i := range y[:len(y)-k] {
			r[k] += y[i] * y[i+k]
		}
	}
	r[0] *= 1 + 1e-6
	a := [order + 1]float64{1}
	e := r[0]
	for i := 1; i <= order; i++ { // Levinson and Durbin
		k := r[i]
		for j := 1; j < i; j++ {
			k += a[j] * r[i-j]
		}
		k /= -e
		b := a
		for j := 1; j < i; j++ {
			b[j] = a[j] + k*a[i-j]
		}
		b[i] = k
		a, e = b, e*(1-k*k)
	}
	best, at := math.Inf(1), 0.0
	for f := lo; f <= hi; f += 10 {
		var s complex128
		for k, c := range a {
			s += complex(c, 0) * cmplx.Exp(complex(0, -2*math.Pi*f/Rate*float64(k)))
		}
		if m := cmplx.Abs(s); m < best {
			best, at = m, f
		}
	}
	return at
}

// TestTractScalesFormants gives one speaker a short and a long tract and
// measures the second formant of the vowel of "she".
func TestTractScalesFormants(t *testing.T) {
	measure := func(tract float64) float64 {
		u := voices(t, 4)[1]
		u.speaker.tract = tract
		u.speaker.pitch = 90
		samples, segs := speak(u)
		for _, s := range segs {
			if (s.label == "iy" || s.label == "ey") && s.length() > 1200 {
				mid := (s.begin + s.end) / 2
				return formantOf(samples[mid-400:mid+400], 1400*tract, 2600*tract)
			}
		}
		t.Fatal("no long front vowel in SA1")
		return 0
	}
	long, short := measure(0.85), measure(1.15)
	if ratio := short / long; math.Abs(ratio-1.15/0.85) > 0.12 {
		t.Errorf("F2 is %.0f Hz with a long tract and %.0f Hz with a short one: ratio %.2f, want %.2f", long, short, ratio, 1.15/0.85)
	}
}

// lowShare is the share of the power below 1 kHz, and the power in dB.
func lowShare(x []int16) (share, level float64) {
	var low, all float64
	n := len(x)
	for f := 100.0; f < 8000; f += 100 {
		var s complex128
		for i, v := range x {
			hann := 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(n))
			s += complex(float64(v)*hann, 0) * cmplx.Exp(complex(0, -2*math.Pi*f/Rate*float64(i)))
		}
		p := real(s)*real(s) + imag(s)*imag(s)
		all += p
		if f < 1000 {
			low += p
		}
	}
	return low / all, 10 * math.Log10(all/float64(n)+1)
}

// TestPhonesSoundLikeTheirKind compares vowels, fricatives and closures.
func TestPhonesSoundLikeTheirKind(t *testing.T) {
	for _, u := range voices(t, 4) {
		samples, segs := speak(u)
		shares, level := map[string][]float64{}, map[string][]float64{}
		for _, s := range segs {
			kind := ""
			switch {
			case s.label == "s" || s.label == "sh":
				kind = "sibilant"
			case s.label == "tcl" || s.label == "kcl" || s.label == "h#":
				kind = "silence"
			case s.phone.vowel && !isReduced(s.label):
				kind = "vowel"
			}
			if kind == "" || s.length() < 500 {
				continue
			}
			mid := (s.begin + s.end) / 2
			share, db := lowShare(samples[mid-200 : mid+200])
			shares[kind] = append(shares[kind], share)
			level[kind] = append(level[kind], db)
		}
		name := u.speaker.name
		if v, s := slices.Min(shares["vowel"]), slices.Max(shares["sibilant"]); v < 0.1 || s > 0.02 {
			t.Errorf("%s: vowels have at least %.2f of their power below 1 kHz, sibilants at most %.2f; want above 0.1 and below 0.02", name, v, s)
		}
		if v, s := slices.Min(level["vowel"]), slices.Max(level["silence"]); v < s+15 {
			t.Errorf("%s: the softest vowel has %.0f dB, the loudest silence %.0f dB; want 15 dB between", name, v, s)
		}
		if v, s := slices.Min(level["sibilant"]), slices.Max(level["silence"]); v < s+10 {
			t.Errorf("%s: the softest sibilant has %.0f dB, the loudest silence %.0f dB; want 10 dB between", name, v, s)
		}
	}
}

// TestExtremes: nothing blows up or clips at the edges of what Variation allows.
func TestExtremes(t *testing.T) {
	wide := Variation{
		PitchFemale: Range{400, 400}, PitchMale: Range{50, 50}, TractFemale: Range{1.2, 1.2}, TractMale: Range{0.7, 0.7},
		Stretch: Range{0.25, 0.25}, Coarticulation: Range{5, 5}, TiltCorner: Range{8000, 8000}, OpenQuotient: Range{0.3, 0.9},
		Jitter: Range{0.1, 0.1}, Shimmer: Range{0.5, 0.5}, Frication: Range{30, 30}, Liveliness: Range{3, 3},
		Dialect: 0.1, Accent: 0.1, Token: 0.15, Duration: 0.5, Reduced: 1,
		Channel: Range{30, 30}, SNR: Range{-10, -10}, Color: Range{-0.99, 0.99},
	}
	for _, u := range mustPlan(t, Config{Speakers: 4, Sentences: 2, Seed: 13, Variation: wide}) {
		samples, segs := speak(u)
		if n := segs[len(segs)-1].end; n != len(samples) {
			t.Errorf("%s: %d samples, want %d", u.base(), len(samples), n)
		}
		if hi := max(slices.Max(samples), -slices.Min(samples)); hi < 31990 || hi > 32010 {
			t.Errorf("%s: the loudest sample is %d, want 32000 with no headroom", u.base(), hi)
		}
		for _, s := range segs {
			if s.end <= s.begin {
				t.Errorf("%s: %q has no length", u.base(), s.label)
			}
		}
	}
}

// BenchmarkSpeak reports seconds of audio made in a second by one core.
func BenchmarkSpeak(b *testing.B) {
	cfg, err := Config{Speakers: 4, Sentences: 1, Seed: 1}.resolve()
	if err != nil {
		b.Fatal(err)
	}
	us, err := plan(cfg)
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for i := range b.N {
		samples, _ := speak(us[i%len(us)])
		n += len(samples)
	}
	b.ReportMetric(float64(n)/Rate/b.Elapsed().Seconds(), "audio-s/s")
}
