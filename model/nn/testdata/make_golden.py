"""Writes blstm.json: a bidirectional LSTM with an output layer and its loss in NumPy.

Run as `python3 make_golden.py` in this folder. Needs numpy (made with 1.26 or
later). Nothing here is shared with the Go code: the LSTM is written from its
equations, one utterance, one frame and one gate at a time; the gradients are
central differences of the same function in extended precision.
"""

import json

import numpy as np

T, B, I, H, K = 5, 3, 3, 2, 4
LENS = [5, 2, 4]
LD = np.longdouble
rng = np.random.RandomState(20160818)


def draw(*shape):
    return np.round(rng.uniform(-1, 1, shape), 3).astype(LD)


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


def lstm(frames, w):
    """Outputs [n, H] for frames [n, I]; w is [(I+H+1), 4H], gates i, f, g, o."""
    h, c, out = np.zeros(H, LD), np.zeros(H, LD), []
    for x in frames:
        gate = [w[:I, k * H:(k + 1) * H].T @ x + w[I:I + H, k * H:(k + 1) * H].T @ h + w[I + H, k * H:(k + 1) * H] for k in range(4)]
        c = sigmoid(gate[1]) * c + sigmoid(gate[0]) * np.tanh(gate[2])
        h = sigmoid(gate[3]) * np.tanh(c)
        out.append(h)
    return np.array(out)


def blstm(x, wf, wb):
    y = np.zeros((T, B, 2 * H), LD)
    for b, n in enumerate(LENS):
        y[:n, b, :H] = lstm(x[:n, b], wf)
        y[:n, b, H:] = lstm(x[:n, b][::-1], wb)[::-1]
    return y


def loss(x, wf, wb, wo, labels):
    z = blstm(x, wf, wb) @ wo[:-1] + wo[-1]
    total, count = LD(0), 0
    for t in range(T):
        for b in range(B):
            if labels[t, b] >= 0:
                total += np.log(np.exp(z[t, b]).sum()) - z[t, b, labels[t, b]]
                count += 1
    return total / count


def differences(args, k):
    g, h = np.zeros_like(args[k]), LD(1e-5)
    for i in np.ndindex(*g.shape):
        was = args[k][i]
        args[k][i] = was + h
        up = loss(*args)
        args[k][i] = was - h
        g[i] = (up - loss(*args)) / (2 * h)
        args[k][i] = was
    return g


x, wf, wb, wo = draw(T, B, I), draw(I + H + 1, 4 * H), draw(I + H + 1, 4 * H), draw(2 * H + 1, K)
labels = rng.randint(0, K, (T, B))
for b, n in enumerate(LENS):
    labels[n:, b] = -1
labels[1, 0] = -1
args = [x, wf, wb, wo, labels]


def flat(a):
    return [float(v) for v in np.asarray(a).ravel()]


with open("blstm.json", "w") as f:
    json.dump({
        "lens": LENS, "labels": [int(v) for v in labels.ravel()],
        "x": flat(x), "wf": flat(wf), "wb": flat(wb), "wo": flat(wo),
        "y": flat(blstm(x, wf, wb)), "loss": float(loss(*args)),
        "dwf": flat(differences(args, 1)), "dwb": flat(differences(args, 2)), "dwo": flat(differences(args, 3)),
    }, f)
    f.write("\n")
