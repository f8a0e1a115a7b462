package transforms

import (
	"math"

	"framewise/transforms/kernels"
)

// wideLanes outputs of a wideStage are computed together.
const wideLanes = 16

// wideStage converts between rates by a polyphase filter whose transition band
// is wide, so that a dozen taps do. Outputs come in blocks of wideLanes, and
// blocks in periods after which offsets and coefficients repeat. Where outputs
// are further apart than two inputs, each is a block of its own.
type wideStage struct {
	k       *kernels.Resampling
	lanes   int       // outputs of a block: wideLanes or 1
	taps    int       // a multiple of 8 if lanes is 1
	span    int       // inputs that a block may read, from its first one on
	group   int       // taps for which offsets stay below 2*wideLanes
	in, out int       // inputs and outputs of a period
	first   []int     // [blocks] first input of a block, from the period's
	offset  []int32   // [blocks, lanes] first input of an output, from the block's
	coef    []float32 // [blocks, taps, lanes]

	block, origin int // the next block, and the input at which its period begins
}

// wideTaps is the number of inputs under a filter of some width.
func wideTaps(width float64) int { return int(math.Ceil(width)) }

// newWideStage makes a stage for out outputs every in inputs, which have no
// common divisor. Its first output lies at input start*in/out, and it is a
// Kaiser window of width inputs.
func newWideStage(in, out, start int, width float64, k *kernels.Resampling) *wideStage {
	w := &wideStage{k: k, lanes: wideLanes, taps: wideTaps(width)}
	periods := 1
	if in > 2*out {
		w.lanes, w.taps = 1, (w.taps+7)&^7
		w.span = w.taps
	} else {
		w.span = 2*wideLanes + w.taps - 1
		periods = widePeriods(out)
	}
	w.in, w.out = in*periods, out*periods
	blocks := (w.out + w.lanes - 1) / w.lanes
	w.first, w.offset = make([]int, blocks), make([]int32, blocks*w.lanes)
	w.coef = make([]float32, blocks*w.taps*w.lanes)
	h := make([]float64, w.taps)
	w.group = 2 * wideLanes
	for j := range w.offset {
		b, lane := j/w.lanes, j%w.lanes
		at := widePhase(h, (start+j)*in, out, width/2)
		if lane == 0 {
			w.first[b] = at
		}
		w.offset[j] = int32(at - w.first[b])
		w.group = min(w.group, 2*wideLanes-at+w.first[b])
		for k, v := range h {
			w.coef[(b*w.taps+k)*w.lanes+lane] = float32(v)
		}
	}
	return w
}

// widePeriods is how many times a filter of n phases is in the table: often
// enough that 256 outputs need no new beginning and, if that is cheap, that no
// block is partly wasted.
func widePeriods(n int) int {
	if n >= 256 {
		return 1
	}
	p := (256 + n - 1) / n
	full := wideLanes / gcd(n, wideLanes)
	if q := (p + full - 1) / full * full; q*n <= 512 {
		return q
	}
	return p
}

// widePhase fills h with the coefficients for an output at input num/den and
// returns the input that the first belongs to: the Kaiser window, its integral 1.
func widePhase(h []float64, num, den int, half float64) int {
	at, rest := num/den, num%den
	if rest < 0 {
		at, rest = at-1, rest+den
	}
	frac := float64(rest) / float64(den)
	first := int(math.Floor(frac-half)) + 1
	scale := besselI0(wideShape) / sinhc(wideShape) / (2 * half)
	for k := range h {
		h[k] = scale * kaiser(wideShape, (float64(first+k)-frac)/half)
	}
	return at + first
}

// reset begins a new signal.
func (w *wideStage) reset() { w.block, w.origin = 0, 0 }

// next is the first input that the next block reads.
func (w *wideStage) next() int { return w.origin + w.first[w.block] }

// run computes outputs into dst as long as it has room for a whole block and x,
// which holds the inputs from number at on, for its span. It returns their number.
func (w *wideStage) run(dst, x []float32, at int) int {
	done := 0
	for {
		first, n := w.first[w.block:], 0
		shift := w.origin - at
		for n < len(first) && done+(n+1)*w.lanes <= len(dst) && shift+first[n]+w.span <= len(x) {
			n++
		}
		if n == 0 {
			return done
		}
		y, coef := dst[done:][:n*w.lanes], w.coef[w.block*w.taps*w.lanes:]
		if w.lanes == 1 {
			w.k.Dots(y, x, shift, first[:n], coef, w.taps/8)
		} else {
			w.k.Wide(y, x, shift, first[:n], w.offset[w.block*wideLanes:], coef, w.taps, w.group)
		}
		done += n * w.lanes
		if w.block += n; w.block == len(w.first) {
			done -= w.block*w.lanes - w.out
			w.block, w.origin = 0, w.origin+w.in
		}
	}
}
