package nn

import "framewise/model/gemm"

// direction is one direction of one LSTM layer with the space for its
// activations. Weights are [(I+H+1), 4H]: the rows of Wx, of Wh, and the bias,
// gates in the order i, f, g, o.
type direction[F float] struct {
	inputs, hidden, batch int
	reverse               bool
	gates                 *buffer[F] // [T, B, 4H]: outputs of the gates, after backward the gradients of their inputs
	cell, tanhCell        []F        // [T, B, H]
	dh, dc                []F        // [B, H]
	dw                    *buffer[F] // [I+H+1, 4H]
	zeros                 []F        // [H], the state before the first frame
	wh, whT               factor[F]
}

func newDirection[F float](T, B, I, H int, reverse bool) recurrence[F] {
	d := &direction[F]{inputs: I, hidden: H, batch: B, reverse: reverse,
		gates: newBuffer[F](4*H, T, B, 4*H),
		cell:  make([]F, T*B*H), tanhCell: make([]F, T*B*H),
		dh: make([]F, B*H), dc: make([]F, B*H),
		dw: newBuffer[F](4*H, I+H+1, 4*H), zeros: make([]F, H)}
	return recurrence[F]{dw: d.dw, forward: d.forward, backward: d.backward, inputGradient: d.inputGradient}
}

// step is the frame that step s of T works on, and the one whose state it takes.
func step(reverse bool, s, T int) (t, before int) {
	if reverse {
		return T - 1 - s, T - s
	}
	return s, s - 1
}

// forward writes the outputs of T steps into columns off to off+H of y, whose
// rows are ld apart.
func (d *direction[F]) forward(threads, T int, x []F, lens []int, w, y []F, off, ld int) {
	I, H, B, G := d.inputs, d.hidden, d.batch, 4*d.hidden
	g := d.gates.rows(T * B)
	bias := w[(I+H)*G:][:G]
	for r := range T * B {
		copy(g[r*G:], bias)
	}
	gemm.Gemm(threads, false, false, T*B, G, I, x, I, w, G, 1, g, G)
	d.wh.set(false, H, G, w[I*G:], G)
	parallel(threads, B, leastGroup, func(lo, hi int) { d.steps(T, lo, hi, lens, g, y, off, ld) })
}

// leastGroup is the smallest number of utterances worth a goroutine of their own.
const leastGroup = 4

// steps runs the recurrence for utterances lo to hi.
func (d *direction[F]) steps(T, lo, hi int, lens []int, g, y []F, off, ld int) {
	H, B, G := d.hidden, d.batch, 4*d.hidden
	for s := range T {
		t, before := step(d.reverse, s, T)
		if s > 0 {
			d.wh.mul(hi-lo, y[(before*B+lo)*ld+off:], ld, 1, g[(t*B+lo)*G:], G)
		}
		for b := lo; b < hi; b++ {
			r := t*B + b
			out, c, tc := y[r*ld+off:][:H], d.cell[r*H:][:H], d.tanhCell[r*H:][:H]
			if t >= lens[b] {
				clear(out)
				clear(c)
				continue
			}
			cp := d.zeros
			if s > 0 {
				cp = d.cell[(before*B+b)*H:][:H]
			}
			cellForward(g[r*G:][:G], cp, c, tc, out)
		}
	}
}

// backward turns the gates into the gradients of their inputs and computes
// the gradient of the weights. dy lies as y does.
func (d *direction[F]) backward(threads, T int, x []F, lens []int, w, y, dy []F, off, ld int) {
	I, H, B, G := d.inputs, d.hidden, d.batch, 4*d.hidden
	g, dw := d.gates.rows(T*B), d.dw.rows(I+H+1)
	clear(d.dh)
	clear(d.dc)
	d.whT.set(true, G, H, w[I*G:], G)
	parallel(threads, B, leastGroup, func(lo, hi int) { d.stepsBack(T, lo, hi, lens, g, dy, off, ld) })
	gemm.Gemm(threads, true, false, I, G, T*B, x, I, g, G, 0, dw, G)
	dwh := dw[I*G:]
	switch {
	case T < 2:
		clear(dwh[:H*G])
	case d.reverse: // the state of frame t comes from t+1
		gemm.Gemm(threads, true, false, H, G, (T-1)*B, y[B*ld+off:], ld, g, G, 0, dwh, G)
	default:
		gemm.Gemm(threads, true, false, H, G, (T-1)*B, y[off:], ld, g[B*G:], G, 0, dwh, G)
	}
	db := dw[(I+H)*G:]
	clear(db)
	for r := range T * B {
		addTo(db, g[r*G:][:G])
	}
}

func (d *direction[F]) stepsBack(T, lo, hi int, lens []int, g, dy []F, off, ld int) {
	H, B, G := d.hidden, d.batch, 4*d.hidden
	for s := T - 1; s >= 0; s-- {
		t, before := step(d.reverse, s, T)
		for b := lo; b < hi; b++ {
			r := t*B + b
			if t >= lens[b] {
				clear(g[r*G:][:G])
				clear(d.dc[b*H:][:H])
				continue
			}
			cp := d.zeros
			if s > 0 {
				cp = d.cell[(before*B+b)*H:][:H]
			}
			cellBackward(g[r*G:][:G], cp, d.tanhCell[r*H:][:H], dy[r*ld+off:][:H], d.dh[b*H:][:H], d.dc[b*H:][:H])
		}
		if s > 0 {
			d.whT.mul(hi-lo, g[(t*B+lo)*G:], G, 0, d.dh[lo*H:], H)
		}
	}
}

// inputGradient computes dx = beta*dx + dG*Wx^T over the rows of T steps.
func (d *direction[F]) inputGradient(threads, T int, w []F, beta F, dx []F) {
	I, G := d.inputs, 4*d.hidden
	gemm.Gemm(threads, false, true, T*d.batch, I, G, d.gates.data, G, w, G, beta, dx, I)
}
