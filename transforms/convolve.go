package transforms

// Convolver filters signals with impulse responses, by overlap-save with FFTs
// in float64. Equal input gives equal bits on every CPU. It owns its scratch
// space and its tables: reuse it, and do not share it between goroutines.
type Convolver struct {
	plans    map[int]*fftPlan
	response planes // the spectrum of the impulse response
	blocks   planes // two blocks of the signal: one real, one imaginary
}

// planes are the real and the imaginary parts of a complex signal.
type planes struct{ re, im []float64 }

func (p *planes) resize(n int) {
	if cap(p.re) < n {
		p.re, p.im = make([]float64, n), make([]float64, n)
	}
	p.re, p.im = p.re[:n], p.im[:n]
	clear(p.re)
	clear(p.im)
}

// NewConvolver makes a Convolver.
func NewConvolver() *Convolver { return &Convolver{plans: map[int]*fftPlan{}} }

// Convolve writes to dst the samples from delay on of the convolution of src
// with an impulse response h,
//
//	dst[n] = sum over m of h[m] * src[n+delay-m]
//
// as many as src has, src being zero outside itself: the response with its
// sample at delay in the place of time 0. It returns dst with length len(src);
// a dst without that capacity is replaced by a new one. It must not overlap
// src. Each result is rounded once, from float64.
func (c *Convolver) Convolve(dst, src, h []float32, delay int) []float32 {
	dst = resize(dst, len(src))
	if len(h) == 0 || len(src) == 0 {
		clear(dst)
		return dst
	}
	n := blockSize(len(src), len(h))
	plan := c.plan(n)
	hop := n - len(h) + 1 // results of a block; those before wrap around
	c.response.resize(n)
	for i, v := range h {
		c.response.re[i] = float64(v)
	}
	plan.forward(c.response)
	for at := 0; at < len(dst); at += 2 * hop {
		c.blocks.resize(n)
		loadAt(c.blocks.re, src, at+delay-len(h)+1)
		loadAt(c.blocks.im, src, at+delay-len(h)+1+hop)
		plan.forward(c.blocks)
		c.multiply(1 / float64(n))
		plan.backward(c.blocks)
		storeAt(dst, at, c.blocks.re[len(h)-1:])
		storeAt(dst, at+hop, c.blocks.im[len(h)-1:])
	}
	return dst
}

// blockSize is the size of the FFT that makes the work least: a power of two.
func blockSize(signal, response int) int {
	best, least := 0, 0.0
	for n, log := 8, 3.0; ; n, log = 2*n, log+1 {
		hop := n - response + 1
		if hop < 1 {
			continue
		}
		pairs := (signal + 2*hop - 1) / (2 * hop)
		if work := float64(2*pairs+1) * float64(n) * log; best == 0 || work < least {
			best, least = n, work
		}
		if hop >= signal {
			return best
		}
	}
}

// loadAt copies the samples of src from begin on to dst, as far as there are any.
func loadAt(dst []float64, src []float32, begin int) {
	for i := max(0, -begin); i < len(dst) && begin+i < len(src); i++ {
		dst[i] = float64(src[begin+i])
	}
}

// storeAt rounds results to dst from begin on, as far as that reaches.
func storeAt(dst []float32, begin int, from []float64) {
	for i := 0; i < len(from) && begin+i < len(dst); i++ {
		dst[begin+i] = float32(from[i])
	}
}

// multiply multiplies the blocks' spectrum by the response's and a scale.
func (c *Convolver) multiply(scale float64) {
	for i, hr := range c.response.re {
		hr, hi := hr*scale, c.response.im[i]*scale
		xr, xi := c.blocks.re[i], c.blocks.im[i]
		c.blocks.re[i] = float64(xr*hr) - float64(xi*hi)
		c.blocks.im[i] = float64(xr*hi) + float64(xi*hr)
	}
}

func (c *Convolver) plan(n int) *fftPlan {
	p := c.plans[n]
	if p == nil {
		p = newFFTPlan(n)
		c.plans[n] = p
	}
	return p
}
