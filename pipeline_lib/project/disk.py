"""What a checkout takes on disk, and what of it could go.

Results lie twice, in data/artifacts and in DVC's cache, unless DVC links them (`cache.type`); sizes
are those of the contents, and a file with several links in one place counts once.
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline_lib.dvc_cache import stored
from pipeline_lib.params.section import read_yaml
from pipeline_lib.project.plan import plan

ARTIFACTS, KEPT = Path("data/artifacts"), Path(".protoweave")
EXPERIMENTS = Path(".dvc/tmp/exps")
PARTS: Mapping[str, tuple[str, ...]] = {  # below .protoweave, and the stages that go on from them
    "decoded": ("ingest",),
    "train": ("train", "baseline", "csnet", "vlp"),
    "features": ("features",),
    "maps": ("maps",),
    "regions": ("regions",),
    "exemplars": ("exemplars",),
    "texts": ("vlp",),
}
HOLDS = {
    "decoded": "what is known of pictures, so that those that came later are decoded alone",
    "train": "states of unfinished trainings",
    "features": "parts, so that what grew is encoded alone",
    "maps": "parts, so that what grew is encoded alone",
    "regions": "parts of cut-outs that were encoded",
    "exemplars": "parts of clusterings and matches",
    "recognise": "vectors of pictures that were searched",
    "texts": "parts, so that captions that came later are encoded alone",
    "llm": "answers of a language model; not to be had again for nothing",
    "log": "how long stages took",
    "listing": "what is known of files that did not change",
}
OF_FOLDER = ".dir"  # the end of the MD5 of a folder, whose object lists its files


@dataclass(frozen=True)
class Size:
    """Some files."""

    what: str
    files: int
    bytes: int
    about: str = ""

    @classmethod
    def of(cls, what: str, paths: Iterable[Path], about: str = "") -> "Size":
        """Measure files; one that has several links counts once."""
        found = {(s.st_dev, s.st_ino): s.st_size for s in map(os.stat, paths)}
        return cls(what, len(found), sum(found.values()), about)


@dataclass(frozen=True)
class Disk:
    """The sizes of a checkout."""

    stages: list[Size]  # of data/artifacts, the largest first
    needed: Size  # of DVC's cache, what today's dvc.lock and *.dvc name
    others: Size  # of DVC's cache, what they do not name: `dvc gc -w` deletes it
    kept: list[Size]  # of .protoweave, and what experiments left in .dvc/tmp
    idle: list[Size]  # parts of .protoweave whose stages have nothing to do


def measured(root: Path) -> Disk:
    """Measure a checkout; nothing is changed.

    Raises:
        InputError: DVC cannot say what would run.
    """
    stages = [
        Size.of(folder.name, _files(folder))
        for folder in sorted((root / ARTIFACTS).glob("*"))
        if folder.is_dir()
    ]
    needed, others = _cache(root)
    kept = [
        *(Size.of(f"{KEPT}/{p.name}", _files(p), HOLDS.get(p.name, "")) for p in _kept(root)),
        Size.of(
            f"{KEPT}/*.yaml", (root / KEPT).glob("*.yaml"), "earlier params.yaml, and local.yaml"
        ),
        Size.of(str(EXPERIMENTS), _files(root / EXPERIMENTS), "copies of the checkout"),
    ]
    return Disk(
        stages=sorted(stages, key=lambda size: -size.bytes),
        needed=needed,
        others=others,
        kept=[size for size in kept if size.files],
        idle=_idle(root),
    )


def delete_parts(root: Path, parts: Iterable[Size]) -> None:
    """Delete folders of parts that ``measured`` found idle."""
    for part in parts:
        shutil.rmtree(root / part.what)


def readable(count: int) -> str:
    """Write a number of bytes: 812 B, 1.7 MB, 23.4 GB."""
    size, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if size < 1000 or unit == "TB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"


def _idle(root: Path) -> list[Size]:
    """Return the parts that no stage that would run goes on from."""
    waiting = {planned.stage.partition("@")[0] for planned in plan(root)}
    found = [
        Size.of(f"{KEPT}/{name}", _files(root / KEPT / name), HOLDS[name])
        for name, stages in PARTS.items()
        if not waiting & set(stages)
    ]
    return [size for size in found if size.files]


def _cache(root: Path) -> tuple[Size, Size]:
    """Measure what the workspace needs of DVC's cache, and the rest."""
    home = stored(root, "0" * 32).parents[1]
    named = set(_named(root, home))
    objects = {path: f"{path.parent.name}{path.name}" for path in _files(home)}
    needed = [path for path, digest in objects.items() if digest in named]
    others = [path for path, digest in objects.items() if digest not in named]
    return (
        Size.of("DVC's cache, needed", needed, "named by today's dvc.lock and *.dvc"),
        Size.of("DVC's cache, others", others, "of other commits, experiments and parameters"),
    )


def _named(root: Path, home: Path) -> Iterator[str]:
    """Yield the digests that dvc.lock and the files of `dvc add` name, with files of folders."""
    for out in _outs(root):
        digest = out.get("md5", "")
        yield digest
        listing = home / digest[:2] / digest[2:]
        if digest.endswith(OF_FOLDER) and listing.exists():
            yield from (entry["md5"] for entry in json.loads(listing.read_text(encoding="utf-8")))


def _outs(root: Path) -> Iterator[dict[str, Any]]:
    lock = root / "dvc.lock"
    stages = (read_yaml(lock).get("stages") or {}) if lock.exists() else {}
    for stage in stages.values():
        yield from stage.get("outs") or []
    for path in (root / "data").rglob("*.dvc"):
        if path.is_file():
            yield from read_yaml(path).get("outs") or []


def _kept(root: Path) -> list[Path]:
    return sorted(path for path in (root / KEPT).glob("*") if path.is_dir())


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder; links count as what lies there, not where they lead."""
    for place, _, names in os.walk(folder):
        yield from (path for name in names if (path := Path(place, name)).is_file())
