package nn

import "framewise/model/gemm"

// convChunks is into how many runs of utterances a Conv2D cuts its batch.
// Each sums its own gradient of the weights, and the sums are added in order:
// the result does not depend on how many goroutines work on the chunks.
const convChunks = 4

// convBlock is about how many outputs of one filter are computed at a time.
const convBlock = 512

// convChunk works on utterances lo to hi of a batch of b, on a block of
// consecutive frames of one utterance at a time. A block's inputs are
// unfolded (im2col), so that the convolution is a matrix product. The wide
// form, for outputs of many frequencies, is W^T [N, K] times inputs [K, frames*F'];
// the other, for filters as wide as their input, is inputs [frames*F', K] times
// W [K, N]; K = C*KT*KF. Both copy stretches of neighboring numbers only.
type convChunk[F float] struct {
	cfg         ConvConfig
	b, lo, hi   int
	k, n, freqs int // K, N, F'
	frames      int // in a block
	wide        bool
	cols, dcols []F // K * frames*F' unfolded inputs, and their gradients
	z           []F // N * frames*F' sums, or their gradients
	dw          []F // [K+1, N]
}

// wide says whether the wide form is used.
func (c ConvConfig) wide() bool { return c.OutFreqs() >= c.KF }

func newConvChunk[F float](cfg ConvConfig, B, lo, hi int) *convChunk[F] {
	c := &convChunk[F]{cfg: cfg, b: B, lo: lo, hi: hi, k: cfg.Channels * cfg.KT * cfg.KF, n: cfg.Filters, freqs: cfg.OutFreqs(), wide: cfg.wide()}
	c.frames = max(1, convBlock/c.freqs)
	if !c.wide { // few outputs a frame and many inputs: bound the unfolded inputs
		c.frames = max(8, min(c.frames, 1<<17/(c.k*c.freqs)))
	}
	return c
}

// each runs f for the blocks of frames t to t+n of every utterance.
func (c *convChunk[F]) each(lens []int, f func(b, t, n int)) {
	if c.cols == nil {
		c.cols, c.z = make([]F, c.k*c.frames*c.freqs), make([]F, c.n*c.frames*c.freqs)
	}
	for b := c.lo; b < c.hi; b++ {
		frames := c.cfg.OutLen(lens[b])
		for t := 0; t < frames; t += c.frames {
			f(b, t, min(c.frames, frames-t))
		}
	}
}

func (c *convChunk[F]) forward(x []F, lens []int, w []F, packed *factor[F], y []F) {
	bias := w[c.k*c.n:][:c.n]
	width := c.n * c.freqs
	c.each(lens, func(b, t, n int) {
		cells := n * c.freqs
		c.unfold(x, b, t, n, lens[b])
		if c.wide {
			gemm.Gemm(1, true, false, c.n, cells, c.k, w, c.n, c.cols, cells, 0, c.z, cells)
		} else {
			packed.mul(cells, c.cols, c.k, 0, c.z, c.n)
		}
		for r := range n {
			out := y[((t+r)*c.b+b)*width:][:width]
			for i, v := range bias {
				c.addBias(out[i*c.freqs:][:c.freqs], i, r, cells, v)
			}
			activate(c.cfg.Act, out)
		}
	})
}

// addBias makes row i of output frame r of the block from its sums.
func (c *convChunk[F]) addBias(row []F, i, r, cells int, bias F) {
	if c.wide {
		for j, s := range c.z[i*cells+r*c.freqs:][:len(row)] {
			row[j] = s + bias
		}
		return
	}
	for j := range row {
		row[j] = c.z[(r*c.freqs+j)*c.n+i] + bias
	}
}

