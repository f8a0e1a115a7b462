package transforms

import "framewise/transforms/kernels"

// sample is a type of sample that an extractor takes.
type sample interface{ int16 | float32 }

// frameInput holds one chunk of frames: its samples after pre-emphasis, laid
// out for the kernels, and what differs from frame to frame. With y as the
// frame that goes into the window, y[0] = first and y[i] = emph[i] - dc for
// i > 0, so that samples that frames share are computed once.
type frameInput struct {
	framing    Framing
	k          *kernels.Set
	step       int     // samples from frame to frame here: the hop, or a whole frame where hops are longer
	chunk      int     // most frames at once, a multiple of the lanes
	preemph    float32 // 0 = none
	overSignal bool    // pre-emphasis runs over the signal, not over the frame
	plain      bool    // frames are stretches of emph, their first samples too

	raw       []float32 // the sample before the chunk, then its samples
	emph      []float32 // after pre-emphasis
	first, dc []float32 // by frame
	energy    []float32 // by frame: raw energy after DC removal
	sums      frameSums

	// laid is where the kernels find samples. With one lane it is a frame, then
	// its first sample as it goes into the window, then a zero; or emph itself
	// if plain. With more lanes it is a matrix: row r holds sample r of every
	// step, so that sample i of neighboring frames lies side by side in row
	// i%step from column i/step on; below are a row of first samples and one of
	// zeros.
	laid   []float32
	stride int // of a row
	rows   int // rows of samples
}

func newFrameInput(c FeatureConfig, f Framing, k *kernels.Set) frameInput {
	in := frameInput{framing: f, k: k, step: min(f.Hop, f.Win), preemph: float32(c.Preemph)}
	in.overSignal = c.Preemph != 0 && c.PreemphScope == PreemphSignal
	const frames, samples = 64, 16 << 10 // what stays in a level-2 cache
	in.chunk = max(k.Lanes, min(frames, samples/in.step)/k.Lanes*k.Lanes)
	columns := (in.chunk + (f.Win-1)/in.step + 7) &^ 7
	n := columns*in.step + 8 // a tile of 8 x 8 may read past the last row's end
	in.raw, in.emph = make([]float32, n+1), make([]float32, n)
	in.first, in.dc, in.energy = make([]float32, in.chunk), make([]float32, in.chunk), make([]float32, in.chunk)
	needEnergy := c.UseEnergy && c.Energy == EnergyRaw && (c.Kind == LogMel || c.Kind == MFCC)
	in.sums = newFrameSums(f, in.step, in.chunk, c.RemoveDC, needEnergy, k)
	if k.Lanes == 1 {
		in.plain = !c.RemoveDC && (in.overSignal || in.preemph == 0)
		in.laid = make([]float32, f.Win+2)
		return in
	}
	in.rows, in.stride = (in.step+7)&^7, columns
	in.laid = aligned((in.rows + 2) * in.stride)
	return in
}

// place is where in laid, from a frame's begin, its sample i lies; -1 asks for
// any sample, which a weight of 0 will make a zero.
func (in *frameInput) place(i int) int32 {
	row, column := i%in.step, i/in.step
	switch {
	case in.plain:
		return int32(max(i, 0))
	case in.k.Lanes == 1 && i == 0:
		return int32(in.framing.Win)
	case in.k.Lanes == 1 && i < 0:
		return int32(in.framing.Win + 1)
	case in.k.Lanes == 1:
		return int32(i)
	case i == 0:
		row = in.rows
	case i < 0:
		row, column = in.rows+1, 0
	}
	return int32(row*in.stride + column)
}

// frames gives the lanes from frame i of the chunk on to the kernels.
func (in *frameInput) frames(i int) (src, dc, energy []float32) {
	dc, energy = in.dc[i:], in.energy[i:]
	switch {
	case in.plain:
		return in.emph[i*in.step:], dc, energy
	case in.k.Lanes > 1:
		return in.laid[i:], dc, energy
	}
	copy(in.laid[:in.framing.Win], in.emph[i*in.step:])
	in.laid[in.framing.Win] = in.first[i]
	return in.laid, dc, energy
}

