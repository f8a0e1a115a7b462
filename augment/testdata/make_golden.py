"""Prints the plans that golden_test.go expects: python3 make_golden.py > plan.golden

The rules of augment/doc.go, written again from their description with hashlib
and Python integers. Standard library only.

A case is a line of utterances, speakers, seed, base rate and configuration, and
then its recipes, or their number and the SHA-256 of those lines if they are many.
The corpus of a case is drawn by corpus() here and by randomCorpus in the test.
"""
import hashlib
import json
import struct

M = 2**64 - 1


def key(seed, purpose, ident, copy):
    p, i = purpose.encode(), ident.encode()
    msg = struct.pack("<QQQ", seed, copy, len(p)) + p + struct.pack("<Q", len(i)) + i
    return int.from_bytes(hashlib.sha256(msg).digest()[:8], "little")


def between(k, i, lo, hi):
    z = (k + (i + 1) * 0x9E3779B97F4A7C15) & M
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & M
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & M
    z ^= z >> 31
    return lo + (z * (hi - lo + 1) >> 64)


def corpus(n, speakers, seed):
    """Members (id, split, speaker, rate, samples, offset, length)."""
    out = []
    for i in range(n):
        k = key(seed, "golden", str(i), 0)
        split = "dev" if between(k, 0, 0, 9) == 0 else "train"
        rate = [16000, 16000, 11025][between(k, 1, 0, 2)]
        seconds100 = between(k, 2, 30, 900)
        who = f"{split}-{between(k, 3, 0, speakers - 1)}" if between(k, 4, 0, 19) else ""
        out.append((f"{split}/utt{i:04d}", split, who, rate, seconds100 * rate // 100, 100 * i, 90 + i % 9))
    return out


def groups(bucket, copy, cfg, seed, rate):
    c = cfg["concat"]
    limit = int(c["max_seconds"] * rate) if c["max_seconds"] else M
    lo, hi = (g * rate // 1000 for g in c["gap_ms"])
    cards = []
    for m in bucket:
        length = -(-m[4] * rate // m[3])
        if length <= limit and (m[2] or c["partner"] == "any"):
            voice = (key(seed, "concat-speaker", m[2], copy), m[2]) if c["partner"] == "same-speaker" else ()
            cards.append((voice, key(seed, "concat-order", m[0], copy), m[0], m[2], length, m))
    cards.sort(key=lambda k: k[:3])

    def may(group, card):
        if c["partner"] == "same-speaker":
            return card[3] == group[0][0][3]
        return c["partner"] == "any" or card[3] not in [g[0][3] for g in group]

    def add(group, card):
        gap = between(key(seed, "concat-gap", group[0][0][2], copy), len(group), lo, hi)
        if sum(g[0][4] + g[1] for g in group) + gap + card[4] > limit:
            return False
        group.append((card, gap))
        return True

    free = list(cards)
    while free:
        group = [(free.pop(0), 0)]
        k = between(key(seed, "concat-size", group[0][0][2], copy), 0, c["min"], c["max"])
        for card in list(free):
            if len(group) == k:
                break
            if not may(group, card):
                if c["partner"] == "different-speaker":
                    continue
                break
            if not add(group, card):
                break
            free.remove(card)
        if len(group) < c["min"]:
            if c["leftovers"] == "wrap":
                for card in cards:
                    if len(group) < c["min"] and card not in [g[0] for g in group] and may(group, card):
                        add(group, card)
            if c["leftovers"] == "drop" or len(group) < 2:
                continue
        yield group


def plan(members, cfg, seed, rate):
    narrow = cfg["narrowband"]["mode"] != "off"
    lines = []

    def emit(ident, split, parts, original=True, copies=True):
        text = " ".join(f"{p[0][0]}@{p[0][5]}+{p[0][6]}:{p[1]}" for p in parts)
        if original:
            lines.append(f"{ident} {split} original {text}")
        if narrow and copies:
            lines.append(f"{ident}+nb {split} narrowband {text}")
        for p in range(cfg["perturb"]["copies"] if "gain" in cfg and copies else 0):
            lines.append(f"{ident}+p{p} {split} perturbed-{p} {text}")
            if narrow:
                lines.append(f"{ident}+p{p}+nb {split} perturbed-{p}+narrowband {text}")

    for m in members:
        on = m[1] in cfg["splits"]
        emit(m[0], m[1], [(m, 0)], original=cfg["originals"] or not on, copies=on)
    n = max(1, len(members) // 256)
    for copy in range(cfg["concat"]["copies"]):
        buckets = {}
        for m in members:
            if m[1] in cfg["splits"]:
                who = m[2] if cfg["concat"]["partner"] == "same-speaker" else m[0]
                b = key(seed, "concat-bucket", who, copy) % n if n > 1 else 0
                buckets.setdefault((m[1], b), []).append(m)
        for (split, _), bucket in buckets.items():
            for g in groups(bucket, copy, cfg, seed, rate):
                h = key(seed, "concat-id", "\0".join(card[2] for card, _ in g), copy)
                emit(f"concat/{copy}/{h:016x}", split, [(card[5], gap) for card, gap in g])
    return sorted(lines, key=lambda s: s.split()[0].encode())


def case(n, speakers, seed, rate, splits=("train",), originals=True, mode="keep", perturb=0, **concat):
    c = dict(copies=1, min=2, max=3, partner="any", gap_ms=[0, 200], gap_fill="noise", max_seconds=20, leftovers="keep")
    c.update(concat)
    cfg = dict(splits=list(splits), originals=originals, narrowband=dict(mode=mode, keep_band="own"), concat=c)
    if perturb:
        cfg.update(perturb=dict(copies=perturb), gain=dict(db=[3], probability=1))
    members = corpus(n, speakers, seed)
    print("case", n, speakers, seed, rate, json.dumps(cfg, separators=(",", ":")))
    lines = plan(members, cfg, seed, rate)
    if n > 100:
        text = "".join(s + "\n" for s in lines).encode()
        print("digest", len(lines), hashlib.sha256(text).hexdigest())
    else:
        for s in lines:
            print("recipe", s)


case(14, 3, 20160818, 16000)
case(15, 4, 1, 16000, partner="same-speaker", leftovers="wrap", mode="off")
case(16, 3, 2, 16000, partner="different-speaker", leftovers="drop", originals=False, mode="restore")
case(13, 3, 3, 11025, splits=("dev", "train"), min=3, max=4, leftovers="wrap", max_seconds=0, gap_ms=[50, 50], copies=2)
case(12, 2, 4, 8000, max_seconds=6.5, max=5, leftovers="wrap", partner="different-speaker", mode="off")
case(1100, 60, 5, 16000, copies=2, max=4)
case(1100, 60, 6, 16000, partner="same-speaker", copies=2)
case(12, 3, 7, 16000, perturb=2, originals=False)
