"""Reads an event file with TensorBoard's own reader and with tbparse, and prints what both say.

    python3 read_back.py DIR

Prints {"tensorboard": {tag: [[step, wall_time, value], ...]}, "tbparse": {tag: [[step, value], ...]}} as JSON. Made with
tensorboard 2.21.0 and tbparse 0.0.9, which dataset/export/testdata/requirements.txt installs.
"""

import json
import sys

from tbparse import SummaryReader
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

folder = sys.argv[1]
events = EventAccumulator(folder)
events.Reload()
out = {"tensorboard": {}, "tbparse": {}}
for tag in events.Tags()["scalars"]:
    out["tensorboard"][tag] = [[e.step, e.wall_time, e.value] for e in events.Scalars(tag)]
for row in SummaryReader(folder).scalars.itertuples():
    out["tbparse"].setdefault(row.tag, []).append([row.step, row.value])
json.dump(out, sys.stdout)
