package transforms

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/dsp/fourier"
)

// gridResponse is the gain of the whole resampler at frequency k/n of in*out
// for k up to n/2, from its results for an impulse at each of the in places that
// a period of the input has: together they sample the impulse response at
// every out-th part of an input period.
func gridResponse(t *testing.T, r *Resampler) []float64 {
	low := min(r.in, r.out)
	reach := 210 * max(r.in, r.out) / low * low // in samples of the grid, rounded to periods
	n := 1
	for n < 4*reach {
		n *= 2
	}
	g := make([]float64, n)
	pad := (reach/r.out + r.in) / r.in * r.in // input samples before the impulse, in whole periods
	for i := range r.in {
		x := make([]float32, 2*pad+i+1)
		x[pad+i] = 10000
		for j, v := range r.Resample(nil, x) {
			at := j*r.in - (pad+i)*r.out
			g[(at%n+n)%n] += float64(v) / 10000 / float64(r.out)
		}
	}
	// An impulse response that is symmetrical about 0 is real in frequency.
	c := fourier.NewFFT(n).Coefficients(nil, g)
	gain := make([]float64, len(c))
	for k, v := range c {
		gain[k] = real(v)
		if math.Abs(imag(v)) > 2e-6 {
			t.Fatalf("%d:%d: phase of %v at %v of the input rate, want none", r.in, r.out, v, float64(k)/float64(n)*float64(r.out))
		}
	}
	return gain
}

// The composite filter, measured: flat, silent, without delay. Beyond half the
// lower rate lies all that could come back as an alias or an image.
func TestResamplerResponse(t *testing.T) {
	for _, rates := range [][2]int{{2, 1}, {1, 2}, {441, 160}, {3, 1}, {10, 9}, {10, 11}, {9, 10}, {11, 10}, {6, 1}, {24, 1}, {160, 441}, {1, 6}, {3, 2},
		{2, 3}, {4, 1}, {1, 4}, {80, 441}, {441, 80}, {320, 441}, {640, 441}, {147, 160}, {5, 1}, {101, 100}, {100, 103}} {
		r := newTestResampler(t, rates[0], rates[1])
		gain := gridResponse(t, r)
		low := float64(min(r.in, r.out)) / float64(r.in*r.out) * 2 * float64(len(gain)-1) // index of the lower rate
		ripple, stop := 0.0, 0.0
		for k, g := range gain {
			switch f := float64(k) / low; {
			case f <= 0.91/2:
				ripple = max(ripple, math.Abs(decibels(math.Abs(g))))
			case f >= 0.5:
				stop = max(stop, math.Abs(g))
			}
		}
		t.Logf("%d:%d: ripple %.5f dB, stop band %.1f dB", r.in, r.out, ripple, decibels(stop))
		if ripple > 0.001 || decibels(stop) > -120 {
			t.Errorf("%d:%d: ripple %.5f dB, stop band %.1f dB; want 0.001 and -120", r.in, r.out, ripple, decibels(stop))
		}
	}
}

// resamplerDefinition computes outputs from to to-1 in float64 by the sums that the
// stages stand for, of the signal extended by zeros without end.
type resamplerDefinition struct {
	r      *Resampler
	sharp  []float64 // taps, the middle one first
	phases map[int][]float64
}

// newResamplerDefinition takes the sharp filter's taps from its response.
func newResamplerDefinition(t *testing.T, r *Resampler) *resamplerDefinition {
	d := &resamplerDefinition{r: r, sharp: make([]float64, sharpReach+1), phases: map[int][]float64{}}
	gain := plainResponse()
	if r.wide != nil {
		gain = correctedResponse()
	}
	for j := range fftShort {
		sum := gain[0] + gain[fftShort]*math.Cos(math.Pi*float64(j))
		for k := 1; k < fftShort; k++ {
			sum += 2 * gain[k] * math.Cos(2*math.Pi*float64(j*k%fftLong)/fftLong)
		}
		if sum /= fftLong; j < len(d.sharp) {
			d.sharp[j] = sum
		} else if math.Abs(sum) > 1e-12 {
			t.Fatalf("the sharp filter reaches %d samples: %v there", j, sum)
		}
	}
	return d
}

