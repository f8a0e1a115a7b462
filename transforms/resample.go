package transforms

import (
	"fmt"

	"framewise/transforms/kernels"
)

// maxResampleTable bounds the table of a Resampler, in coefficients (64 MiB).
const maxResampleTable = 1 << 24

// Resampler converts signals from one sample rate to another. It is linear
// phase and has no delay: sample n of the output lies at n*in/out of the
// input. Up to 0.91 of the lower Nyquist frequency the gain is within 0.001 dB
// of 1; from that Nyquist frequency up everything is at least 120 dB down.
//
// Samples before the first and after the last count as zero, so the ends of a
// signal that does not begin and end in silence fade over some 100 periods of
// the lower sample rate.
//
// Two stages share the work. One converts between the lower rate and twice
// that by FFT, with a filter that is as sharp as the whole has to be; the other
// between twice the lower rate and the higher one by a polyphase filter of a
// few taps, which that oversampling allows. Falling rates go through the
// latter first, rising rates last, and a ratio of 2 needs it not at all. The
// signal between them is computed as far beyond the ends as the other stage
// reaches, so that the whole is one linear filter of the zero-extended input.
// docs/resampling.md has the formulas.
//
// A Resampler owns its scratch space: reuse it, and do not share it between
// goroutines. Equal input gives equal bits on every CPU.
type Resampler struct {
	in, out int // without common divisors
	sharp   *sharpStage
	wide    *wideStage // nil if the ratio is 2

	middle []float32 // samples of twice the lower rate, between the stages
	have   int       // of them
	edge   []float32 // a piece of the signal, zero-extended
	tail   []float32 // results of which not all are wanted
}

// NewResampler makes a resampler from in Hz to out Hz. A ratio that in lowest
// terms would need a filter table over 64 MiB is refused: 3000001 to 3000000
// is, while between customary rates of 8000 to 192000 Hz a table has at most
// 64 KiB.
func NewResampler(in, out int) (*Resampler, error) {
	return newResampler(in, out, kernels.Active())
}

// CheckResampler is the error with which NewResampler refuses two rates, or nil.
// It makes no tables.
func CheckResampler(in, out int) error {
	if in < 1 || out < 1 {
		return fmt.Errorf("resample %d Hz to %d Hz: want rates above 0", in, out)
	}
	r := lowestTerms(in, out)
	if n := r.tableSize(); r.twoStages() && n > maxResampleTable {
		return fmt.Errorf("resample %d Hz to %d Hz: the ratio %d:%d needs a table of %.0f coefficients, want at most %d",
			in, out, r.in, r.out, n, maxResampleTable)
	}
	return nil
}

func lowestTerms(in, out int) *Resampler {
	g := gcd(in, out)
	return &Resampler{in: in / g, out: out / g}
}

// twoStages reports whether the ratio needs the wide stage.
func (r *Resampler) twoStages() bool {
	return r.in != r.out && r.in != 2*r.out && r.out != 2*r.in
}

func newResampler(in, out int, set *kernels.Set) (*Resampler, error) {
	if err := CheckResampler(in, out); err != nil {
		return nil, err
	}
	r := lowestTerms(in, out)
	if r.in == r.out {
		return r, nil
	}
	response := plainResponse
	if r.twoStages() {
		response = correctedResponse
		r.wide = r.newWide(set.Resampling())
	}
	r.sharp = newSharpStage(response(), r.in < r.out, set.Resampling())
	r.allocate()
	return r, nil
}

// tableSize bounds the coefficients of the wide stage: phases times taps.
func (r *Resampler) tableSize() float64 {
	in, out := float64(r.in), float64(r.out)
	if in > out {
		return 2 * out * (wideWidth*in/out + 1)
	}
	return out * (2*wideWidth + 1)
}

// newWide makes the stage between twice the lower rate and the higher one. If
// the rate falls, its outputs begin where the sharp filter of output 0 does.
func (r *Resampler) newWide(k *kernels.Resampling) *wideStage {
	in, out, start, width := r.in, 2*r.out, -sharpReach, wideWidth*float64(r.in)/float64(r.out)
	if r.in < r.out {
		in, out, start, width = 2*r.in, r.out, 0, 2*wideWidth
	}
	g := gcd(in, out)
	return newWideStage(in/g, out/g, start, width, k)
}

// upLead is where the middle signal begins before the first output if the
// rate rises: even, and no less than the wide filter reaches.
const upLead = 16

func (r *Resampler) allocate() {
	r.tail = make([]float32, 2*blockHop)
	r.edge = make([]float32, 2*fftLong)
	if r.wide != nil {
		r.edge = make([]float32, max(2*fftLong, r.wide.span))
		r.middle = make([]float32, 2*blockHop+2*sharpReach+r.wide.span)
	}
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
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
	if r.wide != nil {
		r.wide.reset()
		r.have = 0
	}
	switch {
	case r.in == r.out:
		copy(dst, src)
	case r.in > r.out:
		r.down(dst, src)
	case r.wide == nil:
		r.doubled(dst, src)
	default:
		r.up(dst, src)
	}
	return dst
}
