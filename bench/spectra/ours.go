package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/go-audio/wav"
	"go.yaml.in/yaml/v3"

	"framewise/bench/turns"
	"framewise/corpus/audio"
	"framewise/transforms"
	"framewise/transforms/isa"
)

// serveWorks is the server of our works, or of go-audio's.
func serveWorks(who, data string) error {
	o := ours{data}
	offer, maker := turns.Offer{}, o.make
	switch who {
	case "ours":
		if _, err := isa.Choose(); err != nil { // figures of another level than the rows say would be lies
			return err
		}
	case goAudio:
		maker = o.goAudio
		offer.Offers = map[string]string{"go-audio-wav": "go-audio/wav " + moduleVersion("github.com/go-audio/wav")}
	default:
		return fmt.Errorf("there is no server %q", who)
	}
	return turns.Serve(os.Stdin, os.Stdout, offer, maker)
}

func moduleVersion(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return "of unknown version"
}

// ours makes our works from the folder of data.
type ours struct{ data string }

func (o ours) path(name string) string { return filepath.Join(o.data, name) }

func (o ours) make(id string) (turns.Work, error) {
	kind, rest, _ := strings.Cut(id, "-")
	from, to, _ := strings.Cut(rest, "-")
	switch {
	case kind == "resample":
		return o.resample(from, to)
	case kind == "read":
		return o.read("speech-16k." + rest)
	case kind == "load":
		return o.load("speech-16k." + rest)
	case id == "deltas13":
		return o.deltas()
	case id == "psf-mfcc-deltas":
		return o.withDeltas()
	case strings.HasSuffix(id, "-3s"):
		return o.utterances(strings.TrimSuffix(id, "-3s"))
	case strings.HasSuffix(id, "-8k"):
		return o.extract(id, "8k")
	}
	return o.extract(id, "16k")
}

// extractor makes the extractor of a configuration in features.
func extractor(id string, rate int) (*transforms.Extractor, error) {
	settings, ok := features[id]
	if !ok {
		return nil, fmt.Errorf("there is no work %q", id)
	}
	var c transforms.FeatureConfig
	if err := yaml.Unmarshal([]byte(strings.ReplaceAll(strings.Join(settings, "\n"), "=", ": ")), &c); err != nil {
		return nil, err
	}
	return transforms.NewExtractor(c, rate)
}

// extract is the features of the whole signal.
func (o ours) extract(id, rate string) (turns.Work, error) {
	x, err := extractor(id, hertz[rate])
	if err != nil {
		return turns.Work{}, err
	}
	samples, err := readInt16(o.path("speech-" + rate + ".s16"))
	var out []float32
	return turns.Work{
		Run:  func() error { out = x.ComputeI16(out, samples); return nil },
		Save: func() []float32 { return out },
	}, err
}

// utterances is the features of the signal's pieces of 3 s, one call each.
func (o ours) utterances(id string) (turns.Work, error) {
	x, err := extractor(id, hertz["16k"])
	if err != nil {
		return turns.Work{}, err
	}
	samples, err := readInt16(o.path("speech-16k.s16"))
	if err != nil {
		return turns.Work{}, err
	}
	out := make([][]float32, len(samples)/utteranceSamples)
	return turns.Work{
		Run: func() error {
			for i := range out {
				out[i] = x.ComputeI16(out[i], samples[i*utteranceSamples:][:utteranceSamples])
			}
			return nil
		},
		Save: func() []float32 {
			var all []float32
			for _, y := range out {
				all = append(all, y...)
			}
			return all
		},
	}, nil
}

// deltas is the first derivative alone, of psf-mfcc.
func (o ours) deltas() (turns.Work, error) {
	w, err := o.extract("psf-mfcc", "16k")
	if err != nil {
		return w, err
	}
	if err := w.Run(); err != nil {
		return w, err
	}
	const dim = 13
	statics := w.Save()
	var out []float32
	return turns.Work{
		Run:  func() error { out = transforms.Deltas(out, statics, len(statics)/dim, dim); return nil },
		Save: func() []float32 { return out },
	}, nil
}

// withDeltas is psf-mfcc with both derivatives, [T, 39] as psf's users stack them.
func (o ours) withDeltas() (turns.Work, error) {
	x, err := extractor("psf-mfcc", hertz["16k"])
	if err != nil {
		return turns.Work{}, err
	}
	samples, err := readInt16(o.path("speech-16k.s16"))
	if err != nil {
		return turns.Work{}, err
	}
	dim, frames := x.Dim(), x.NumFrames(len(samples))
	var c, d, dd []float32
	out := make([]float32, 3*dim*frames)
	return turns.Work{
		Run: func() error {
			c = x.ComputeI16(c, samples)
			d = transforms.Deltas(d, c, frames, dim)
			dd = transforms.Deltas(dd, d, frames, dim)
			for t := range frames {
				row := out[3*dim*t:]
				copy(row, c[dim*t:][:dim])
				copy(row[dim:], d[dim*t:][:dim])
				copy(row[2*dim:], dd[dim*t:][:dim])
			}
			return nil
		},
		Save: func() []float32 { return out },
	}, nil
}

// resample converts the signal of one rate to another; both are keys of hertz.
func (o ours) resample(from, to string) (turns.Work, error) {
	r, err := transforms.NewResampler(hertz[from], hertz[to])
	if err != nil {
		return turns.Work{}, err
	}
	samples, err := turns.ReadFloats(o.path("speech-" + from + ".f32"))
	var out []float32
	return turns.Work{
		Run:  func() error { out = r.Resample(out, samples); return nil },
		Save: func() []float32 { return out },
	}, err
}

// read reads a recording from its opening to its last sample, into memory that
// is kept, as a loop over files does. (Memory that is new every time costs both
// sides ten times the reading, in page faults.)
func (o ours) read(name string) (turns.Work, error) {
	var samples []int16
	return turns.Work{
		Run: func() (err error) {
			samples, _, err = audio.LoadI16(samples, o.path(name), 0, 0, -1)
			return err
		},
		Save: func() []float32 { return floats(samples) },
	}, nil
}

// load does the same for float32 in int16 scale, which is what builds take.
func (o ours) load(name string) (turns.Work, error) {
	var samples []float32
	return turns.Work{
		Run: func() (err error) {
			samples, _, err = audio.LoadF32(samples, o.path(name), 0, 0, -1)
			return err
		},
		Save: func() []float32 { return samples },
	}, nil
}

// goAudio reads the WAV file with go-audio/wav. It reads sample by sample, so
// that a file under it costs a system call for each: it gets the bytes.
func (o ours) goAudio(string) (turns.Work, error) {
	var samples []int
	return turns.Work{
		Run: func() error {
			file, err := os.ReadFile(o.path("speech-16k.wav"))
			if err != nil {
				return err
			}
			buf, err := wav.NewDecoder(bytes.NewReader(file)).FullPCMBuffer()
			if err != nil {
				return err
			}
			samples = buf.Data
			return nil
		},
		Save: func() []float32 { return floats(samples) },
	}, nil
}

// floats converts samples for comparison.
func floats[S int | int16](x []S) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}
