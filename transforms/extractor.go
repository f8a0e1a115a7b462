package transforms

import "framewise/transforms/kernels"

// Extractor turns samples into rows of features. It owns its tables and its
// scratch space, so that one extractor serves any number of signals without
// allocating; it must not be used by two goroutines at a time.
//
// A row depends on the samples of its frame alone (and, under preemph_scope
// signal, on the one before): a signal cut at a frame's begin gives the bits
// that the whole signal gives.
//
// Frames are computed as many at a time as a vector of the CPU has lanes; see
// package kernels.
type Extractor struct {
	config  FeatureConfig
	framing Framing
	dim     int

	k    *kernels.Set
	in   frameInput
	spec spectrum
	row  rowMaker
}

// NewExtractor makes an extractor for signals of rate Hz. The error is that of
// [FeatureConfig.Validate], or says what does not fit the rate.
func NewExtractor(c FeatureConfig, rate int) (*Extractor, error) {
	return newExtractor(c, rate, kernels.Active())
}

func newExtractor(c FeatureConfig, rate int, k *kernels.Set) (*Extractor, error) {
	r, err := c.resolve(rate)
	if err != nil {
		return nil, err
	}
	c.NFFT = r.nfft
	x := &Extractor{config: c, framing: r.framing, k: k}
	x.in = newFrameInput(c, r.framing, k)
	x.spec = newSpectrum(r.nfft, windowTable(c.Window, r.framing.Win), k, x.in.place)
	x.row = newRowMaker(c, rate, r, k)
	x.dim = x.row.dim
	return x, nil
}

// Config is the configuration with nfft filled in.
func (x *Extractor) Config() FeatureConfig { return x.config }

// Framing says which samples each frame covers.
func (x *Extractor) Framing() Framing { return x.framing }

// NumFrames is T for a signal of n samples.
func (x *Extractor) NumFrames(n int) int { return x.framing.NumFrames(n) }

// Dim is F, the width of a row.
func (x *Extractor) Dim() int { return x.dim }

// Compute writes the features of samples, in int16 scale and within 2^40, to dst
// and returns it with length T*F, row by row; a dst without that capacity is
// replaced by a new one. Samples that are whole numbers give the bits that
// ComputeI16 gives.
func (x *Extractor) Compute(dst, samples []float32) []float32 {
	return compute(x, dst, samples)
}

// ComputeI16 is Compute for 16-bit samples.
func (x *Extractor) ComputeI16(dst []float32, samples []int16) []float32 {
	return compute(x, dst, samples)
}

// compute goes through the signal by chunks of frames, and through a chunk by
// as many frames as there are lanes.
func compute[S sample](x *Extractor, dst []float32, samples []S) []float32 {
	T, lanes := x.NumFrames(len(samples)), x.k.Lanes
	dst = resize(dst, T*x.dim)
	for t := 0; t < T; t += x.in.chunk {
		n := min(x.in.chunk, T-t)
		load(&x.in, samples, t, n)
		for i := 0; i < n; i += lanes {
			x.touch(dst, t+i+lanes)
			touchSamples(x, samples, t+i+x.in.chunk)
			src, dc, energy := x.in.frames(i)
			p := x.spec.power(src, dc)
			x.row.write(dst[(t+i)*x.dim:], min(lanes, n-i), p, energy)
		}
	}
	return dst
}

// touch brings the rows from row t on near, as many as there are lanes.
func (x *Extractor) touch(dst []float32, t int) {
	from, to := min(t*x.dim, len(dst)), min((t+x.k.Lanes)*x.dim, len(dst))
	kernels.Touch(x.k, dst[from:to])
}

// touchSamples brings the samples that frames from frame t on add near, as many
// as there are lanes.
func touchSamples[S sample](x *Extractor, samples []S, t int) {
	from, to := min(max(0, x.framing.Begin(t)), len(samples)), min(max(0, x.framing.Begin(t+x.k.Lanes)), len(samples))
	kernels.Touch(x.k, samples[from:to])
}

// Kernel names the kernels that spectra and resampling run on: scalar, avx2 or
// avx512.
func Kernel() string { return kernels.Active().Level.String() }

// KernelSetting reports a FRAMEWISE_SIMD that could not be followed: an unknown
// value, or instructions that this CPU lacks.
func KernelSetting() error { return kernels.Setting() }
