"""A reader of datasets that shares no code with Framewise: docs/dataset.md in Python.

    python3 read_dataset.py DIR              check all of it, and say what is in it
    python3 read_dataset.py DIR ID           print an example as a network sees it
    python3 read_dataset.py DIR --digests    SHA-256 of every example in every presentation, as JSON

Needs numpy and pyarrow (made with numpy 2.5 and pyarrow 26.0.1). As a library:

    d = Dataset("data")
    for row in d.rows("train"):
        x = d.present(row, cmvn="speaker", deltas=2)    # [T, 3F] float32
        y = row["labels"]                               # [T] int16, -1 without a label, or None
"""

import hashlib
import json
import pathlib
import struct
import sys

import numpy as np
import pyarrow as pa

KEYS = ["framewise." + k for k in ("format_version", "label_set", "features", "digest", "split")]
PART = [("utterance", pa.utf8()), ("speaker", pa.utf8()), ("variant", pa.utf8()), ("rate", pa.int32()), ("begin_sample", pa.int64()),
        ("num_samples", pa.int64()), ("gap_before", pa.int64()), ("begin_frame", pa.int32()), ("num_frames", pa.int32()), ("effects", pa.utf8())]


class Corrupt(Exception):
    """What is wrong, and where."""


def want(ok, where, what):
    if not ok:
        raise Corrupt(f"{where}: {what}")


def key(example_id):
    """The hash that places an example."""
    b = example_id.encode()
    m = struct.pack("<QQQ", 0, 0, 5) + b"shard" + struct.pack("<Q", len(b)) + b
    return struct.unpack("<Q", hashlib.sha256(m).digest()[:8])[0]


class Sums:
    """The sums that CMVN is made from; frame by frame, in float64."""

    def __init__(self, width):
        self.frames, self.sum, self.sumsq = 0, np.zeros(width), np.zeros(width)

    def add(self, rows):
        x = rows.astype(np.float64)
        # cumsum adds one row after the other; sum would add them in pairs.
        self.sum = np.cumsum(np.vstack([self.sum, x]), axis=0)[-1]
        self.sumsq = np.cumsum(np.vstack([self.sumsq, x * x]), axis=0)[-1]
        self.frames += len(rows)

    def merge(self, entry):
        self.frames += entry["frames"]
        self.sum = self.sum + np.array(entry["sum"], np.float64)
        self.sumsq = self.sumsq + np.array(entry["sumsq"], np.float64)

    def apply(self, x):
        mean = self.sum / self.frames
        var = self.sumsq / self.frames - mean * mean
        scale = (1 / np.sqrt(np.maximum(var, 1e-8))).astype(np.float32)
        return (x - mean.astype(np.float32)) * scale


def slopes(c):
    """The deltas of c, [T, F]."""
    t = np.arange(len(c))
    at = lambda i: c[np.clip(t + i, 0, len(c) - 1)]
    return ((at(1) - at(-1)) + (at(2) - at(-2)) * np.float32(2)) / np.float32(10)


