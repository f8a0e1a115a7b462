"""Makes cases.jsonl and one NAME.f32 a case: features by other programs.

    pip install numpy==2.4.6 scipy==1.17.1 python_speech_features==0.6 kaldi-native-fbank==1.22.4
    python3 make_golden.py

A .f32 file holds the rows of a case, little-endian float32. The signals are
test_signal and speech_signal below; extractor_test.go and exactness_test.go
make the same ones in Go.
"""

import json
import math
import os

import kaldi_native_fbank as knf
import numpy as np
import python_speech_features as psf

HERE = os.path.dirname(os.path.abspath(__file__))


def test_signal(n):
    """Three triangle waves, noise, an offset; silence and clipping. Integers only."""
    out = np.zeros(n, np.int16)
    state = 1

    def triangle(i, period):
        p = i % period
        return 4 * min(p, period - p) * 1000 // period - 1000

    for i in range(n):
        state = (state * 1664525 + 1013904223) % 2**32
        noise = (state >> 16) % 401 - 200
        v = 30 + 4 * triangle(i, 73) + 3 * triangle(i, 31) + triangle(i, 7) + noise
        stretch = i // 1000 % 8
        if stretch == 3:
            v = int(math.trunc(v / 16))
        elif stretch == 5:
            v *= 8
        elif stretch == 7:
            v = 0
        out[i] = min(max(v, -32768), 32767)
    return out


# Three two-pole resonators a phone, (2 r cos w, r^2) of 4096, as at 16 kHz: vowels and fricatives.
FORMANTS = [
    ((7720, 3954), (7294, 3923), (4556, 3831)),
    ((-1339, 2877), (-4577, 2557), (560, 3112)),
    ((8051, 4001), (4998, 3938), (2986, 3787)),
    ((7720, 3954), (7294, 3923), (4556, 3831)),
    ((7863, 3969), (7600, 3938), (4641, 3847)),
    ((4045, 3236), (560, 3112), (-1339, 2877)),
]


def speech_signal(n):
    """Phones of 100 ms by integer resonators, voiced, hissing and a pause, with hum and noise under them."""
    out = np.zeros(n, np.int16)
    state, pulse = 7, 0
    y1, y2 = [0, 0, 0], [0, 0, 0]
    for i in range(n):
        state = (state * 1664525 + 1013904223) % 2**32
        noise = (state >> 16) % 2001 - 1000
        phone = i // 1600
        kind = phone % 6
        x = noise >> 8
        if kind in (1, 5):
            x = noise >> 1
        elif kind != 3:
            pulse -= 1
            if pulse <= 0:
                pulse = 70 + phone * 37 % 90 + i % 1600 // 200
                x += 1500
        hum = i % 320
        v = min(hum, 320 - hum) - 80 + (noise >> 5)
        for k, (a, b) in enumerate(FORMANTS[kind]):
            y = x + (a * y1[k] - b * y2[k] >> 12)
            y1[k], y2[k] = y, y1[k]
            v += y >> k
        out[i] = min(max(v, -32768), 32767)
    return out


WINDOWS = {"rectangular": np.ones, "hamming": np.hamming, "hann": np.hanning}


def next_power(n):
    """The repository's calculate_nfft, which release 0.6 does not have yet."""
    size = 1
    while size < n:
        size *= 2
    return size


