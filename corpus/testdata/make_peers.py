"""Makes testdata/peers: the files of other tools that the importers read.

    pip install praatio==6.2.2 tgt==1.5 TextGrid==1.6.1 lhotse==1.33.0 soundfile==0.14.0
    python3 make_peers.py

Every file there was written by the tool it is named after, but for NeMo's
manifest (JSON lines as NVIDIA's documentation describes them), Kaldi's phones.ctm
(as `ali-to-phones --ctm-output` writes it: two decimals, by utterance) and the
audio, which is noise. expected.json holds what was put in, in integer samples.
"""

import json
import os
import shutil
from pathlib import Path

import lhotse
import numpy as np
import soundfile
import textgrid
import tgt
from lhotse.kaldi import export_to_kaldi
from lhotse.supervision import AlignmentItem
from praatio import textgrid as praatio

RATE = 8000
# speaker, split, words, segments in samples. Those of the first two lie on
# hundredths of a second, which every format can tell.
UTTERANCES = {
    "ann-1": ("ann", "train", "hello there", [(0, 320, "sil"), (320, 800, "HH"), (800, 1200, "AH"), (1200, 1520, "ʃ"), (1520, 2000, "sil")]),
    "ann-2": ("ann", "train", 'say "no"', [(0, 400, "sil"), (400, 960, "AH"), (960, 1600, "HH")]),
    "bob-1": ("bob", "dev", "über", [(0, 331, "sil"), (331, 797, "AH"), (797, 1213, "HH"), (1213, 1601, "AH")]),
}


def audio(out):
    for i, (name, (_, _, _, segments)) in enumerate(UTTERANCES.items()):
        noise = np.random.default_rng(i).integers(-1000, 1000, segments[-1][1]).astype(np.int16)
        soundfile.write(out / f"{name}.wav", noise, RATE)


def sec(samples):
    return samples / RATE


def write_textgrids(out):
    """One recording a tool and form; long forms by praatio and textgrid, short ones by praatio and tgt."""
    for name, (speaker, _, text, segments) in UTTERANCES.items():
        folder = out / speaker
        folder.mkdir(parents=True, exist_ok=True)
        end = segments[-1][1]
        for tool in ("praatio-long", "praatio-short", "tgt-long", "tgt-short-utf16", "textgrid-long"):
            stem = folder / f"{name}-{tool}"
            shutil.copy(f"wav/{name}.wav", f"{stem}.wav")
            file = f"{stem}.TextGrid"
            words = [(0, end, text)]
            if tool.startswith("praatio"):
                grid = praatio.Textgrid(0, sec(end))
                grid.addTier(praatio.PointTier("events", [(sec(end // 2), "click")], 0, sec(end)))
                grid.addTier(praatio.IntervalTier("words", [(sec(b), sec(e), w) for b, e, w in words], 0, sec(end)))
                grid.addTier(praatio.IntervalTier("phones", [(sec(b), sec(e), p) for b, e, p in segments], 0, sec(end)))
                grid.save(file, format=tool.replace("praatio-", "") + "_textgrid", includeBlankSpaces=True)
            elif tool.startswith("tgt"):
                grid = tgt.TextGrid()
                for tier, items in (("words", words), ("phones", segments)):
                    t = tgt.IntervalTier(0, sec(end), tier)
                    t.add_intervals([tgt.Interval(sec(b), sec(e), x) for b, e, x in items])
                    grid.add_tier(t)
                form, encoding = ("short", "utf-16") if "short" in tool else ("long", "utf-8")
                tgt.write_to_file(grid, file, format=form, encoding=encoding)
            else:
                grid = textgrid.TextGrid(maxTime=sec(end))
                for tier, items in (("words", words), ("phones", segments)):
                    t = textgrid.IntervalTier(name=tier, maxTime=sec(end))
                    for b, e, x in items:
                        t.add(sec(b), sec(e), x)
                    grid.append(t)
                grid.write(file)


def lhotse_sets(split):
    names = [n for n, u in UTTERANCES.items() if u[1] == split]
    recordings = lhotse.RecordingSet.from_recordings(lhotse.Recording.from_file(f"wav/{n}.wav", recording_id=n) for n in names)
    supervisions = []
    for n in names:
        speaker, _, text, segments = UTTERANCES[n]
        phones = [AlignmentItem(p, sec(b), sec(e - b)) for b, e, p in segments]
        end = segments[-1][1]
        supervisions.append(
            lhotse.SupervisionSegment(
                id=f"{n}-s", recording_id=n, start=0.0, duration=sec(end), text=text, speaker=speaker,
                alignment={"phone": phones, "word": [AlignmentItem(text, 0.0, sec(end))]},
            )
        )
    return recordings, lhotse.SupervisionSet.from_segments(supervisions)


def write_lhotse(out):
    (out / "pairs").mkdir(parents=True)
    (out / "cuts").mkdir()
    for split in ("train", "dev"):
        recordings, supervisions = lhotse_sets(split)
        recordings.to_file(out / "pairs" / f"tiny_recordings_{split}.jsonl.gz")
        supervisions.to_file(out / "pairs" / f"tiny_supervisions_{split}.jsonl.gz")
        cuts = lhotse.CutSet.from_manifests(recordings=recordings, supervisions=supervisions)
        # Cuts that begin within their recording: all times in them are the cut's own.
        cuts = lhotse.CutSet.from_cuts(c.truncate(offset=0.02).with_id(c.supervisions[0].recording_id) for c in cuts)
        cuts.to_file(out / "cuts" / f"cuts_{split}.jsonl.gz")


def write_kaldi(out):
    for split in ("train", "dev"):
        recordings, supervisions = lhotse_sets(split)
        export_to_kaldi(recordings, supervisions, str(out / split))
        with open(out / split / "phones.ctm", "w", encoding="utf-8") as f:
            for s in supervisions:
                for b, e, p in UTTERANCES[s.recording_id][3]:
                    f.write(f"{s.id} 1 {sec(b):.2f} {sec(e - b):.2f} {p}\n")


def write_nemo(out):
    out.mkdir()
    for split in ("train", "dev"):
        with open(out / f"{split}_manifest.json", "w", encoding="utf-8") as f:
            for n, (_, s, text, segments) in UTTERANCES.items():
                if s == split:
                    f.write(json.dumps({"audio_filepath": f"../wav/{n}.wav", "duration": sec(segments[-1][1]), "text": text}) + "\n")


def write_ctm(out):
    for split in ("train", "dev"):
        _, supervisions = lhotse_sets(split)
        (out / split).mkdir(parents=True)
        supervisions.write_alignment_to_ctm(out / split / "tiny.phones.ctm", type="phone")
    for n, (speaker, _, _, _) in UTTERANCES.items():
        (out / speaker).mkdir(exist_ok=True)
        shutil.copy(f"wav/{n}.wav", out / speaker / f"{n}.wav")


def main():
    here = Path(__file__).resolve().parent / "peers"
    shutil.rmtree(here, ignore_errors=True)
    (here / "wav").mkdir(parents=True)
    os.chdir(here)
    audio(Path("wav"))
    write_textgrids(Path("textgrid"))
    write_lhotse(Path("lhotse"))
    write_kaldi(Path("kaldi"))
    write_nemo(Path("nemo"))
    write_ctm(Path("ctm"))
    expected = {n: {"speaker": s, "split": split, "text": t, "alignment": a} for n, (s, split, t, a) in UTTERANCES.items()}
    Path("expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
