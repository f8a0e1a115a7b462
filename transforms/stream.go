package transforms

// Stream computes the features of a signal that arrives in pieces, such as a
// recording of hours: the rows are those of [Extractor.Compute] for the whole
// signal, to the bit, however it is cut. Memory is bounded by some hundred
// frames of samples and their rows. A Stream must not be used by two
// goroutines at a time.
//
// It rests on what an Extractor promises: a row depends on the samples of its
// frame alone and, under preemph_scope signal, on the one before.
type Stream[S int16 | float32] struct {
	whole  *Extractor // with the configuration's framing: the signal's ends
	inner  *Extractor // frame 0 begins at sample 0: what lies between the ends
	run    func(x *Extractor, dst []float32, samples []S) []float32
	before int // frames that inner computes before the first that is wanted
	keep   int // frames whose begin stays in carry before the next frame

	carry []S // the samples from the begin of hop base on
	base  int // in hops
	n     int // samples so far
	next  int // frames so far
	rows  []float32
}

// NewStream makes a stream for signals of rate Hz. The error is that of
// [NewExtractor].
func NewStream[S int16 | float32](c FeatureConfig, rate int) (*Stream[S], error) {
	whole, err := NewExtractor(c, rate)
	if err != nil {
		return nil, err
	}
	s := &Stream[S]{whole: whole, inner: whole}
	if c.FramingRule == FramingKaldi {
		// Its frames are those of kaldi-snip, begun lead samples earlier.
		c.FramingRule = FramingKaldiSnip
		if s.inner, err = NewExtractor(c, rate); err != nil {
			return nil, err
		}
	}
	if c.Preemph != 0 && c.PreemphScope == PreemphSignal {
		s.before = 1 // it has the sample before the first frame that is wanted
	}
	f := whole.Framing()
	s.keep = max(f.Lead, 0)/f.Hop + 2
	for _, run := range []any{(*Extractor).Compute, (*Extractor).ComputeI16} {
		if run, ok := run.(func(*Extractor, []float32, []S) []float32); ok {
			s.run = run
		}
	}
	return s, nil
}

// Dim is F, the width of a row.
func (s *Stream[S]) Dim() int { return s.whole.Dim() }

// Framing says which samples each frame covers.
func (s *Stream[S]) Framing() Framing { return s.whole.Framing() }

// NumFrames is the number of rows of a signal of n samples, Finish's included.
func (s *Stream[S]) NumFrames(n int) int { return s.whole.NumFrames(n) }

// pieceFrames is how many frames' samples are taken at once.
const pieceFrames = 256

// Push takes the samples that follow, in int16 scale and finite, and writes
// the rows of all frames that are complete now to dst, row by row. It returns
// dst with their length; a dst without that capacity is replaced by a new one.
func (s *Stream[S]) Push(dst []float32, samples []S) []float32 {
	dst = dst[:0]
	f := s.Framing()
	for len(samples) > 0 {
		m := min(len(samples), pieceFrames*f.Hop)
		s.carry = append(s.carry, samples[:m]...)
		s.n += m
		samples = samples[m:]
		dst = s.complete(dst)
		s.forget()
	}
	return dst
}

// Finish ends the signal: it writes the rows that are left as Push does. Then
// the stream is ready for another signal.
func (s *Stream[S]) Finish(dst []float32) []float32 {
	dst = dst[:0]
	if T := s.NumFrames(s.n); s.next < T {
		s.rows = s.run(s.whole, s.rows, s.carry)
		dst = s.emit(dst, s.next-s.base, T-s.base)
	}
	s.carry, s.base, s.n, s.next = s.carry[:0], 0, 0, 0
	return dst
}

// complete appends the rows of the frames whose samples are all there.
func (s *Stream[S]) complete(dst []float32) []float32 {
	f := s.Framing()
	ready := s.next
	if d := s.n - f.Win - f.Begin(s.next); d >= 0 {
		ready += d/f.Hop + 1
	}
	if ready == s.next {
		return dst
	}
	at := s.base * f.Hop // of carry's first sample
	end := f.Begin(ready-1) + f.Win - at
	from := f.Begin(s.next-s.before) - at
	if from < 0 { // the signal's begin: base is 0
		s.rows = s.run(s.whole, s.rows, s.carry[:end])
		dst = s.emit(dst, s.next, ready)
	} else {
		s.rows = s.run(s.inner, s.rows, s.carry[from:end])
		dst = s.emit(dst, s.before, s.before+ready-s.next)
	}
	s.next = ready
	return dst
}

// emit appends rows [from, to) of those that were computed.
func (s *Stream[S]) emit(dst []float32, from, to int) []float32 {
	F := s.Dim()
	return append(dst, s.rows[from*F:to*F]...)
}

// forget drops the samples that no frame to come needs, to whole hops, so that
// frame t of the signal is frame t-base of what is kept. What the signal's end
// mirrors, half a frame, is within it.
func (s *Stream[S]) forget() {
	base := max(s.next-s.keep, 0)
	drop := (base - s.base) * s.Framing().Hop
	s.carry = s.carry[:copy(s.carry, s.carry[drop:])]
	s.base = base
}
