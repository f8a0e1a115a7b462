"""Serves the Python peers to the benchmark's driver, by the protocol of bench/turns.

    peers.py DATA-FOLDER            serve on standard input and output
    peers.py DATA-FOLDER --encode   write the SPHERE and FLAC files of the data

A work is a function that is made once (tables, arrays and tensors in the dtype
the peer likes best) and then run under the clock. Peers that want samples in
[-1, 1] get them so.
"""
import importlib.metadata
import json
import os
import sys
import time

import numpy as np

RATE = 16000
UTTERANCE = 3 * RATE
FULL_SCALE = 32768


class Works:
    """The works by id; each constructor imports its peer, so that one missing does not stop the rest."""

    def __init__(self, folder):
        self.folder = folder
        self.makers, self.against = {}, {}

    def add(self, package, *ids, title=None):
        """Registers a function id -> (run, to_save) for works of an installed package."""
        def register(make):
            for i in ids:
                self.makers[i] = lambda i=i: make(i)
                self.against[i] = (package, title or "{} {}")
            return make
        return register

    def path(self, name):
        return os.path.join(self.folder, name)

    def int16(self, rate="16k"):
        return np.fromfile(self.path(f"speech-{rate}.s16"), "<i2")

    def float32(self, rate):
        return np.fromfile(self.path(f"speech-{rate}.f32"), "<f4")

    def utterances(self):
        """Float32 in [-1, 1], [200, 48000]."""
        return (self.int16().astype(np.float32) / FULL_SCALE).reshape(-1, UTTERANCE)

    def offers(self):
        offers, missing = {}, {}
        for i, (package, title) in self.against.items():
            try:
                offers[i] = title.format(package, importlib.metadata.version(package))
            except importlib.metadata.PackageNotFoundError:
                missing[i] = f"{package} is not installed"
        return {"offers": offers, "missing": missing}


def same(y):
    return y


def define(w):
    @w.add("kaldi-native-fbank", "knf-py-fbank80", title="{} {} (Python)")
    def _(_):
        import kaldi_native_fbank as knf
        options = knf.FbankOptions()
        options.frame_opts.dither = 0
        options.mel_opts.num_bins = 80
        options.mel_opts.low_freq, options.mel_opts.high_freq = 20, 0
        samples = w.int16().astype(np.float32).tolist()  # the binding wants a list

        def run():
            fbank = knf.OnlineFbank(options)
            fbank.accept_waveform(RATE, samples)
            fbank.input_finished()
            return np.stack([fbank.get_frame(t) for t in range(fbank.num_frames_ready)])
        return run, same

    @w.add("python_speech_features", "psf-logfbank80", "psf-mfcc-deltas", "psf-delta")
    def _(work):
        import python_speech_features as psf
        x = w.int16()
        if work == "psf-logfbank80":
            return lambda: psf.logfbank(x, RATE, nfilt=80, nfft=512), same
        if work == "psf-delta":
            statics = psf.mfcc(x, RATE)
            return lambda: psf.delta(statics, 2), same

        def run():
            c = psf.mfcc(x, RATE)
            d = psf.delta(c, 2)
            return np.hstack([c, d, psf.delta(d, 2)])
        return run, same

    @w.add("lhotse", "lhotse-fbank80-3s", title="{} {} Fbank (PyTorch)")
    def _(_):
        import torch
        from lhotse import Fbank
        torch.set_num_threads(1)
        extractor = Fbank()  # 80 filters, 20..7600 Hz, no snipped edges, no dither; tables kept
        xs = [torch.from_numpy(x) for x in w.utterances()]

        def run():
            with torch.inference_mode():
                return [extractor.extract(x, RATE) for x in xs]
        return run, lambda ys: torch.cat(ys).numpy()

    @w.add("torchaudio", "torchaudio-fbank80-3s", title="{} {} compliance.kaldi")
    def _(_):
        import torch
        from torchaudio.compliance import kaldi
        torch.set_num_threads(1)
        xs = [torch.from_numpy(x * FULL_SCALE)[None] for x in w.utterances()]

        def run():
            with torch.inference_mode():
                return [kaldi.fbank(x, num_mel_bins=80, sample_frequency=RATE) for x in xs]
        return run, lambda ys: torch.cat(ys).numpy()

    @w.add("librosa", "librosa-logmel80-3s")
    def _(_):
        import librosa
        from scipy.signal import get_window
        window = get_window("hann", 400, fftbins=False)
        xs = np.pad(w.utterances(), ((0, 0), (56, 56)))  # librosa centers the window of 400 in the FFT of 512

        def run():
            return [np.log(np.maximum(librosa.feature.melspectrogram(
                y=x, sr=RATE, n_fft=512, hop_length=160, win_length=400, window=window, center=False,
                n_mels=80, fmin=20, fmax=8000, htk=True, norm=None), 1e-10)) for x in xs]
        return run, lambda ys: np.concatenate([y.T for y in ys])

    @w.add("soxr", "soxr-16k-8k", "soxr-8k-16k", "soxr-44k-16k", "soxr-48k-16k", title="{} {} HQ")
    def _(work):
        import soxr
        rates = {"8k": 8000, "16k": 16000, "44k": 44100, "48k": 48000}
        _, a, b = work.split("-")
        x = w.int16(a).astype(np.float32) if a == "16k" else w.float32(a)
        return lambda: soxr.resample(x, rates[a], rates[b], quality="HQ"), same

    @w.add("soundfile", "soundfile-wav", "soundfile-wav-float32", "soundfile-sph", "soundfile-flac")
    def _(work):
        import soundfile
        path = w.path("speech-16k." + work.split("-")[1])
        # into memory that is kept, as ours
        dtype = "float32" if work.endswith("-float32") else "int16"
        kept = np.empty(soundfile.info(path).frames, dtype)
        return lambda: soundfile.read(path, dtype=dtype, out=kept)[0], (lambda y: y * FULL_SCALE) if dtype == "float32" else same


def encode(w):
    """Writes the recordings whose encoder is to be libsndfile's."""
    import soundfile
    x = w.int16()
    soundfile.write(w.path("speech-16k.sph"), x, RATE, format="NIST", subtype="PCM_16", endian="LITTLE")
    soundfile.write(w.path("speech-16k.flac"), x, RATE, format="FLAC", subtype="PCM_16")


def serve(w):
    out = sys.stdout
    sys.stdout = sys.stderr  # what a library prints is no answer

    def answer(**fields):
        print(json.dumps(fields), file=out, flush=True)

    answer(**w.offers())
    made = {}
    for line in sys.stdin:
        try:
            verb, work, argument = line.rstrip("\n").split(" ", 2)
            if work not in made:
                made[work] = w.makers[work]()
            run, to_save = made[work]
            wall, cpu = time.perf_counter(), time.process_time()
            for _ in range(int(argument) if verb == "run" else 1):
                y = run()
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            if verb == "save":
                np.asarray(to_save(y), "<f4").tofile(argument)
            answer(wall_s=wall, cpu_s=cpu)
        except Exception as e:  # the driver leaves this work out, and says so
            answer(error=f"{type(e).__name__}: {e}")


def main():
    w = Works(sys.argv[1])
    define(w)
    if sys.argv[2:] == ["--encode"]:
        encode(w)
    else:
        serve(w)


if __name__ == "__main__":
    main()
