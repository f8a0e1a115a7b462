"""A Framewise network in PyTorch.

    framewise convert run --to pytorch --out weights.safetensors

    net = Network.from_files("run/config.yaml", "weights.safetensors", features=40, classes=61)
    p = net(x, lens).softmax(-1)    # x [B, T, 3F], as the reader gives it: normalized, deltas behind statics

and back, from a state_dict of this module (or of one with the same names):

    safetensors.torch.save_file(net.state_dict(), "weights.safetensors")
    framewise convert weights.safetensors --from pytorch --like run --out run-from-pytorch
"""

import torch
import yaml
from safetensors.torch import load_file
from torch import nn


def backwards(x, lens):
    """Every utterance of x [B, T, N] from its last frame to its first; what is past its length stays."""
    t = torch.arange(x.shape[1], device=x.device)[None, :]
    n = lens[:, None]
    index = torch.where(t < n, n - 1 - t, t)
    return x.gather(1, index[:, :, None].expand_as(x))


class Network(nn.Module):
    """The network of a run's config.yaml; dropout is left out: it does nothing when a network is used."""

    def __init__(self, config, features, classes):
        super().__init__()
        self.cfg, self.features = config, features
        channels = 1 + config["deltas"]
        width = channels * features
        conv = config["conv"]
        if conv["filters"]:
            n, rest = conv["filters"], features - conv["f"] + 1
            self.conv = nn.ModuleList([
                nn.Conv2d(channels, n, (conv["t"], conv["f"])),
                nn.Conv2d(n, 2 * n, (conv["t"], rest)),
            ])
            width = 2 * n
        if config["dense"]:
            self.dense = nn.Linear(width, config["dense"])
            width = config["dense"]
        hidden, layers = config["hidden"], config["layers"]
        merged = hidden if config["merge"] == "sum" else 2 * hidden
        rnn = nn.GRU if config["cell"] == "gru" else nn.LSTM
        each = config["topology"] == "each-layer"
        if layers and each:
            # One stack; it is run layer by layer, because a sum, a norm or a mirror may stand between.
            self.recurrent = rnn(width, hidden, layers, batch_first=True, bidirectional=True)
            if merged != 2 * hidden and layers > 1:
                for l in range(1, layers):
                    for r in ("", "_reverse"):
                        w = torch.empty(self.recurrent.weight_ih_l0.shape[0], merged)
                        setattr(self.recurrent, f"weight_ih_l{l}{r}", nn.Parameter(nn.init.xavier_uniform_(w)))
            if config["layer_norm"]:
                self.norm = nn.ModuleList([nn.LayerNorm(merged) for _ in range(layers)])
        elif layers:
            self.forward_rnn = rnn(width, hidden, layers, batch_first=True)
            self.backward_rnn = rnn(width, hidden, layers, batch_first=True)
            if config["layer_norm"]:
                self.norm = nn.ModuleDict({d: nn.ModuleList([nn.LayerNorm(hidden) for _ in range(layers)])
                                           for d in ("forward_", "backward_")})
        self.output = nn.Linear(merged if layers else width, classes)

    @classmethod
    def from_files(cls, config, weights, features, classes):
        with open(config) as f:
            net = cls(yaml.safe_load(f), features, classes)
        net.load(load_file(weights))
        return net.eval()

    # nn.ModuleDict may not have a key "forward": these two keep the file's names.
    def load(self, state):
        self.load_state_dict({k.replace("norm.forward.", "norm.forward_.").replace("norm.backward.", "norm.backward_."): v
                              for k, v in state.items()})

    def saved(self):
        return {k.replace("norm.forward_.", "norm.forward.").replace("norm.backward_.", "norm.backward."): v.contiguous()
                for k, v in self.state_dict().items()}

    def layer(self, stack, l, suffix, x):
        """Layer l of a stack alone, forward in time; suffix "_reverse" takes the other direction's weights."""
        names = [f"weight_ih_l{l}{suffix}", f"weight_hh_l{l}{suffix}", f"bias_ih_l{l}{suffix}", f"bias_hh_l{l}{suffix}"]
        w = [getattr(stack, n) for n in names]
        one = type(stack)(w[0].shape[1], stack.hidden_size, batch_first=True)
        return torch.func.functional_call(one, dict(zip(["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"], w)), (x,))[0]

    def forward(self, x, lens):
        """Logits [B, T', classes] of x [B, T, 3F] with lengths lens [B]; T' = T - 2 (conv.t - 1) with convolutions."""
        c = self.cfg
        x = x * (torch.arange(x.shape[1])[None, :, None] < lens[:, None, None])
        if c["conv"]["filters"]:
            b, t, _ = x.shape
            x = x.view(b, t, 1 + c["deltas"], self.features).transpose(1, 2)  # [B, 3, T, F]
            for conv in self.conv:
                x = torch.tanh(conv(x))
            x = x.squeeze(3).transpose(1, 2)
            lens = lens - 2 * (c["conv"]["t"] - 1)
        if c["dense"]:
            x = self.dense(x)
        if c["layers"]:
            x = self.each_layer(x, lens) if c["topology"] == "each-layer" else self.late(x, lens)
        return self.output(x)

    def merge(self, a, b):
        return a + b if self.cfg["merge"] == "sum" else torch.cat([a, b], -1)

    def each_layer(self, x, lens):
        for l in range(self.cfg["layers"]):
            ahead = self.layer(self.recurrent, l, "", x)
            back = self.layer(self.recurrent, l, "_reverse", backwards(x, lens))
            if self.cfg["backward"] != "unaligned":
                back = backwards(back, lens)
            x = self.merge(ahead, back)
            if self.cfg["layer_norm"]:
                x = self.norm[l](x)
        return x

    def late(self, x, lens):
        ahead = back = x
        for l in range(self.cfg["layers"]):
            ahead = self.layer(self.forward_rnn, l, "", ahead)
            from_the_end = self.cfg["backward"] != "double" or l % 2 == 0
            turned = backwards(back, lens) if from_the_end else back
            back = self.layer(self.backward_rnn, l, "", turned)
            back = backwards(back, lens) if from_the_end else back
            if self.cfg["layer_norm"]:
                ahead, back = self.norm["forward_"][l](ahead), self.norm["backward_"][l](back)
        if self.cfg["backward"] == "unaligned":
            back = backwards(back, lens)
        return self.merge(ahead, back)
