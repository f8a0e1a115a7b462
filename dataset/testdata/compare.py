"""Compares a shard with what the Go test says it holds.

    python3 compare.py SHARD.arrow EXPECTED.json

Needs pyarrow (made with 26.0.1; any version from 12 on should do).
EXPECTED.json: {"metadata": {key: value}, "keys": [key, ...], "schema":
{column: type}, "batches": [rows, ...], "rows": [{column: value}, ...]}, float32
features as numbers that are exact in float64.
"""

import json
import sys

import pyarrow as pa

with open(sys.argv[2], encoding="utf-8") as f:
    want = json.load(f)
with pa.memory_map(sys.argv[1]) as source:
    reader = pa.ipc.open_file(source)
    batches = [reader.get_batch(i) for i in range(reader.num_record_batches)]
    table = pa.Table.from_batches(batches, reader.schema)
    table.validate(full=True)

    schema = reader.schema
    assert [k.decode() for k in schema.metadata] == want["keys"], schema.metadata
    for key, value in want["metadata"].items():
        assert schema.metadata[key.encode()].decode() == value, key
    got = {name: str(schema.field(name).type) for name in schema.names}
    assert list(got.items()) == list(want["schema"].items()), got
    nullable = {name for name in schema.names if schema.field(name).nullable}
    assert nullable == {"labels", "phones"}, nullable
    assert [b.num_rows for b in batches] == want["batches"], [b.num_rows for b in batches]

    rows = table.to_pylist()
    assert len(rows) == len(want["rows"]), len(rows)
    for i, (a, b) in enumerate(zip(rows, want["rows"])):
        assert list(a) == list(b), (i, list(a), list(b))
        for column in b:
            assert a[column] == b[column], (i, column, a[column], b[column])
print("ok", len(rows), "rows")