// wide is the output of the wide filter at input num/den, a Kaiser window of
// integral 1 whose Bessel function is computed as an integral.
func (d *resamplerDefinition) wide(x func(int) float64, num, den int, width float64) float64 {
	at := num / den
	if num < at*den {
		at--
	}
	phase := num - at*den
	h := d.phases[phase]
	if h == nil {
		h = []float64{}
		for i := -int(width); i <= int(width)+1; i++ {
			w := 0.0
			if u := (float64(i) - float64(phase)/float64(den)) / (width / 2); math.Abs(u) < 1 {
				for a := range 64 {
					w += math.Cosh(wideShape*math.Sqrt(1-u*u)*math.Cos(math.Pi*(float64(a)+0.5)/64)) / 64
				}
			}
			h = append(h, w*wideShape/math.Sinh(wideShape)/width)
		}
		d.phases[phase] = h
	}
	sum := 0.0
	for k, w := range h {
		if w != 0 {
			sum += w * x(at+k-int(width))
		}
	}
	return sum
}

func (d *resamplerDefinition) outputs(x []float32, from, to int) []float64 {
	in, out := d.r.in, d.r.out
	signal := func(i int) float64 {
		if i < 0 || i >= len(x) {
			return 0
		}
		return float64(x[i])
	}
	// The middle signal from lo on.
	lo, hi := 2*from-sharpReach, 2*to+sharpReach
	if in < out {
		lo, hi = from*2*in/out-5, to*2*in/out+5
	}
	middle := make([]float64, hi-lo)
	for k := range middle {
		switch m := lo + k; {
		case in < out: // at 2*in
			for j := -sharpReach + m&1; j <= sharpReach; j += 2 {
				middle[k] += 2 * d.sharp[max(j, -j)] * signal((m-j)/2)
			}
		case d.r.wide != nil: // at 2*out
			middle[k] = d.wide(signal, m*in, 2*out, wideWidth*float64(in)/float64(out))
		default:
			middle[k] = signal(m)
		}
	}
	mid := func(m int) float64 { return middle[m-lo] }
	y := make([]float64, to-from)
	for n := range y {
		switch {
		case in > out:
			for j, v := range middle[2*n:][:2*sharpReach+1] {
				y[n] += d.sharp[max(j-sharpReach, sharpReach-j)] * v
			}
		case d.r.wide == nil:
			y[n] = mid(n + from)
		default:
			y[n] = d.wide(mid, (n+from)*2*in, out, 2*wideWidth)
		}
	}
	return y
}

// Signals of every short length come out as the definition says, ends and all.
// What lies further from the end than the filter reaches is the same for all.
func TestResamplerIsItsDefinition(t *testing.T) {
	x := floats(noise(2000, 17))
	for i, rates := range [][2]int{{2, 1}, {1, 2}, {441, 160}, {10, 11}, {3, 1}, {10, 9}, {6, 1}} {
		step := 1
		if i > 3 {
			step = 13
		}
		r := newTestResampler(t, rates[0], rates[1])
		d := newResamplerDefinition(t, r)
		whole := d.outputs(x, 0, r.OutLen(len(x)))
		reach := 105 * r.out / min(r.in, r.out)
		worst := 0.0
		var y []float32
		for n := 0; n <= len(x); n += step {
			y = r.Resample(y, x[:n])
			from := max(0, len(y)-reach)
			for i, want := range append(whole[:from:from], d.outputs(x[:n], from, len(y))...) {
				worst = max(worst, math.Abs(float64(y[i])-want))
				if worst > 0.01 { // of 32768: -130 dB
					t.Fatalf("%v: sample %d of %d is %v, want %v", rates, i, n, y[i], want)
				}
			}
		}
		t.Logf("%v: at most %.4f off", rates, worst)
	}
}
