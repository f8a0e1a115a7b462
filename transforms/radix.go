package transforms

// sqrtHalf is the real part of the first eighth root of unity.
const sqrtHalf float32 = 0.70710678118654752440

// rotate is (re + i im) (wr + i wi).
func rotate(re, im, wr, wi float32) (float32, float32) {
	return float32(re*wr) - float32(im*wi), float32(re*wi) + float32(im*wr)
}

// quad is the DFT of the four points a, b, c, d. Small enough to be inlined.
func quad(ar, ai, br, bi, cr, ci, dr, di float32) (_, _, _, _, _, _, _, _ float32) {
	er, ei, fr, fi := ar+cr, ai+ci, ar-cr, ai-ci
	gr, gi, hr, hi := br+dr, bi+di, bi-di, dr-br
	return er + gr, ei + gi, fr + hr, fi + hi, er - gr, ei - gi, fr - hr, fi - hi
}

// eighth is z times the first eighth root of unity, (1-i)/sqrt(2).
func eighth(re, im float32) (float32, float32) {
	return float32((re + im) * sqrtHalf), float32((im - re) * sqrtHalf)
}

// pass2 is a pass of radix 2 over one block of all the points.
func pass2(re, im []float32, p *radixPass) {
	q := p.sub
	re0, im0, re1, im1 := re[:q], im[:q], re[q:2*q], im[q:2*q]
	for n := range q {
		w := p.twiddles[2*n:][:2]
		dr, di := re0[n]-re1[n], im0[n]-im1[n]
		re0[n] += re1[n]
		im0[n] += im1[n]
		re1[n], im1[n] = rotate(dr, di, w[0], w[1])
	}
}

// pass4 is a pass of radix 4 over one block of all the points.
func pass4(re, im []float32, p *radixPass) {
	q := p.sub
	re0, re1, re2, re3 := re[:q], re[q:][:q], re[2*q:][:q], re[3*q:][:q]
	im0, im1, im2, im3 := im[:q], im[q:][:q], im[2*q:][:q], im[3*q:][:q]
	tw := p.twiddles
	for n := range re0 {
		w := (*[6]float32)(tw)
		tw = tw[6:]
		x0r, x0i, x1r, x1i, x2r, x2i, x3r, x3i := quad(re0[n], im0[n], re1[n], im1[n], re2[n], im2[n], re3[n], im3[n])
		re0[n], im0[n] = x0r, x0i
		re1[n], im1[n] = rotate(x1r, x1i, w[0], w[1])
		re2[n], im2[n] = rotate(x2r, x2i, w[2], w[3])
		re3[n], im3[n] = rotate(x3r, x3i, w[4], w[5])
	}
}

// pass8 is a pass of radix 8 over all blocks of 8*sub points.
func pass8(re, im []float32, p *radixPass) {
	q := p.sub
	for ; len(re) >= 8*q; re, im = re[8*q:], im[8*q:] {
		re0, re1, re2, re3 := re[:q], re[q:][:q], re[2*q:][:q], re[3*q:][:q]
		re4, re5, re6, re7 := re[4*q:][:q], re[5*q:][:q], re[6*q:][:q], re[7*q:][:q]
		im0, im1, im2, im3 := im[:q], im[q:][:q], im[2*q:][:q], im[3*q:][:q]
		im4, im5, im6, im7 := im[4*q:][:q], im[5*q:][:q], im[6*q:][:q], im[7*q:][:q]
		tw := p.twiddles
		for n := range re0 {
			w := (*[14]float32)(tw)
			tw = tw[14:]
			t1r, t1i := eighth(re1[n]-re5[n], im1[n]-im5[n])
			t2r, t2i := im2[n]-im6[n], re6[n]-re2[n]
			t3r, t3i := eighth(im3[n]-im7[n], re7[n]-re3[n])
			t0r, t0i := re0[n]-re4[n], im0[n]-im4[n]
			x0r, x0i, x2r, x2i, x4r, x4i, x6r, x6i := quad(re0[n]+re4[n], im0[n]+im4[n], re1[n]+re5[n], im1[n]+im5[n],
				re2[n]+re6[n], im2[n]+im6[n], re3[n]+re7[n], im3[n]+im7[n])
			x1r, x1i, x3r, x3i, x5r, x5i, x7r, x7i := quad(t0r, t0i, t1r, t1i, t2r, t2i, t3r, t3i)
			re0[n], im0[n] = x0r, x0i
			re1[n], im1[n] = rotate(x1r, x1i, w[0], w[1])
			re2[n], im2[n] = rotate(x2r, x2i, w[2], w[3])
			re3[n], im3[n] = rotate(x3r, x3i, w[4], w[5])
			re4[n], im4[n] = rotate(x4r, x4i, w[6], w[7])
			re5[n], im5[n] = rotate(x5r, x5i, w[8], w[9])
			re6[n], im6[n] = rotate(x6r, x6i, w[10], w[11])
			re7[n], im7[n] = rotate(x7r, x7i, w[12], w[13])
		}
	}
}

// block64 is the last two passes of radix 8 for a block of 64 points.
func block64(re, im *[64]float32, tw *[8][14]float32) {
	for n := range 8 {
		w := &tw[n]
		t0r, t0i := re[n]-re[n+32], im[n]-im[n+32]
		t1r, t1i := eighth(re[n+8]-re[n+40], im[n+8]-im[n+40])
		t2r, t2i := im[n+16]-im[n+48], re[n+48]-re[n+16]
		t3r, t3i := eighth(im[n+24]-im[n+56], re[n+56]-re[n+24])
		x0r, x0i, x2r, x2i, x4r, x4i, x6r, x6i := quad(re[n]+re[n+32], im[n]+im[n+32], re[n+8]+re[n+40], im[n+8]+im[n+40],
			re[n+16]+re[n+48], im[n+16]+im[n+48], re[n+24]+re[n+56], im[n+24]+im[n+56])
		x1r, x1i, x3r, x3i, x5r, x5i, x7r, x7i := quad(t0r, t0i, t1r, t1i, t2r, t2i, t3r, t3i)
		re[n], im[n] = x0r, x0i
		re[n+8], im[n+8] = rotate(x1r, x1i, w[0], w[1])
		re[n+16], im[n+16] = rotate(x2r, x2i, w[2], w[3])
		re[n+24], im[n+24] = rotate(x3r, x3i, w[4], w[5])
		re[n+32], im[n+32] = rotate(x4r, x4i, w[6], w[7])
		re[n+40], im[n+40] = rotate(x5r, x5i, w[8], w[9])
		re[n+48], im[n+48] = rotate(x6r, x6i, w[10], w[11])
		re[n+56], im[n+56] = rotate(x7r, x7i, w[12], w[13])
	}
	for g := 0; g < 64; g += 8 {
		r, i := (*[8]float32)(re[g:]), (*[8]float32)(im[g:])
		t0r, t0i := r[0]-r[4], i[0]-i[4]
		t1r, t1i := eighth(r[1]-r[5], i[1]-i[5])
		t2r, t2i := i[2]-i[6], r[6]-r[2]
		t3r, t3i := eighth(i[3]-i[7], r[7]-r[3])
		r[0], i[0], r[2], i[2], r[4], i[4], r[6], i[6] = quad(r[0]+r[4], i[0]+i[4], r[1]+r[5], i[1]+i[5],
			r[2]+r[6], i[2]+i[6], r[3]+r[7], i[3]+i[7])
		r[1], i[1], r[3], i[3], r[5], i[5], r[7], i[7] = quad(t0r, t0i, t1r, t1i, t2r, t2i, t3r, t3i)
	}
}
