"""The sections `methods` and `shared` of params.yaml: which runs there are and what they need."""

from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq

from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS, Method
from pipeline_lib.params.runs import reference_faults
from pipeline_lib.params.section import nearest, read_yaml
from pipeline_lib.project.references import compare_by_default

SHARED = (
    *("vlp", "baseline", "maps", "csnet", "regions", "exemplars"),
    *("features", "clusters", "relations", "text", "category_graph"),
)
ALSO = "also"  # section of shared stages that run for their own sake
BASELINE = "data/artifacts/baseline/"  # …TARGET/weights.safetensors
READERS = ("maps", "features")  # sections whose `weights` may be a baseline's
VLP, TOWERS = "data/artifacts/vlp/", "towers"  # the one thing that stage `vlp` makes


def select(params: Path, *, enable: Iterable[str] = (), disable: Iterable[str] = ()) -> list[str]:
    """Add and remove runs in place, keep the rest of the file, and return the runs that remain.

    A new run is named after its method and needs a section of that name, which the presets hold.

    Raises:
        InputError: an unknown method, or a run that is not there, or a missing section.
    """
    for section in ("methods", "shared"):
        _section(read_yaml(params), section, params)
    before = params.read_text(encoding="utf-8")
    yaml = YAML()
    yaml.width = 100
    yaml.preserve_quotes = True
    document = yaml.load(before)
    runs = document["methods"]
    for name in disable:
        if name not in runs:
            raise InputError(f"{params}: no run '{name}'{nearest(name, runs)}")
        del runs[name]
    for text in enable:
        name, _, of = text.partition("=")
        run = new_run(of or name)
        if name not in document:
            raise InputError(
                f"{params}: run '{name}' needs a section '{name}:', which is missing; copy it "
                "from a file in presets/"
            )
        if name not in runs:
            runs[name] = run
            compare_by_default(document, [name])
    bring_in_line(document)
    if not runs:  # a comment behind `methods:` would come between it and its {}
        document.ca.items.pop("methods", None)
        document["methods"] = {}
    after = StringIO()
    yaml.dump(document, after)
    write_bytes(params, _with_comments_of(before, after.getvalue()).encode())
    return list(runs)


def bring_in_line(document: Any) -> None:
    """Let `shared` follow from the runs, in place."""
    for stage, targets in needed(document).items():
        document["shared"][stage] = _flow(targets)


def new_run(text: str) -> dict[str, str]:
    """Return what `methods:` says of a run of ``METHOD`` or ``METHOD@TARGET``.

    Raises:
        InputError: there is no such method, or it does not predict that.
    """
    name, _, target = text.partition("@")
    return entry(_known(name), target)


def entry(method: Method, target: str = "") -> dict[str, str]:
    """Return what `methods:` says of a run of ``method`` that predicts ``target``.

    Raises:
        InputError: the method does not predict that.
    """
    target = _predicted(method, target or method.targets[0])
    return {
        "method": method.name,
        "target": target,
        "input": method.input.format(target=target),
        "knowledge": method.knowledge.format(target=target),
        "weights": method.weights,
    }


def needed(document: dict[str, Any]) -> dict[str, list[str]]:
    """Return the targets for which each shared stage has to run.

    A baseline is trained only where `features` or `maps` start from its weights, and a
    vision-language model only for methods that start from it or texts that it embeds.

    Raises:
        InputError: a run names no method, an unknown one, or a target that it does not predict.
    """
    targets: dict[str, set[str]] = {stage: set() for stage in SHARED}
    for name, method, run in _methods(document["methods"]):
        where = f"params.yaml: methods.{name}: "
        own = _predicted(method, run.get("target", method.targets[0]), where)
        for need in method.shared:
            stage, _, fixed = need.partition("@")
            targets[stage].add(fixed or own)
    for stage, own_sake in _also(document).items():
        targets[stage] |= own_sake
    targets["text"] |= targets["category_graph"]  # which reads its vectors
    for section in READERS:
        weights = str((document.get(section) or {}).get("weights", ""))
        if targets[section] and weights.startswith(BASELINE):
            targets["baseline"].add(weights.removeprefix(BASELINE).partition("/")[0])
    text = document.get("text") or {}
    if targets["text"] and str((text.get("vlp") or {}).get("path", "")).startswith(VLP):
        targets["vlp"].add(TOWERS)
    return {stage: sorted(found) for stage, found in targets.items()}


