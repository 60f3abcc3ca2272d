"""Edges as files that people edit: CSV and GraphML, out and in again.

What is written out is the merged graph, one row per pair and sign. Read back as the source
``file``, alone, it gives the same adjacency.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import networkx as nx
import numpy as np
import polars as pl

from pipeline_lib.artifacts.atomic import replacing
from pipeline_lib.datasets.names import clean
from pipeline_lib.datasets.text_lists import read_text
from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.categories.edges import NEGATIVE, POSITIVE, Merge, edge_frame, no_edges
from pipeline_lib.params.nearest import nearest

COLUMNS = ("target", "source", "strength", "sign", "relation", "provenance", "explanation")
DEFAULT_RELATION = "edited"
UNDIRECTED = "undirected"  # in a column `type`, as Gephi writes it: the edge informs both ways
# What reading raises: LookupError of encodings and types that nobody knows, ValueError of numbers.
UNREADABLE = (OSError, csv.Error, ParseError, nx.NetworkXError, LookupError, ValueError)


@dataclass(frozen=True)
class Row:
    """One edge of a file, and where it stands there."""

    where: str
    cells: dict[str, Any]


def merged(edges: pl.DataFrame, *, merge: Merge, sources: int) -> pl.DataFrame:
    """Return one row per pair and sign, described by its strongest source.

    ``provenance`` names all sources that know the pair, the strongest first.
    """
    order = ["strength", "provenance"]
    ordered = edges.sort(order, descending=[True, False], maintain_order=True)
    strength = pl.col("strength").sum() / sources if merge == "mean" else pl.col("strength").max()
    return (
        ordered.group_by("target", "source", "sign", maintain_order=True)
        .agg(
            strength,
            pl.col("relation").first(),
            pl.col("provenance").str.join("+"),
            pl.col("explanation").first(),
        )
        .select(COLUMNS)
        .sort("target", "strength", "source", "sign", descending=[False, True, False, False])
    )


def write_edges(path: Path, edges: pl.DataFrame, names: Sequence[str]) -> None:
    """Write merged edges as ``.csv`` or ``.graphml``; a graph also holds categories without edges.

    Raises:
        InputError: the name ends in something else.
    """
    kind = _kind(path)
    with replacing(path) as temporary:
        if kind == ".csv":
            edges.write_csv(temporary)
        else:
            nx.write_graphml(to_networkx(edges, names), temporary, named_key_ids=True)


def to_networkx(edges: pl.DataFrame, names: Sequence[str]) -> nx.MultiDiGraph:
    """Return a graph whose edges lead from the category that informs to the one it informs.

    Edges are numbered through: their numbers become ids in a file, where editors want no id twice.
    """
    graph = nx.MultiDiGraph()
    graph.add_nodes_from((name, {"label": name}) for name in names)
    kept = [name for name in edges.columns if name not in ("target", "source")]
    for number, row in enumerate(edges.iter_rows(named=True)):
        told = {name: row[name] for name in kept}
        graph.add_edge(row["source"], row["target"], f"e{number}", **told)
    return graph


def read_edges(path: Path, names: Sequence[str]) -> pl.DataFrame:
    """Read a user's edges.

    Columns (of a CSV) or edge attributes (of GraphML) are ``strength``, 0…1, which editors may
    call ``weight``, and optionally ``sign``, ``relation`` and ``explanation``. An undirected graph
    informs both ways. A node that no category is called by its id is known by its label: editors
    give ids of their own.

    Raises:
        InputError: the file is missing or is neither, an edge names no category, its strength or
            sign is out of range, or there are two for one pair and sign.
    """
    try:
        rows = list(_csv_rows(path) if _kind(path) == ".csv" else _graphml_rows(path, names))
    except InputError:
        raise
    except UNREADABLE as error:
        raise _unfit(path, str(error)) from error
    known = {name: place for place, name in enumerate(names)}
    taken: dict[tuple[str, str, int], str] = {}
    for row in rows:
        key = _checked(path, row, known)
        if key in taken:
            raise _unfit(path, f"{row.where} repeats {taken[key]}: '{key[0]}' from '{key[1]}'")
        taken[key] = row.where
    return _frame(rows, names, known) if rows else no_edges()


def _checked(path: Path, row: Row, known: dict[str, int]) -> tuple[str, str, int]:
    cells = row.cells
    for end in ("target", "source"):
        if cells[end] not in known:
            found = f"{row.where}: {end} '{cells[end]}' is no category{nearest(cells[end], known)}"
            raise _unfit(path, found)
    if cells["target"] == cells["source"]:
        raise _unfit(path, f"{row.where}: '{cells['target']}' informs itself")
    if not 0 <= cells["strength"] <= 1:
        raise _unfit(path, f"{row.where}: strength is {cells['strength']:g}, expected 0 to 1")
    if cells["sign"] not in (POSITIVE, NEGATIVE):
        raise _unfit(path, f"{row.where}: sign is {cells['sign']}, expected 1 or -1")
    return cells["target"], cells["source"], cells["sign"]


def _frame(rows: Sequence[Row], names: Sequence[str], known: dict[str, int]) -> pl.DataFrame:
    def column(name: str) -> list[Any]:
        return [row.cells[name] for row in rows]

    targets, sources = (np.array([known[n] for n in column(end)]) for end in ("target", "source"))
    frame = edge_frame(
        names, targets, sources, np.array(column("strength")), provenance="file",
        relation=column("relation"), explanation=column("explanation"),
    )  # fmt: skip
    return frame.with_columns(sign=pl.Series(column("sign"), dtype=pl.Int8))


def _csv_rows(path: Path) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    header = [clean(name).lower() for name in next(reader, [])]
    if "strength" not in header:
        header = ["strength" if name == "weight" else name for name in header]
    missing = {"target", "source", "strength"} - set(header)
    twice = [name for name in header if name and header.count(name) > 1]
    if missing or twice:
        fault = f"has no column '{min(missing)}'" if missing else f"has two columns '{twice[0]}'"
        raise _unfit(path, f"{fault}, its columns are {header}")
    for line in reader:
        where = f"line {reader.line_num}"
        if line and len(line) != len(header):
            raise _unfit(path, f"{where}: {len(line)} cells, expected {len(header)}")
        if any(map(str.strip, line)):
            cells = dict(zip(header, map(clean, line), strict=True))
            turned = cells | {"source": cells["target"], "target": cells["source"]}
            both = cells.get("type", "").lower() == UNDIRECTED
            yield from (_row(path, where, ends) for ends in (cells, turned)[: 1 + both])


def _graphml_rows(path: Path, names: Sequence[str]) -> Iterator[Row]:
    graph = nx.read_graphml(path)
    name = {node: _name(node, data, set(names)) for node, data in graph.nodes(data=True)}
    edges: Iterable[tuple[str, str, dict[str, Any]]] = graph.edges(data=True)
    for source, target, data in edges:
        ends = [(source, target)] if graph.is_directed() else [(source, target), (target, source)]
        for one, other in ((name[one], name[other]) for one, other in ends):
            cells = {"strength": data.get("weight")} | data | {"source": one, "target": other}
            yield _row(path, f"edge {one} -> {other}", cells)


def _name(node: str, data: dict[str, Any], known: set[str]) -> str:
    labels = [clean(str(text)) for key, text in data.items() if key.lower() in ("label", "name")]
    return next(
        (text for text in [node, clean(node), *labels] if text in known), (labels or [node])[0]
    )


def _row(path: Path, where: str, cells: dict[str, Any]) -> Row:
    try:
        return Row(
            where,
            {
                "target": cells["target"],
                "source": cells["source"],
                "strength": float(cells["strength"]),
                "sign": int(cells.get("sign") or POSITIVE),
                "relation": cells.get("relation") or DEFAULT_RELATION,
                "explanation": cells.get("explanation") or "",
            },
        )
    except (TypeError, ValueError) as error:
        found = {name: cells.get(name) for name in ("strength", "sign")}
        raise _unfit(path, f"{where}: {found} are no numbers") from error


def _kind(path: Path) -> str:
    kind = path.suffix.lower()
    if kind not in (".csv", ".graphml"):
        raise InputError(f"{path}: is no file of edges, expected a name in .csv or .graphml")
    return kind


def _unfit(path: Path, found: str) -> InputError:
    return InputError(
        f"{path}: {found}; expected edges with target, source and strength (0 to 1), as "
        "`protoweave graph --write edges.csv` writes them; mend the file"
    )
