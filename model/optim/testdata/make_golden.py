"""Golden values of learning rate schedules, from PyTorch's own: writes schedules.json beside itself.

    pip install torch==2.15.0
    python3 make_golden.py

CosineAnnealingLR, LinearLR followed by CosineAnnealingLR, OneCycleLR without momentum cycling, ReduceLROnPlateau.
"""

import json
import pathlib

import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, OneCycleLR, ReduceLROnPlateau, SequentialLR

LR = 0.008


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=LR)


def rates(make, n):
    opt = optimizer()
    schedule, out = make(opt), []
    for _ in range(n):
        out.append(opt.param_groups[0]["lr"])
        opt.step()
        schedule.step()
    return out


def cosine(n, min_lr):
    return rates(lambda o: CosineAnnealingLR(o, T_max=n, eta_min=min_lr), n)


def warm_cosine(n, warm, min_lr):
    def make(o):
        up = LinearLR(o, start_factor=1 / warm, end_factor=1, total_iters=warm - 1)
        down = CosineAnnealingLR(o, T_max=n - warm, eta_min=min_lr)
        return SequentialLR(o, [up, down], milestones=[warm])

    return rates(make, n)


def onecycle(n, pct, div, final):
    opt = optimizer()
    schedule = OneCycleLR(opt, max_lr=LR, total_steps=n, pct_start=pct, div_factor=div, final_div_factor=final, cycle_momentum=False)
    out = []
    for i in range(n):
        out.append(opt.param_groups[0]["lr"])
        opt.step()
        if i + 1 < n:
            schedule.step()
    return out


def plateau(losses, patience, threshold, factor, min_lr):
    # framewise drops once `patience` epochs brought nothing better, PyTorch once more than its patience did.
    opt = optimizer()
    schedule = ReduceLROnPlateau(opt, factor=factor, patience=patience - 1, threshold=threshold, threshold_mode="rel", min_lr=min_lr, eps=0)
    out = []
    for loss in losses:
        out.append(opt.param_groups[0]["lr"])
        schedule.step(loss)
    return out


def main():
    state, losses = 1, []
    for i in range(60):  # falls, with noise from a fixed generator
        state = state * 1103515245 % 2**31 + 12345
        losses.append(round(3 / (1 + 0.2 * min(i, 25)) + 0.2 * (state % 1000) / 1000, 4))
    doc = {
        "torch": torch.__version__,
        "lr": LR,
        "cosine": [{"n": n, "min_lr": m, "rates": cosine(n, m)} for n, m in [(40, 0.0), (37, 1e-4)]],
        "warm_cosine": [{"n": n, "warm": w, "min_lr": m, "rates": warm_cosine(n, w, m)} for n, w, m in [(40, 4, 0.0), (100, 25, 1e-4)]],
        "onecycle": [
            {"n": n, "pct_start": p, "div": d, "final": f, "rates": onecycle(n, p, d, f)}
            for n, p, d, f in [(40, 0.3, 25, 1e4), (97, 0.45, 10, 100), (10, 0.3, 25, 1e4)]
        ],
        "losses": losses,
        "plateau": [
            {"patience": p, "threshold": t, "factor": f, "min_lr": m, "rates": plateau(losses, p, t, f, m)}
            for p, t, f, m in [(1, 0.0, 0.5, 0.0), (2, 0.0, 0.5, 0.0), (3, 0.05, 0.1, 1e-5)]
        ],
    }
    path = pathlib.Path(__file__).with_name("schedules.json")
    path.write_text(json.dumps(doc, indent=1) + "\n")


if __name__ == "__main__":
    main()
