"""Section `dataset`: which tags are unseen became a choice by name; later keys are added."""

from pipeline_lib.params.section import NOTHING
from pipeline_lib.project.migration.keys import Keys, group
from pipeline_lib.settings.markers import NONE

CAPTIONS = {"tags": NONE, "names": NOTHING, "wordnet": NOTHING}


def migrate_dataset(section: Keys) -> None:
    """Bring section ``dataset`` into shape."""
    unseen = section.inside("unseen")
    if "by" not in unseen:
        _choose(unseen)
    if "captions" not in section:
        section.put("captions", group(None, CAPTIONS), place=section.place_of("unseen"))
        section.notes.append(f"{section.where}.captions: added, no tags are made of captions")
    scenes = section.inside("scenes")
    if "difficulty" not in scenes:
        scenes.put("difficulty", NONE)
        section.notes.append(f"{scenes.where}.difficulty: added, pictures are as they were")


def _choose(unseen: Keys) -> None:
    """Name what chooses; a share of 0 and no file choose nothing."""
    to = f"{unseen.where}.by"
    if unseen.values["share"] > 0:
        by = group("share", unseen.take(("share", "seed"), to))
    else:
        by = NONE if unseen.values["names"] == NOTHING else group("list")
        unseen.drop("share", "seed", why="no tags are drawn")
    unseen.put("by", by, place=0)
    unseen.put("wordnet", NOTHING)
    said = by if by == NONE else by["name"]
    unseen.notes.append(f"{to}: added, it is {said}; {unseen.where}.wordnet: added, none is read")