class Dataset:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        doc = (self.folder / "dataset.json").read_bytes()
        self.info = json.loads(doc)
        want(self.info["format_version"] == 1, "dataset.json", f"format version {self.info['format_version']}, want 1")
        want(hashlib.sha256(doc[:-68] + doc[-4:]).hexdigest() == doc[-68:-4].decode(), "dataset.json", "the checksum is another")
        self.width = self.info["feature_dim"]
        shard = self.info["shard"]
        for name, known in (("layout", ("nested", "flat")), ("compression", ("none", "zstd")), ("dtype", ("float32", "float16"))):
            want(shard[name] in known, "dataset.json", f"{name} {shard[name]!r}, want one of {known}")
        self.splits = {s["name"]: s for s in self.info["splits"]}
        self.everyone, self.speakers = Sums(self.width), {}
        for entry in self.info["cmvn"]:
            if entry["split"] == "train":
                self.everyone.merge(entry)
            self.speakers.setdefault((entry["speaker"], entry["variant"]), Sums(self.width)).merge(entry)

    def schema(self):
        value = pa.float16() if self.info["shard"]["dtype"] == "float16" else pa.float32()
        features = pa.list_(pa.list_(value, self.width)) if self.info["shard"]["layout"] == "nested" else pa.list_(value)
        columns = [("id", pa.utf8()), ("speaker", pa.utf8()), ("text", pa.utf8()), ("sample_rate", pa.int32()), ("num_samples", pa.int64()),
                   ("num_frames", pa.int32()), ("features", features), ("labels", pa.list_(pa.int16())), ("phones", pa.list_(pa.int16())),
                   ("parts", pa.list_(pa.struct(PART)))]
        return pa.schema([pa.field(n, t, nullable=n in ("labels", "phones")) for n, t in columns])

    def open(self, split, n):
        """A reader of shard n of a split, its checksum and its schema checked."""
        entry = self.splits[split]["shards"][n]
        data = (self.folder / entry["path"]).read_bytes()
        want(entry["path"] == f"{split}/shard-{n:05}-of-{len(self.splits[split]['shards']):05}.arrow", entry["path"], "is the wrong name")
        want(len(data) == entry["bytes"], entry["path"], f"{len(data)} bytes, want {entry['bytes']}")
        want(hashlib.sha256(data).hexdigest() == entry["sha256"], entry["path"], "the checksum is another")
        reader = pa.ipc.open_file(pa.py_buffer(data))
        want(reader.schema.equals(self.schema(), check_metadata=False), entry["path"], f"the schema is {reader.schema}")
        meta = {k.decode(): v.decode() for k, v in reader.schema.metadata.items()}
        want(list(meta) == KEYS and meta[KEYS[0]] == "1", entry["path"], f"metadata {meta}")
        want(json.loads(meta[KEYS[1]]) == self.info["label_set"] and json.loads(meta[KEYS[2]]) == self.info["features"],
             entry["path"], "label set or features are not those of dataset.json")
        want(meta[KEYS[3]] == entry["digest"] and meta[KEYS[4]] == split, entry["path"], "digest or split are another")
        return reader

    def rows(self, split):
        """The examples of a split, in order, as dicts with features [T, F] and labels as arrays."""
        shards = self.splits[split]["shards"]
        for n, entry in enumerate(shards):
            reader, count, frames, last = self.open(split, n), 0, 0, None
            for b in range(reader.num_record_batches):
                batch = reader.get_batch(b)
                values = batch["features"].values
                values = values.values if self.info["shard"]["layout"] == "nested" else values
                flat, begin = values.to_numpy().astype(np.float32, copy=False), 0
                for row in batch.drop_columns(["features"]).to_pylist():
                    where = f"{entry['path']}: row {count} ({row['id']!r})"
                    end = begin + row["num_frames"] * self.width
                    want(end <= len(flat), where, "features are missing")
                    row["features"], begin = flat[begin:end].reshape(row["num_frames"], self.width), end
                    self.check(row, where)
                    place = (key(row["id"]), row["id"].encode())
                    want(place[0] % len(shards) == n and (last is None or last < place), where, "is out of its place")
                    last, count, frames = place, count + 1, frames + row["num_frames"]
                    yield row
                want(begin == len(flat), entry["path"], "features are left over")
            want((count, frames) == (entry["examples"], entry["frames"]), entry["path"], f"{count} rows, {frames} frames")

    def check(self, row, where):
        frames, labels = row["num_frames"], len((self.info["label_set"] or {"labels": []})["labels"])
        want(row["id"] and frames >= 1 and row["sample_rate"] >= 1 and row["num_samples"] >= 1, where, "an empty id or a number below 1")
        want(np.isfinite(row["features"]).all(), where, "a feature is not finite")
        for column, lowest in (("labels", -1), ("phones", 0)):
            if row[column] is not None:
                row[column] = np.array(row[column], np.int16)
                want(((row[column] >= lowest) & (row[column] < labels)).all(), where, f"{column} out of range")
        want(row["labels"] is None or len(row["labels"]) == frames, where, "not a label a frame")
        begin = 0
        for p in row["parts"]:
            want(p["begin_frame"] == begin and p["num_frames"] >= 0 and isinstance(json.loads(p["effects"]), dict), where, f"part {p}")
            begin += p["num_frames"]
        speakers = {p["speaker"] for p in row["parts"]}
        want(begin == frames, where, f"the parts cover {begin} frames of {frames}")
        want(row["speaker"] == (speakers.pop() if len(speakers) == 1 else "*"), where, "the speaker is not that of the parts")

    def present(self, row, cmvn="none", deltas=0, channels=False):
        """Features as a network sees them: [T, (1+deltas)*F], or [1+deltas, T, F]."""
        x = row["features"].copy()
        if cmvn == "global":
            x = self.everyone.apply(x)
        elif cmvn == "utterance":
            x = self.own(x)
        elif cmvn == "speaker":
            for p in row["parts"]:
                part = slice(p["begin_frame"], p["begin_frame"] + p["num_frames"])
                sums = self.speakers.get((p["speaker"], p["variant"]))
                if p["num_frames"] > 0:
                    x[part] = sums.apply(x[part]) if sums else self.own(x[part])
        planes = [x]
        for _ in range(deltas):
            planes.append(slopes(planes[-1]))
        return np.stack(planes) if channels else np.hstack(planes)

    def own(self, x):
        sums = Sums(self.width)
        sums.add(x)
        return sums.apply(x)

    def cmvn(self, split):
        """The entries of dataset.json for a split, computed again."""
        found, total = {}, {}
        for row in self.rows(split):
            if len(row["parts"]) == 1:
                shard = key(row["id"]) % len(self.splits[split]["shards"])
                found.setdefault((shard, row["speaker"], row["parts"][0]["variant"]), Sums(self.width)).add(row["features"])
        for (_, speaker, variant), s in sorted(found.items(), key=lambda item: item[0][0]):
            total.setdefault((speaker, variant), Sums(self.width)).merge(vars(s))
        return [{"split": split, "speaker": a, "variant": v, "frames": s.frames, "sum": s.sum.tolist(), "sumsq": s.sumsq.tolist()}
                for (a, v), s in sorted(total.items(), key=lambda item: tuple(t.encode() for t in item[0]))]


