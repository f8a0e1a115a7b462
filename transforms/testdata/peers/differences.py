"""Runs the peers and checks what docs/features.md says of them.

    pip install numpy==2.4.6 scipy==1.17.1 python_speech_features==0.6 \
        kaldi-native-fbank==1.22.4 torch==2.11.0 torchaudio==2.11.0 lhotse==1.33.0
    python3 differences.py
"""

import inspect
import os
import sys
import warnings

import kaldi_native_fbank as knf
import lhotse
import numpy as np
import python_speech_features as psf
import torch
import torchaudio
import torchaudio.compliance.kaldi as ta

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden"))
from make_golden import speech_signal  # noqa: E402

SPEECH = speech_signal(16000).astype(np.float64)
SHIFT = -2 * np.log(32768)


def claim(text, ok, figure=""):
    print("ok  " if ok else "FAIL", text, figure)
    claim.failed |= not ok


claim.failed = False


def kaldi(x, rate=16000, mfcc=False, **options):
    o = knf.MfccOptions() if mfcc else knf.FbankOptions()
    o.frame_opts.dither, o.frame_opts.samp_freq = 0, rate
    for key, value in options.items():
        for part in (o.frame_opts, o.mel_opts, o):
            if hasattr(part, key):
                setattr(part, key, value)
                break
        else:
            raise KeyError(key)
    k = knf.OnlineMfcc(o) if mfcc else knf.OnlineFbank(o)
    k.accept_waveform(rate, np.asarray(x, np.float32).tolist())
    k.input_finished()
    return np.array([k.get_frame(i) for i in range(k.num_frames_ready)])


def worst(a, b):
    return float(np.abs(np.asarray(a) - np.asarray(b)).max()) if np.shape(a) == np.shape(b) else np.inf


def python_speech_features():
    frames = lambda n: len(psf.logfbank(np.ones(n)))
    claim("psf: 1 frame for 1..400 samples, then 1 + ceil((n-400)/160)",
          [frames(n) for n in (1, 400, 401, 560, 561)] == [1, 1, 2, 2, 3])
    claim("psf: no samples give an error", raises(lambda: psf.logfbank(np.ones(0))))
    claim("psf: 25 ms at 11025 Hz are 276 samples (275.6 rounded)", psf.sigproc.framesig(np.ones(9999), 0.025 * 11025, 110).shape[1] == 276)
    claim("psf: y[0] = x[0]", psf.sigproc.preemphasis(np.array([100.0, 100]), 0.97)[0] == 100)
    padded = psf.sigproc.framesig(psf.sigproc.preemphasis(np.full(500, 100.0)), 400, 160)[1]
    claim("psf: zeros follow pre-emphasis", padded[340] == 0)
    claim("psf: logfbank has no winfunc", "winfunc" not in inspect.signature(psf.logfbank).parameters)
    claim("psf: mfcc takes an FFT of 512 at every rate unless told", inspect.signature(psf.mfcc).parameters["nfft"].default == 512)
    long = np.concatenate([np.zeros(600), np.full(500, 1000.0)])  # at 44.1 kHz a frame has 1102 samples
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        claim("psf: a frame longer than nfft is cut", np.allclose(psf.logfbank(long, 44100, preemph=0), np.log(np.finfo(float).eps)))
    claim("psf: silence is log(2^-52) = -36.04", np.allclose(psf.logfbank(np.zeros(800)), np.log(2.0**-52)))
    tiny = psf.logfbank(np.full(800, 1e-9), preemph=0)
    claim("psf: nothing else is floored", tiny.min() < -36.1, f"{tiny.min():.1f}")
    bank = psf.get_filterbanks(80, 512, 16000)
    claim("psf: with 80 filters at 16 kHz and nfft 512 some hold one bin, the first only bin 0",
          bank[0].nonzero()[0].tolist() == [0] and ((bank > 0).sum(1) == 1).sum() > 1, str(((bank > 0).sum(1) == 1).sum()))
    claim("psf: weight 0 for the Nyquist bin", not bank[:, 256].any())
    claim("psf: high_hz above Nyquist is refused", raises(lambda: psf.logfbank(SPEECH, 16000, highfreq=8001)))
    feat, energy = psf.fbank(SPEECH)
    c = psf.mfcc(SPEECH)
    claim("psf: C0 is the log of the summed power spectrum", np.allclose(c[:, 0], np.log(energy)))
    frame = psf.sigproc.framesig(psf.sigproc.preemphasis(SPEECH), 400, 160)
    claim("psf: power is divided by nfft", np.allclose(psf.sigproc.powspec(frame, 512), np.abs(np.fft.rfft(frame, 512)) ** 2 / 512))
    rows = np.arange(12.0).reshape(6, 2) ** 2
    edge = np.pad(rows, ((2, 2), (0, 0)), mode="edge")
    d = sum(k * (edge[2 + k : 8 + k] - edge[2 - k : 8 - k]) for k in (1, 2)) / 10
    claim("psf: delta(feat, 2) repeats the edge rows", np.allclose(psf.delta(rows, 2), d))
    claim("torchaudio: compute_deltas(win_length=5) is psf's delta",
          worst(torchaudio.functional.compute_deltas(torch.tensor(rows.T), 5).numpy().T, d) < 1e-9)
    second = np.convolve([-0.2, -0.1, 0, 0.1, 0.2], [-0.2, -0.1, 0, 0.1, 0.2])
    wide = np.random.default_rng(1).normal(size=(20, 3))
    filtered = sum(second[4 + k] * np.pad(wide, ((4, 4), (0, 0)), mode="edge")[4 + k : 24 + k] for k in range(-4, 5))
    twice = psf.delta(psf.delta(wide, 2), 2)
    differ = np.abs(filtered - twice).max(axis=1) > 1e-12
    claim("delta of delta differs from one filter on the statics in the rows at the edges alone",
          differ.any() and not differ[4:-4].any(), f"rows {np.flatnonzero(differ).tolist()} of 20")


