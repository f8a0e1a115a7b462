"""What `framewise features FOLDER --out FOLDER` does, with another program's features.

    features_peer.py PEER FOLDER OUT     PEER: knf, lhotse, torchaudio, librosa, psf

Reads every WAV file of FOLDER with soundfile, computes 80 log-mel bands in the
manner that the peer's documentation shows, and writes OUT/NAME.npy.
"""
import os
import sys

import numpy as np
import soundfile


def knf():
    import kaldi_native_fbank as knf
    options = knf.FbankOptions()
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = 80
    options.mel_opts.low_freq, options.mel_opts.high_freq = 20, 0

    def compute(x):
        fbank = knf.OnlineFbank(options)
        fbank.accept_waveform(16000, (x * np.float32(32768)).tolist())
        fbank.input_finished()
        return np.stack([fbank.get_frame(t) for t in range(fbank.num_frames_ready)])
    return "float32", compute


def lhotse():
    import torch
    from lhotse import Fbank
    torch.set_num_threads(1)
    extractor = Fbank()
    return "float32", lambda x: extractor.extract(x, 16000)


def torchaudio():
    import torch
    from torchaudio.compliance import kaldi
    torch.set_num_threads(1)
    return "float32", lambda x: kaldi.fbank(torch.from_numpy(x * np.float32(32768))[None], num_mel_bins=80).numpy()


def librosa():
    import librosa
    from scipy.signal import get_window
    window = get_window("hann", 400, fftbins=False)

    def compute(x):
        power = librosa.feature.melspectrogram(
            y=np.pad(x, 56), sr=16000, n_fft=512, hop_length=160, win_length=400, window=window, center=False,
            n_mels=80, fmin=20, fmax=8000, htk=True, norm=None)
        return np.ascontiguousarray(np.log(np.maximum(power, 1e-10)).T)
    return "float32", compute


def psf():
    import python_speech_features as psf
    return "int16", lambda x: psf.logfbank(x, 16000, nfilt=80, nfft=512).astype(np.float32)


def main():
    peer, folder, out = sys.argv[1:]
    dtype, compute = {f.__name__: f for f in (knf, lhotse, torchaudio, librosa, psf)}[peer]()
    os.makedirs(out, exist_ok=True)
    for name in sorted(os.listdir(folder)):
        samples, _ = soundfile.read(os.path.join(folder, name), dtype=dtype)
        np.save(os.path.join(out, os.path.splitext(name)[0] + ".npy"), compute(samples))


if __name__ == "__main__":
    main()
