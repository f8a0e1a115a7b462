package transforms

import (
	"fmt"
	"math"

	"framewise/transforms/detmath"
)

// Design of the resampler's low-pass filter, relative to the lower of the two
// Nyquist frequencies.
const (
	resamplePass  = 0.91 // flat up to here
	resampleStop  = 1.0  // silent from here
	resampleDecay = 126  // dB of attenuation that the window is made for
	// maxResampleTable bounds the filter table, in coefficients (64 MiB).
	maxResampleTable = 1 << 24
)

// Resampler converts signals from one sample rate to another by a polyphase
// windowed-sinc filter (Kaiser window). It is linear phase and has no delay:
// sample n of the output lies at n*in/out of the input. Up to 0.91 of the
// lower Nyquist frequency the gain is within 0.001 dB of 1; from that Nyquist
// frequency up everything is at least 120 dB down.
//
// Samples before the first and after the last count as zero, so the ends of a
// signal that does not begin and end in silence fade over some 20 periods of
// the lower sample rate.
//
// A Resampler owns its scratch space: reuse it, and do not share it between
// goroutines. Equal input gives equal bits on every CPU.
type Resampler struct {
	in, out int       // without common divisors
	half    int       // input samples on each side of an output that count
	taps    int       // length of a phase, a multiple of 8
	phases  []float32 // [out, taps]
	edge    []float32 // [taps] input around an output near an end
}

// NewResampler makes a resampler from in Hz to out Hz. A ratio that in lowest
// terms would need a filter table over 64 MiB is refused: 192000 to 191999 is,
// while between customary rates of 8000 to 192000 Hz a table has at most a few
// MiB.
func NewResampler(in, out int) (*Resampler, error) {
	if in < 1 || out < 1 {
		return nil, fmt.Errorf("resample %d Hz to %d Hz: want rates above 0", in, out)
	}
	a, b := in, out
	for b != 0 {
		a, b = b, a%b
	}
	r := &Resampler{in: in / a, out: out / a}
	if r.in == r.out {
		return r, nil
	}
	low := math.Min(1, float64(r.out)/float64(r.in)) // lower Nyquist over the input's
	width := math.Pi * low * (resampleStop - resamplePass)
	reach := (resampleDecay - 7.95) / (2.285 * width) / 2 // Kaiser's formula, in input samples
	if reach*2*float64(r.out) > maxResampleTable || reach > maxResampleTable {
		return nil, fmt.Errorf("resample %d Hz to %d Hz: the ratio %d:%d needs a table of %.0f coefficients, want at most %d",
			in, out, r.in, r.out, reach*2*float64(r.out), maxResampleTable)
	}
	r.half = int(math.Ceil(reach))
	r.taps = (2*r.half + 7) &^ 7
	r.phases = make([]float32, r.out*r.taps)
	r.edge = make([]float32, r.taps)
	cutoff := low * (resamplePass + resampleStop) / 2
	for p := range r.out {
		kaiserSinc(r.phases[p*r.taps:][:r.taps], r.half, float64(p)/float64(r.out), reach, cutoff)
	}
	return r, nil
}

// kaiserSinc fills one phase: coefficient k weighs input sample k-half+1
// relative to the one at or before the output, which lies offset behind that.
func kaiserSinc(h []float32, half int, offset, reach, cutoff float64) {
	beta := 0.1102 * (resampleDecay - 8.7)
	norm := besselI0(beta)
	w := make([]float64, len(h))
	sum := 0.0
	for k := range w {
		t := float64(k-half+1) - offset
		u := t / reach
		if u <= -1 || u >= 1 {
			continue
		}
		x := float64(math.Pi * cutoff * t)
		sinc := 1.0
		if x != 0 {
			sinc = detmath.Sin(x) / x
		}
		w[k] = sinc * besselI0(beta*math.Sqrt(1-float64(u*u))) / norm
		sum += w[k]
	}
	for k := range w { // every phase passes a constant unchanged
		h[k] = float32(w[k] / sum)
	}
}

// besselI0 is the modified Bessel function of order zero, by its power series.
func besselI0(x float64) float64 {
	q := float64(x*x) / 4
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*0x1p-60; k++ {
		term = float64(term * (q / float64(k*k)))
		sum += term
	}
	return sum
}

// OutLen is the number of output samples for n input samples, ceil(n*out/in).
func (r *Resampler) OutLen(n int) int {
	if n <= 0 {
		return 0
	}
	return int((int64(n)*int64(r.out) + int64(r.in) - 1) / int64(r.in))
}

// Resample writes the converted src to dst and returns it with length
// OutLen(len(src)); a dst without that capacity is replaced by a new one. It
// must not overlap src. The scale of the samples is kept.
func (r *Resampler) Resample(dst, src []float32) []float32 {
	dst = resize(dst, r.OutLen(len(src)))
	if r.in == r.out {
		copy(dst, src)
		return dst
	}
	at, phase := 1-r.half, 0 // first sample that counts for the output; the output is phase/out behind it
	step, rest := r.in/r.out, r.in%r.out
	for n := range dst {
		x := r.edge
		if at >= 0 && at+r.taps <= len(src) {
			x = src[at:]
		} else {
			zeroExtend(x, src, at)
		}
		dst[n] = dot8(x, r.phases[phase*r.taps:][:r.taps])
		at += step
		if phase += rest; phase >= r.out {
			at, phase = at+1, phase-r.out
		}
	}
	return dst
}

// zeroExtend fills dst with src from position at on, zeros outside.
func zeroExtend(dst, src []float32, at int) {
	lo := min(max(0, -at), len(dst))
	hi := max(lo, min(len(dst), len(src)-at))
	clear(dst[:lo])
	copy(dst[lo:hi], src[max(at, 0):])
	clear(dst[hi:])
}

// dot8 is the dot product of h, whose length is a multiple of 8, with the
// beginning of x: eight interleaved sums, then those in a tree.
func dot8(x, h []float32) float32 {
	var a, b, c, d, e, f, g, i float32
	x = x[:len(h)]
	for len(h) >= 8 && len(x) >= 8 {
		a += float32(x[0] * h[0])
		b += float32(x[1] * h[1])
		c += float32(x[2] * h[2])
		d += float32(x[3] * h[3])
		e += float32(x[4] * h[4])
		f += float32(x[5] * h[5])
		g += float32(x[6] * h[6])
		i += float32(x[7] * h[7])
		x, h = x[8:], h[8:]
	}
	return ((a + e) + (c + g)) + ((b + f) + (d + i))
}