def raises(f):
    try:
        f()
    except Exception:
        return True
    return False


def kaldi_native_fbank():
    frames = lambda n, **o: len(kaldi(np.ones(n), **o))
    claim("knf: snip_edges: 0 frames below 400 samples, then 1 + floor((n-400)/160)", [frames(n) for n in (399, 400, 559, 560)] == [0, 1, 1, 2])
    claim("knf: no snip_edges: floor((n+80)/160)", [frames(n, snip_edges=False) for n in (79, 80, 239, 240)] == [0, 1, 1, 2])
    claim("knf: 25 ms at 11025 Hz are 275 samples", frames(275, rate=11025) == 1 and frames(274, rate=11025) == 0)
    claim("knf: dither is 3e-5 unless set", abs(knf.FbankOptions().frame_opts.dither - 3e-5) < 1e-9)
    claim("knf: use_energy is true for MFCC, false for fbank", knf.MfccOptions().use_energy and not knf.FbankOptions().use_energy)
    d = kaldi(SPEECH / 32768) - kaldi(SPEECH)
    claim("knf: samples in [-1, 1) move log-mels by -2 ln 32768 = -20.794", abs(np.median(d) - SHIFT) < 1e-3, f"median {np.median(d):.4f}")
    quiet = kaldi(SPEECH / 32768 / 100) - kaldi(SPEECH / 100)
    claim("knf: and less where the floor of 2^-23 bites", quiet.max() > SHIFT + 1, f"up to {quiet.max():.2f} for speech 40 dB down")
    claim("knf: silence is log(2^-23) = -15.94", np.allclose(kaldi(np.zeros(800)), np.log(2.0**-23)))
    alternating = 1000 * (-1.0) ** np.arange(800)
    plain = dict(preemph_coeff=0, remove_dc_offset=False, window_type="rectangular", frame_length_ms=32)
    claim("knf: the Nyquist bin is in no filter", np.allclose(kaldi(alternating, **plain), np.log(2.0**-23)))
    empty = kaldi(SPEECH, 8000, num_bins=160)
    claim("knf: filters without a bin (some of 160 at 8 kHz) are log(2^-23)", np.isclose(empty.min(axis=0), empty.max(axis=0)).any())
    loud = kaldi(SPEECH, use_energy=True, energy_floor=1e12)
    claim("knf: energy_floor changes the energy alone", np.allclose(loud[:, 0], np.log(1e12)) and worst(loud[:, 1:], kaldi(SPEECH)) == 0)
    raw = kaldi(SPEECH, use_energy=True)[:, 0]
    want = [np.log(((f - f.mean()) ** 2).sum()) for f in (SPEECH[i : i + 400] for i in range(0, 15601, 160))]
    claim("knf: raw energy is after DC removal, before pre-emphasis and window", worst(raw, want) < 1e-4)
    ours = kaldi(SPEECH[:100], snip_edges=False)
    claim("knf: a signal shorter than a frame is mirrored as often as it takes", ours.shape == (1, 23) and ours.min() > -15)