def run_psf(c, rate, x):
    """c has the keys that the case overrides; the rest are psf's own defaults."""
    high = c.get("high_hz", 0)
    args = dict(
        samplerate=rate,
        winlen=c.get("frame_length_ms", 25) / 1000,
        winstep=c.get("frame_shift_ms", 10) / 1000,
        nfilt=c.get("num_filters", 26),
        lowfreq=c.get("low_hz", 0),
        highfreq=high if high > 0 else rate / 2 + high,
        preemph=c.get("preemph", 0.97),
        winfunc=WINDOWS[c.get("window", "rectangular")],
    )
    kind = c.get("kind")
    if c["preset"] == "psf-mfcc":
        return psf.mfcc(x, numcep=c.get("num_ceps", 13), ceplifter=c.get("lifter", 22),
                        nfft=c.get("nfft") or next_power(args["winlen"] * rate), appendEnergy=c.get("use_energy", True), **args)
    args["nfft"] = c.get("nfft", 512)
    if kind in ("power", "magnitude"):
        y = psf.sigproc.preemphasis(x, args["preemph"])
        frames = psf.sigproc.framesig(y, args["winlen"] * rate, args["winstep"] * rate, args["winfunc"])
        spec = psf.sigproc.powspec if kind == "power" else psf.sigproc.magspec
        return spec(frames, args["nfft"])
    if not c.get("use_energy") and args["winfunc"] is np.ones:
        del args["winfunc"]  # logfbank has no such argument
        return psf.logfbank(x, **args)
    feat, energy = psf.fbank(x, **args)
    if c.get("use_energy"):
        feat = np.column_stack([energy, feat])
    return np.log(feat)


def run_kaldi(c, rate, x):
    mfcc = c["preset"] == "kaldi-mfcc"
    o = knf.MfccOptions() if mfcc else knf.FbankOptions()
    f = o.frame_opts
    f.samp_freq, f.dither = rate, 0
    f.frame_length_ms = c.get("frame_length_ms", 25)
    f.frame_shift_ms = c.get("frame_shift_ms", 10)
    f.preemph_coeff = c.get("preemph", 0.97)
    f.remove_dc_offset = c.get("remove_dc", True)
    f.window_type = {"hann": "hanning"}.get(c.get("window", "povey"), c.get("window", "povey"))
    f.snip_edges = c.get("framing", "kaldi-snip") == "kaldi-snip"
    o.mel_opts.num_bins = c.get("num_filters", 23)
    o.mel_opts.low_freq = c.get("low_hz", 20)
    o.mel_opts.high_freq = c.get("high_hz", 0)
    o.use_energy = c.get("use_energy", mfcc)
    o.energy_floor = c.get("energy_floor", 0)
    if mfcc:
        o.num_ceps = c.get("num_ceps", 13)
        o.cepstral_lifter = c.get("lifter", 22)
    k = knf.OnlineMfcc(o) if mfcc else knf.OnlineFbank(o)
    k.accept_waveform(rate, x.astype(np.float32).tolist())
    k.input_finished()
    return np.array([k.get_frame(i) for i in range(k.num_frames_ready)])