def enabled(params: Path) -> list[str]:
    """Return the name of each run's method.

    Raises:
        InputError: there is no section `methods`, or a run names no known method.
    """
    return [m.name for _, m, _ in _methods(_section(read_yaml(params), "methods", params))]


def faults(document: dict[str, Any], params: Path) -> list[str]:
    """Say where `shared` disagrees with `methods`, or a run lacks its section."""
    try:
        runs, shared = (_section(document, name, params) for name in ("methods", "shared"))
        expected = needed(document)
    except InputError as error:
        return [str(error)]
    stale = [stage for stage in expected if shared.get(stage) != expected[stage]]
    missing = [name for name in runs if name not in document]
    return [
        f"{params}: shared.{stage} is {shared.get(stage)}, expected {expected[stage]} for the "
        "enabled methods; `protoweave methods --sync` mends it"
        for stage in stale
    ] + [
        *(f"{params}: methods.{name}: section '{name}:' is missing" for name in missing),
        *reference_faults(document),
    ]


def _methods(runs: dict[str, Any]) -> Iterator[tuple[str, Method, dict[str, Any]]]:
    for name, run in runs.items():
        if not isinstance(run, dict) or "method" not in run:
            raise InputError(
                f"params.yaml: methods.{name} is {run!r}, expected `method:` and what it reads; "
                f"delete it and run `protoweave methods --enable {name}`"
            )
        yield name, _known(run["method"], f"params.yaml: methods.{name}: "), run


def _also(document: dict[str, Any]) -> dict[str, set[str]]:
    """Return the targets that the user wants of shared stages, whatever the runs need.

    Raises:
        InputError: it is no mapping of shared stages to lists of targets.
    """
    wanted = document.get(ALSO) or {}
    if not isinstance(wanted, dict):
        raise InputError(
            f"params.yaml: {ALSO} is {wanted!r}, expected a mapping, e.g. {{text: [tags]}}"
        )
    for stage, targets in wanted.items():
        if stage not in SHARED:
            raise InputError(
                f"params.yaml: {ALSO}: no shared stage '{stage}'{nearest(stage, SHARED)}"
            )
        known = {TOWERS} if stage == "vlp" else {"classes", "tags"}
        if not isinstance(targets, list) or not set(targets) <= known:
            raise InputError(
                f"params.yaml: {ALSO}.{stage} is {targets!r}, expected a list of "
                f"{' and '.join(sorted(known))}"
            )
    return {stage: set(targets) for stage, targets in wanted.items()}


def _section(document: dict[str, Any], name: str, params: Path) -> dict[str, Any]:
    section = document.get(name)
    if not isinstance(section, dict):
        raise InputError(
            f"{params}: section '{name}' is {section!r}, expected a mapping; `protoweave use "
            "PRESET` writes a complete file"
        )
    return section


def _known(name: str, where: str = "") -> Method:
    if name not in METHODS:
        raise InputError(f"{where}unknown method '{name}'{nearest(str(name), METHODS)}")
    return METHODS[name]


def _predicted(method: Method, target: str, where: str = "") -> str:
    if target not in method.targets:
        raise InputError(
            f"{where}method '{method.name}' does not predict '{target}', expected "
            f"{' or '.join(method.targets)}"
        )
    return target


def _flow(targets: list[str]) -> CommentedSeq:
    """Return a list that is written as ``[classes]``."""
    sequence = CommentedSeq(targets)
    sequence.fa.set_flow_style()
    return sequence


def _with_comments_of(before: str, after: str) -> str:
    """Put back the comments above sections and runs.

    ruamel ties a comment to the line before it, so it goes or moves with the run before it.
    """
    kept = {key: above for key, above, _ in _entries(before) if key}
    lines: list[str] = []
    for key, above, line in _entries(after):
        lines += [*(kept.get(key, []) if key else above), line]
    return "".join(lines)


def _entries(text: str) -> Iterator[tuple[tuple[str, ...], list[str], str]]:
    """Yield each line, the comments and blank lines above it, and its key if it is of depth 1-2."""
    section, above = "", list[str]()
    for line in text.splitlines(keepends=True):
        name, depth = line.strip().partition(":")[0], len(line) - len(line.lstrip())
        if not name or name.startswith("#"):
            above.append(line)
            continue
        section = section if depth else name
        key = {0: (section,), 2: (section, name)}.get(depth, ())
        yield key, above, line
        above = []
    yield (), above, ""
