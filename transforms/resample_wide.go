package transforms

import (
	"math"
	"sort"

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

// newWideStage makes a stage for out outputs every in inputs, which have no
// common divisor, of a filter that is width inputs long. The first output lies
// at input start*in/out.
func newWideStage(in, out, start int, width float64, k *kernels.Resampling) *wideStage {
	w := &wideStage{k: k, lanes: wideLanes, taps: int(math.Ceil(width)), group: 2 * wideLanes}
	w.span = 2*wideLanes + w.taps - 1
	periods := 1
	if in > 2*out {
		w.lanes, w.taps = 1, (w.taps+7)&^7
		w.span = w.taps
	} else {
		periods = widePeriods(out)
	}
	w.in, w.out = in*periods, out*periods
	blocks := (w.out + w.lanes - 1) / w.lanes
	w.first, w.offset = make([]int, blocks), make([]int32, blocks*w.lanes)
	w.coef = make([]float32, blocks*w.taps*w.lanes)
	h := make([]float64, w.taps)
	for j := range w.offset {
		b, lane := j/w.lanes, j%w.lanes
		at := widePhase(h, (start+j)*in, out, width)
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

// widePhase fills h with the coefficients for an output at input num/den, of a
// filter of width inputs, and returns the input that the first belongs to.
func widePhase(h []float64, num, den int, width float64) int {
	at, rest := num/den, num%den
	if rest < 0 {
		at, rest = at-1, rest+den
	}
	frac := float64(rest) / float64(den)
	first := int(math.Floor(frac-width/2)) + 1
	for k := range h {
		h[k] = wideTap((float64(first+k)-frac)/width) / width
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
		shift := w.origin - at
		n := w.possible((len(dst)-done)/w.lanes, len(x)-shift)
		if n == 0 {
			return done
		}
		first, coef := w.first[w.block:][:n], w.coef[w.block*w.taps*w.lanes:]
		if y := dst[done : done+n*w.lanes]; w.lanes == 1 {
			w.k.Dots(y, x, shift, first, coef, w.taps/8)
		} else {
			w.k.Wide(y, x, shift, first, w.offset[w.block*wideLanes:], coef, w.taps, w.group)
		}
		done += n * w.lanes
		if w.block += n; w.block == len(w.first) { // the last block may be partly beyond the period
			done -= w.block*w.lanes - w.out
			w.block, w.origin = 0, w.origin+w.in
		}
	}
}

// possible is how many of the period's blocks from the next on, at most n, read
// inputs below end only.
func (w *wideStage) possible(n, end int) int {
	first := w.first[w.block:]
	n = min(n, len(first))
	if n > 0 && first[n-1]+w.span <= end {
		return n
	}
	return sort.Search(n, func(b int) bool { return first[b]+w.span > end })
}
