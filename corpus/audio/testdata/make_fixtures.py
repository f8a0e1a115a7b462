"""Makes the audio fixtures of this folder and expected.json beside them.

    python3 make_fixtures.py

Needs numpy and soundfile 0.14.0 (libsndfile 1.2.2), which writes and decodes
every file: expected.json holds what libsndfile reads back, in int16 scale.
The signal is a hash, so that every bit of a sample is used.
"""

import hashlib
import json
import struct

import numpy as np
import soundfile

N = 160


def signal(channels):
    """[N, channels] in [-1, 1): 32 hashed bits a sample, extremes first."""
    words = []
    for i in range(N * channels):
        words.append(struct.unpack("<i", hashlib.sha256(b"%d" % i).digest()[:4])[0])
    x = np.array(words, dtype=np.int64).reshape(N, channels)
    x[0], x[1], x[2] = -(2**31), 2**31 - 1, 0
    return x.astype(np.int32)


CASES = [
    # name, format, subtype, endian, channels
    ("u8.wav", "WAV", "PCM_U8", "FILE", 1),
    ("s16.wav", "WAV", "PCM_16", "FILE", 1),
    ("s16-3ch.wav", "WAV", "PCM_16", "FILE", 3),
    ("s24.wav", "WAV", "PCM_24", "FILE", 1),
    ("s24-2ch.wav", "WAV", "PCM_24", "FILE", 2),
    ("s32.wav", "WAV", "PCM_32", "FILE", 1),
    ("f32.wav", "WAV", "FLOAT", "FILE", 2),
    ("f64.wav", "WAV", "DOUBLE", "FILE", 1),
    ("ulaw.wav", "WAV", "ULAW", "FILE", 1),
    ("alaw.wav", "WAV", "ALAW", "FILE", 1),
    ("ext-s16-2ch.wav", "WAVEX", "PCM_16", "FILE", 2),
    ("ext-s24.wav", "WAVEX", "PCM_24", "FILE", 1),
    ("ext-f32.wav", "WAVEX", "FLOAT", "FILE", 1),
    ("rf64.wav", "RF64", "PCM_16", "FILE", 1),
    ("ima-adpcm.wav", "WAV", "IMA_ADPCM", "FILE", 1),
    ("s8.sph", "NIST", "PCM_S8", "LITTLE", 1),
    ("s16-le.sph", "NIST", "PCM_16", "LITTLE", 1),
    ("s16-be.sph", "NIST", "PCM_16", "BIG", 1),
    ("s16-be-2ch.sph", "NIST", "PCM_16", "BIG", 2),
    ("s24-le.sph", "NIST", "PCM_24", "LITTLE", 1),
    ("s24-be.sph", "NIST", "PCM_24", "BIG", 1),
    ("s32-le.sph", "NIST", "PCM_32", "LITTLE", 1),
    ("s32-be.sph", "NIST", "PCM_32", "BIG", 1),
    ("ulaw.sph", "NIST", "ULAW", "FILE", 1),
    ("alaw.sph", "NIST", "ALAW", "FILE", 1),
    ("s8.flac", "FLAC", "PCM_S8", "FILE", 1),
    ("s16.flac", "FLAC", "PCM_16", "FILE", 1),
    ("s16-2ch.flac", "FLAC", "PCM_16", "FILE", 2),
    ("s24.flac", "FLAC", "PCM_24", "FILE", 1),
]


def main():
    expected = {}
    for name, fmt, subtype, endian, channels in CASES:
        x = signal(channels)
        if subtype in ("FLOAT", "DOUBLE"):
            soundfile.write(name, x.astype(np.float64) / 2**31, 11025, subtype, endian, fmt)
        else:
            soundfile.write(name, x, 11025, subtype, endian, fmt)
        if subtype == "IMA_ADPCM":
            continue
        if subtype in ("FLOAT", "DOUBLE"):
            y = soundfile.read(name, dtype="float64", always_2d=True)[0] * 32768
        else:  # int32 is exact for every integer subtype and for G.711
            y = soundfile.read(name, dtype="int32", always_2d=True)[0].astype(np.float64) / 65536
        expected[name] = {"rate": 11025, "channels": channels, "samples": y.T.tolist()}
    with open("expected.json", "w") as f:
        json.dump({k: expected[k] for k in sorted(expected)}, f)
        f.write("\n")


if __name__ == "__main__":
    main()
