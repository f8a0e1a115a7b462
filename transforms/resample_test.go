package transforms

import (
	"math"
	"testing"

	"framewise/transforms/kernels"
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

var resampleRates = [][2]int{{16000, 8000}, {8000, 16000}, {44100, 16000}, {48000, 16000}, {16000, 14400}, {11025, 16000}, {16000, 17600}, {48000, 8000}}

// Below 0.91 of the lower Nyquist frequency a tone comes out as the same tone
// of the other rate: gain, phase and whatever should not be there, in one
// figure. 0.01 dB of ripple is -58 dB; no delay and no image leave -105 dB.
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
			if db := decibels(worst / 10000); db > -105 {
				t.Errorf("%d -> %d Hz: a tone of %.0f Hz is %.1f dB off, want -105", in, out, hz, db)
			}
		}
	}
}

// When the rate falls, a tone from the new Nyquist frequency up leaves nothing.
func TestResamplerLeavesNoAlias(t *testing.T) {
	for _, rates := range resampleRates {
		in, out := rates[0], rates[1]
		nyquist := float64(out) / 2
		r := newTestResampler(t, in, out)
		for _, hz := range []float64{nyquist, nyquist * 1.01, nyquist * 1.1, float64(in) * 0.45, float64(in) * 0.4999} {
			if in < out || hz < nyquist {
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
}

// Twice the signal is twice the result, to the bit, and the result of a sum is
// the sum of the results but for rounding.
func TestResamplerIsLinear(t *testing.T) {
	for _, rates := range resampleRates {
		r := newTestResampler(t, rates[0], rates[1])
		a, b := floats(noise(5000, 5)), floats(noise(5000, 6))
		twice, sum := make([]float32, len(a)), make([]float32, len(a))
		for i := range a {
			twice[i], sum[i] = 2*a[i], a[i]+b[i]
		}
		ya, yb := r.Resample(nil, a), r.Resample(nil, b)
		y2, ys := r.Resample(nil, twice), r.Resample(nil, sum)
		for i := range ya {
			if y2[i] != 2*ya[i] {
				t.Fatalf("%v: sample %d of the doubled signal is %v, want %v", rates, i, y2[i], 2*ya[i])
			}
			if math.Abs(float64(ys[i]-ya[i]-yb[i])) > 0.03 { // of 65536: -127 dB
				t.Fatalf("%v: sample %d of the sum is %v, want %v", rates, i, ys[i], ya[i]+yb[i])
			}
		}
	}
}

// Zeros after the signal change no bit, and neither does what a Resampler did
// before. A signal that is late by two blocks of a halving gives the same bits
// later.
func TestResamplerBlocks(t *testing.T) {
	for _, rates := range resampleRates {
		r := newTestResampler(t, rates[0], rates[1])
		for _, n := range []int{1, 500, 1279, 1280, 1281, 4000} {
			x := floats(noise(n, uint32(n)))
			short := r.Resample(nil, x)
			long := r.Resample(nil, append(x[:n:n], make([]float32, 3333)...))
			if !equalBits(short, long[:len(short)]) {
				t.Errorf("%v: zeros after %d samples change the result", rates, n)
			}
		}
	}
	r := newTestResampler(t, 2, 1)
	x := floats(noise(5000, 3))
	late := r.Resample(nil, append(make([]float32, 2*blockHop), x...))
	if !equalBits(r.Resample(nil, x), late[blockHop:]) {
		t.Error("a signal late by two blocks gives other bits")
	}
}

func TestResamplerLengths(t *testing.T) {
	for _, rates := range append(resampleRates, [2]int{3, 7}, [2]int{8000, 8000}, [2]int{192000, 8000}, [2]int{1, 50}, [2]int{5000, 1}) {
		r := newTestResampler(t, rates[0], rates[1])
		for _, n := range []int{0, 1, 2, 7, 100, 1500} {
			x := floats(testSignal(n))
			got := r.Resample(nil, x)
			if want := int(math.Ceil(float64(n) * float64(rates[1]) / float64(rates[0]))); len(got) != want || r.OutLen(n) != want {
				t.Fatalf("%v: %d samples give %d, OutLen %d, want %d", rates, n, len(got), r.OutLen(n), want)
			}
			if rates[0] == rates[1] && !equalBits(got, x) {
				t.Errorf("equal rates change the signal")
			}
		}
	}
	if n := newTestResampler(t, 2, 1).OutLen(-1); n != 0 {
		t.Errorf("OutLen(-1) = %d, want 0", n)
	}
}

// Every level of vectors gives the scalar code's bits, for every short length and
// whatever the samples.
func TestResamplerSameBitsAtEveryLevel(t *testing.T) {
	whole := floats(testSignal(20000))
	for i := range 2000 {
		whole[i+9000] = float32(math.Ldexp(float64(i), -150)) // denormals and silence
	}
	for _, rates := range append(resampleRates, [2]int{24, 1}, [2]int{1, 5}, [2]int{147, 160}, [2]int{441, 320}) {
		var want [][]float32
		for _, set := range kernels.Sets() {
			r, err := newResampler(rates[0], rates[1], set)
			if err != nil {
				t.Fatal(err)
			}
			var got [][]float32
			for n := 0; n <= 2000; n += 1 + n/50 {
				got = append(got, r.Resample(nil, whole[3000:][:n]))
			}
			got = append(got, r.Resample(nil, whole))
			if want == nil {
				want = got
			}
			for i := range got {
				if !equalBits(got[i], want[i]) {
					t.Fatalf("%v: %s gives other bits than the scalar code for %d outputs", rates, set.Level, len(got[i]))
				}
			}
		}
	}
}

func TestResamplerAllocatesNothing(t *testing.T) {
	for _, rates := range resampleRates {
		r := newTestResampler(t, rates[0], rates[1])
		x := floats(testSignal(5000))
		y := r.Resample(nil, x)
		if n := testing.AllocsPerRun(3, func() { y = r.Resample(y, x) }); n != 0 {
			t.Errorf("%v: %v allocations a call, want 0", rates, n)
		}
	}
}

func TestNewResamplerRefuses(t *testing.T) {
	for _, rates := range [][2]int{{0, 8000}, {8000, -1}, {3000001, 3000000}, {3000000, 3000001}, {1 << 40, 1}, {1, 1 << 62}, {math.MaxInt, math.MaxInt - 1}} {
		if _, err := NewResampler(rates[0], rates[1]); err == nil {
			t.Errorf("%v: no error", rates)
		}
	}
}

// FuzzResampler: any ratio and length gives as many samples as promised, none
// of them out of bounds, and a constant in its middle.
func FuzzResampler(f *testing.F) {
	f.Add(uint32(2), uint32(1), uint16(100))
	f.Add(uint32(441), uint32(160), uint16(0))
	f.Add(uint32(10), uint32(11), uint16(4000))
	f.Add(uint32(1), uint32(1<<17), uint16(1))
	f.Fuzz(func(t *testing.T, in, out uint32, n uint16) {
		// The fuzzer gives an input 10 seconds, which the table of an absurd ratio
		// may take of a busy machine.
		if g := uint64(gcd(int(in), int(out))); g > 0 && (uint64(in)+uint64(out))/g > 1<<16 {
			return
		}
		r, err := NewResampler(int(in), int(out))
		if err != nil || r.OutLen(int(n)) > 1<<20 {
			return
		}
		x := make([]float32, n)
		for i := range x {
			x[i] = 1000
		}
		y := r.Resample(nil, x)
		if len(y) != r.OutLen(int(n)) {
			t.Fatalf("%d:%d: %d samples give %d, want %d", in, out, n, len(y), r.OutLen(int(n)))
		}
		reach := 105 * max(r.in, r.out) / r.in // in outputs
		for i, v := range y {
			if math.Abs(float64(v)) > 1300 || i > reach && i < len(y)-reach-1 && math.Abs(float64(v)-1000) > 0.01 {
				t.Fatalf("%d:%d: output %d of %d is %v, want 1000", in, out, i, len(y), v)
			}
		}
	})
}
