"""Golden values of the edit distance and of boundary scores, from programs that are not ours.

    python3 -m venv venv && venv/bin/pip install numpy==1.26.4 scipy==1.17.1 jiwer==4.0.0 mir_eval==0.8.2
    venv/bin/python make_golden.py > golden.json

edits: jiwer's counts over a list of utterances. Kaldi's compute-wer is written out from its rule (on equal costs an
insertion before a deletion before a substitution; util/edit-distance-inl.h) to see where counts may differ.
boundaries: mir_eval's one-to-one matching of events; its window is half a frame over, so that rounding does not decide.
The R-value is written out from Räsänen, Laine and Altosaar (2009).
bootstrap: hashed draws written out with Python's integers and hashlib, percentiles by numpy; scipy's own bootstrap
beside it, from its own generator, for the size of it.
"""
import hashlib
import json
import math
import struct

import jiwer
import mir_eval
import numpy as np
from scipy import stats

rng = np.random.default_rng(20160818)


def kaldi(ref, hyp):
    rows = [(j, 0, 0, j) for j in range(len(hyp) + 1)]  # cost, substitutions, deletions, insertions
    for r in ref:
        new = [(rows[0][0] + 1, rows[0][1], rows[0][2] + 1, rows[0][3])]
        for j, h in enumerate(hyp):
            s, d, i = rows[j][0] + (r != h), rows[j + 1][0] + 1, new[j][0] + 1
            if s < i and s < d:
                new.append((s, rows[j][1] + (r != h), rows[j][2], rows[j][3]))
            elif d < i:
                new.append((d, rows[j + 1][1], rows[j + 1][2] + 1, rows[j + 1][3]))
            else:
                new.append((i, new[j][1], new[j][2], new[j][3] + 1))
        rows = new
    return rows[-1]


def edits():
    out = []
    for n in range(40):
        k = 2 + n % 6
        ref = [str(i) for i in rng.integers(0, k, rng.integers(1, 30))]
        hyp = [w for w in ref if rng.random() > 0.2]
        hyp = [str(rng.integers(0, k)) if rng.random() < 0.2 else w for w in hyp]
        for _ in range(int(rng.integers(0, 4))):
            hyp.insert(int(rng.integers(0, len(hyp) + 1)), str(rng.integers(0, k)))
        m = jiwer.process_words(" ".join(ref), " ".join(hyp) if hyp else "")
        out.append({"ref": [int(w) for w in ref], "hyp": [int(w) for w in hyp], "distance": m.substitutions + m.deletions + m.insertions,
                    "wer": m.wer, "jiwer": [m.substitutions, m.deletions, m.insertions], "kaldi": list(kaldi(ref, hyp))[1:]})
    return out


def r_value(hits, ref, hyp):
    hr, os = hits / ref, hyp / ref - 1
    return 1 - (abs(math.hypot(1 - hr, os)) + abs((-os + hr - 1) / math.sqrt(2))) / 2


def boundaries():
    out = []
    for _ in range(30):
        t = int(rng.integers(20, 200))
        ref = sorted(rng.choice(np.arange(1, t), int(rng.integers(1, t // 4)), replace=False).tolist())
        hyp = sorted({int(min(max(b + rng.integers(-4, 5), 1), t - 1)) for b in ref if rng.random() > 0.2} | set(rng.integers(1, t, 3).tolist()))
        case = {"ref": ref, "hyp": hyp, "within": []}
        for frames in (1, 2):
            r, h = np.array(ref) * 0.01, np.array(hyp) * 0.01
            hits = len(mir_eval.util.match_events(r, h, 0.01 * frames + 0.005))
            f, p, rec = mir_eval.onset.f_measure(r, h, window=0.01 * frames + 0.005)
            case["within"].append({"hits": hits, "precision": p, "recall": rec, "f1": f, "r": r_value(hits, len(ref), len(hyp))})
        out.append(case)
    return out


def draw(key, i, n):
    z = (key + (i + 1) * 0x9E3779B97F4A7C15) % 2**64
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) % 2**64
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) % 2**64
    return ((z ^ z >> 31) * n) >> 64


def bootstrap(seed, resamples):
    right = rng.integers(200, 900, 24)
    of = right + rng.integers(50, 400, 24)
    rates = []
    for r in range(resamples):
        name = b"bootstrap"
        key = hashlib.sha256(struct.pack("<QQQ", seed, r, len(name)) + name + struct.pack("<Q", 0)).digest()
        pick = [draw(struct.unpack("<Q", key[:8])[0], i, len(of)) for i in range(len(of))]
        rates.append(right[pick].sum() / of[pick].sum())
    theirs = stats.bootstrap((right, of), lambda a, b, axis: a.sum(axis) / b.sum(axis), paired=True, vectorized=True, method="percentile",
                             n_resamples=20000, rng=np.random.default_rng(1)).confidence_interval
    return {"seed": seed, "resamples": resamples, "right": right.tolist(), "of": of.tolist(),
            "interval": np.percentile(rates, [2.5, 97.5]).tolist(), "scipy": [theirs.low, theirs.high]}


print(json.dumps({"edits": edits(), "boundaries": boundaries(), "bootstrap": bootstrap(20160818, 1000)}, separators=(",", ":")))
