"""The stage `quality`, which older files do not have."""

from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from pipeline_lib.project.selection import needed

NAME = "quality"
FEATURES = "data/artifacts/features/classes"


def add_quality(document: Any, notes: list[str], shipped: dict[str, Any]) -> None:
    """Add the section as the default preset has it, looking at vectors that are made anyway."""
    if NAME not in document:
        section = CommentedMap(shipped[NAME])
        section["scores"] = CommentedMap(section["scores"])
        section["scores"].fa.set_flow_style()
        stages = document["shared"]
        if not stages.get("maps") and stages.get("features"):
            section["vectors"] = FEATURES
        document.insert(_place(document, list(shipped)), NAME, section)
        notes.append(f"{NAME}: added, it looks at {section['vectors']} where these are made")
    if NAME not in document["shared"]:
        found = CommentedSeq(needed(document)[NAME])
        found.fa.set_flow_style()
        document["shared"][NAME] = found


def _place(document: Any, order: list[str]) -> int:
    """Return the index behind the section that stands before it in the default."""
    before = order[: order.index(NAME)]
    return 1 + max((n for n, name in enumerate(document) if name in before), default=-1)
