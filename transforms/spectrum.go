package transforms

// spectrum computes power spectra of real frames of n samples as complex FFTs
// of n/2 points: decimation in frequency, a first pass of radix 1, 2, 4 or 8,
// passes of radix 8 for the large sizes, and then blocks of 64 points as two
// passes of radix 8. The result stays in the order the passes leave it in; pos
// finds it. Factors of 1/2 from the split into even and odd are in the window.
type spectrum struct {
	m      int       // complex points
	window []float32 // half the window function
	re, im []float32 // [m] work
	p      []float32 // [m+1] the result
	first  radixPass
	middle []radixPass // radix 8
	tw64   [8][14]float32
	pos    []uint16     // [m] where the passes leave point k
	split  [][2]float32 // [m/2+1] roots of unity of order 2m
}

// radixPass is one pass: blocks of radix*sub points, twiddles [sub][2*(radix-1)].
type radixPass struct {
	radix, sub int
	twiddles   []float32
}

func newSpectrum(n int, window []float64) spectrum {
	m := n / 2
	s := spectrum{
		m: m, re: make([]float32, m), im: make([]float32, m), p: make([]float32, m+1),
		pos: make([]uint16, m), split: make([][2]float32, m/2+1),
	}
	for _, w := range window {
		s.window = append(s.window, float32(w)*0.5)
	}
	radix := m / 64
	for radix > 8 {
		radix /= 8
	}
	s.first = newRadixPass(radix, m/radix)
	for sub := m / radix / 8; sub >= 64; sub /= 8 {
		s.middle = append(s.middle, newRadixPass(8, sub))
	}
	copy64 := newRadixPass(8, 8)
	for i := range s.tw64 {
		copy(s.tw64[i][:], copy64.twiddles[14*i:])
	}
	radices := []int{radix}
	for range s.middle {
		radices = append(radices, 8)
	}
	radices = append(radices, 8, 8)
	for k := range s.pos {
		at, rest, size := 0, k, m
		for _, r := range radices { // a pass sends points k = j mod r to its j-th part
			size /= r
			at += rest % r * size
			rest /= r
		}
		s.pos[k] = uint16(at)
	}
	for k := range s.split {
		re, im := unitRoot(k, n)
		s.split[k] = [2]float32{float32(re), float32(im)}
	}
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

// power is the power spectrum [n/2+1] of the frame whose sample 0 is first and
// whose others are x[i]-dc, windowed and zero padded. It is valid until the
// next call.
func (s *spectrum) power(x []float32, first, dc float32) []float32 {
	s.load(x, first, dc)
	switch s.first.radix {
	case 2:
		pass2(s.re, s.im, &s.first)
	case 4:
		pass4(s.re, s.im, &s.first)
	case 8:
		pass8(s.re, s.im, &s.first)
	}
	for i := range s.middle {
		pass8(s.re, s.im, &s.middle[i])
	}
	for b := 0; b < s.m; b += 64 {
		block64((*[64]float32)(s.re[b:]), (*[64]float32)(s.im[b:]), &s.tw64)
	}
	s.unpack()
	return s.p
}

// load windows a frame into the work arrays, even samples as real parts, odd
// ones as imaginary parts.
func (s *spectrum) load(x []float32, first, dc float32) {
	w := s.window[:len(x)]
	re, im := s.re, s.im[:len(s.re)]
	half := len(x) / 2
	for i := range half {
		re[i] = float32((x[2*i] - dc) * w[2*i])
		im[i] = float32((x[2*i+1] - dc) * w[2*i+1])
	}
	re[0] = float32(first * w[0])
	if len(x)&1 == 1 {
		re[half], im[half] = float32((x[len(x)-1]-dc)*w[len(x)-1]), 0
		half++
	}
	clear(re[half:])
	clear(im[half:])
}

// unpack splits the FFT of even + i odd samples into the spectrum of the real
// frame and takes its power.
func (s *spectrum) unpack() {
	re, im, p := s.re, s.im[:len(s.re)], s.p
	m := s.m
	lo, hi := 2*(re[0]+im[0]), 2*(re[0]-im[0])
	p[0], p[m] = float32(lo*lo), float32(hi*hi)
	for k := 1; k <= m/2; k++ {
		a, b := s.pos[k], s.pos[m-k]
		er, ei := re[a]+re[b], im[a]-im[b]
		or, oi := im[a]+im[b], re[b]-re[a]
		w := &s.split[k]
		tr, ti := rotate(or, oi, w[0], w[1])
		ur, ui := er+tr, ei+ti
		vr, vi := er-tr, ei-ti
		p[k] = float32(ur*ur) + float32(ui*ui)
		p[m-k] = float32(vr*vr) + float32(vi*vi)
	}
}