func (c *convChunk[F]) backward(x []F, lens []int, w []F, packed *factor[F], y, dy, dx []F) {
	if c.dw == nil {
		c.dw = make([]F, (c.k+1)*c.n)
	}
	if c.dcols == nil && dx != nil {
		c.dcols = make([]F, c.k*c.frames*c.freqs)
	}
	clear(c.dw)
	width := c.n * c.freqs
	dz := make([]F, width)
	db := c.dw[c.k*c.n:]
	c.each(lens, func(b, t, n int) {
		cells := n * c.freqs
		c.unfold(x, b, t, n, lens[b])
		for r := range n {
			at := ((t+r)*c.b + b) * width
			activationGradient(c.cfg.Act, dz, dy[at:], y[at:])
			for i := range c.n {
				row := dz[i*c.freqs:][:c.freqs]
				db[i] += sum(row)
				if c.wide {
					copy(c.z[i*cells+r*c.freqs:], row)
					continue
				}
				for j, v := range row {
					c.z[(r*c.freqs+j)*c.n+i] = v
				}
			}
		}
		if c.wide {
			gemm.Gemm(1, false, true, c.k, c.n, cells, c.cols, cells, c.z, cells, 1, c.dw, c.n)
		} else {
			gemm.Gemm(1, true, false, c.k, c.n, cells, c.cols, c.k, c.z, c.n, 1, c.dw, c.n)
		}
		if dx == nil {
			return
		}
		if c.wide {
			gemm.Gemm(1, false, false, c.k, cells, c.n, w, c.n, c.z, cells, 0, c.dcols, cells)
		} else {
			packed.mul(cells, c.z, c.n, 0, c.dcols, c.k)
		}
		c.fold(dx, b, t, n, lens[b])
	})
}

// sum adds up x in four interleaved parts, which is faster than one by one.
func sum[F float](x []F) F {
	var s [4]F
	for len(x) >= 4 {
		s[0] += x[0]
		s[1] += x[1]
		s[2] += x[2]
		s[3] += x[3]
		x = x[4:]
	}
	for i, v := range x {
		s[i] += v
	}
	return s[0] + s[1] + (s[2] + s[3])
}

// stretch says where the numbers of one filter row lie: count of them from
// column `from` of an input row, at `to` of the unfolded ones. Others are
// beyond the edge of the input.
func stretch(first, length, limit int) (from, to, count int) {
	from = max(0, first)
	to = from - first
	return from, to, max(0, min(first+length, limit)-from)
}

// unfold copies what the filters see at n frames from t of utterance b.
func (c *convChunk[F]) unfold(x []F, b, t, n, length int) {
	c.walk(b, t, n, length, func(at, to, lead, count, size int) {
		dst := c.cols[to-lead:][:size]
		if count < size {
			clear(dst)
		}
		if count > 0 {
			copy(dst[lead:], x[at:][:count])
		}
	})
}

// fold adds the gradients of the unfolded inputs to dx.
func (c *convChunk[F]) fold(dx []F, b, t, n, length int) {
	c.walk(b, t, n, length, func(at, to, _, count, _ int) {
		if count > 0 {
			addTo(dx[at:][:count], c.dcols[to:])
		}
	})
}

// walk goes through the stretches of a block: count numbers of the input at
// `at` belong to the unfolded ones at `to`, which are `lead` into a stretch of
// size numbers; count is 0 for frames outside the utterance.
func (c *convChunk[F]) walk(b, t, n, length int, f func(at, to, lead, count, size int)) {
	cfg := c.cfg
	padT, padF := cfg.pads()
	width := cfg.Channels * cfg.Freqs
	row := func(frame, channel int) (int, bool) {
		return (frame*c.b+b)*width + channel*cfg.Freqs, frame >= 0 && frame < length
	}
	if c.wide {
		cells := n * c.freqs
		for k := range c.k {
			channel, kt, kf := k/(cfg.KT*cfg.KF), k/cfg.KF%cfg.KT, k%cfg.KF
			from, lead, count := stretch(kf-padF, c.freqs, cfg.Freqs)
			for r := range n {
				at, inside := row(t+r+kt-padT, channel)
				if !inside {
					f(0, k*cells+r*c.freqs, 0, 0, c.freqs)
					continue
				}
				f(at+from, k*cells+r*c.freqs+lead, lead, count, c.freqs)
			}
		}
		return
	}
	for cell := range n * c.freqs {
		r, j := cell/c.freqs, cell%c.freqs
		from, lead, count := stretch(j-padF, cfg.KF, cfg.Freqs)
		for s := range cfg.Channels * cfg.KT {
			to := cell*c.k + s*cfg.KF
			at, inside := row(t+r+s%cfg.KT-padT, s/cfg.KT)
			if !inside {
				f(0, to, 0, 0, cfg.KF)
				continue
			}
			f(at+from, to+lead, lead, count, cfg.KF)
		}
	}
}
