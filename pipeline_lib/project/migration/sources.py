"""Stages that choose a source: what it reads became a group by name."""

from pipeline_lib.params.category_graph import WITH_SETTINGS
from pipeline_lib.params.section import NOTHING
from pipeline_lib.project.migration.keys import Keys, group
from pipeline_lib.settings.markers import NONE

WITH_PATHS = ("wordnet", "file")
PROMPTED = ("vlp", "sentence")
OF_TEXT = ("vlp", "words", "sentence", "ngrams")
OF_LIT = ("sentences", "vectors")
OF_VLP = {"named": ("model", "pretrained"), "checkpoint": ("model",)}


def migrate_text(section: Keys) -> None:
    """Bring section ``text`` into shape."""
    name, to = section.values["source"], f"{section.where}.source"
    if not isinstance(name, str):
        return
    own = section.inside(name)
    if name == "ngrams":
        path, numbers = NOTHING, own.take(list(own.values), to)
    else:
        path, numbers = own.take(("path",), section.where)["path"], {}
    if name in PROMPTED:
        numbers = section.take(("prompts",), to)
    section.drop("prompts", why=f"source {name} reads none")
    for other in OF_TEXT:
        section.inside(other).drop(*list(section.values[other]), why=f"source is {name}")
        del section.values[other]
    _put_source(section, group(name, numbers))
    section.put("path", path, place=section.place_of("source") + 1)


def migrate_vlp(section: Keys) -> None:
    """Bring section ``vlp`` into shape."""
    if isinstance(section.values["source"], str):
        _name_vlp(section)
    for key in OF_LIT:
        if key not in section:
            section.put(key, NOTHING)
            section.notes.append(f"{section.where}.{key}: added, source lit alone reads it")


def _name_vlp(section: Keys) -> None:
    name, to = section.values["source"], f"{section.where}.source"
    captions = section.inside("captions")
    if name == "captions":
        found = group(name, captions.take(list(captions.values), to))
        found.fa.set_block_style()
    else:
        found = group(name, section.take(OF_VLP[name], to))
    section.drop("model", "pretrained", why=f"source is {name}")
    captions.drop(*list(captions.values), why=f"source is {name}")
    del section.values["captions"]
    _put_source(section, found)


def migrate_category_graph(section: Keys) -> None:
    """Bring section ``category_graph`` into shape."""
    if "paths" not in section:
        _put_paths(section)
    paths, llm = section.values["paths"], section.values["llm"]
    if "answers" not in paths:
        paths["answers"] = NOTHING
        section.notes.append(f"{section.where}.paths.answers: added, no recorded answers are read")
    if isinstance(llm, dict) and "name" not in llm:
        section.put("llm", group("asked", llm))
        section.notes.append(f"{section.where}.llm.name: added, it is asked")


def _put_paths(section: Keys) -> None:
    """Gather the files of sources, and switch off what is not named."""
    paths = group(None)
    for name in WITH_PATHS:
        own = section.inside(name)
        paths[name] = own.take(("path",), f"{section.where}.paths", {"path": name})[name]
    del section.values["file"]
    section.put("paths", paths)
    named = {*section.values["sources"], *section.values["beside"]}
    for name in WITH_SETTINGS:
        if name not in named:
            section.drop(name, why="neither sources nor beside name it: it is none")
            section.put(name, NONE, place=section.place_of("paths"))
    exclusion = section.inside("exclusion")
    if exclusion.values.pop("enabled"):
        exclusion.notes.append(f"{exclusion.where}.enabled: {exclusion.where} is on, with settings")
    else:
        section.put("exclusion", NONE)
        exclusion.notes.append(f"{exclusion.where}: is now none, since enabled is false")


def _put_source(section: Keys, found: object) -> None:
    section.notes.append(f"{section.where}.source: moved to {section.where}.source.name")
    place = section.place_of("source")
    del section.values["source"]
    section.put("source", found, place=place)
