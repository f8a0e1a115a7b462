package transforms

// Extractor turns samples into rows of features. It owns its tables and its
// scratch space, so that one extractor serves any number of signals without
// allocating; it must not be used by two goroutines at a time.
//
// A row depends on the samples of its frame alone (and, under preemph_scope
// signal, on the one before): a signal cut at a frame's begin gives the bits
// that the whole signal gives.
type Extractor struct {
	config  FeatureConfig
	framing Framing
	dim     int

	in   frameInput
	spec spectrum
	mel  melBank
	dct  []float32 // [num_ceps, num_filters], lifter included
	out  rowWriter
}

// NewExtractor makes an extractor for signals of rate Hz. The error is that of
// [FeatureConfig.Validate], or says what does not fit the rate.
func NewExtractor(c FeatureConfig, rate int) (*Extractor, error) {
	r, err := c.resolve(rate)
	if err != nil {
		return nil, err
	}
	c.NFFT = r.nfft
	x := &Extractor{config: c, framing: r.framing}
	x.in = newFrameInput(c, r.framing)
	x.spec = newSpectrum(r.nfft, windowTable(c.Window, r.framing.Win))
	switch c.Kind {
	case LogMel, MFCC:
		x.mel = newMelBank(c, rate, r)
		x.dim = c.NumFilters
		if c.Kind == LogMel && c.UseEnergy {
			x.dim++
		}
		if c.Kind == MFCC {
			x.dct = dctTable(c.NumCeps, c.NumFilters, c.Lifter)
			x.dim = c.NumCeps
		}
	case Power, Magnitude:
		x.dim = r.nfft/2 + 1
	}
	x.out = newRowWriter(c)
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

// Compute writes the features of samples, in int16 scale and finite, to dst
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

// compute goes through the signal by chunks of frames. A chunk is what a
// vector kernel would take at once.
func compute[S sample](x *Extractor, dst []float32, samples []S) []float32 {
	T := x.NumFrames(len(samples))
	dst = resize(dst, T*x.dim)
	for t := 0; t < T; t += x.in.chunk {
		n := min(x.in.chunk, T-t)
		load(&x.in, samples, t, n)
		for i := range n {
			row := dst[(t+i)*x.dim:][:x.dim]
			x.row(row, i)
		}
	}
	return dst
}

// row computes frame i of the loaded chunk.
func (x *Extractor) row(row []float32, i int) {
	in := &x.in
	p := x.spec.power(in.emph[i*in.hop:][:in.win], in.first[i], in.dc[i])
	switch x.config.Kind {
	case LogMel:
		if x.config.UseEnergy {
			row[0] = x.energy(p, i)
			x.mel.apply(row[1:], p)
		} else {
			x.mel.apply(row, p)
		}
		x.out.log(row)
	case MFCC:
		x.out.mel = resize(x.out.mel, x.config.NumFilters)
		x.mel.apply(x.out.mel, p)
		x.out.log(x.out.mel)
		multiply(row, x.dct, x.out.mel)
		if x.config.UseEnergy {
			row[0] = x.energy(p, i)
			x.out.log(row[:1])
		}
	case Power:
		x.out.power(row, p)
	case Magnitude:
		magnitude(row, p)
	}
}

// energy is the energy that use_energy asks for, before its logarithm.
func (x *Extractor) energy(p []float32, i int) float32 {
	e := float32(0)
	if x.config.Energy == EnergyRaw {
		e = x.in.energy[i]
	} else {
		e = sum4(p) * x.out.scale
	}
	return max(e, float32(x.config.EnergyFloor))
}