def impulse_mels(nfft, rate, bins):
    """Log-mels of an impulse of 1000: its power is 1e6 in every bin."""
    mel = lambda f: 1127 * np.log(1 + f / 700)
    step = (mel(rate / 2) - mel(20)) / (bins + 1)
    at = mel(np.arange(nfft // 2) * rate / nfft)
    return [np.log(1e6 * np.maximum(0, 1 - abs(at - mel(20) - (j + 1) * step) / step).sum()) for j in range(bins)]


def torch_peers():
    impulse = np.zeros(50)
    impulse[20] = 1000
    plain = dict(window_type="rectangular", remove_dc_offset=False)
    rows = kaldi(impulse, 2000, num_bins=4, preemph_coeff=0, **plain)
    d = worst(rows[0], impulse_mels(64, 2000, 4))
    claim("knf: frames of 50 samples take an FFT of 64", d < 1e-4 and worst(rows[0], impulse_mels(128, 2000, 4)) > 0.5, f"{d:.2g}")
    rows = ta.fbank(torch.tensor(impulse, dtype=torch.float32)[None], sample_frequency=2000, num_mel_bins=4, dither=0, preemphasis_coefficient=0, **plain)
    claim("torchaudio: and there too", worst(rows[0].numpy(), impulse_mels(64, 2000, 4)) < 1e-4)
    x = torch.tensor(SPEECH, dtype=torch.float32)[None]
    for snip in True, False:
        d = worst(ta.fbank(x, dither=0, snip_edges=snip, num_mel_bins=40), kaldi(SPEECH, snip_edges=snip, num_bins=40))
        claim(f"torchaudio: fbank with the same options, snip_edges={snip}, is knf's", d < 5e-3, f"{d:.2g}")
    defaults = inspect.signature(ta.fbank).parameters
    claim("torchaudio: defaults are knf's but for dither 0 and energy_floor 1",
          defaults["dither"].default == 0 and defaults["energy_floor"].default == 1 and defaults["num_mel_bins"].default == 23
          and defaults["low_freq"].default == 20 and defaults["high_freq"].default == 0 and defaults["snip_edges"].default)
    claim("torchaudio: mfcc has use_energy false", inspect.signature(ta.mfcc).parameters["use_energy"].default is False)
    d = worst(ta.mfcc(x, dither=0, use_energy=True, energy_floor=0.0), kaldi(SPEECH, mfcc=True))
    claim("torchaudio: mfcc with use_energy is knf's", d < 5e-3, f"{d:.2g}")
    with_energy = ta.fbank(x, dither=0, use_energy=True).numpy()
    claim("torchaudio: fbank puts the energy first", worst(with_energy[:, 1:], kaldi(SPEECH)) < 5e-3 and worst(with_energy[:, 0], kaldi(SPEECH, use_energy=True)[:, 0]) < 1e-3)

    cfg = lhotse.FbankConfig()
    claim("lhotse: 80 filters, 20 to -400 Hz, no snip_edges, dither 0, energy_floor 1e-10",
          (cfg.num_filters, cfg.low_freq, cfg.high_freq, cfg.snip_edges, cfg.dither, cfg.energy_floor)
          == (80, 20.0, -400.0, False, 0.0, 1e-10), str(cfg.to_dict()))
    ours = kaldi(SPEECH / 32768, num_bins=80, high_freq=-400, snip_edges=False)
    theirs = lhotse.Fbank().extract(SPEECH.astype(np.float32) / 32768, 16000)
    d = np.abs(theirs - ours).max(axis=1)
    claim("lhotse: Fbank is knf's on samples in [-1, 1)", d.max() < 5e-3, f"worst {d.max():.2g}, inner rows {d[2:-2].max():.2g}")
    silent = lhotse.Fbank().extract(np.zeros(1600, np.float32), 16000)
    claim("lhotse: silence is log(2^-23) as in Kaldi", np.allclose(silent, np.log(2.0**-23)), f"{silent.min():.2f}")


if __name__ == "__main__":
    print("torch", torch.__version__, "torchaudio", torchaudio.__version__, "lhotse", lhotse.__version__)
    python_speech_features()
    kaldi_native_fbank()
    torch_peers()
    sys.exit(claim.failed)