def cases():
    def case(name, rate, samples, preset, **config):
        return {"name": name, "rate": rate, "samples": samples, "config": {"preset": preset, **config}}

    n = 8400  # reaches into the silence that begins at 7000
    yield case("psf-logfbank", 16000, n, "psf-logfbank")
    yield case("psf-logfbank-40", 16000, n, "psf-logfbank", num_filters=40)
    yield case("psf-logfbank-80", 16000, n, "psf-logfbank", num_filters=80)
    yield case("psf-logfbank-cut", 16000, n, "psf-logfbank", num_filters=24, low_hz=133, high_hz=6855)
    yield case("psf-logfbank-8k", 8000, n, "psf-logfbank", num_filters=23)
    yield case("psf-logfbank-hamming", 16000, n, "psf-logfbank", window="hamming", num_filters=40, nfft=1024)
    yield case("psf-logfbank-plain", 16000, n, "psf-logfbank", preemph=0, frame_length_ms=20, frame_shift_ms=5)
    yield case("psf-logfbank-energy", 16000, n, "psf-logfbank", use_energy=True)
    yield case("psf-logfbank-short", 16000, 300, "psf-logfbank")
    yield case("psf-power", 16000, 1500, "psf-logfbank", kind="power")
    yield case("psf-magnitude", 16000, 1500, "psf-logfbank", kind="magnitude", window="hann")
    yield case("psf-mfcc", 16000, n, "psf-mfcc")
    yield case("psf-mfcc-8k", 8000, n, "psf-mfcc")
    yield case("psf-mfcc-20", 16000, n, "psf-mfcc", num_ceps=20, num_filters=40, lifter=0, use_energy=False, window="hamming")
    yield case("kaldi-fbank", 16000, n, "kaldi-fbank")
    yield case("kaldi-fbank-40", 16000, n, "kaldi-fbank", num_filters=40)
    yield case("kaldi-fbank-80", 16000, n, "kaldi-fbank", num_filters=80)
    yield case("kaldi-fbank-80-mirror", 16000, n, "kaldi-fbank", num_filters=80, framing="kaldi")
    yield case("kaldi-fbank-mirror-short", 16000, 100, "kaldi-fbank", framing="kaldi")
    yield case("kaldi-fbank-cut", 16000, n, "kaldi-fbank", num_filters=40, low_hz=60, high_hz=-400)
    yield case("kaldi-fbank-energy", 16000, n, "kaldi-fbank", use_energy=True, window="hamming")
    yield case("kaldi-fbank-energy-floor", 16000, n, "kaldi-fbank", use_energy=True, energy_floor=1.0, window="hann")
    yield case("kaldi-fbank-no-dc", 16000, n, "kaldi-fbank", remove_dc=False, window="rectangular", preemph=0)
    yield case("kaldi-fbank-8k", 8000, n, "kaldi-fbank", num_filters=40, high_hz=3800)
    yield case("kaldi-fbank-48k", 48000, 12000, "kaldi-fbank", num_filters=80)
    yield case("kaldi-fbank-44k", 44100, 12000, "kaldi-fbank", num_filters=40, framing="kaldi")
    yield case("kaldi-fbank-11k", 11025, n, "kaldi-fbank", framing="kaldi")
    yield case("kaldi-mfcc", 16000, n, "kaldi-mfcc")
    yield case("kaldi-mfcc-8k-mirror", 8000, n, "kaldi-mfcc", framing="kaldi")
    yield case("kaldi-mfcc-40", 16000, n, "kaldi-mfcc", num_ceps=40, num_filters=40, use_energy=False, high_hz=-400)


