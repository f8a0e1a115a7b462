package transforms

import "framewise/transforms/kernels"

// frameSums computes each frame's mean and raw energy. Sums are float64: of
// whole numbers in int16 range they are exact, and always they depend on the
// frame's samples alone. Where frames overlap, what they share is summed once,
// in blocks of the greatest common divisor of frame and step.
type frameSums struct {
	k            *kernels.Set
	mean, energy bool
	win, step    int
	block        int // samples of a stretch that is summed at once, a frame or less
	perFrame     int // blocks of a frame

	partial      [][4]float64
	sum, squares []float64 // by block
}

// leastBlock is how short a block is worth its keeping.
const leastBlock = 16

func newFrameSums(f Framing, step, chunk int, mean, energy bool, k *kernels.Set) frameSums {
	s := frameSums{k: k, mean: mean, energy: energy, win: f.Win, step: step, block: f.Win, perFrame: 1}
	n := chunk
	if b := gcd(f.Win, step); b >= leastBlock && b%4 == 0 {
		s.block, s.perFrame = b, f.Win/b
		n = ((chunk-1)*step + f.Win) / b
	}
	if mean || energy {
		s.partial = make([][4]float64, n)
		s.sum, s.squares = make([]float64, n), make([]float64, n)
	}
	return s
}

// compute sets the means (0 unless they are removed) and the energies of
// len(means) frames.
func (s *frameSums) compute(means, energies, raw []float32) {
	clear(means)
	if !s.mean && !s.energy {
		return
	}
	n, stride := len(means), s.step
	if s.perFrame > 1 || s.block != s.win {
		n, stride = ((len(means)-1)*s.step+s.win)/s.block, s.block
	}
	s.stretches(s.sum[:n], raw, stride, false)
	if s.energy {
		s.stretches(s.squares[:n], raw, stride, true)
	}
	win := float64(s.win)
	for i := range means {
		from := i * s.step / stride
		sum := sum4(s.sum[from : from+s.perFrame])
		if s.mean {
			means[i] = float32(sum / win)
		}
		if s.energy {
			e := sum4(s.squares[from : from+s.perFrame])
			if s.mean {
				e = max(0, (float64(win*e)-float64(sum*sum))/win)
			}
			energies[i] = float32(e)
		}
	}
}

// stretches adds stretches of a block each up, or their squares: four
// interleaved sums, what is left over to the first.
func (s *frameSums) stretches(dst []float64, raw []float32, stride int, squares bool) {
	partial, kernel := s.partial[:len(dst)], s.k.Sums4
	if squares {
		kernel = s.k.Squares4
	}
	kernel(partial, raw, stride, s.block/4)
	for i, p := range partial {
		a := p[0]
		for _, v := range raw[i*stride+s.block&^3 : i*stride+s.block] {
			x := float64(v)
			if squares {
				x = float64(x * x)
			}
			a += x
		}
		dst[i] = (a + p[1]) + (p[2] + p[3])
	}
}

// sum4 adds p up in four interleaved sums.
func sum4(p []float64) float64 {
	var a, b, c, d float64
	for ; len(p) >= 4; p = p[4:] {
		a += p[0]
		b += p[1]
		c += p[2]
		d += p[3]
	}
	for _, v := range p {
		a += v
	}
	return (a + b) + (c + d)
}
