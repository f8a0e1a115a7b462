"""Networks with random weights in PyTorch and in Keras, their weights in those programs' layouts, an input and the
posteriors: what interchange_test.go compares with.

    PYTHONPATH=docs/interchange python model/interchange/testdata/make.py pytorch|keras

Needs pyyaml, safetensors and torch, or keras with tensorflow-cpu. The committed files were made with torch 2.11.0 and
keras 3.15.1 on tensorflow-cpu 2.21.0.
"""

import os
import sys

import numpy as np
from safetensors.numpy import save_file

here = os.path.dirname(os.path.abspath(__file__))
base = dict(deltas=2, conv=dict(filters=0, t=0, f=0), dense=0, cell="lstm", layers=2, hidden=4, topology="late", merge="concat",
            backward="aligned", layer_norm=False)
post = dict(conv=dict(filters=3, t=3, f=4), dense=6, backward="double")
cases = {
    "late": {},
    "late-sum-unaligned": dict(merge="sum", backward="unaligned"),
    "late-norm": dict(layer_norm=True),
    "late-gru": dict(cell="gru", deltas=1),
    "each-layer": dict(topology="each-layer"),
    "each-layer-sum-norm": dict(topology="each-layer", merge="sum", layer_norm=True),
    "each-layer-gru-unaligned": dict(topology="each-layer", cell="gru", backward="unaligned"),
    "post": post,
    "linear": dict(layers=0, deltas=0),
}
F, K, T, B = 6, 5, 12, 2


def draw(rng, shape):
    return rng.uniform(-0.7, 0.7, shape).astype(np.float32)


def main(program):
    for i, (name, changes) in enumerate(cases.items()):
        c = {**base, **changes}
        rng = np.random.default_rng(20260118 + i)
        x = draw(rng, (B, T, (1 + c["deltas"]) * F)) * 2
        lens = np.array([T, T if program == "keras" else T - 3], np.int64)
        if program == "pytorch":
            import torch
            from framewise_torch import Network
            net = Network(c, F, K).eval()
            state = {k: torch.from_numpy(draw(rng, tuple(v.shape))) for k, v in net.saved().items()}
            net.load(state)
            with torch.no_grad():
                p = net(torch.from_numpy(x), torch.from_numpy(lens)).softmax(-1).numpy()
            weights = {k: v.numpy() for k, v in state.items()}
        else:
            import keras
            from framewise_keras import network, variables
            net = network(c, F, K)
            for v in variables(net).values():
                v.assign(draw(rng, v.shape))
            p = net.predict(x, verbose=0)
            weights = {k: keras.ops.convert_to_numpy(v) for k, v in variables(net).items()}
        out = {"weights." + k: v for k, v in weights.items()}
        out.update(x=x, lens=lens.astype(np.float32), posteriors=p)
        save_file({k: np.ascontiguousarray(v) for k, v in out.items()}, f"{here}/{program}-{name}.safetensors")
        print(program, name, p.shape, sum(w.size for w in weights.values()))


if __name__ == "__main__":
    main(sys.argv[1])
