package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"

	goaudio "github.com/go-audio/audio"
	"github.com/go-audio/wav"

	"framewise/bench/turns"
	"framewise/corpus/audio"
	"framewise/corpus/synth"
	"framewise/transforms"
)

// The signal: ten minutes of synthesized speech of many speakers.
const (
	signalSeconds    = 600
	utteranceSamples = 3 * synth.Rate
	dataVersion      = "1\n" // changes with the files below
)

// hertz are the sample rates by their names in file names.
var hertz = map[string]int{"8k": 8000, "16k": 16000, "44k": 44100, "48k": 48000}

// prepareData makes, once, what everyone works on:
//
//	speech-16k.s16 .f32 .wav .sph .flac    the signal
//	speech-8k.s16 .f32 -44k.f32 -48k.f32   the same at other rates
//	utterances/000.wav ...                 its 200 pieces of 3 s
//
// f32 is in int16 scale. SPHERE and FLAC are written by libsndfile, without
// which the works that read them are left out.
func prepareData(o options) error {
	stamp := filepath.Join(o.data(), "version")
	if have, err := os.ReadFile(stamp); err == nil && string(have) == dataVersion {
		return nil
	}
	fmt.Fprintf(os.Stderr, "bench: making %d s of speech in %s\n", signalSeconds, o.data())
	if err := os.RemoveAll(o.data()); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(o.data(), "utterances"), 0o755); err != nil {
		return err
	}
	speech, err := synthesize(filepath.Join(o.data(), "corpus"))
	if err != nil {
		return err
	}
	if err := writeSignal(o.data(), speech); err != nil {
		return err
	}
	cmd := exec.Command(o.python(), filepath.Join(o.bench, "peers.py"), o.data(), "--encode")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("writing SPHERE and FLAC: %w: %s", err, out)
	}
	return os.WriteFile(stamp, []byte(dataVersion), 0o644)
}

// synthesize speaks a corpus and strings its recordings together.
func synthesize(dir string) ([]float32, error) {
	if _, err := synth.Generate(dir, synth.DefaultConfig(), nil); err != nil {
		return nil, err
	}
	const n = signalSeconds * synth.Rate
	var speech []float32
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".WAV" || len(speech) >= n {
			return err
		}
		samples, _, err := audio.Load(path, 0, 0, -1)
		speech = append(speech, samples...)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(speech) < n {
		return nil, fmt.Errorf("the synthesizer spoke %d samples, want %d", len(speech), n)
	}
	return speech[:n], os.RemoveAll(dir)
}

func writeSignal(dir string, speech []float32) error {
	for name, rate := range hertz {
		r, err := transforms.NewResampler(synth.Rate, rate)
		if err != nil {
			return err
		}
		x := r.Resample(nil, speech)
		path := filepath.Join(dir, "speech-"+name)
		if err := errors.Join(turns.WriteFloats(path+".f32", x), writeInt16(path+".s16", x)); err != nil {
			return err
		}
	}
	if err := writeWAV(filepath.Join(dir, "speech-16k.wav"), speech); err != nil {
		return err
	}
	for i := range len(speech) / utteranceSamples {
		path := filepath.Join(dir, "utterances", fmt.Sprintf("%03d.wav", i))
		if err := writeWAV(path, speech[i*utteranceSamples:][:utteranceSamples]); err != nil {
			return err
		}
	}
	return nil
}

// round is the 16-bit sample nearest to v.
func round(v float32) int16 {
	return int16(max(math.MinInt16, min(math.MaxInt16, math.RoundToEven(float64(v)))))
}

func writeInt16(path string, x []float32) error {
	b := make([]byte, 0, 2*len(x))
	for _, v := range x {
		b = binary.LittleEndian.AppendUint16(b, uint16(round(v)))
	}
	return os.WriteFile(path, b, 0o644)
}

func readInt16(path string) ([]int16, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	x := make([]int16, len(b)/2)
	for i := range x {
		x[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return x, nil
}

func writeWAV(path string, x []float32) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	data := make([]int, len(x))
	for i, v := range x {
		data[i] = int(round(v))
	}
	const bits, channels, pcm = 16, 1, 1
	enc := wav.NewEncoder(f, synth.Rate, bits, channels, pcm)
	buf := &goaudio.IntBuffer{Format: &goaudio.Format{NumChannels: channels, SampleRate: synth.Rate}, Data: data, SourceBitDepth: bits}
	if err := enc.Write(buf); err != nil {
		return err
	}
	if err := enc.Close(); err != nil {
		return err
	}
	return f.Close()
}