def more_cases():
    """Every option of the peers that a configuration can express, at least once."""

    def case(name, rate, preset, samples=3600, skip=4500, signal="test", deltas=0, **config):
        c = {"name": name, "rate": rate, "samples": samples, "config": {"preset": preset, **config}}
        for key, value, default in (("skip", skip, 0), ("signal", signal, "test"), ("deltas", deltas, 0)):
            if value != default:
                c[key] = value
        return c

    speech = dict(signal="speech", skip=0)
    # python_speech_features
    yield case("psf-fbank-energy-hann", 16000, "psf-logfbank", use_energy=True, window="hann", nfft=1024, **speech)
    yield case("psf-fbank-energy-48k", 48000, "psf-logfbank", use_energy=True, nfft=2048, num_filters=40)
    yield case("psf-fbank-energy-8k-cut", 8000, "psf-logfbank", use_energy=True, nfft=256, low_hz=100, high_hz=3800)
    yield case("psf-logfbank-32ms", 16000, "psf-logfbank", frame_length_ms=32, frame_shift_ms=12.5, num_filters=40, **speech)
    yield case("psf-logfbank-22k", 22050, "psf-logfbank", nfft=1024, num_filters=40)
    yield case("psf-logfbank-44k", 44100, "psf-logfbank", nfft=2048, num_filters=64, preemph=0.95)
    yield case("psf-logfbank-wide-hop", 16000, "psf-logfbank", frame_shift_ms=30, num_filters=23, window="hamming")
    yield case("psf-logfbank-23", 16000, "psf-logfbank", num_filters=23, low_hz=64, high_hz=-1000, **speech)
    yield case("psf-logfbank-delta", 16000, "psf-logfbank", num_filters=40, deltas=1, **speech)
    yield case("psf-mfcc-no-energy", 16000, "psf-mfcc", use_energy=False, **speech)
    yield case("psf-mfcc-nfft-512", 8000, "psf-mfcc", nfft=512, **speech)
    yield case("psf-mfcc-lifter-30", 16000, "psf-mfcc", num_ceps=26, lifter=30, preemph=0.9, **speech)
    yield case("psf-mfcc-12-hamming-cut", 16000, "psf-mfcc", num_ceps=12, window="hamming", low_hz=133, high_hz=6855)
    yield case("psf-mfcc-48k", 48000, "psf-mfcc", num_filters=40, num_ceps=20, **speech)
    yield case("psf-mfcc-delta-8k", 8000, "psf-mfcc", deltas=1)
    yield case("psf-mfcc-delta-delta", 16000, "psf-mfcc", deltas=2, **speech)
    for frames in 1, 2, 3:  # shorter than the delta's reach
        yield case(f"psf-mfcc-delta-delta-{frames}", 16000, "psf-mfcc", samples=240 + 160 * frames, deltas=2, **speech)
    # kaldi-native-fbank: rates, bins and both ways at the edges
    for rate in 8000, 16000, 48000:
        for bins in 23, 40, 80:
            rule = "kaldi" if (bins == 40) == (rate == 16000) else "kaldi-snip"
            yield case(f"kaldi-fbank-{rate // 1000}k-{bins}-{rule}", rate, "kaldi-fbank", num_filters=bins, framing=rule, **speech)
        for rule in "kaldi", "kaldi-snip":
            yield case(f"kaldi-mfcc-{rate // 1000}k-{rule}", rate, "kaldi-mfcc", framing=rule)
    yield case("kaldi-fbank-low-high", 16000, "kaldi-fbank", num_filters=40, low_hz=300, high_hz=3400, framing="kaldi", **speech)
    yield case("kaldi-fbank-low-0", 8000, "kaldi-fbank", low_hz=0, high_hz=-200, **speech)
    for window in "hamming", "hann", "rectangular":
        yield case(f"kaldi-fbank-{window}-mirror", 16000, "kaldi-fbank", num_filters=40, window=window, framing="kaldi")
    yield case("kaldi-fbank-energy-8k-mirror", 8000, "kaldi-fbank", use_energy=True, framing="kaldi", **speech)
    yield case("kaldi-fbank-energy-no-dc", 16000, "kaldi-fbank", use_energy=True, remove_dc=False)
    yield case("kaldi-fbank-20ms", 16000, "kaldi-fbank", frame_length_ms=20, frame_shift_ms=5, preemph=0.9, framing="kaldi", **speech)
    yield case("kaldi-mfcc-20-cut", 16000, "kaldi-mfcc", num_ceps=20, num_filters=40, low_hz=60, high_hz=-400, use_energy=False, **speech)
    yield case("kaldi-mfcc-lifter-0", 16000, "kaldi-mfcc", lifter=0, window="hamming", **speech)
    yield case("kaldi-mfcc-energy-floor", 16000, "kaldi-mfcc", energy_floor=1000.0)
    # The frames of TestExactness.
    yield case("kaldi-speech-80", 16000, "kaldi-fbank", samples=400 + 399 * 160, num_filters=80, **speech)


def write(c, f):
    signal = speech_signal if c.get("signal") == "speech" else test_signal
    skip = c.get("skip", 0)
    x = signal(skip + c["samples"])[skip:]
    run = run_psf if c["config"]["preset"].startswith("psf") else run_kaldi
    rows = np.atleast_2d(run(c["config"], c["rate"], x))
    for _ in range(c.get("deltas", 0)):
        rows = psf.delta(rows, 2)
    rows = rows.astype("<f4")
    c["frames"], c["width"] = rows.shape
    rows.tofile(os.path.join(HERE, c["name"] + ".f32"))
    f.write(json.dumps(c) + "\n")


def main():
    with open(os.path.join(HERE, "cases.jsonl"), "w") as f:
        for c in [*cases(), *more_cases()]:
            write(c, f)
    d = psf.delta(psf.mfcc(test_signal(8400), 16000), 2).astype("<f4")
    d.tofile(os.path.join(HERE, "psf-mfcc-delta.f32"))


if __name__ == "__main__":
    main()
