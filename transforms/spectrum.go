package transforms

import (
	"unsafe"

	"framewise/transforms/kernels"
)

// spectrum computes power spectra of real frames of n samples as complex FFTs
// of n/2 points: decimation in frequency, a first pass of radix 1, 2, 4 or 8,
// passes of radix 8 for the large sizes, and then blocks of 64 points as two
// passes of radix 8. The result stays in the order the passes leave it in;
// pairs finds it. Factors of 1/2 from the split into even and odd are in the
// window. All lanes of the kernels work at once, a frame in each.
type spectrum struct {
	k      *kernels.Set
	m      int       // complex points
	w      []float32 // work: m complex vectors
	p      []float32 // the result: m+1 vectors, and some zeros that filters may read
	zero   []float32 // a vector of zeros
	first  radixPass
	loads  []loadRange
	middle []radixPass // radix 8
	last   []float32   // twiddles of blocks of 64
	pairs  []kernels.Pair
}

// radixPass is one pass: blocks of radix*sub points, twiddles [sub][2*(radix-1)].
type radixPass struct {
	radix, sub int
	twiddles   []float32
}

// loadRange is a range of the first pass in which the same parts hold samples;
// the parts beyond the frame's end are zeros.
type loadRange struct {
	from, n int
	taps    []kernels.Tap // [n][parts]
	parts   int
}

// newSpectrum makes the tables for n points; place says where in the kernels'
// input a frame's sample lies, -1 asking for a zero.
func newSpectrum(n int, window []float64, k *kernels.Set, place func(i int) int32) spectrum {
	m := n / 2
	s := spectrum{k: k, m: m, w: aligned(2 * m * k.Lanes), p: aligned((m + kernels.FilterGroup) * k.Lanes), zero: make([]float32, k.Lanes)}
	radix := m / 64
	for radix > 8 {
		radix /= 8
	}
	s.first = newRadixPass(radix, m/radix)
	s.loads = loadRanges(s.first, window, place)
	radices := []int{radix}
	for sub := m / radix / 8; sub >= 64; sub /= 8 {
		s.middle = append(s.middle, newRadixPass(8, sub))
		radices = append(radices, 8)
	}
	s.last = newRadixPass(8, 8).twiddles
	s.pairs = newPairs(n, append(radices, 8, 8))
	return s
}

func newRadixPass(radix, sub int) radixPass {
	p := radixPass{radix: radix, sub: sub}
	for n := range sub {
		for j := 1; j < radix; j++ {
			re, im := unitRoot(n*j, radix*sub)
			p.twiddles = append(p.twiddles, float32(re), float32(im))
		}
	}
	return p
}

// loadRanges cuts the first pass where one part more ends.
func loadRanges(p radixPass, window []float64, place func(i int) int32) []loadRange {
	points := (len(window) + 1) / 2
	present := func(i int) int { // parts that hold samples at point i
		return min(max(0, (points-i+p.sub-1)/p.sub), p.radix)
	}
	var all []loadRange
	for i := range p.sub {
		if len(all) == 0 || all[len(all)-1].parts != present(i) {
			all = append(all, loadRange{from: i, parts: present(i)})
		}
		r := &all[len(all)-1]
		r.n++
		for j := range r.parts {
			var tap kernels.Tap
			for part := range 2 {
				at := 2*(j*p.sub+i) + part
				if tap.At[part] = place(-1); at < len(window) {
					tap.At[part], tap.Weight[part] = place(at), float32(window[at])*0.5
				}
			}
			r.taps = append(r.taps, tap)
		}
	}
	return all
}

// newPairs finds points k and m-k in what passes of these radices leave.
func newPairs(n int, radices []int) []kernels.Pair {
	m := n / 2
	pos := func(k int) int32 {
		at, size := 0, m
		for _, r := range radices { // a pass sends points k = j mod r to its j-th part
			size /= r
			at += k % r * size
			k /= r
		}
		return int32(at)
	}
	var pairs []kernels.Pair
	for k := 1; k <= m/2; k++ {
		re, im := unitRoot(k, n)
		pairs = append(pairs, kernels.Pair{A: pos(k), B: pos(m - k), Re: float32(re), Im: float32(im)})
	}
	return pairs
}

// power is the power spectrum, n/2+1 vectors, of the frames in src, whose
// samples but the first have dc taken off. It is valid until the next call.
func (s *spectrum) power(src, dc []float32) []float32 {
	lanes := s.k.Lanes
	dc0 := s.zero
	for i := range s.loads {
		r := &s.loads[i]
		if r.parts == 0 {
			for j := range s.first.radix {
				clear(s.w[2*lanes*(j*s.first.sub+r.from):][:2*lanes*r.n])
			}
			continue
		}
		twiddles := s.first.twiddles[2*(s.first.radix-1)*r.from:]
		s.k.Load[s.first.radix][r.parts](s.w[2*lanes*r.from:], src, r.taps, twiddles, dc0, dc, s.first.sub, r.n)
		dc0 = dc
	}
	for i := range s.middle {
		p := &s.middle[i]
		s.k.Pass8(s.w, p.twiddles, p.sub, s.m/(8*p.sub))
	}
	s.k.Block64(s.w, s.last, s.m/64)
	s.k.Power(s.p, s.w, s.pairs)
	return s.p
}

// aligned makes a slice that begins at a cache line: vectors that lie across
// two lines cost the kernels up to half their speed.
func aligned(n int) []float32 {
	const line = 16
	s := make([]float32, n+line)
	for i := range line {
		if uintptr(unsafe.Pointer(&s[i]))%(4*line) == 0 {
			return s[i:][:n:n]
		}
	}
	return s[:n:n]
}
