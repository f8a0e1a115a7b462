"""Writes ctc.json from PyTorch: losses and gradients that this package's are compared with.

Run as `python3 make_torch_golden.py` in this folder. Made with torch 2.15.0 (CPU) and
numpy 2.4.6, all in float64.
"""

import json

import torch
import torch.nn.functional as F

torch.manual_seed(20160818)
torch.set_default_dtype(torch.float64)


def draw(*shape, scale=2.0):
    return torch.round(torch.randn(*shape) * scale, decimals=3)


def flat(x):
    return [float(f"{v:.12g}") for v in x.detach().flatten().tolist()]


def write(name, value):
    with open(name, "w") as f:
        json.dump(value, f)
        f.write("\n")


def ctc(blank_first, lens, targets, k):
    """Utterances of lens frames with lists of targets, none of them the blank."""
    b, t = len(lens), max(lens)
    blank = 0 if blank_first else k - 1
    z = draw(t, b, k).requires_grad_()
    u = max(map(len, targets))
    padded = torch.tensor([y + [blank] * (u - len(y)) for y in targets]).reshape(b, u)
    sizes = torch.tensor([len(y) for y in targets])
    args = padded, torch.tensor(lens), sizes
    losses = F.ctc_loss(z.log_softmax(2), *args, blank=blank, reduction="none")
    out = {"BlankFirst": blank_first, "K": k, "Lens": lens, "Targets": targets, "Z": flat(z),
           "Losses": [v if v < float("inf") else -1 for v in flat(losses)]}
    for reduction in "sum", "mean":
        z.grad = None
        loss = F.ctc_loss(z.log_softmax(2), *args, blank=blank, reduction=reduction, zero_infinity=True)
        loss.backward()
        out[reduction.capitalize()] = loss.item()
        out["D" + reduction.capitalize()] = flat(z.grad)
    return out


write("ctc.json", [
    # repeated labels, one that fills its frames exactly, an empty target
    ctc(False, [9, 4, 7, 6, 9], [[1, 1, 2], [0, 3, 1, 2], [2, 2, 2, 0], [], [3]], 5),
    ctc(True, [9, 4, 7, 6, 9], [[1, 1, 2], [4, 3, 1, 2], [2, 2, 2, 4], [], [3]], 5),
    # too many targets, too many with the blanks between equal ones, and one that just fits
    ctc(False, [5, 5, 5, 1, 8], [[0, 1, 0, 1, 0, 1], [2, 2, 2, 1], [2, 2, 2], [0], [1, 0, 1]], 4),
    # classes and a length as of phones
    ctc(False, [24, 15], [[7, 7, 12, 3, 0, 0, 5, 11, 3, 11], [14, 2, 14, 14]], 16),
])
