"""Settings of one section that do nothing by what another one says."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from pipeline_lib.methods.registry import METHODS, VLP, Method
from pipeline_lib.params.section import NOTHING
from pipeline_lib.project.selection import ALSO
from pipeline_lib.project.stages import ARTIFACTS, made_by
from pipeline_lib.settings.markers import NONE

MERGED = "merged"
IMAGES = ARTIFACTS / "ingest/images.safetensors"
GRAPHS = ARTIFACTS / "category_graph"
MAPS, TOWERS = ARTIFACTS / "maps", ARTIFACTS / "vlp"
STAYS = 0.65  # the value of a layer decay that nothing reads


def crossing_faults(document: dict[str, Any], path: Path) -> list[str]:
    """Return what sections say that cannot count together, one line each.

    Every section is valid by itself.
    """
    checks = (
        _runs,
        _on_maps,
        _beside_classes,
        _on_images,
        _neighbours,
        _exclusion,
        _vectors,
        _towers,
        _contradictions,
        _classes_of_csnet,
        _folds_of_csnet,
    )
    return [f"{path}: {fault}" for check in checks for fault in check(document)]


def _sections(document: dict[str, Any], method: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name and the section of every run of a method."""
    for name, run in document["methods"].items():
        if run["method"] == method and isinstance(document.get(name), dict):
            yield name, document[name]


def _runs(document: dict[str, Any]) -> Iterator[str]:
    for name, run in document["methods"].items():
        method = METHODS[run["method"]]
        checks = {"text": _told, "knowledge": _told, "input": _input, "weights": _weights}
        for key, find in checks.items():
            if fault := find(run, method, key):
                yield f"methods.{name}.{key} is {run[key]}, {fault}"
        made = "/ingest/" not in str(run.get("input", ""))
        if made and method.weights != VLP and run.get("weights", NOTHING) != NOTHING:
            yield (
                f"methods.{name}.weights is {run['weights']}, and {run['input']} was encoded "
                f"before, by other weights; set it to {NOTHING}"
            )


def _told(run: dict[str, Any], method: Method, key: str) -> str:
    """Say what is wrong with what a run learns from; a file of the user's own may be anything."""
    own = str(getattr(method, key)).format(target=run["target"])
    said = os.path.normpath(run[key])
    if own == NOTHING:
        unread = f"which method {method.name} does not read; set it to {NOTHING}"
        return "" if said == NOTHING else unread
    is_other = said != own and PurePosixPath(said).is_relative_to(ARTIFACTS)
    return (
        f"and method {method.name} reads {own}; set it to that"
        if is_other or said == NOTHING
        else ""
    )


def _input(run: dict[str, Any], method: Method, key: str) -> str:
    """Say whether a method can read what another stage made; most read images or maps of them."""
    own = PurePosixPath(method.input.format(target=run["target"]))
    said = PurePosixPath(os.path.normpath(run[key]))
    is_open = own.parts[2] != "exemplars"
    on_maps = is_open and said.is_relative_to(MAPS)
    if said == own or on_maps or (is_open and said == IMAGES):
        return ""
    unfit = f"which method {method.name} cannot read; set it to {own}"
    return unfit if said.is_relative_to(ARTIFACTS) else ""


def _weights(run: dict[str, Any], method: Method, key: str) -> str:
    """Say whether a method starts from a vision-language model where it has to, and only there."""
    said = PurePosixPath(os.path.normpath(run[key]))
    of_stage, is_vlp = said.is_relative_to(ARTIFACTS), said.is_relative_to(TOWERS)
    if method.weights == VLP and not is_vlp and (of_stage or str(said) == NOTHING):
        return f"and method {method.name} starts from {VLP}; set it to that"
    if method.weights != VLP and is_vlp:
        return f"from which method {method.name} cannot start; set it to {NOTHING}"
    return ""


def _on_maps(document: dict[str, Any]) -> Iterator[str]:
    """Yield what runs on maps say of the network that made these, which is no matter of theirs."""
    for name, run in document["methods"].items():
        made = made_by(str(run.get("input", "")), f"methods.{name}.input")
        section = document.get(name)
        if made is None or made[0] != "maps" or not isinstance(section, dict):
            continue
        if section.get("trunk", "frozen") != "frozen":
            yield (
                f"{name}.trunk is {section['trunk']}, and {name} reads maps, of which nothing is "
                "trained; set it to frozen"
            )
        augment = section.get("recipe", {}).get("augment")
        if METHODS[run["method"]].pools and augment == "flip":
            yield (
                f"{name}.recipe.augment is flip, and {name} reads maps and pools them, so that "
                "nothing sees which way round they are; set it to none"
            )
        yield from _student(name, section.get("student", {}))
        if isinstance(section.get("backbone"), dict):
            yield (
                f"{name}.backbone is {section['backbone']['model']}, and {name} reads maps, which "
                f"the backbone of section maps made; set it to {NONE}"
            )


def _beside_classes(document: dict[str, Any]) -> Iterator[str]:
    """Yield the runs of Base whose second head would teach nothing."""
    for name, section in _sections(document, "base"):
        run, weight = document["methods"][name], section["auxiliary_tags"]
        made = made_by(str(run.get("input", "")), f"methods.{name}.input")
        if weight and made and made[0] == "maps":
            yield (
                f"{name}.auxiliary_tags is {weight}, and {name} reads maps, so that there is no "
                "backbone for the tags to teach; set it to 0.0"
            )
        elif weight and run["target"] == "tags":
            yield (
                f"{name}.auxiliary_tags is {weight}, and {name} predicts tags, so that there is "
                "nothing beside them; set it to 0.0"
            )


