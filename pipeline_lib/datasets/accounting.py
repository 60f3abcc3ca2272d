"""What became of all that a data set holds: held = used + rejected + ignored, to the file."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from pipeline_lib.artifacts.samples import IGNORED
from pipeline_lib.datasets.files import extension_of, is_image, is_system, walk
from pipeline_lib.datasets.reader import LeftOut, Rejection
from pipeline_lib.datasets.sample_tables import Sample

LISTED = 100  # files of one folder and reason; of more only their number is written
TABLES = frozenset({".csv", ".tsv", ".json", ".jsonl", ".xml", ".xlsx", ".parquet", ".arrow"})


@dataclass(frozen=True)
class Ignored:
    """A file, an image or a folder of files (with a slash at its end) that is not used."""

    item: str
    reason: str  # short and countable
    count: int = 1
    detail: str = ""


@dataclass(frozen=True)
class Account:
    """The sums; ``held`` counts images and the files that are none."""

    used: dict[str, int]  # by split
    rejected: dict[str, int]  # by reason
    ignored: dict[str, int]
    sources: int  # lists, tables and annotations that were read

    @property
    def held(self) -> int:
        """The number of things in the data set, its lists aside."""
        return sum(map(sum, (self.used.values(), self.rejected.values(), self.ignored.values())))

    def text(self) -> str:
        """Say the sums in one line."""
        parts = [f"used {sum(self.used.values())}"]
        for name, counts in (("rejected", self.rejected), ("ignored", self.ignored)):
            parts.append(f"{name} {sum(counts.values())}{_commonest(counts)}")
        return f"held {self.held} = {' + '.join(parts)}"

    def document(self) -> dict[str, Any]:
        """Return the sums for a JSON file."""
        sums = {"used": self.used, "rejected": self.rejected, "ignored": self.ignored}
        return {"held": self.held, "sources": self.sources} | sums


def account(
    samples: Iterable[Sample],
    rejections: Collection[Rejection],
    ignored: Iterable[Ignored],
    sources: int,
) -> Account:
    """Add up what became of everything."""
    counts: Counter[str] = Counter()
    for entry in ignored:
        counts[entry.reason] += entry.count
    return Account(
        used=_sorted(Counter(sample.split for sample in samples)),
        rejected=_sorted(Counter(rejection.reason for rejection in rejections if rejection.lost)),
        ignored=_sorted(counts),
        sources=sources,
    )


def ignored_files(root: Path, taken: Collection[str], *, listed: bool) -> Iterator[Ignored]:
    """Yield what lies in a data set and is none of the files in ``taken``.

    Args:
        root: the folder of the data set, or its only file.
        taken: paths below root of the files of items and of what is read beside them.
        listed: whether lists say which images there are; else the layout does.
    """
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path in walk(root) if root.is_dir() else ():
        if path not in taken:
            place, reason = _why(root, path, listed=listed)
            groups[place, reason].append(path)
    for (place, reason), paths in groups.items():
        if place.endswith("/") or len(paths) > LISTED:
            yield Ignored(_text(place.rstrip("/")) + "/", reason, len(paths))
        else:
            yield from (Ignored(_text(path), reason) for path in paths)


def left_out(entries: Iterable[LeftOut]) -> Iterator[Ignored]:
    """Yield the items that the data set's own protocol does not use."""
    yield from (Ignored(entry.item, entry.reason) for entry in entries)


def ignored_frame(entries: Iterable[Ignored]) -> pl.DataFrame:
    """Return the table of what is ignored, with one row for equal ones."""
    counts: Counter[tuple[str, str]] = Counter()
    details: dict[tuple[str, str], str] = {}
    for entry in entries:
        key = (entry.item, entry.reason)
        counts[key] += entry.count
        details.setdefault(key, entry.detail)
    rows = [(*key, count, details[key]) for key, count in sorted(counts.items())]
    return pl.DataFrame(rows, schema=IGNORED.dtypes, orient="row")


def _why(root: Path, path: str, *, listed: bool) -> tuple[str, str]:
    """Return the folder that a file is counted in, and why nothing uses it."""
    parts = PurePosixPath(path).parts
    hidden = next((n for n, part in enumerate(parts) if is_system(part)), None)
    if hidden is not None:
        inside = hidden < len(parts) - 1  # of a hidden folder nobody wants a list
        return "/".join(parts[: hidden + inside]) + ("/" if inside else ""), "hidden file"
    place = "/".join(parts[:-1])
    if is_image(root / path):
        return place, f"an image that no {'list' if listed else 'folder'} names"
    extension = extension_of(path)
    if extension in TABLES:
        return place, f"a table that is not read: {extension}"
    return place, f"not an image: {extension or 'no extension'}"


def _commonest(counts: dict[str, int], shown: int = 4) -> str:
    most = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    names = [f"{reason} {count}" for reason, count in most[:shown]]
    names += ["…"] if len(most) > shown else []
    return f" ({', '.join(names)})" if names else ""


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _text(path: str) -> str:
    """Return a path that can be written down: Linux allows any bytes in it."""
    return path.encode("utf-8", "backslashreplace").decode()
