"""Serves PyTorch or Keras to the benchmark of training, by the protocol of bench/turns.

    train_peers.py DATA-FOLDER torch|keras THREADS

A work is a folder of the data: spec.json says what to do, the other files hold the batch and the first weights as
float32. A step is what a training loop does with them: forward, loss, backward, Adam. What is saved is the losses of all
steps so far, or of a work that trains nothing its loss and gradients.

Ragged batches go through PyTorch as packed sequences, which is what makes its backward direction begin at each
utterance's last frame; batches of one length go through as they are, which is much faster.
"""
import ctypes
import gc
import json
import os
import re
import sys

import numpy as np

from peers import Works, serve

RATE = 1e-3
BETAS, EPSILON = (0.9, 0.999), 1e-8
IDS = ["blstm128", "blstm128-ragged", "blstm250", "post32-aligned", "post32-double", "post32-unaligned", "post32-still", "conv32", "ctc"]


class Data:
    """A work's folder."""

    def __init__(self, folder, work):
        self.folder = os.path.join(folder, work)
        with open(os.path.join(self.folder, "spec.json")) as f:
            self.__dict__.update(json.load(f))
        if os.path.exists(os.path.join(self.folder, "lens.f32")):
            self.lens = self.ints("lens")

    def floats(self, name, *shape):
        return np.fromfile(os.path.join(self.folder, name + ".f32"), "<f4").reshape(shape or -1)

    def ints(self, name, *shape):
        return self.floats(name, *shape).astype(np.int64)

    def ragged(self):
        return self.shortest < self.t


def resident(key):
    with open("/proc/self/status") as f:
        return 1024 * int(re.search(key + r":\s*(\d+) kB", f.read()).group(1))


def memory(make, small):
    """A work that saves its peak above what the process had before it, in MB."""
    run, _ = small
    run()
    run, _ = make()
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w") as f:
        f.write("5")  # forget the peak so far
    before = resident("VmRSS")
    return run, lambda _: [(resident("VmHWM") - before) / 1e6]


