"""Writes ctc.json, layernorm.json, xent.json, conv.json and gru.json from PyTorch: results and
gradients that this package's are compared with.

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


def grads(loss, *xs):
    return [flat(g) for g in torch.autograd.grad(loss, xs)]


def layer_norm(t, b, i, epsilon):
    """The loss is the sum of y*k, over a whole batch: padding is tested elsewhere."""
    x, k = draw(t, b, i).requires_grad_(), draw(t, b, i, scale=1)
    w = draw(2, i, scale=1).requires_grad_()
    y = F.layer_norm(x, (i,), w[0], w[1], epsilon)
    dx, dw = grads((y * k).sum(), x, w)
    return {"T": t, "B": b, "I": i, "Epsilon": epsilon, "X": flat(x), "K": flat(k), "W": flat(w), "Y": flat(y), "DX": dx, "DW": dw}


write("layernorm.json", [layer_norm(3, 2, 7, 1e-5), layer_norm(2, 1, 16, 1e-3)])


def cross_entropy(t, b, k, weighted, smoothing):
    """Reduction "mean" and "sum", with frames that are ignored."""
    z = draw(t * b, k).requires_grad_()
    labels = torch.randint(0, k, (t * b,))
    labels[torch.rand(t * b) < 0.3] = -1
    weight = torch.round(torch.rand(k) + 0.5, decimals=3) if weighted else None
    out = {"T": t, "B": b, "K": k, "Z": flat(z), "Labels": labels.tolist(), "Smoothing": smoothing, "Weights": flat(weight) if weighted else None}
    for reduction in "mean", "sum":
        loss = F.cross_entropy(z, labels, weight=weight, ignore_index=-1, label_smoothing=smoothing, reduction=reduction)
        out[reduction.capitalize()], out["D" + reduction.capitalize()] = loss.item(), grads(loss, z)[0]
    return out


write("xent.json", [cross_entropy(4, 3, 5, w, s) for w in (False, True) for s in (0.0, 0.1)])


def convolution(t, b, c, f, n, kt, kf, same):
    """Filters [N, C, KT, KF] and biases as rows [C*KT*KF+1, N]; the loss is the sum of y*k."""
    x, w = draw(b, c, t, f).requires_grad_(), draw(c * kt * kf + 1, n, scale=1).requires_grad_()
    y = F.conv2d(x, w[:-1].T.reshape(n, c, kt, kf), w[-1], padding="same" if same else "valid")
    k = draw(*y.shape, scale=1)
    dx, dw = grads((y * k).sum(), x, w)

    def rows(a):  # [B, C, T, F] as [T, B, C*F]
        return flat(torch.tensor(a).reshape(x.shape).permute(2, 0, 1, 3)) if isinstance(a, list) else flat(a.permute(2, 0, 1, 3))

    return {"T": t, "B": b, "C": c, "F": f, "N": n, "KT": kt, "KF": kf, "Same": same,
            "X": rows(x), "W": flat(w), "K": rows(k), "Y": rows(y), "DX": rows(dx), "DW": dw}


write("conv.json", [
    convolution(5, 2, 3, 4, 2, 3, 3, True),
    convolution(4, 1, 2, 5, 3, 4, 2, True),  # even: one more behind than before
    convolution(4, 2, 1, 3, 2, 1, 5, True),  # wider than its input
    convolution(6, 2, 2, 5, 3, 3, 2, False),
    convolution(5, 2, 2, 4, 3, 2, 4, False),  # as wide as its input
])


def gru(lens, i, h):
    """Weights [I+H+2, 3H]: Wx, Wh and both biases, of each direction; the loss is the sum of y*k."""
    b, t = len(lens), max(lens)
    net = torch.nn.GRU(i, h, bidirectional=True)
    names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]

    def rows(part, suffix):
        return torch.cat([part(getattr(net, n + suffix)).T.reshape(-1, 3 * h) if n.startswith("w") else part(getattr(net, n + suffix)).reshape(1, -1) for n in names])

    with torch.no_grad():
        for p in net.parameters():
            p.copy_(draw(*p.shape, scale=0.7))
    x = draw(t, b, i).requires_grad_()
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, lens, enforce_sorted=False)
    y = torch.nn.utils.rnn.pad_packed_sequence(net(packed)[0], total_length=t)[0]
    k = draw(*y.shape, scale=1)
    (y * k).sum().backward()
    grad = lambda p: p.grad
    return {"Lens": lens, "I": i, "H": h, "X": flat(x), "K": flat(k), "Y": flat(y), "DX": flat(x.grad), "WF": flat(rows(lambda p: p, "")),
            "WB": flat(rows(lambda p: p, "_reverse")), "DWF": flat(rows(grad, "")), "DWB": flat(rows(grad, "_reverse"))}


write("gru.json", gru([6, 2, 5], 3, 4))
