package nn

import (
	"slices"
	"sync"
)

// leastGroup is the smallest number of utterances worth a goroutine of their own.
const leastGroup = 4

// direction is one direction of one LSTM layer with the space for its
// activations. Weights are [(I+H+1), 4H]: the rows of Wx, of Wh, and the bias,
// gates in the order i, f, g, o.
//
// It works on a block of frames at a time: what the steps of a block leave in
// the second-level cache is multiplied by the weights before the next block
// drives it out.
type direction[F float] struct {
	inputs, hidden, batch int
	reverse               bool
	gates                 *buffer[F] // [T, B, 4H]: outputs of the gates, after backward the gradients of their inputs
	cell                  []F        // [T, B, H]
	dh, dc                []F        // [B, H]
	dw                    *buffer[F] // [I+H+1, 4H]
	zeros                 []F        // [H], the state before the first frame
	wx, wh, wxT, whT      factor[F]
	packs                 sync.Pool // of *factor[F], for blocks of the gates' gradients
}

func newDirection[F float](T, B, I, H int, reverse bool) recurrence[F] {
	d := &direction[F]{inputs: I, hidden: H, batch: B, reverse: reverse,
		gates: newBuffer[F](4*H, T, B, 4*H), cell: make([]F, T*B*H),
		dh: make([]F, B*H), dc: make([]F, B*H),
		dw: newBuffer[F](4*H, I+H+1, 4*H), zeros: make([]F, H)}
	return recurrence[F]{dw: d.dw, forward: d.forward, backward: d.backward}
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
	d.wx.set(false, I, G, w, G)
	d.wh.set(false, H, G, w[I*G:], G)
	for _, k := range blocks(d.reverse, T, B) {
		parallel(threads, k.rows(), leastRows, func(lo, hi int) {
			lo, hi = k.lo+lo, k.lo+hi
			d.wx.mul(hi-lo, x[lo*I:], I, 0, g[lo*G:], G)
		})
		parallel(threads, B, leastGroup, func(lo, hi int) { d.steps(k, T, lo, hi, lens, g, bias, y, off, ld) })
	}
}

// steps runs a block of the recurrence for utterances lo to hi.
func (d *direction[F]) steps(k block, T, lo, hi int, lens []int, g, bias, y []F, off, ld int) {
	H, B, G := d.hidden, d.batch, 4*d.hidden
	for s := k.from; s < k.to; s++ {
		t, before := step(d.reverse, s, T)
		if s > 0 {
			d.wh.mul(hi-lo, y[(before*B+lo)*ld+off:], ld, 1, g[(t*B+lo)*G:], G)
		}
		for b := lo; b < hi; b++ {
			r := t*B + b
			out, c := y[r*ld+off:][:H], d.cell[r*H:][:H]
			if t >= lens[b] {
				clear(out)
				clear(c)
				continue
			}
			cellForward(g[r*G:][:G], bias, d.before(s, before*B+b), c, out)
		}
	}
}

// before is the cell state that step s takes, row r being one of the step's before it.
func (d *direction[F]) before(s, r int) []F {
	if s == 0 {
		return d.zeros
	}
	return d.cell[r*d.hidden:][:d.hidden]
}

// backward turns the gates into the gradients of their inputs and computes
// the gradients of the weights and of the input. dy lies as y does.
func (d *direction[F]) backward(threads, T int, x []F, lens []int, w, y, dy []F, off, ld int, dx inputGradient[F]) {
	I, H, B, G := d.inputs, d.hidden, d.batch, 4*d.hidden
	g := d.gates.rows(T * B)
	clear(d.dw.rows(I + H + 1))
	clear(d.dh)
	clear(d.dc)
	d.whT.set(true, G, H, w[I*G:], G)
	if dx.wanted() {
		d.wxT.set(true, G, I, w, G)
	}
	all := blocks(d.reverse, T, B)
	slices.Reverse(all)
	for _, k := range all {
		parallel(threads, B, leastGroup, func(lo, hi int) { d.stepsBack(k, T, lo, hi, lens, g, y, dy, off, ld) })
		parallel(threads, G, leastRows, func(lo, hi int) { d.weightGradient(k, lo, hi, x, g, y, off, ld) })
		dx.put(threads, k, func(lo, hi int, dst []F) { d.wxT.mul(hi-lo, g[lo*G:], G, 0, dst, I) })
	}
}

// weightGradient adds what a block contributes to columns from to to of the
// gradient of the weights.
func (d *direction[F]) weightGradient(k block, from, to int, x, g, y []F, off, ld int) {
	I, H, B, G := d.inputs, d.hidden, d.batch, 4*d.hidden
	dw := d.dw.data[from:]
	f, ok := d.packs.Get().(*factor[F])
	if !ok {
		f = new(factor[F])
	}
	defer d.packs.Put(f)
	f.set(false, k.rows(), to-from, g[k.lo*G+from:], G)
	f.mulTransposed(I, x[k.lo*I:], I, dw, G)
	f.sumRows(dw[(I+H)*G:])
	lo, hi := k.withState(B)
	if lo == hi {
		return
	}
	if hi-lo < k.rows() {
		f.set(false, hi-lo, to-from, g[lo*G+from:], G)
	}
	before := lo - B // the row whose output row lo has taken
	if d.reverse {
		before = lo + B
	}
	f.mulTransposed(H, y[before*ld+off:], ld, dw[I*G:], G)
}

// stepsBack runs a block of the recurrence's gradient for utterances lo to hi.
func (d *direction[F]) stepsBack(k block, T, lo, hi int, lens []int, g, y, dy []F, off, ld int) {
	H, B, G := d.hidden, d.batch, 4*d.hidden
	for s := k.to - 1; s >= k.from; s-- {
		t, before := step(d.reverse, s, T)
		for b := lo; b < hi; b++ {
			r := t*B + b
			if t >= lens[b] {
				clear(g[r*G:][:G])
				clear(d.dc[b*H:][:H])
				continue
			}
			cellBackward(g[r*G:][:G], d.before(s, before*B+b), y[r*ld+off:][:H], dy[r*ld+off:][:H], d.dh[b*H:][:H], d.dc[b*H:][:H])
			if s > 0 { // while the product below is computed
				r = before*B + b
				prefetch(g[r*G:][:G])
				prefetch(y[r*ld+off:][:H])
				prefetch(dy[r*ld+off:][:H])
			}
		}
		if s > 0 {
			d.whT.mul(hi-lo, g[(t*B+lo)*G:], G, 0, d.dh[lo*H:], H)
		}
	}
}
