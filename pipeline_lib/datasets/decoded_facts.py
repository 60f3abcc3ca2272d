"""What was found in pictures that were decoded before, by the content of their files.

Facts lie in parts below .protoweave/decoded, a Parquet file for some thousand pictures, written as
decoding goes on: a killed `ingest` goes on where it was, and a data set that grew decodes what is
new. What a file holds is known from the list of the data set's files (steps/listing.py), so that
one that is known is not even read; a picture inside a table is read, and not decoded.
"""

import json
import os
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import PIL
import polars as pl
from PIL import features

from pipeline_lib.artifacts.decoded import DECODED
from pipeline_lib.datasets import decode
from pipeline_lib.datasets.reader import Item, Reader, WholeFiles
from pipeline_lib.errors import InputError
from pipeline_lib.fingerprint import digest, file_digest

CODECS = ("jpg", "libjpeg_turbo", "jpg_2000", "webp", "zlib", "libtiff", "avif")


class Facts(NamedTuple):
    """What decoding a picture says of it."""

    width: int
    height: int
    turned: int
    sha256: str


@dataclass(frozen=True)
class FactStore:
    """The parts of one way to decode, and what the files of the data set hold."""

    folder: Path
    listed: Mapping[str, str]  # SHA-256 of files, by their path below the data set

    @classmethod
    def below(cls, folder: Path, listing: Path | None) -> "FactStore":
        """Open the parts of this code, with the libraries that it decodes with.

        Args:
            folder: of all parts.
            listing: what stage ``listing`` wrote of this data set; without it files are read to
                know what they hold.
        """
        versions = [features.version(codec) for codec in CODECS if features.check(codec)]
        code = digest([file_digest(Path(decode.__file__)), PIL.__version__, versions])
        lines = listing.read_bytes().splitlines() if listing and listing.exists() else ()
        return cls(folder / code, {path: sha for path, _, sha in map(json.loads, lines)})

    def contents(self, reader: Reader, items: Sequence[Item], root: Path) -> list[str | None]:
        """Return the SHA-256 of the file of each item, where it is listed and the image alone.

        Args:
            reader: of the items.
            items: of the data set.
            root: of the data set, as it was listed.
        """
        if not isinstance(reader, WholeFiles):
            return [None] * len(items)
        folder = root if root.is_dir() else root.parent
        paths = (os.path.relpath(reader.file(item.path), folder) for item in items)
        names = (unicodedata.normalize("NFC", Path(path).as_posix()) for path in paths)
        return [self.listed.get(name) for name in names]

    def add(self, found: Mapping[str, Facts]) -> None:
        """Keep what was found, by the SHA-256 of the encoded bytes."""
        if found:
            rows = [(content, *facts) for content, facts in found.items()]
            part = pl.DataFrame(rows, schema=DECODED.dtypes, orient="row")
            DECODED.write(part, self.folder / f"{digest(sorted(found))}.parquet")

    def read(self) -> pl.DataFrame:
        """Return all parts; a damaged one is deleted, and its pictures are decoded again."""
        parts = [pl.DataFrame(schema=DECODED.dtypes)]
        for path in sorted(self.folder.glob("*.parquet")):
            try:
                parts.append(DECODED.read(path))
            except InputError:
                path.unlink()
        return pl.concat(parts).unique("content", keep="any")


def facts_of(contents: Iterable[str | None], known: pl.DataFrame) -> list[Facts | None]:
    """Return what is known of each content; None is that of no picture."""
    asked = pl.DataFrame({"content": list(contents)}, schema={"content": pl.String})
    found = asked.join(known, on="content", how="left", maintain_order="left")
    rows: Sequence[tuple[int | None, int, int, str]] = found.select(Facts._fields).rows()
    return [None if row[0] is None else Facts(row[0], *row[1:]) for row in rows]
