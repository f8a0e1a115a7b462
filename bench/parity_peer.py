"""Trains in PyTorch what framewise trains: the peer of `make bench-parity`.

    parity_peer.py JOB

JOB is a folder with job.json (dataset, classes, seed, threads), config.yaml of framewise's run, weights.safetensors
(the weights it begins with, as a state_dict) and plan.jsonl (every batch of every epoch: its examples' ids and the
learning rate of its update). What comes out is epochs.jsonl, a line an epoch, and losses.json, the loss of every batch.

Features come from docs/examples/read_dataset.py, which shares no code with framewise; layers, gradients, clipping and
Adam are PyTorch's own.
"""
import json
import pathlib
import sys

import torch
import yaml
from safetensors.torch import load_file
from torch import nn
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence

DOCS = pathlib.Path(__file__).resolve().parent.parent / "docs"
sys.path += [str(DOCS / "examples"), str(DOCS / "interchange")]

from framewise_torch import Network, backwards  # noqa: E402
from read_dataset import Dataset  # noqa: E402

CELLS = 4800  # of a batch that trains nothing


class Learner(Network):
    """A network merged late, with its dropout, and each direction as one nn.LSTM of all its layers."""

    def __init__(self, config, features, classes):
        super().__init__(config, features, classes)
        plain = (config["topology"], config["backward"], config["cell"], config["merge"], config["layer_norm"])
        assert plain == ("late", "aligned", "lstm", "concat", False), plain
        self.forward_rnn.dropout = self.backward_rnn.dropout = config["dropout_between"]
        self.top = nn.Dropout(config["dropout"])
        # framewise has one bias where nn.LSTM adds two: the second stays 0.
        for name, p in self.named_parameters():
            p.requires_grad_("bias_hh" not in name)

    def late(self, x, lens):
        # Forward, what is past an utterance's end comes too late to matter;
        # backward it is turned so that it does not either.
        ahead, _ = self.forward_rnn(x)
        back, _ = self.backward_rnn(backwards(x, lens))
        return self.top(torch.cat([ahead, backwards(back, lens)], -1))


def examples(data, split, config, plain):
    """Frames [T, I] and labels [T] of a split's examples by id; plain: of the unaugmented ones."""
    found = {}
    for row in data.rows(split):
        if not plain or [p["variant"] for p in row["parts"]] == ["original"]:
            x = data.present(row, config["cmvn"], config["deltas"])
            found[row["id"]] = torch.from_numpy(x.copy()), torch.from_numpy(row["labels"].astype("int64"))
    return found


def run(net, batch):
    """Summed loss, labelled frames and right ones of a batch of examples."""
    lens = torch.tensor([len(y) for _, y in batch])
    y = pad_sequence([y for _, y in batch], batch_first=True, padding_value=-1).reshape(-1)
    z = net(pad_sequence([x for x, _ in batch], batch_first=True), lens)
    z = z.reshape(-1, z.shape[-1])
    return cross_entropy(z, y, ignore_index=-1, reduction="sum"), int((y >= 0).sum()), int((z.argmax(-1) == y).sum())


class Sums:
    def __init__(self):
        self.loss, self.frames, self.correct = 0.0, 0, 0

    def add(self, loss, frames, correct):
        self.loss, self.frames, self.correct = self.loss + loss.item(), self.frames + frames, self.correct + correct

    def means(self):
        return self.loss / self.frames, self.correct / self.frames


@torch.no_grad()
def score(net, split):
    net.eval()
    s, batch = Sums(), []
    for e in sorted(split.values(), key=lambda e: len(e[1])):
        if batch and len(e[1]) * (len(batch) + 1) > CELLS:
            s.add(*run(net, batch))
            batch = []
        batch.append(e)
    s.add(*run(net, batch))
    net.train()
    return s.means()


def train_epoch(net, adam, params, train, plan, clip, losses):
    s = Sums()
    for batch in plan:
        adam.param_groups[0]["lr"] = batch["rate"]
        adam.zero_grad(set_to_none=True)
        loss, frames, correct = run(net, [train[i] for i in batch["ids"]])
        (loss / frames).backward()
        nn.utils.clip_grad_norm_(params, clip)
        adam.step()
        s.add(loss, frames, correct)
        losses.append(loss.item() / frames)
    return s.means()


def main(folder):
    folder = pathlib.Path(folder)
    job = json.loads((folder / "job.json").read_text())
    config = yaml.safe_load((folder / "config.yaml").read_text())
    assert config["optimizer"]["name"] == "adam" and config["l2"] == 0, config
    torch.set_num_threads(job["threads"])
    torch.manual_seed(job["seed"])
    data = Dataset(job["data"])
    train = examples(data, "train", config, False)
    scored = {split: examples(data, split, config, True) for split in ("dev", "test")}
    net = Learner(config, data.width, job["classes"])
    net.load(load_file(folder / "weights.safetensors"))
    net.train()
    params = [p for p in net.parameters() if p.requires_grad]
    adam = torch.optim.Adam(params, betas=(0.9, 0.999), eps=1e-8)
    plan = [json.loads(line) for line in (folder / "plan.jsonl").read_text().splitlines()]
    losses = []
    with open(folder / "epochs.jsonl", "w") as out:
        for epoch in range(1, plan[-1]["epoch"] + 1):
            loss, accuracy = train_epoch(net, adam, params, train, [b for b in plan if b["epoch"] == epoch], config["optimizer"]["clip"], losses)
            line = {"program": "PyTorch " + torch.__version__.split("+")[0], "seed": job["seed"], "epoch": epoch,
                    "train_loss": loss, "train_accuracy": accuracy}
            for split in scored:
                line[split + "_loss"], line[split + "_accuracy"] = score(net, scored[split])
            print(json.dumps(line), file=out, flush=True)
            print(f"  PyTorch, epoch {epoch}: loss {loss:.4f}, dev {100 * line['dev_accuracy']:.2f} %", file=sys.stderr)
    (folder / "losses.json").write_text(json.dumps(losses))


if __name__ == "__main__":
    main(sys.argv[1])
