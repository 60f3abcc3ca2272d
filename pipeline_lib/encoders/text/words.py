"""Word vectors from a file: GloVe's text form, or an npz of names and vectors.

A name of several words gets the mean of its words' vectors, unless the file knows it whole.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from pipeline_lib.errors import InputError

JOINERS = (" ", "_", "-", "")


def embed(names: Sequence[str], path: Path) -> tuple[np.ndarray, list[str]]:
    """Return (names, dims) float32 and the names without any vector, whose rows are zero.

    A name counts as found where at least one of its words is.

    Raises:
        InputError: the file is missing, is of another form, or knows none of the names.
    """
    wanted = {spelling for name in names for spelling in (*_whole(name), *_words(name))}
    try:
        known = _read_npz(path, wanted) if path.suffix == ".npz" else _read_text(path, wanted)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise _unfit(path, str(error)) from error
    if not known:
        raise _unfit(path, f"knows none of the {len(names)} names, e.g. '{names[0]}'")
    dims = len(next(iter(known.values())))
    vectors, missing = np.zeros((len(names), dims), np.float32), []
    for row, name in enumerate(names):
        found = [known[s] for s in _whole(name) if s in known][:1]
        found = found or [known[word] for word in _words(name) if word in known]
        if found:
            vectors[row] = np.mean(found, axis=0)
        else:
            missing.append(name)
    return vectors, missing


def _words(name: str) -> list[str]:
    return re.split(r"[\s_\-]+", name.strip().lower())


def _whole(name: str) -> list[str]:
    """Return the ways in which a file may spell a name of several words, and the name itself."""
    return list(dict.fromkeys([name, *(joiner.join(_words(name)) for joiner in JOINERS)]))


def _read_text(path: Path, wanted: set[str]) -> dict[str, np.ndarray]:
    """Read lines of a word and its numbers; word2vec's first line (count and dims) is skipped."""
    known: dict[str, np.ndarray] = {}
    dims = 0
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, start=1):
            word, _, rest = line.rstrip().partition(" ")
            if number == 1 and len(rest.split()) == 1:
                continue
            if word not in wanted or word in known:
                continue
            vector = np.array(rest.split(), np.float32)
            if dims and len(vector) != dims:
                raise ValueError(f"line {number} has {len(vector)} numbers, the others {dims}")
            known[word], dims = vector, len(vector)
    return known


def _read_npz(path: Path, wanted: set[str]) -> dict[str, np.ndarray]:
    """Read every pair of a list of names and a matrix with as many rows."""
    with np.load(path, allow_pickle=False) as content:
        arrays = {name: content[name] for name in content}
    known: dict[str, np.ndarray] = {}
    for names, vectors in _pairs(arrays.values()):
        for name, vector in zip(names.tolist(), vectors, strict=True):
            for spelling in dict.fromkeys((name, *_whole(name))):
                if spelling in wanted:
                    known.setdefault(spelling, vector.astype(np.float32))
    return known


def _pairs(arrays: Iterable[np.ndarray]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    arrays = list(arrays)
    lists = [a for a in arrays if a.ndim == 1 and a.dtype.kind == "U"]
    matrices = [a for a in arrays if a.ndim == 2 and a.dtype.kind == "f"]
    if not lists or not matrices:
        raise ValueError("holds no list of names beside a matrix of their vectors")
    yield from ((n, m) for n in lists for m in matrices if len(n) == len(m))


def _unfit(path: Path, found: str) -> InputError:
    return InputError(
        f"{path} (text.path): {found}; expected lines 'word 0.1 0.2 …' as GloVe has them, or an "
        "npz with names and vectors; set text.path to such a file, or choose text.source 'ngrams', "
        "which needs none"
    )