def digests(d):
    out = {}
    for split in d.splits:
        for row in d.rows(split):
            of = out.setdefault(split, {})[row["id"]] = {}
            for cmvn in ("none", "utterance", "speaker", "global"):
                for deltas in (0, 1, 2):
                    for channels in (False, True):
                        x = d.present(row, cmvn, deltas, channels)
                        name = f"{cmvn} {deltas} {'channels' if channels else 'rows'}"
                        of[name] = hashlib.sha256(x.astype("<f4").tobytes()).hexdigest()
            for column in ("labels", "phones"):
                of[column] = None if row[column] is None else row[column].tolist()
    return out


def main(folder, *arguments):
    d = Dataset(folder)
    if "--digests" in arguments:
        print(json.dumps(digests(d)))
        return
    if arguments:
        row = next(r for split in d.splits for r in d.rows(split) if r["id"] == arguments[0])
        print({k: v for k, v in row.items() if k != "features"})
        print(d.present(row, "speaker", 2))
        return
    rejects = [json.loads(line)["kind"] for line in (d.folder / "rejects.jsonl").read_text(encoding="utf-8").splitlines()]
    counts = d.info["counts"]
    want((rejects.count("utterance"), rejects.count("example")) == (counts["rejected"], counts["dropped"]), "rejects.jsonl", "as many as dataset.json has")
    for name, split in d.splits.items():
        rows = list(d.rows(name))
        want(d.cmvn(name) == [e for e in d.info["cmvn"] if e["split"] == name], name, "the CMVN sums are not those of the shards")
        labels = np.concatenate([r["labels"] if r["labels"] is not None else np.full(r["num_frames"], -1, np.int16) for r in rows] or [[]])
        counted = np.bincount(labels[labels >= 0].astype(int), minlength=len(split["labels"])).tolist()
        want(counted == split["labels"] and int((labels < 0).sum()) == split["unlabeled"], name, "the counts of labels are not those of the shards")
        print(f"{name}: {len(rows)} examples, {sum(r['num_frames'] for r in rows)} frames of {d.width}, checked")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Corrupt as e:
        sys.exit(str(e))
