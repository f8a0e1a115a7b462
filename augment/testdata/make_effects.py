"""Prints what effects_golden_test.go expects: python make_effects.py > effects.golden.json

The rules of docs/augmentation.md, written again from their description with
hashlib, numpy 2.4.6 and scipy 1.17.1 (fftconvolve). Signals are drawn by rule
here and in the test. Everything is at one rate: resampling has its own tests.
"""
import hashlib
import json
import struct

import numpy as np
from scipy.signal import fftconvolve

M = 2**64 - 1


def key(seed, purpose, ident, copy):
    p, i = purpose.encode(), ident.encode()
    msg = struct.pack("<QQQ", seed, copy, len(p)) + p + struct.pack("<Q", len(i)) + i
    return int.from_bytes(hashlib.sha256(msg).digest()[:8], "little")


def at(k, i):
    z = (k + (i + 1) * 0x9E3779B97F4A7C15) & M
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & M
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & M
    return z ^ z >> 31


def uniform(k, i):
    return (at(k, i) >> 11) / 2**53


def integer(k, i, n):
    return at(k, i) * n >> 64


def level(db, k, i):
    if len(db) == 1:
        return db[0]
    if len(db) == 2:
        return db[0] + uniform(k, i) * (db[1] - db[0])
    return db[integer(k, i, len(db))]


def signal(name, n):
    k = key(1, "test-signal", name, 0)
    return np.array([integer(k, i, 20001) - 10000 for i in range(n)], dtype=np.float64)


def response(name, n):
    """Noise that decays, with a direct path 5 samples in."""
    h = signal(name, n) * 0.5 ** (np.arange(n) / (n / 8))
    h = np.round(h)
    h[5] = -12000
    return h


NOISES = {"hum": 700, "rain": 12000, "click": 1, "crowd": 5000}
ROOMS = {"bath": 1800, "hall": 6000}


def choose(sounds, k):
    return max(sorted(sounds), key=lambda s: (at(k ^ key(0, "sound", s, 0), 0)))


def case(seed, utterance, copy, n, snr, db, chance):
    x, effects = signal(utterance, n), {}
    ident = f"{utterance}+p{copy}"
    k = key(seed, "reverb", ident, copy)
    if uniform(k, 0) < chance:
        room = choose(ROOMS, k)
        h = response(room, ROOMS[room])
        delay = int(np.argmax(np.abs(h)))
        y = fftconvolve(x, h)[delay : delay + n]
        gain = np.sqrt(np.var(x) / np.var(y))
        x = y * gain
        effects["reverb"] = {"sound": room, "delay": delay, "gain": gain}
    k = key(seed, "noise", ident, copy)
    if uniform(k, 0) < chance:
        noise = choose(NOISES, k)
        offset = integer(k, 2, NOISES[noise])
        v = signal(noise, NOISES[noise])[(offset + np.arange(n)) % NOISES[noise]]
        ratio = level(snr, k, 1)
        gain = np.sqrt(np.var(x) / (np.var(v) * 10 ** (ratio / 10))) if np.var(v) >= 1 / 12 else 0.0
        x = x + v * gain
        effects["noise"] = {"sound": noise, "offset": offset, "snr_db": ratio, "gain": gain}
    k = key(seed, "gain", ident, copy)
    if uniform(k, 0) < chance:
        g = level(db, k, 1)
        x = x * 10 ** (g / 20)
        effects["gain"] = {"db": g}
    return {"seed": seed, "utterance": utterance, "copy": copy, "n": n, "snr_db": snr, "db": db,
            "probability": chance, "effects": effects, "rms": float(np.sqrt(np.mean(x * x))),
            "samples": [float(v) for v in x[:: max(1, n // 60)]]}


cases = []
for i in range(12):
    cases.append(case(20160818 + i, f"TRAIN/S{i}", i % 3, [4000, 9000, 317][i % 3],
                      [[10.0], [0.0, 20.0], [3.0, 6.0, 9.0]][i % 3], [[-6.0, 6.0], [1.5]][i % 2], [1.0, 0.5][i // 6]))
print(json.dumps({"noises": NOISES, "rooms": ROOMS, "cases": cases}, indent=1))
