"""Golden values of prefix beam search and of the bigram, from programs that are not ours.

    python3 -m venv venv && venv/bin/pip install numpy==1.26.4 fast-ctc-decode==0.3.7 flashlight-text==0.0.7 nltk==3.10.4
    venv/bin/python make_golden.py > golden.json

fast-ctc-decode (Oxford Nanopore, Rust) searches without a language model; flashlight-text's LexiconFreeDecoder
with one, which is the bigram below, given as its LM class, with log_add, so that it sums over paths. NLTK's
WittenBellInterpolated makes the bigram out of counts; its own unigram is the relative frequency, so it is given
one that is interpolated with the uniform distribution by the same rule. Beams are so wide that nothing is lost.
"""
import json
import math

import numpy as np
from fast_ctc_decode import beam_search
from flashlight.lib.text.decoder import LM, CriterionType, LexiconFreeDecoder, LexiconFreeDecoderOptions, LMState
from nltk.lm import NgramCounter
from nltk.lm.models import WittenBellInterpolated
from nltk.lm.vocabulary import Vocabulary

rng = np.random.default_rng(20160818)


def rows(t, k, peaked):
    z = np.exp(peaked * rng.standard_normal((t, k)))
    return (z / z.sum(1, keepdims=True)).astype(np.float32)


def bigram(sequences, labels):
    """probs[v, w] of w after v; v = labels is the beginning, w = labels the end."""
    name = [str(i) for i in range(labels)] + ["</s>"]
    pairs, singles = [], []
    for s in sequences:
        words = [name[i] for i in s] + ["</s>"]
        pairs += list(zip(["<s>"] + words[:-1], words))
        singles += [(w,) for w in words]
    model = WittenBellInterpolated(2, vocabulary=Vocabulary(name + ["<s>"], unk_cutoff=1), counter=NgramCounter([pairs, singles]))
    n, types = len(singles), len(set(singles))
    single = {w: (sum(x == (w,) for x in singles) + types / len(name)) / (n + types) for w in name}
    model.estimator.unigram_score = lambda word: single[word]
    return np.array([[model.unmasked_score(w, [v]) if sum(p[0] == v for p in pairs) else single[w] for w in name] for v in name[:labels] + ["<s>"]])


class BigramLM(LM):
    def __init__(self, logp):
        LM.__init__(self)
        self.logp, self.last = logp, {}

    def start(self, start_with_nothing):
        state = LMState()
        self.last[id(state)] = len(self.logp) - 1
        self.keep = [state]
        return state

    def score(self, state, token):
        child = state.child(token)
        self.last[id(child)] = token
        self.keep.append(child)
        return child, float(self.logp[self.last[id(state)], token])

    def finish(self, state):
        child = state.child(len(self.logp))
        self.keep.append(child)
        return child, float(self.logp[self.last[id(state)], -1])


def flashlight(p, logp, weight):
    """The best label sequences with their scores; the blank is the last class."""
    t, k = p.shape
    options = LexiconFreeDecoderOptions(beam_size=200000, beam_size_token=k, beam_threshold=1e9, lm_weight=weight, sil_score=0, log_add=True, criterion_type=CriterionType.CTC)
    lm = BigramLM(logp)
    emissions = np.log(p.astype(np.float64)).astype(np.float32)
    found = LexiconFreeDecoder(options, lm, -1, k - 1, []).decode(np.ascontiguousarray(emissions).ctypes.data, t, k)
    out = {}
    for h in found:
        s = [c for i, c in enumerate(h.tokens) if c >= 0 and c < k - 1 and (i == 0 or h.tokens[i - 1] != c)]
        out.setdefault(tuple(s), h.score)
    best = sorted(out.items(), key=lambda x: -x[1])[:5]
    return [{"classes": list(s), "score": score} for s, score in best]


golden = {"bigrams": [], "plain": [], "weighted": []}
for labels, n in ((3, 4), (5, 30), (8, 200)):
    weights = rng.dirichlet(np.full(labels, 0.5), labels + 1)
    sequences = []
    for _ in range(n):
        s, before = [], labels
        for _ in range(int(rng.integers(0, 9))):
            before = int(rng.choice(labels, p=weights[before]))
            s.append(before)
        sequences.append(s)
    golden["bigrams"].append({"labels": labels, "sequences": sequences, "p": bigram(sequences, labels).tolist()})

for t, k, peaked in ((1, 3, 1), (6, 3, 1), (12, 5, 1.5), (30, 6, 2), (60, 20, 3), (100, 40, 4)):
    p = rows(t, k, peaked)
    alphabet = "".join(chr(ord("A") + i) for i in range(k))
    text, _ = beam_search(p, alphabet, beam_size=2000, beam_cut_threshold=0.0)
    golden["plain"].append({"k": k, "p": p.ravel().tolist(), "classes": [ord(c) - ord("A") for c in text]})

for i, (t, peaked, weight) in enumerate(((5, 1, 0.5), (7, 1, 1), (8, 1.5, 2), (9, 1, 0.3))):
    b = golden["bigrams"][i % 2]
    k = b["labels"] + 1
    if k > 4:
        t = min(t, 6)
    p = rows(t, k, peaked)
    golden["weighted"].append({"k": k, "bigram": i % 2, "weight": weight, "p": p.ravel().tolist(), "best": flashlight(p, np.log(np.array(b["p"])), weight)})

print(json.dumps(golden, separators=(",", ":")))
