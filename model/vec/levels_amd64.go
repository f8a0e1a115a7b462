package vec

import "framewise/transforms/isa"

func levels() map[isa.Level]*functions {
	return map[isa.Level]*functions{
		isa.Scalar: portable,
		isa.AVX2: {level: isa.AVX2,
			lstmForward: func(g, bias, cp, c, y []float32) {
				lstmForwardAVX2(len(c), &g[0], &bias[0], &cp[0], &c[0], &y[0])
			},
			lstmBackward: func(g, cp, y, dy, dh, dc []float32) {
				lstmBackwardAVX2(len(dc), &g[0], &cp[0], &y[0], &dy[0], &dh[0], &dc[0])
			},
			gruForward: func(g, s, hp, y []float32) { gruForwardAVX2(len(y), &g[0], &s[0], &hp[0], &y[0]) },
			gruBackward: func(g, s, hp, dy, dh []float32) {
				gruBackwardAVX2(len(dh), &g[0], &s[0], &hp[0], &dy[0], &dh[0])
			},
			prefetch: func(x []float32) { prefetchLines(len(x), &x[0]) },
			add:      func(dst, src []float32) { addAVX2(len(dst), &dst[0], &src[0]) },
			tanh:     func(dst, src []float32) { tanhAVX2(len(dst), &dst[0], &src[0]) },
			exp:      func(dst, src []float32, shift float32) { expAVX2(len(dst), &dst[0], &src[0], shift) },
			adam:     func(w, g, m, v []float32, s *AdamStep) { adamAVX2(len(w), &w[0], &g[0], &m[0], &v[0], &s.Scale) },
			ctc: func(b, neighbor, l, repeat, p, bOut, lOut []float32, blank float32) float32 {
				var top [8]float32
				ctcAVX2(len(b), &b[0], &neighbor[0], &l[0], &repeat[0], &p[0], &bOut[0], &lOut[0], blank, &top[0])
				return largest(top[:])
			},
		},
		isa.AVX512: {level: isa.AVX512,
			lstmForward: func(g, bias, cp, c, y []float32) {
				lstmForwardAVX512(len(c), &g[0], &bias[0], &cp[0], &c[0], &y[0])
			},
			lstmBackward: func(g, cp, y, dy, dh, dc []float32) {
				lstmBackwardAVX512(len(dc), &g[0], &cp[0], &y[0], &dy[0], &dh[0], &dc[0])
			},
			gruForward: func(g, s, hp, y []float32) { gruForwardAVX512(len(y), &g[0], &s[0], &hp[0], &y[0]) },
			gruBackward: func(g, s, hp, dy, dh []float32) {
				gruBackwardAVX512(len(dh), &g[0], &s[0], &hp[0], &dy[0], &dh[0])
			},
			prefetch: func(x []float32) { prefetchLines(len(x), &x[0]) },
			add:      func(dst, src []float32) { addAVX512(len(dst), &dst[0], &src[0]) },
			tanh:     func(dst, src []float32) { tanhAVX512(len(dst), &dst[0], &src[0]) },
			exp:      func(dst, src []float32, shift float32) { expAVX512(len(dst), &dst[0], &src[0], shift) },
			adam:     func(w, g, m, v []float32, s *AdamStep) { adamAVX512(len(w), &w[0], &g[0], &m[0], &v[0], &s.Scale) },
			ctc: func(b, neighbor, l, repeat, p, bOut, lOut []float32, blank float32) float32 {
				var top [16]float32
				ctcAVX512(len(b), &b[0], &neighbor[0], &l[0], &repeat[0], &p[0], &bOut[0], &lOut[0], blank, &top[0])
				return largest(top[:])
			},
		},
	}
}

func largest(lanes []float32) float32 {
	top := lanes[0]
	for _, v := range lanes[1:] {
		if v > top {
			top = v
		}
	}
	return top
}
