"""Bring a params.yaml of an older shape into today's, and say what becomes of each key."""

from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pipeline_lib.methods.registry import METHODS, VLP
from pipeline_lib.project.layers import DEFAULT
from pipeline_lib.project.migration.added import OF_METHODS, OF_SECTIONS, add
from pipeline_lib.project.migration.clusterers import migrate_clusterer
from pipeline_lib.project.migration.dataset import migrate_dataset
from pipeline_lib.project.migration.keys import Keys
from pipeline_lib.project.migration.methods import migrate_csrms, migrate_dlsa
from pipeline_lib.project.migration.open_vocabulary import (
    add_choices,
    migrate_c2srt,
    migrate_clip,
    migrate_open,
    migrate_sigrl,
)
from pipeline_lib.project.migration.quality import add_quality
from pipeline_lib.project.migration.recipes import migrate_recipe
from pipeline_lib.project.migration.runs import migrate_entry
from pipeline_lib.project.migration.sources import (
    migrate_category_graph,
    migrate_text,
    migrate_vlp,
)
from pipeline_lib.project.params_text import commented, spaced
from pipeline_lib.project.presets import text_of
from pipeline_lib.project.selection import DISABLED, RUNS, entry
from pipeline_lib.project.stages import made_by
from pipeline_lib.settings.markers import NONE

OWN: dict[str, Callable[[Keys], None]] = {
    "c2srt": migrate_c2srt,
    "clip": migrate_clip,
    "clip_ft": migrate_open,
    "csrms": migrate_csrms,
    "dlsa": migrate_dlsa,
    "mkt": migrate_open,
    "sigrl": migrate_sigrl,
}
ONCE = (("baseline", "classes"), ("baseline", "tags"), ("csnet",), ("vlp", "captions"))
CLUSTERED = ("clusters", "exemplars")
CHOOSING = {
    "category_graph": migrate_category_graph,
    "dataset": migrate_dataset,
    "text": migrate_text,
    "vlp": migrate_vlp,
}


def migrated(text: str, presets: Path) -> tuple[str, list[str]]:
    """Return params.yaml as today's version reads it, and a line for each key that moved.

    Values stay, and so do comments of keys that stay. Sections of methods that no run uses go where
    they are those of the presets, which bring them back.
    """
    yaml = commented()
    document, notes = yaml.load(text), list[str]()
    for *above, last in ONCE:
        holder = Keys(".".join([*above, last]), _at(document, *above, last), notes)
        if holder.values is not None and "recipe" in holder:
            migrate_recipe(holder, once=True)
    for name in CLUSTERED:
        if name in document:
            migrate_clusterer(Keys(name, document[name], notes))
    for name, added in OF_SECTIONS.items():
        if name in document:
            add(Keys(name, document[name], notes), added)
    for name, migrate in CHOOSING.items():
        if name in document:
            migrate(Keys(name, document[name], notes))
    for section in (RUNS, DISABLED):
        for name, run in (document.get(section) or {}).items():
            now = entry(METHODS[run["method"]], run["target"])
            migrate_entry(Keys(f"{section}.{name}", run, notes), now)
    if "report" in document:
        Keys("report", document["report"], notes).drop("draws", "seed", why="evaluation's are read")
    for name, method, run in _runs(document):
        _migrate_run(Keys(name, document[name], notes), method, run)
    shipped = YAML(typ="safe", pure=True).load(text_of(presets, DEFAULT, {}, whole=True))
    add_quality(document, notes, shipped)
    _drop_shipped(document, notes, shipped)
    written = StringIO()
    yaml.dump(document, written)
    return spaced(written.getvalue()), notes


def _runs(document: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield the sections of runs, and of methods without one, with method and run."""
    known = {**(document.get(DISABLED) or {}), **document[RUNS]}
    rest = {name: entry(METHODS[name]) for name in METHODS if name not in known}
    for name, run in (known | rest).items():
        if name in document and run["method"] in METHODS:
            yield name, run["method"], run


def _migrate_run(section: Keys, method: str, run: Any) -> None:
    if isinstance((section.values.get("recipe") or {}).get("optimizer"), str):
        _migrate_flat(section, method, run)
    if METHODS[method].weights == VLP:
        add_choices(section, method)
    add(section, OF_METHODS.get(method, {}))


def _migrate_flat(section: Keys, method: str, run: Any) -> None:
    """Bring a section of the first shape, in which no group had a name, into today's."""
    if method in OWN:
        OWN[method](section)
    if "recipe" in section:
        migrate_recipe(section, once=False, augments=method != "vscnet")
    made = made_by(str(run.get("input", "")), f"{RUNS}.{section.where}.input")
    if "backbone" in section and METHODS[method].weights != VLP and made and made[0] == "maps":
        model = section.values["backbone"].get("model")
        section.put("backbone", NONE)
        section.notes.append(f"{section.where}.backbone: {model} is now {NONE}: maps are read")


def _drop_shipped(document: Any, notes: list[str], shipped: dict[str, Any]) -> None:
    """Drop sections of methods that no run uses, where they are as the default preset has them."""
    used = {**document[RUNS], **(document.get(DISABLED) or {})}
    for name in [name for name in document if name in METHODS and name not in used]:
        if document[name] == shipped.get(name):
            del document[name]
            notes.append(
                f"{name}: dropped, since no run uses it; `protoweave methods --enable {name}` "
                "brings it back"
            )


def _at(document: Any, *keys: str) -> Any:
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document