def _student(name: str, student: dict[str, Any]) -> Iterator[str]:
    """Yield what a run on maps says of an image tower of which only the end is left."""
    blocks = student.get("trained_blocks", 0)
    if blocks > 1:
        yield (
            f"{name}.student.trained_blocks is {blocks}, and {name} reads maps, behind which one "
            "block is left, the projection; set it to 1, or to 0 for a frozen one"
        )
    if student.get("layer_decay", STAYS) != STAYS:
        yield (
            f"{name}.student.layer_decay is {student['layer_decay']}, and {name} reads maps, "
            f"behind which no block is left whose rate it would lower; set it to {STAYS}"
        )
    if student.get("checkpointing"):
        yield (
            f"{name}.student.checkpointing is true, and {name} reads maps, before which nothing is "
            "left to recompute; set it to false"
        )


def _on_images(document: dict[str, Any]) -> Iterator[str]:
    """Yield the runs that read images and name no network to read them with."""
    for name, run in document["methods"].items():
        section = document.get(name)
        reads_images = "/ingest/" in str(run.get("input", ""))
        if reads_images and isinstance(section, dict) and section.get("backbone") == NONE:
            yield (
                f"{name}.backbone is {NONE}, and {name} reads images; set it to a model, e.g. "
                "{model: resnet18, pretrained: false, image_size: 64}"
            )


def _neighbours(document: dict[str, Any]) -> Iterator[str]:
    graph = document.get("category_graph", {})
    asking = [(f"{name}.ist", section["ist"]) for name, section in _sections(document, "c2srt")]
    for where, asked in (*asking, *_sections(document, "sparc")):
        if asked == NONE:
            continue
        relation, wanted = asked["relation"], asked["neighbours"]
        if relation not in (MERGED, *graph["sources"], *graph["beside"]):
            yield (
                f"{where}.relation is {relation}, which is not mined; add it to "
                "category_graph.beside"
            )
        limits = {"category_graph.neighbours": graph["neighbours"]}
        if isinstance(graph.get(relation), dict) and "most" in graph[relation]:
            limits[f"category_graph.{relation}.most"] = graph[relation]["most"]
        for key, most in limits.items():
            if wanted > most:
                yield (
                    f"{where}.neighbours is {wanted}, and {key} is {most}, so that there are no "
                    f"more; raise {key} or lower neighbours"
                )


def _exclusion(document: dict[str, Any]) -> Iterator[str]:
    for name, section in _sections(document, "dlsa"):
        wanted = section["prior"] != NONE and section["prior"]["exclusion"]
        if wanted and document["category_graph"]["exclusion"] == NONE:
            yield (
                f"{name}.prior.exclusion is true, and category_graph.exclusion {NONE}, so that "
                "nothing excludes anything; set the one to false, or the other to {expected: 5.0}"
            )


def _vectors(document: dict[str, Any]) -> Iterator[str]:
    """Yield vectors that a stage cannot read; a folder of the user's own may hold any."""
    known = f"{MAPS}/tags or {ARTIFACTS}/features/classes"
    for stage in ("quality", "vlp"):
        said = document.get(stage, {}).get("vectors", NOTHING)
        path = PurePosixPath(os.path.normpath(said))
        if path.is_relative_to(ARTIFACTS) and path.parts[2:3] not in (("maps",), ("features",)):
            yield f"{stage}.vectors is {said}, which {stage} cannot read; set it to {known}"
        elif (stage, said) == ("quality", NOTHING) and document["shared"].get(stage):
            yield f"{stage}.vectors is {said}, and {ALSO} asks for {stage}; set it to {known}"


def _towers(document: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with maps of a vision-language model."""
    maps = document.get("maps")
    if not isinstance(maps, dict):
        return
    weights = str(maps["weights"])
    is_vlp = PurePosixPath(os.path.normpath(weights)).is_relative_to(TOWERS)
    if is_vlp and maps["backbone"] != NONE:
        yield (
            f"maps.weights is {weights}, a vision-language model, and maps.backbone says which "
            f"network the weights are of; set maps.backbone to {NONE}"
        )
    vectors = str(document.get("vlp", {}).get("vectors", NOTHING))
    if is_vlp and PurePosixPath(os.path.normpath(vectors)).is_relative_to(MAPS):
        yield (
            f"maps.weights is {weights}, and vlp.vectors {vectors}, so that each is made of the "
            "other; set vlp.vectors to data/artifacts/features/classes, or maps.weights to a "
            "checkpoint"
        )


def _contradictions(document: dict[str, Any]) -> Iterator[str]:
    graph = document.get("quality", {}).get("graph", NOTHING)
    mined = PurePosixPath(os.path.normpath(graph)).is_relative_to(GRAPHS)
    if mined and document["category_graph"]["exclusion"] == NONE:
        yield (
            f"quality.graph is {graph}, and category_graph.exclusion {NONE}, so that nothing "
            f"contradicts it; set the one to {NOTHING}, or the other to {{expected: 5.0}}"
        )


def _classes_of_csnet(document: dict[str, Any]) -> Iterator[str]:
    weight = document["csnet"]["weights"]["classes"] if "csnet" in document else 0
    if weight and "tags" in (document["shared"].get("csnet") or []):
        yield (
            f"csnet.weights.classes is {weight}, and csnet runs for tags, where it reads no class; "
            "set it to 0.0"
        )


def _folds_of_csnet(document: dict[str, Any]) -> Iterator[str]:
    folds = document.get("csnet", {}).get("folds", 0)
    if folds and document.get("regions", {}).get("descriptor") == "state":
        yield (
            f"csnet.folds is {folds}, and regions.descriptor is state, which each of its networks "
            "has of its own, so that none can be compared; set the one to 0, or the other to pooled"
        )
