package transforms

import (
	"math"
	"testing"
)

func newTestResampler(t testing.TB, in, out int) *Resampler {
	t.Helper()
	r, err := NewResampler(in, out)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// tone is n samples of a cosine of 10000 at hz, with a phase that shows a delay.
func tone(n, rate int, hz float64) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = float32(10000 * math.Cos(2*math.Pi*hz*float64(i)/float64(rate)+0.7))
	}
	return s
}

// decibels is the ratio of two amplitudes in dB.
func decibels(ratio float64) float64 { return 20 * math.Log10(math.Max(ratio, 1e-30)) }

// middle leaves out the ends of a resampled tone, where it begins and ends.
func middle(s []float32) (part []float32, from int) {
	from = len(s) / 4
	return s[from : 3*len(s)/4], from
}

var resampleRates = [][2]int{{16000, 8000}, {8000, 16000}, {44100, 16000}, {48000, 16000}, {16000, 14400}, {11025, 16000}}

// Below 0.91 of the lower Nyquist frequency a tone comes out as the same tone
// of the other rate: gain, phase and whatever should not be there, in one
// figure. 0.01 dB of ripple is -58 dB; no delay and no image leave -95 dB.
func TestResampledToneIsTheSameTone(t *testing.T) {
	for _, rates := range resampleRates {
		in, out := rates[0], rates[1]
		r := newTestResampler(t, in, out)
		edge := 0.91 * float64(min(in, out)) / 2
		for _, part := range []float64{0, 0.01, 0.3, 0.77, 1} {
			hz := part * edge
			got, from := middle(r.Resample(nil, tone(in/4, in, hz)))
			want := tone(from+len(got), out, hz)[from:]
			worst := 0.0
			for i := range got {
				worst = max(worst, math.Abs(float64(got[i]-want[i])))
			}
			if db := decibels(worst / 10000); db > -95 {
				t.Errorf("%d -> %d Hz: a tone of %.0f Hz is %.1f dB off, want -95", in, out, hz, db)
			}
		}
	}
}

// From the lower Nyquist frequency up nothing passes: no alias when the rate
// falls, no image when it rises.
func TestResamplerStopBand(t *testing.T) {
	for _, rates := range resampleRates {
		in, out := rates[0], rates[1]
		r := newTestResampler(t, in, out)
		nyquist := float64(min(in, out)) / 2
		if in > out {
			for _, hz := range []float64{nyquist, nyquist * 1.01, nyquist * 1.1, float64(in) * 0.45, float64(in) * 0.4999} {
				if hz < nyquist {
					continue
				}
				got, _ := middle(r.Resample(nil, tone(in/4, in, hz)))
				peak := 0.0
				for _, v := range got {
					peak = max(peak, math.Abs(float64(v)))
				}
				if db := decibels(peak / 10000); db > -120 {
					t.Errorf("%d -> %d Hz: a tone of %.0f Hz leaves %.1f dB, want -120", in, out, hz, db)
				}
			}
		}
		// The filter itself, as its response over the input rate times out.
		for _, hz := range []float64{nyquist, 1.003 * nyquist, 1.03 * nyquist, 1.5 * nyquist, 2.2 * nyquist} {
			if db := decibels(response(r, in, hz)); hz < float64(in)*float64(r.out)/2 && db > -120 {
				t.Errorf("%d -> %d Hz: response at %.0f Hz is %.1f dB, want -120", in, out, hz, db)
			}
		}
		for _, part := range []float64{0, 0.2, 0.5, 0.8, 0.9, 0.91} {
			if db := decibels(response(r, in, part*nyquist)); math.Abs(db) > 0.001 {
				t.Errorf("%d -> %d Hz: response at %.2f of Nyquist is %.4f dB, want 0 +- 0.001", in, out, part, db)
			}
		}
	}
}

// response is the magnitude at hz of the prototype filter whose phases r has.
func response(r *Resampler, in int, hz float64) float64 {
	re, im := 0.0, 0.0
	for p := range r.out {
		for k := range r.taps {
			at := float64(k-r.half+1) - float64(p)/float64(r.out)
			a := 2 * math.Pi * hz / float64(in) * at
			h := float64(r.phases[p*r.taps+k])
			re, im = re+h*math.Cos(a), im+h*math.Sin(a)
		}
	}
	return math.Hypot(re, im) / float64(r.out)
}

