package nn

import "framewise/model/gemm"

// gruDirection is one direction of one GRU layer with the space for its
// activations. Weights are [(I+H+2), 3H]: see GRU.
type gruDirection[F float] struct {
	inputs, hidden, batch int
	reverse               bool
	gates                 *buffer[F] // [T, B, 3H]: outputs of the gates, after backward the gradients of the input's share in their sums
	state                 []F        // [T, B, 3H]: the state's share in these sums, after backward its gradients
	dh                    []F        // [B, H]
	dw                    *buffer[F] // [I+H+2, 3H]
	zeros                 []F        // [H], the state before the first frame
	wxT, wh, whT          factor[F]
}

func newGRUDirection[F float](T, B, I, H int, reverse bool) recurrence[F] {
	d := &gruDirection[F]{inputs: I, hidden: H, batch: B, reverse: reverse,
		gates: newBuffer[F](3*H, T, B, 3*H), state: make([]F, T*B*3*H),
		dh: make([]F, B*H), dw: newBuffer[F](3*H, I+H+2, 3*H), zeros: make([]F, H)}
	return recurrence[F]{dw: d.dw, forward: d.forward, backward: d.backward}
}

func (d *gruDirection[F]) forward(threads, T int, x []F, lens []int, w, y []F, off, ld int) {
	I, H, B, G := d.inputs, d.hidden, d.batch, 3*d.hidden
	g := d.gates.rows(T * B)
	bx, bh := w[(I+H)*G:][:G], w[(I+H+1)*G:][:G]
	for r := range T * B {
		copy(g[r*G:], bx)
		copy(d.state[r*G:], bh)
	}
	gemm.Gemm(threads, false, false, T*B, G, I, x, I, w, G, 1, g, G)
	d.wh.set(false, H, G, w[I*G:], G)
	parallel(threads, B, leastGroup, func(lo, hi int) { d.steps(T, lo, hi, lens, g, y, off, ld) })
}

// before is the output that step s takes, row r being one of its frame's.
func (d *gruDirection[F]) before(s, r int, y []F, off, ld int) []F {
	switch {
	case s == 0:
		return d.zeros
	case d.reverse:
		return y[(r+d.batch)*ld+off:][:d.hidden]
	}
	return y[(r-d.batch)*ld+off:][:d.hidden]
}

// steps runs the recurrence for utterances lo to hi.
func (d *gruDirection[F]) steps(T, lo, hi int, lens []int, g, y []F, off, ld int) {
	H, B, G := d.hidden, d.batch, 3*d.hidden
	for s := range T {
		t, before := step(d.reverse, s, T)
		if s > 0 {
			d.wh.mul(hi-lo, y[(before*B+lo)*ld+off:], ld, 1, d.state[(t*B+lo)*G:], G)
		}
		for b := lo; b < hi; b++ {
			r := t*B + b
			if out := y[r*ld+off:][:H]; t < lens[b] {
				gruForward(g[r*G:][:G], d.state[r*G:][:G], d.before(s, r, y, off, ld), out)
			} else {
				clear(out)
			}
		}
	}
}

func (d *gruDirection[F]) backward(threads, T int, x []F, lens []int, w, y, dy []F, off, ld int, dx inputGradient[F]) {
	I, H, B, G := d.inputs, d.hidden, d.batch, 3*d.hidden
	g, dw := d.gates.rows(T*B), d.dw.rows(I+H+2)
	clear(d.dh)
	d.whT.set(true, G, H, w[I*G:], G)
	parallel(threads, B, leastGroup, func(lo, hi int) { d.stepsBack(T, lo, hi, lens, g, y, dy, off, ld) })
	gemm.Gemm(threads, true, false, I, G, T*B, x, I, g, G, 0, dw, G)
	dwh := dw[I*G:]
	switch {
	case T < 2:
		clear(dwh[:H*G])
	case d.reverse: // the state of frame t comes from t+1
		gemm.Gemm(threads, true, false, H, G, (T-1)*B, y[B*ld+off:], ld, d.state, G, 0, dwh, G)
	default:
		gemm.Gemm(threads, true, false, H, G, (T-1)*B, y[off:], ld, d.state[B*G:], G, 0, dwh, G)
	}
	dbx, dbh := dw[(I+H)*G:][:G], dw[(I+H+1)*G:]
	clear(dbx)
	clear(dbh)
	for r := range T * B {
		addTo(dbx, g[r*G:][:G])
		addTo(dbh, d.state[r*G:][:G])
	}
	if !dx.wanted() {
		return
	}
	d.wxT.set(true, G, I, w, G)
	for _, k := range blocks(d.reverse, T, B) {
		dx.put(threads, k, func(lo, hi int, dst []F) { d.wxT.mul(hi-lo, g[lo*G:], G, 0, dst, I) })
	}
}

func (d *gruDirection[F]) stepsBack(T, lo, hi int, lens []int, g, y, dy []F, off, ld int) {
	H, B, G := d.hidden, d.batch, 3*d.hidden
	for s := T - 1; s >= 0; s-- {
		t, _ := step(d.reverse, s, T)
		for b := lo; b < hi; b++ {
			r := t*B + b
			if t >= lens[b] {
				clear(g[r*G:][:G])
				clear(d.state[r*G:][:G])
				clear(d.dh[b*H:][:H])
				continue
			}
			gruBackward(g[r*G:][:G], d.state[r*G:][:G], d.before(s, r, y, off, ld), dy[r*ld+off:][:H], d.dh[b*H:][:H])
		}
		if s > 0 {
			d.whT.mul(hi-lo, d.state[(t*B+lo)*G:], G, 1, d.dh[lo*H:], H)
		}
	}
}
