"""Files of rows as tests want them."""

import json

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline_lib.datasets import parquet


def write(path, metadata=None, row_group_size=None, types=None, **columns):
    """Write a Parquet or Arrow file; without a column ``image`` it gets the bytes 0, 1, 2, …."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = len(next(iter(columns.values())))
    columns = {"image": [bytes([row]) for row in range(rows)]} | columns
    arrays = {name: pa.array(v, (types or {}).get(name)) for name, v in columns.items()}
    table = pa.table(arrays).replace_schema_metadata(metadata)
    if path.suffix == ".arrow":
        with pa.ipc.new_stream(path, table.schema) as stream:
            stream.write_table(table, row_group_size)
    else:
        pq.write_table(table, path, row_group_size=row_group_size)
    return path


def class_label(*names):
    return {"_type": "ClassLabel", "names": list(names)}


def opened(root, dataset, **columns):
    return parquet.open_reader(root, dataset(root, columns=columns))


def hugging_face(**features):
    return {"huggingface": json.dumps({"info": {"features": features}})}