// load prepares n frames from frame t on.
func load[S sample](in *frameInput, samples []S, t, n int) {
	length := (n-1)*in.step + in.framing.Win
	if in.step == in.framing.Hop {
		loadStretch(in, samples, in.framing.Begin(t), 0, length)
	} else {
		for i := range n {
			loadStretch(in, samples, in.framing.Begin(t+i), i*in.step, in.framing.Win)
		}
	}
	raw := in.raw[1:]
	in.sums.compute(in.dc[:n], in.energy[:n], raw)
	for i := range n {
		at := i * in.step
		if in.overSignal {
			in.first[i] = in.emph[at]
			continue
		}
		m := in.dc[i] // the mean
		v := raw[at] - m
		in.first[i] = v - float32(in.preemph*v)
		in.dc[i] = m - float32(in.preemph*m)
	}
	if in.k.Lanes > 1 {
		lanes := in.k.Lanes
		clear(in.emph[length:]) // lanes without a frame compute zeros
		clear(in.first[n:])
		clear(in.dc[n:])
		columns := ((n+lanes-1)/lanes*lanes + (in.framing.Win-1)/in.step + 7) / 8
		in.k.Transpose(in.laid, in.stride, in.emph, in.step, columns, in.rows/8)
		copy(in.laid[in.rows*in.stride:], in.first)
	}
}

// loadStretch fills raw and emph from position at on with length samples of the
// signal from begin on, which may reach over its ends.
func loadStretch[S sample](in *frameInput, samples []S, begin, at, length int) {
	raw, emph := in.raw[at:][:length+1], in.emph[at:][:length]
	// Samples [lo, hi) lie in the signal; none do where the hop is longer than
	// the frame and psf's last frame begins past the end.
	lo := max(begin, 0)
	hi := max(lo, min(begin+length, len(samples)))
	if lo < hi {
		widen(in.k, raw[1+lo-begin:][:hi-lo], samples[lo:hi])
	}
	for i := begin; i < lo; i++ {
		raw[1+i-begin] = outside(in.framing.Rule, samples, i)
	}
	for i := hi; i < begin+length; i++ {
		raw[1+i-begin] = outside(in.framing.Rule, samples, i)
	}
	if at == 0 {
		raw[0] = 0 // each frame's first sample is put right by load
	}
	if in.preemph == 0 {
		copy(emph, raw[1:])
	} else {
		in.k.Emphasize(emph, raw, in.preemph)
	}
	if in.overSignal {
		emphasizeEdges(in, samples, emph, begin, lo, hi)
	}
}

// emphasizeEdges puts pre-emphasis over the signal right where the signal, or
// the stretch, begins, and extends what came out over the signal's ends: psf's
// zeros follow pre-emphasis, they do not precede it.
func emphasizeEdges[S sample](in *frameInput, samples []S, emph []float32, begin, lo, hi int) {
	value := func(i int) float32 {
		v := float32(samples[i])
		if i == 0 {
			return v
		}
		return v - float32(in.preemph*float32(samples[i-1]))
	}
	edge := func(i int) float32 {
		if in.framing.Rule != FramingKaldi {
			return 0
		}
		return value(mirror(i, len(samples)))
	}
	if lo < hi {
		emph[lo-begin] = value(lo)
	}
	for i := begin; i < lo; i++ {
		emph[i-begin] = edge(i)
	}
	for i := hi; i < begin+len(emph); i++ {
		emph[i-begin] = edge(i)
	}
}

// Widen writes src as float32 to dst, which is exact. len(dst) is len(src).
func Widen(dst []float32, src []int16) { kernels.Active().Widen(dst, src) }

// widen converts samples to float32.
func widen[S sample](k *kernels.Set, dst []float32, src []S) {
	switch s := any(src).(type) {
	case []int16:
		k.Widen(dst, s)
	case []float32:
		copy(dst, s)
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
