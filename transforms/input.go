package transforms

// sample is a type of sample that an extractor takes.
type sample interface{ int16 | float32 }

// frameInput holds one chunk of frames: its samples after pre-emphasis, and
// what differs from frame to frame. With y as the frame that goes into the
// window, y[0] = first and y[i] = emph[i] - dc for i > 0, so that samples that
// frames share are computed once.
type frameInput struct {
	framing       Framing
	win, hop      int
	chunk         int     // most frames at once
	preemph       float32 // 0 = none
	overSignal    bool    // pre-emphasis runs over the signal, not over the frame
	needMean      bool
	needEnergy    bool
	block         int       // greatest common divisor of win and hop
	raw           []float32 // samples of the chunk
	emph          []float32 // the same after pre-emphasis
	sums, squares []float64 // of raw by blocks
	first, dc     []float32 // by frame
	energy        []float32 // by frame: raw energy after DC removal
}

func newFrameInput(c FeatureConfig, f Framing) frameInput {
	in := frameInput{framing: f, win: f.Win, hop: f.Hop, preemph: float32(c.Preemph)}
	in.overSignal = c.Preemph != 0 && c.PreemphScope == PreemphSignal
	in.needMean = c.RemoveDC
	in.needEnergy = c.UseEnergy && c.Energy == EnergyRaw && (c.Kind == LogMel || c.Kind == MFCC)
	const frames, samples = 64, 1 << 16
	in.chunk = max(1, min(frames, samples/f.Hop))
	for a, b := f.Win, f.Hop; ; a, b = b, a%b {
		if b == 0 {
			in.block = a
			break
		}
	}
	n := (in.chunk-1)*f.Hop + f.Win
	in.raw, in.emph = make([]float32, n), make([]float32, n)
	if in.needMean || in.needEnergy {
		in.sums, in.squares = make([]float64, n/in.block), make([]float64, n/in.block)
	}
	in.first, in.dc, in.energy = make([]float32, in.chunk), make([]float32, in.chunk), make([]float32, in.chunk)
	return in
}

// load prepares n frames from frame t on.
func load[S sample](in *frameInput, samples []S, t, n int) {
	begin := in.framing.Begin(t)
	raw := in.raw[:(n-1)*in.hop+in.win]
	// Samples [lo, hi) lie in the signal; none do where the hop is longer than
	// the frame and psf's last frame begins past the end.
	lo := max(begin, 0)
	hi := max(lo, min(begin+len(raw), len(samples)))
	if lo < hi {
		inner := raw[lo-begin : hi-begin]
		for i, v := range samples[lo:hi] {
			inner[i] = float32(v)
		}
	}
	for i := range lo - begin {
		raw[i] = outside(in.framing.Rule, samples, begin+i)
	}
	for i := hi - begin; i < len(raw); i++ {
		raw[i] = outside(in.framing.Rule, samples, begin+i)
	}
	in.frameSums(n)
	if in.overSignal {
		emphasizeSignal(in, samples, raw, begin, lo, hi)
	} else {
		in.emphasizeFrames(raw)
	}
	for i := range n {
		at := i * in.hop
		if in.overSignal {
			in.first[i], in.dc[i] = in.emph[at], 0
			continue
		}
		m := in.dc[i] // the mean, from frameSums
		v := raw[at] - m
		in.first[i] = v - float32(in.preemph*v)
		in.dc[i] = m - float32(in.preemph*m)
	}
}

// outside is the sample at position i < 0 or i >= len(samples): 0 for psf, for
// Kaldi the signal mirrored at its ends as often as it takes.
func outside[S sample](rule FramingRule, samples []S, i int) float32 {
	if rule != FramingKaldi {
		return 0
	}
	return float32(samples[mirror(i, len(samples))])
}

// mirror reflects position i into [0, n): -1 is 0, n is n-1.
func mirror(i, n int) int {
	for i < 0 || i >= n {
		if i < 0 {
			i = -i - 1
		} else {
			i = 2*n - 1 - i
		}
	}
	return i
}

// emphasizeFrames runs pre-emphasis over the chunk; each frame's first sample
// is put right by load.
func (in *frameInput) emphasizeFrames(raw []float32) {
	emph := in.emph[:len(raw)]
	prev := raw[0]
	for i, v := range raw {
		emph[i] = v - float32(in.preemph*prev)
		prev = v
	}
}

// emphasizeSignal runs pre-emphasis over the signal's samples [lo, hi) and
// then extends what came out: psf's zeros follow pre-emphasis, they do not
// precede it.
func emphasizeSignal[S sample](in *frameInput, samples []S, raw []float32, begin, lo, hi int) {
	at := func(i int) float32 {
		v := float32(samples[i])
		if i == 0 {
			return v
		}
		return v - float32(in.preemph*float32(samples[i-1]))
	}
	emph := in.emph[:len(raw)]
	if lo < hi {
		emph[lo-begin] = at(lo)
		inner, out := raw[lo-begin:hi-begin], emph[lo-begin:hi-begin]
		prev := inner[0]
		for i := 1; i < len(inner); i++ {
			out[i] = inner[i] - float32(in.preemph*prev)
			prev = inner[i]
		}
	}
	edge := func(i int) float32 {
		if in.framing.Rule != FramingKaldi {
			return 0
		}
		return at(mirror(begin+i, len(samples)))
	}
	for i := range lo - begin {
		emph[i] = edge(i)
	}
	for i := hi - begin; i < len(emph); i++ {
		emph[i] = edge(i)
	}
}

// frameSums sets each frame's mean (in dc) and raw energy. Sums are float64 in
// blocks of the greatest common divisor of frame and hop: of whole numbers in
// int16 range they are exact, and always they depend on the frame's samples
// alone.
func (in *frameInput) frameSums(n int) {
	if !in.needMean && !in.needEnergy {
		clear(in.dc[:n])
		return
	}
	b := in.block
	blocks := ((n-1)*in.hop + in.win) / b
	for i := range blocks {
		s := in.raw[i*b : i*b+b]
		in.sums[i] = blockSum(s)
		if in.needEnergy {
			in.squares[i] = blockSquares(s)
		}
	}
	win := float64(in.win)
	for i := range n {
		from, to := i*in.hop/b, (i*in.hop+in.win)/b
		sum := sum4(in.sums[from:to])
		in.dc[i] = 0
		if in.needMean {
			in.dc[i] = float32(sum / win)
		}
		if in.needEnergy {
			e := sum4(in.squares[from:to])
			if in.needMean {
				e = max(0, (float64(win*e)-float64(sum*sum))/win)
			}
			in.energy[i] = float32(e)
		}
	}
}

func blockSum(s []float32) float64 {
	var a, b, c, d float64
	for ; len(s) >= 4; s = s[4:] {
		a += float64(s[0])
		b += float64(s[1])
		c += float64(s[2])
		d += float64(s[3])
	}
	for _, v := range s {
		a += float64(v)
	}
	return (a + b) + (c + d)
}

func blockSquares(s []float32) float64 {
	var a, b, c, d float64
	for ; len(s) >= 4; s = s[4:] {
		a += float64(float64(s[0]) * float64(s[0]))
		b += float64(float64(s[1]) * float64(s[1]))
		c += float64(float64(s[2]) * float64(s[2]))
		d += float64(float64(s[3]) * float64(s[3]))
	}
	for _, v := range s {
		a += float64(float64(v) * float64(v))
	}
	return (a + b) + (c + d)
}
