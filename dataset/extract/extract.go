package extract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"framewise/corpus/audio"
	"framewise/transforms"
)

// Config says what is made of every recording.
type Config struct {
	Features transforms.FeatureConfig
	Channel  int // of the recording, from 0
	Deltas   int // order of the deltas beside the statics, 0 to MaxDeltas
	Format   Format
}

// Result is what a recording came to.
type Result struct {
	Rate    int   // Hz
	Samples int64 // of the recording
	Frames  int
}

// RateError is the error of a configuration that does not fit the sample rate
// of a recording.
type RateError struct{ Err error }

func (e *RateError) Error() string { return e.Err.Error() }
func (e *RateError) Unwrap() error { return e.Err }

// Extractor extracts one recording after another with the same memory. It
// must not be used by two goroutines at a time.
type Extractor struct {
	cfg    Config
	format Format
	ints   pump[int16]
	floats pump[float32]
}

// New makes an extractor. It panics if the configuration has no format.
func New(cfg Config) *Extractor {
	x := &Extractor{cfg: cfg, format: cfg.Format}
	if cfg.Format == nil {
		panic("extract: no format")
	}
	if cfg.Deltas > 0 {
		x.format = withDeltas(cfg.Format, min(cfg.Deltas, MaxDeltas))
	}
	return x
}

// File writes the features of the recording at path to w. Nothing is written
// before the recording's header was found to be sound and to hold a frame.
// Errors name the recording; one about the configuration is a *RateError.
func (x *Extractor) File(ctx context.Context, path string, w io.Writer) (Result, error) {
	f, err := audio.Open(path)
	if err != nil {
		return Result{}, err
	}
	defer f.Close()
	r := Result{Rate: f.Info.Rate, Samples: f.Info.NumSamples}
	s, err := f.Stream(x.cfg.Channel, 0, r.Samples)
	if err != nil {
		return r, err
	}
	if f.Info.Int16() {
		r.Frames, err = x.ints.run(ctx, x, path, r, s.ReadI16, w)
	} else {
		r.Frames, err = x.floats.run(ctx, x, path, r, s.ReadF32, w)
	}
	if err != nil && !errors.As(err, new(*audio.Error)) { // which names the file itself
		err = fmt.Errorf("features of %s: %w", path, err)
	}
	return r, err
}

// pieceSamples is how much of a recording is read at once.
const pieceSamples = 1 << 15

// pump carries samples of one type through streams of features.
type pump[S int16 | float32] struct {
	streams map[int]*transforms.Stream[S] // by rate
	piece   []S
	rows    []float32
}

// maxStreams bounds the streams that are kept: recordings have few rates.
const maxStreams = 16

// stream is the stream for a rate.
func (p *pump[S]) stream(cfg transforms.FeatureConfig, rate int) (*transforms.Stream[S], error) {
	if s, ok := p.streams[rate]; ok {
		return s, nil
	}
	if len(p.streams) >= maxStreams || p.streams == nil {
		p.streams = map[int]*transforms.Stream[S]{}
	}
	s, err := transforms.NewStream[S](cfg, rate)
	if err == nil {
		p.streams[rate] = s
	}
	return s, err
}

// run reads a recording to its end and writes its features.
func (p *pump[S]) run(ctx context.Context, x *Extractor, path string, r Result, read func([]S) (int, error), w io.Writer) (frames int, err error) {
	s, err := p.stream(x.cfg.Features, r.Rate)
	if err != nil {
		return 0, &RateError{err}
	}
	m := Matrix{Name: filepath.Base(path), T: s.NumFrames(int(r.Samples)), F: s.Dim(), HopMs: 1000 * float64(s.Framing().Hop) / float64(r.Rate)}
	if m.T == 0 {
		return 0, fmt.Errorf("%d samples at %d Hz are shorter than one frame of %g ms", r.Samples, r.Rate, x.cfg.Features.FrameLengthMs)
	}
	defer func() {
		if err != nil {
			delete(p.streams, r.Rate) // it is in the middle of a signal
		}
	}()
	to, err := x.format(w, m)
	if err != nil {
		return 0, err
	}
	if p.piece == nil {
		p.piece = make([]S, pieceSamples)
	}
	for end := false; !end; {
		n, err := read(p.piece)
		switch {
		case err == io.EOF:
			end, p.rows = true, s.Finish(p.rows)
		case err != nil:
			return 0, err
		default:
			p.rows = s.Push(p.rows, p.piece[:n])
		}
		if err := errors.Join(ctx.Err(), to.WriteRows(p.rows)); err != nil {
			return 0, err
		}
	}
	return m.T, to.Close()
}
