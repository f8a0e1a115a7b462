package transforms

// planes are the real and the imaginary parts of complex numbers.
type planes struct{ re, im []float32 }

// swapped exchanges the two: the DFT of a swapped signal is its inverse DFT, swapped.
func (p planes) swapped() planes { return planes{p.im, p.re} }

func (p planes) at(from, n int) planes { return planes{p.re[from:][:n], p.im[from:][:n]} }

// twiddleTable is exp(-2 pi i q n/(8*sub)) for q from 1 to 7 and n below lanes
// (repeating after sub): [7][re, im][lanes].
func twiddleTable(sub, lanes int) []float32 {
	t := make([]float32, 0, 14*lanes)
	for q := 1; q < 8; q++ {
		im := make([]float32, lanes)
		for n := range lanes {
			re64, im64 := unitRoot(q*(n%sub), 8*sub)
			t, im[n] = append(t, float32(re64)), float32(im64)
		}
		t = append(t, im...)
	}
	return t
}

// dft8 is the DFT of eight points in place, in natural order.
func dft8(r, i *[8]float32) {
	t0r, t0i := r[0]-r[4], i[0]-i[4]
	t1r, t1i := eighth(r[1]-r[5], i[1]-i[5])
	t2r, t2i := i[2]-i[6], r[6]-r[2]
	t3r, t3i := eighth(i[3]-i[7], r[7]-r[3])
	r[0], i[0], r[2], i[2], r[4], i[4], r[6], i[6] = quad(r[0]+r[4], i[0]+i[4], r[1]+r[5], i[1]+i[5],
		r[2]+r[6], i[2]+i[6], r[3]+r[7], i[3]+i[7])
	r[1], i[1], r[3], i[3], r[5], i[5], r[7], i[7] = quad(t0r, t0i, t1r, t1i, t2r, t2i, t3r, t3i)
}

// difPass is a pass of radix 8 over blocks of 8*sub points, by decimation in
// frequency: eight points sub apart, their DFT, twiddles. dst may be src.
func difPass(dst, src planes, sub int, tw []float32) {
	for at := 0; at < len(dst.re); at += 8 * sub {
		d, s := dst.at(at, 8*sub), src.at(at, 8*sub)
		for n := range sub {
			var r, i [8]float32
			for q := range r {
				r[q], i[q] = s.re[q*sub+n], s.im[q*sub+n]
			}
			dft8(&r, &i)
			d.re[n], d.im[n] = r[0], i[0]
			for q := 1; q < 8; q++ {
				w := tw[(2*q-2)*sub+n:]
				d.re[q*sub+n], d.im[q*sub+n] = rotate(r[q], i[q], w[0], w[sub])
			}
		}
	}
}

// ditPass mirrors difPass, by decimation in time: twiddles, then the DFT.
func ditPass(dst, src planes, sub int, tw []float32) {
	for at := 0; at < len(dst.re); at += 8 * sub {
		d, s := dst.at(at, 8*sub), src.at(at, 8*sub)
		for n := range sub {
			r, i := [8]float32{s.re[n]}, [8]float32{s.im[n]}
			for q := 1; q < 8; q++ {
				w := tw[(2*q-2)*sub+n:]
				r[q], i[q] = rotate(s.re[q*sub+n], s.im[q*sub+n], w[0], w[sub])
			}
			dft8(&r, &i)
			for q := range r {
				d.re[q*sub+n], d.im[q*sub+n] = r[q], i[q]
			}
		}
	}
}
