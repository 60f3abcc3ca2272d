"""Describe any artifact, whatever it is."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors import SafetensorError, safe_open

from pipeline_lib.artifacts.catalogue import dims_of
from pipeline_lib.errors import InputError


@dataclass(frozen=True)
class Description:
    """What a file holds."""

    kind: str
    facts: dict[str, str]
    head: pl.DataFrame | None = None
    content: str = ""  # of a text artifact


def describe(path: Path, rows: int) -> Description:
    """Describe a table, a tensor file, a JSON or CSV file, or a folder of these.

    Raises:
        InputError: there is nothing at ``path``, or it is no artifact.
    """
    if not path.exists():
        raise InputError(f"{path}: nothing there; run `dvc repro`, or `dvc pull` if a team has it")
    if path.is_dir():
        files = {p.relative_to(path).as_posix(): _size(p) for p in _files(path)}
        return Description("folder", files)
    try:
        return _file(path, rows)
    except (pa.ArrowException, SafetensorError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: damaged, or not what its name says ({error}); run `dvc repro`"
        ) from error


def content_digest(path: Path) -> str:
    """Hash what tables and tensor files hold, whatever version of a library encoded them."""
    hasher = hashlib.sha256()
    if path.is_dir():
        names = [p.relative_to(path).as_posix() for p in _files(path)]
        hasher.update(json.dumps([[n, content_digest(path / n)] for n in names]).encode())
    elif path.suffix == ".parquet":
        frame = pl.read_parquet(path)
        hasher.update(f"{frame.schema}{frame.write_ndjson()}".encode())
    elif path.suffix == ".safetensors":
        with safe_open(path, framework="np") as file:
            hasher.update(json.dumps(file.metadata() or {}, sort_keys=True).encode())
            for name in sorted(file.keys()):
                array = file.get_tensor(name)
                hasher.update(f"{name}{array.dtype}{array.shape}".encode())
                hasher.update(array.tobytes())
    else:
        hasher.update(path.read_bytes())
    return hasher.hexdigest()


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def _file(path: Path, rows: int) -> Description:
    match path.suffix:
        case ".parquet":
            return _table(path, rows)
        case ".safetensors":
            return _tensors(path)
        case ".json" | ".csv":
            text = path.read_text(encoding="utf-8")
            return Description(path.suffix[1:], {"size": _size(path)}, content=text)
    raise InputError(
        f"{path}: not an artifact; expected a folder, .parquet, .safetensors, .json or .csv"
    )


def _table(path: Path, rows: int) -> Description:
    with pq.ParquetFile(path) as file:
        metadata = {k.decode(): v.decode() for k, v in (file.schema_arrow.metadata or {}).items()}
        facts = {"rows": f"{file.metadata.num_rows:,}", "size": _size(path)}
    frame = pl.scan_parquet(path)
    facts |= {name: str(dtype) for name, dtype in frame.collect_schema().items()}
    return Description("table", facts | _header(metadata), head=frame.head(rows).collect())


def _tensors(path: Path) -> Description:
    with safe_open(path, framework="np") as file:
        facts, header = {"size": _size(path)}, _header(file.metadata() or {})
        artifact = header.get("header.artifact", "").strip('"')
        for name in sorted(file.keys()):
            piece = file.get_slice(name)
            said = f"{piece.get_dtype()} {tuple(piece.get_shape())} {dims_of(artifact, name)}"
            facts[name] = said.rstrip()
        return Description("tensors", facts | header)


def _header(metadata: dict[str, str]) -> dict[str, str]:
    header: dict[str, Any] = json.loads(metadata.get("protoweave", "{}"))
    return {f"header.{key}": _short(value) for key, value in sorted(header.items())}


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else f"{text[:97]}..."


def _size(path: Path) -> str:
    return f"{path.stat().st_size:,} bytes"