// slowResample is the defining sum in float64: output n is the sum over all
// input samples i of x[i] h(n*in/out - i).
func slowResample(r *Resampler, x []float32) []float64 {
	y := make([]float64, r.OutLen(len(x)))
	for n := range y {
		at, phase := n*r.in/r.out, n*r.in%r.out
		for i, v := range x {
			if k := i - at + r.half - 1; k >= 0 && k < r.taps {
				y[n] += float64(v) * float64(r.phases[phase*r.taps+k])
			}
		}
	}
	return y
}

func TestResamplerSumsAndEdges(t *testing.T) {
	for _, rates := range append(resampleRates, [2]int{3, 7}, [2]int{8000, 8000}) {
		r := newTestResampler(t, rates[0], rates[1])
		for _, n := range []int{0, 1, 2, 7, 100, 1500} {
			x := floats(testSignal(n))
			got := r.Resample(nil, x)
			if want := int(math.Ceil(float64(n) * float64(rates[1]) / float64(rates[0]))); len(got) != want || r.OutLen(n) != want {
				t.Fatalf("%v: %d samples give %d, OutLen %d, want %d", rates, n, len(got), r.OutLen(n), want)
			}
			if rates[0] == rates[1] {
				if !equalBits(got, x) {
					t.Errorf("equal rates change the signal")
				}
				continue
			}
			for i, want := range slowResample(r, x) {
				if math.Abs(float64(got[i])-want) > 0.01 { // of 32768: -130 dB
					t.Fatalf("%v: sample %d of %d is %v, want %v", rates, i, n, got[i], want)
				}
			}
		}
	}
	if n := newTestResampler(t, 2, 1).OutLen(-1); n != 0 {
		t.Errorf("OutLen(-1) = %d, want 0", n)
	}
}

// An impulse comes out symmetrical about its own time: no delay, linear phase.
func TestResamplerHasNoDelay(t *testing.T) {
	for _, rates := range [][2]int{{16000, 8000}, {8000, 16000}, {48000, 16000}} {
		r := newTestResampler(t, rates[0], rates[1])
		x := make([]float32, 6000)
		x[3000] = 10000
		y := r.Resample(nil, x)
		center := 3000 * rates[1] / rates[0]
		for d := 1; d < 900; d++ {
			if diff := math.Abs(float64(y[center-d] - y[center+d])); diff > 1e-3 {
				t.Fatalf("%v: %v before and %v after the impulse", rates, y[center-d], y[center+d])
			}
		}
	}
}

func TestResamplerAllocatesNothing(t *testing.T) {
	r := newTestResampler(t, 44100, 16000)
	x := floats(testSignal(5000))
	y := r.Resample(nil, x)
	if n := testing.AllocsPerRun(3, func() { y = r.Resample(y, x) }); n != 0 {
		t.Errorf("%v allocations a call, want 0", n)
	}
}

func TestNewResamplerRefuses(t *testing.T) {
	for _, rates := range [][2]int{{0, 8000}, {8000, -1}, {192000, 191999}, {1 << 40, 1}} {
		if _, err := NewResampler(rates[0], rates[1]); err == nil {
			t.Errorf("%v: no error", rates)
		}
	}
}

// FuzzResampler tries small ratios and lengths for lengths and panics.
func FuzzResampler(f *testing.F) {
	f.Add(uint16(2), uint16(1), uint16(100))
	f.Add(uint16(441), uint16(160), uint16(0))
	f.Fuzz(func(t *testing.T, in, out, n uint16) {
		r, err := NewResampler(int(in%500), int(out%500))
		if err != nil {
			return
		}
		if got := r.Resample(nil, make([]float32, n%3000)); len(got) != r.OutLen(int(n%3000)) {
			t.Errorf("%d samples, want %d", len(got), r.OutLen(int(n%3000)))
		}
	})
}