class Torch:
    def __init__(self, threads):
        import torch
        torch.set_num_threads(threads)
        torch.set_num_interop_threads(1)
        self.torch = torch

    def tensor(self, x):
        return self.torch.from_numpy(np.ascontiguousarray(x))

    def lstm(self, inputs, hidden, weights):
        """nn.LSTM with our weights, a list of layers of directions [I+H+1, 4H]; the second of PyTorch's two biases stays 0."""
        m = self.torch.nn.LSTM(inputs, hidden, len(weights), bidirectional=len(weights[0]) == 2)
        with self.torch.no_grad():
            for layer, directions in enumerate(weights):
                for suffix, w in zip(("", "_reverse"), directions):
                    i = w.shape[0] - hidden - 1
                    for name, value in (("weight_ih", w[:i].T), ("weight_hh", w[i:-1].T), ("bias_ih", w[-1]), ("bias_hh", 0 * w[-1])):
                        getattr(m, f"{name}_l{layer}{suffix}").copy_(self.tensor(value))
                    getattr(m, f"bias_hh_l{layer}{suffix}").requires_grad_(False)
        m.flatten_parameters()
        return m

    def linear(self, w):
        m = self.torch.nn.Linear(w.shape[0] - 1, w.shape[1])
        with self.torch.no_grad():
            m.weight.copy_(self.tensor(w[:-1].T))
            m.bias.copy_(self.tensor(w[-1]))
        return m

    def conv(self, w, channels, kt, kf):
        m = self.torch.nn.Conv2d(channels, w.shape[1], (kt, kf))
        with self.torch.no_grad():
            m.weight.copy_(self.tensor(w[:-1].T.reshape(-1, channels, kt, kf)))
            m.bias.copy_(self.tensor(w[-1]))
        return m

    def trainer(self, modules, forward, y):
        """A step of forward() -> logits [N, K] against y [N], and the losses."""
        torch = self.torch
        params = [p for m in modules for p in m.parameters() if p.requires_grad]
        adam = torch.optim.Adam(params, RATE, BETAS, EPSILON, fused=True)
        losses = []

        def step():
            adam.zero_grad(set_to_none=True)
            loss = torch.nn.functional.cross_entropy(forward(), y, ignore_index=-1)
            loss.backward()
            adam.step()
            losses.append(loss.item())
            return losses
        return step, np.array

    def blstm(self, d, t=None, b=None):
        torch, t, b = self.torch, t or d.t, b or d.b
        widths = [d.f] + [2 * d.hidden] * (d.layers - 1)
        weights = [[d.floats(f"{direction}.{i}", n + d.hidden + 1, 4 * d.hidden) for direction in ("forward", "backward")]
                   for i, n in enumerate(widths)]
        rnn, out = self.lstm(d.f, d.hidden, weights), self.linear(d.floats("output", 2 * d.hidden + 1, d.k))
        x = self.tensor(d.floats("x", d.t, d.b, d.f)[:t, :b])
        y = self.tensor(d.ints("y", d.t, d.b)[:t, :b]).reshape(-1)
        if not d.ragged():
            return self.trainer((rnn, out), lambda: out(rnn(x)[0]).reshape(-1, d.k), y)
        lens = self.tensor(d.lens)

        def packed():
            h, _ = rnn(torch.nn.utils.rnn.pack_padded_sequence(x, lens))
            return out(torch.nn.utils.rnn.pad_packed_sequence(h)[0]).reshape(-1, d.k)
        return self.trainer((rnn, out), packed, y)

    def convolutions(self, d):
        rest = d.f - 4
        return [self.conv(d.floats("conv.0", 3 * 25 + 1, d.filters), 3, 5, 5),
                self.conv(d.floats("conv.1", d.filters * 5 * rest + 1, 2 * d.filters), d.filters, 5, rest)]

    def post(self, d):
        torch, n = self.torch, 4 * d.filters
        convs = self.convolutions(d)
        dense = self.linear(d.floats("dense", 2 * d.filters + 1, n))
        cells = {f"{direction}.{i}": self.lstm(n, n, [[d.floats(f"{direction}.{i}", 2 * n + 1, 4 * n)]])
                 for direction in ("forward", "backward") for i in range(2)}
        drop, out = torch.nn.Dropout(d.dropout), self.linear(d.floats("output", 2 * n + 1, d.k))
        # [B, 3, T, F], as Conv2d wants it
        x = self.tensor(d.floats("x", d.t, d.b, 3, d.f).transpose(1, 2, 0, 3))
        y = self.tensor(d.ints("y", d.t, d.b)[4:-4]).reshape(-1)

        def forward():
            h = x
            for c in convs:
                h = torch.tanh(c(h))
            h = dense(h.squeeze(3).permute(2, 0, 1))  # [T, B, 4n]
            a, _ = cells["forward.0"](h)
            a, _ = cells["forward.1"](a)
            b, _ = cells["backward.0"](h.flip(0))
            if d.backward == "double":  # the second layer turns time again
                b, _ = cells["backward.1"](b.flip(0))
            else:
                b, _ = cells["backward.1"](b)
                b = b if d.backward == "unaligned" else b.flip(0)
            return out(drop(torch.cat((a, b), 2))).reshape(-1, d.k)
        return self.trainer([*convs, dense, *cells.values(), out], forward, y)

    def conv_alone(self, d):
        torch, convs = self.torch, self.convolutions(d)
        x = self.tensor(d.floats("x", d.t, d.b, 3, d.f).transpose(1, 2, 0, 3))
        dy = self.tensor(d.floats("dy", d.t - 8, d.b, 2 * d.filters).transpose(1, 2, 0))[..., None]
        params = [p for c in convs for p in c.parameters()]

        def run():
            h = x
            for c in convs:
                h = torch.tanh(c(h))
            return h, torch.autograd.grad(h, params, dy)

        def to_save(result):
            h, grads = result
            out = [(h * dy).sum().reshape(1)]
            for w, b in zip(grads[::2], grads[1::2]):
                out += [w.reshape(w.shape[0], -1).T.reshape(-1), b]
            return torch.cat(out).detach().numpy()
        return run, to_save

    def ctc(self, d):
        torch = self.torch
        logits = self.tensor(d.floats("x", d.t, d.b, d.k)).requires_grad_()
        targets, sizes = self.tensor(d.ints("y", d.b, d.labels)), self.tensor(d.ints("sizes"))
        lens = self.tensor(d.lens)

        def run():
            p = torch.log_softmax(logits, 2)
            loss = torch.nn.functional.ctc_loss(p, targets, lens, sizes, blank=d.k - 1, reduction="sum", zero_infinity=True) / d.b
            return loss, torch.autograd.grad(loss, logits)[0]
        return run, lambda r: torch.cat((r[0].reshape(1), r[1].reshape(-1))).detach().numpy()

    def make(self, d):
        return {"blstm": self.blstm, "post": self.post, "conv": self.conv_alone, "ctc": self.ctc}[d.kind](d)

    def define(self, w):
        for work in IDS:
            w.add("torch", work, title="PyTorch {1}")(lambda i: self.make(Data(w.folder, i)))
        d = lambda: Data(w.folder, "blstm128")
        w.add("torch", "memory-blstm128", title="PyTorch {1}")(lambda _: memory(lambda: self.blstm(d()), self.blstm(d(), 1, 1)))


