package main

import (
	"framewise/transforms/isa"
)

// contest is a work that ours and a peer both do.
type contest struct {
	work    string // in the rows
	ours    string // id in our server, or a name in features
	peer    string // server of the peer
	theirs  string // id in the peer's server
	seconds float64
	agree   agreement
	targets map[isa.Level]float64 // ratios that the project set itself
}

// The servers of peers.
const (
	python     = "python"      // peers.py
	knfShipped = "knf-shipped" // knf.cc with kaldi-native-fbank as it comes
	knfKept    = "knf-kept"    // the same with its FFT plan kept
	goAudio    = "go-audio"    // this program with github.com/go-audio/wav
)

// features are the feature configurations by id: settings as the command line
// and build.yaml take them. Lhotse's floor of 2^-23 and the 1e-10 that
// librosa's users take are of samples in [-1, 1]; log_floor is the same in
// int16 scale.
var features = map[string][]string{
	"fbank80":         {"preset=kaldi-fbank", "num_filters=80"},
	"fbank40-8k":      {"preset=kaldi-fbank", "num_filters=40"},
	"mfcc13":          {"preset=kaldi-mfcc"},
	"psf-logfbank80":  {"preset=psf-logfbank", "num_filters=80"},
	"psf-mfcc":        {"preset=psf-mfcc"},
	"fbank80-lhotse":  {"preset=kaldi-fbank", "num_filters=80", "framing=kaldi", "high_hz=-400", "log_floor=128"},
	"fbank80-librosa": {"preset=kaldi-fbank", "num_filters=80", "preemph=0", "remove_dc=false", "window=hann", "log_floor=0.1073741824"},
}

func targets(avx512, avx2, scalar float64) map[isa.Level]float64 {
	return map[isa.Level]float64{isa.AVX512: avx512, isa.AVX2: avx2, isa.Scalar: scalar}
}

// contests lists what is compared, in the order of the table.
func contests() []contest {
	const all = signalSeconds
	const fbank, utts = "80-bin log-mel", "80-bin log-mel, 3 s utterances"
	return []contest{
		{fbank, "fbank80", knfShipped, "knf-fbank80", all, kaldiCells(80), targets(25, 21, 3)},
		{fbank, "fbank80", knfKept, "knf-fbank80", all, kaldiCells(80), targets(10, 8, 1.3)},
		{fbank, "fbank80", python, "knf-py-fbank80", all, kaldiCells(80), nil},
		{"80-filter psf-logfbank", "psf-logfbank80", python, "psf-logfbank80", all, psfCells(80), targets(28, 22, 3)},
		{"psf-mfcc, deltas, delta-deltas", "psf-mfcc-deltas", python, "psf-mfcc-deltas", all, values(39, 1e-3), targets(28, 22, 3)},
		{"deltas of 13 MFCC", "deltas13", python, "psf-delta", all, values(13, 2e-4), nil},
		{"kaldi-mfcc, 13 of 23", "mfcc13", knfShipped, "knf-mfcc13", all, values(13, 5e-3), nil},
		{"kaldi-mfcc, 13 of 23", "mfcc13", knfKept, "knf-mfcc13", all, values(13, 5e-3), nil},
		{"40-bin log-mel at 8 kHz", "fbank40-8k", knfShipped, "knf-fbank40-8k", all, kaldiCells(40), nil},
		{"40-bin log-mel at 8 kHz", "fbank40-8k", knfKept, "knf-fbank40-8k", all, kaldiCells(40), nil},

		{utts, "fbank80-lhotse-3s", python, "lhotse-fbank80-3s", all, lhotseCells(80), targets(5, 4, 0.8)},
		{utts, "fbank80-3s", python, "torchaudio-fbank80-3s", all, kaldiCells(80), nil},
		{utts, "fbank80-librosa-3s", python, "librosa-logmel80-3s", all, librosaCells(80), targets(15, 12, 2)},

		{"resampling 16 -> 8 kHz", "resample-16k-8k", python, "soxr-16k-8k", all, residual(-50), targets(1.2, 1.2, 0)},
		{"resampling 8 -> 16 kHz", "resample-8k-16k", python, "soxr-8k-16k", all, residual(-50), nil},
		{"resampling 44.1 -> 16 kHz", "resample-44k-16k", python, "soxr-44k-16k", all, residual(-50), targets(1.2, 1, 0)},
		{"resampling 48 -> 16 kHz", "resample-48k-16k", python, "soxr-48k-16k", all, residual(-50), nil},

		{"reading 16-bit WAV", "read-wav", goAudio, "go-audio-wav", all, exact(), targets(15, 0, 0)},
		{"reading 16-bit WAV", "read-wav", python, "soundfile-wav", all, exact(), targets(4, 0, 0)},
		{"reading 16-bit WAV as float32", "load-wav", python, "soundfile-wav-float32", all, exact(), nil},
		{"reading 16-bit SPHERE", "read-sph", python, "soundfile-sph", all, exact(), nil},
		{"reading 16-bit FLAC", "read-flac", python, "soundfile-flac", all, exact(), nil},
	}
}

// commandContests lists the whole commands that are compared: `framewise
// features` and features_peer.py on a folder of recordings. ours names the
// settings, theirs the peer; the version comes from the peer's server.
func commandContests() []contest {
	const work, all = "features command, 200 WAV files of 3 s", signalSeconds
	return []contest{
		{work, "fbank80", "knf", "knf-py-fbank80", all, kaldiCells(80), nil},
		{work, "psf-logfbank80", "psf", "psf-logfbank80", all, psfCells(80), nil},
		{work, "fbank80-lhotse", "lhotse", "lhotse-fbank80-3s", all, lhotseCells(80), nil},
		{work, "fbank80", "torchaudio", "torchaudio-fbank80-3s", all, kaldiCells(80), nil},
		{work, "fbank80-librosa", "librosa", "librosa-logmel80-3s", all, librosaCells(80), nil},
	}
}
