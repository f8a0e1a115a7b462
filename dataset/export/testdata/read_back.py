"""Reads an export with the reader that users of its format have, and compares
everything with what the Go test says it holds.

    python3 read_back.py FORMAT DIR EXPECTED.json

FORMAT is tensorflow, tfrecord, webdataset, kaldiio, kaldi_native_io or lhotse: the
reader. Made with tensorflow-cpu 2.21.0, tfrecord 1.14.6, webdataset 1.0.2,
kaldiio 2.18.1, kaldi_native_io 1.23.0 and lhotse 1.33.0; requirements.txt installs
them. EXPECTED.json: {"labels": [...], "splits": {name: [example, ...]}}, float32
features as numbers that are exact in float64.
"""

import glob
import json
import sys
import urllib.parse

import numpy as np

reader, folder, expected = sys.argv[1:]
with open(expected, encoding="utf-8") as f:
    want = json.load(f)
COLUMNS = ["id", "speaker", "text", "sample_rate", "num_samples", "num_frames", "phones", "parts"]


def example(columns, features, labels):
    features = np.asarray(features)
    assert features.dtype == np.float32, features.dtype
    return {**columns, "features": features.tolist(), "labels": None if labels is None else np.asarray(labels).tolist()}


def compression(path):
    return "GZIP" if path.endswith(".gz") else ""


def with_tensorflow(split):
    import tensorflow as tf

    for path in sorted(glob.glob(f"{folder}/{split}/*.tfrecord*")):
        for record in tf.data.TFRecordDataset(path, compression_type=compression(path)):
            # Whether lists are there is told by the message itself.
            there = tf.train.SequenceExample.FromString(record.numpy())
            phones, labels = "phones" in there.context.feature, "labels" in there.feature_lists.feature_list
            context = {k: tf.io.FixedLenFeature([], tf.string) for k in ("id", "speaker", "text", "parts")}
            context |= {k: tf.io.FixedLenFeature([], tf.int64) for k in ("sample_rate", "num_samples", "num_frames")}
            context |= {"phones": tf.io.VarLenFeature(tf.int64)} if phones else {}
            lists = {"features": tf.io.FixedLenSequenceFeature([want["feature_dim"]], tf.float32)}
            lists |= {"labels": tf.io.FixedLenSequenceFeature([], tf.int64)} if labels else {}
            c, s = tf.io.parse_single_sequence_example(record, context, lists)
            row = {k: c[k].numpy() for k in context if k != "phones"}
            row = {k: v.decode() if isinstance(v, bytes) else int(v) for k, v in row.items()}
            row["parts"] = json.loads(row["parts"])
            row["phones"] = tf.sparse.to_dense(c["phones"]).numpy().tolist() if phones else None
            yield example(row, s["features"].numpy(), s["labels"].numpy() if labels else None)


def with_tfrecord(split):
    from tfrecord.reader import sequence_loader

    for path in sorted(glob.glob(f"{folder}/{split}/*.tfrecord*")):
        for c, s in sequence_loader(path, None, None, None, compression_type="gzip" if compression(path) else None):
            row = {k: bytes(c[k]).decode() for k in ("id", "speaker", "text", "parts")}
            row |= {k: int(c[k][0]) for k in ("sample_rate", "num_samples", "num_frames")}
            row["parts"] = json.loads(row["parts"])
            row["phones"] = np.asarray(c["phones"]).tolist() if "phones" in c else None
            labels = np.concatenate(s["labels"]) if "labels" in s else None
            yield example(row, np.stack(s["features"]), labels)


def with_webdataset(split):
    import webdataset

    for path in sorted(glob.glob(f"{folder}/{split}/*.tar")):
        for s in webdataset.WebDataset(path, shardshuffle=False, empty_check=False).decode():
            assert s["json"]["id"] == urllib.parse.unquote(s["__key__"]), s["__key__"]
            yield example(s["json"], s["npy"], s.get("labels.npy"))


def kaldi_rows(split, matrices, alignments):
    def table(name):
        with open(f"{folder}/{split}/{name}", encoding="utf-8") as f:
            rows = [line.rstrip("\n").partition(" ") for line in f]
        assert [r[0] for r in rows] == sorted((r[0] for r in rows), key=str.encode), name
        return {key: value for key, _, value in rows}

    speakers, texts, frames, spk2utt = table("utt2spk"), table("text"), table("utt2num_frames"), table("spk2utt")
    symbols = {int(v): k for k, v in table_of_phones(split)}
    assert [symbols[i + 1] for i in range(len(want["labels"]))] == want["labels"] and symbols[0] == "<eps>"
    assert set(matrices) == set(speakers) == set(texts) == set(frames)
    assert {u: s for s, us in spk2utt.items() for u in us.split()} == speakers
    for w in want["splits"][split]:
        speaker, key = w["speaker"].replace(" ", "%20"), w["id"].replace("%", "%25").replace(" ", "%20")
        key, speaker = (key, key) if speaker == "*" else (f"{speaker}-{key}", speaker)
        assert speakers.pop(key) == speaker and texts[key] == w["text"] and int(frames[key]) == w["num_frames"], key
        ali = alignments.get(key)
        yield example({k: w[k] for k in COLUMNS}, matrices[key], None if ali is None else np.asarray(ali) - 1)
    assert not speakers, speakers


def table_of_phones(split):
    with open(f"{folder}/{split}/phones.txt", encoding="utf-8") as f:
        return [line.split() for line in f]


def with_kaldiio(split):
    import kaldiio

    here = f"{folder}/{split}"
    matrices = dict(kaldiio.load_scp(f"{here}/feats.scp"))
    for key, m in kaldiio.load_ark(f"{here}/feats.ark"):
        assert np.array_equal(m, matrices[key])
    return kaldi_rows(split, matrices, dict(kaldiio.load_scp(f"{here}/ali.scp")))


def with_kaldi_native_io(split):
    import kaldi_native_io

    here = f"{folder}/{split}"
    with kaldi_native_io.SequentialFloatMatrixReader(f"scp:{here}/feats.scp") as r:
        matrices = {k: np.array(v) for k, v in r}
    with kaldi_native_io.SequentialInt32VectorReader(f"ark:{here}/ali.ark") as r:
        alignments = {k: list(v) for k, v in r}
    return kaldi_rows(split, matrices, alignments)


def with_lhotse(split):
    import lhotse

    # Lhotse gives None for a manifest without lines.
    for cut in lhotse.CutSet.from_file(f"{folder}/{split}/cuts.jsonl.gz") or []:
        row, (s,) = cut.custom["framewise"], cut.supervisions
        assert (cut.id, s.id, s.speaker, s.text) == (row["id"], row["id"], row["speaker"], row["text"])
        features = cut.load_features()
        assert cut.num_frames == row["num_frames"] == len(features) and cut.num_features == features.shape[1]
        assert s.duration == cut.duration and cut.sampling_rate == row["sample_rate"]
        yield example(row, features, cut.load_labels() if cut.has_custom("labels") else None)


read = globals()[f"with_{reader}"]
n = 0
for split, rows in want["splits"].items():
    got = list(read(split))
    assert len(got) == len(rows), (split, len(got), len(rows))
    for a, b in zip(got, rows):
        n += 1
        for key in COLUMNS + ["features", "labels"]:
            assert a[key] == b[key], (split, b["id"], key, a[key], b[key])
print("ok", n, "examples with", reader)