class Keras:
    def __init__(self, threads):
        os.environ["KERAS_BACKEND"] = "tensorflow"
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
        import tensorflow as tf
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        import keras
        self.keras = keras

    def lstm(self, x, w, hidden, backwards):
        layer = self.keras.layers.LSTM(hidden, return_sequences=True, go_backwards=backwards)
        y = layer(x)
        i, f, g, o = np.split(w, 4, 1)  # Keras' order is i, f, c, o too
        w = np.concatenate((i, f, g, o), 1)
        layer.set_weights([w[:-1 - hidden], w[-1 - hidden:-1], w[-1]])
        return y

    def post(self, d):
        """The listing of the post: `double` is what go_backwards twice gives."""
        k, n, rest = self.keras.layers, 4 * d.filters, d.f - 4
        inputs = self.keras.Input((d.t, d.f, 3))
        h, loaded = inputs, []

        def layer(l, h, *weights):
            y = l(h)
            loaded.append((l, weights))
            return y
        for i, (channels, filters, kf) in enumerate(((3, d.filters, 5), (d.filters, 2 * d.filters, rest))):
            w = d.floats(f"conv.{i}", channels * 5 * kf + 1, filters)
            h = layer(k.Conv2D(filters, (5, kf), activation="tanh"), h,
                      w[:-1].reshape(channels, 5, kf, filters).transpose(1, 2, 0, 3), w[-1])
        h = k.Reshape((d.t - 8, 2 * d.filters))(h)
        w = d.floats("dense", 2 * d.filters + 1, n)
        h = layer(k.Dense(n), h, w[:-1], w[-1])
        sides = []
        for direction in ("forward", "backward"):
            a = h
            for i in range(2):
                a = self.lstm(a, d.floats(f"{direction}.{i}", 2 * n + 1, 4 * n), n, direction == "backward")
            sides.append(a)
        h = k.Dropout(d.dropout)(k.Concatenate()(sides))
        w = d.floats("output", 2 * n + 1, d.k)
        h = layer(k.Dense(d.k), h, w[:-1], w[-1])
        for l, weights in loaded:
            l.set_weights(weights)
        model = self.keras.Model(inputs, h)
        model.compile(self.keras.optimizers.Adam(RATE, *BETAS, EPSILON), self.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        x = d.floats("x", d.t, d.b, 3, d.f).transpose(1, 0, 3, 2).copy()  # [B, T, F, 3]
        y = d.ints("y", d.t, d.b)[4:-4].T.copy()
        losses = []
        train = model.make_train_function()
        import tensorflow as tf
        x, y = tf.constant(x), tf.constant(y)

        def step():
            model.reset_metrics()
            losses.append(float(model.train_on_batch(x, y)))
            return losses
        return step, np.array

    def define(self, w):
        for work in ("post32-double", "post32-still"):
            w.add("keras", work, title="Keras {1}, TensorFlow on CPU")(lambda i: self.post(Data(w.folder, i)))


def main():
    folder, name, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    w = Works(folder)
    {"torch": Torch, "keras": Keras}[name](threads).define(w)
    serve(w)


if __name__ == "__main__":
    main()
