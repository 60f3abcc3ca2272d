"""Which runs there are, and which shared stages they need: the rules of params.yaml's first part.

``methods`` are the runs that DVC makes, ``disabled`` those that are switched off, ``shared`` says
for which targets each shared stage runs, and follows from what the runs read.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS, Method
from pipeline_lib.params.faults import explained
from pipeline_lib.params.nearest import nearest
from pipeline_lib.params.runs import reference_faults
from pipeline_lib.params.section import read_yaml
from pipeline_lib.project.run_entry import NAME, DisabledRun, Run
from pipeline_lib.project.stages import FOLLOWING, SHARED, TRAIN, items, made_by, read_by, value

RUNS = "methods"
DISABLED = "disabled"
ALSO = "also"  # section of shared stages that run for their own sake
READS = ("input", "text", "knowledge", "weights")  # keys of a run that hold paths


def new_run(text: str) -> dict[str, str]:
    """Return what `methods:` says of a run of ``METHOD`` or ``METHOD@TARGET``.

    Raises:
        InputError: there is no such method, or it does not predict that.
    """
    name, _, target = text.partition("@")
    return entry(known_method(name), target)


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
        "text": method.text.format(target=target),
        "knowledge": method.knowledge.format(target=target),
        "weights": method.weights,
    }


def needed(document: dict[str, Any]) -> dict[str, list[str]]:
    """Return the targets for which each shared stage has to run.

    They follow from the files that the runs read, from those that the stages which make these read
    in turn, and from what `also` asks for; what runs wherever its input is made joins them.

    Raises:
        InputError: a run names no method, an unknown one, a target that it does not predict, or a
            file that no stage makes.
    """
    targets: dict[str, set[str]] = {stage: set() for stage in SHARED}
    waiting = [*_asked_for(document), *_read_by_runs(document)]
    while waiting:
        stage, item = waiting.pop()
        if stage not in SHARED or item in targets[stage]:
            continue
        targets[stage].add(item)
        for path, key in read_by(stage, item, document):
            made = made_by(path, key)
            waiting += [made] if made else []
        waiting += _following(document, targets)
    return {stage: sorted(found) for stage, found in targets.items()}


def _following(document: dict[str, Any], targets: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    """Yield the stages and items that run since what they read is made for others."""
    for stage, key in FOLLOWING.items():
        path = value(document, key)
        made = made_by(path, key) if isinstance(path, str) else None
        if made and made[1] in targets.get(made[0], ()):
            yield from ((stage, item) for item in items(stage))


def stages_of(method: Method, document: dict[str, Any]) -> list[str]:
    """Return the shared stages that a run of a method needs, with the sections of a document."""
    found = needed({**document, RUNS: {method.name: entry(method)}, ALSO: {}})
    return [stage for stage, targets in found.items() if targets]


def enabled(params: Path) -> list[str]:
    """Return the name of each run's method.

    Raises:
        InputError: there is no section `methods`, or a run names no known method.
    """
    return [m.name for _, m, _ in _methods(section_of(read_yaml(params), RUNS, params))]


def faults(document: dict[str, Any], params: Path) -> list[str]:
    """Say where the runs are not sound, and where `shared` disagrees with them."""
    try:
        runs, shared = (section_of(document, name, params) for name in (RUNS, "shared"))
        off = disabled(document, params)
        expected = needed(document)
    except InputError as error:
        return [str(error)]
    return [
        *(
            f"{params}: shared.{stage} is {shared.get(stage)}, expected {targets} for the enabled "
            "runs; `protoweave methods --sync` mends it"
            for stage, targets in expected.items()
            if shared.get(stage) != targets
        ),
        *(f"{params}: {RUNS}.{name}: section '{name}:' is missing"
          for name in runs if name not in document),
        *(fault for name, run in runs.items() for fault in _run_faults(RUNS, name, run, params)),
        *(fault for name, run in off.items() for fault in _run_faults(DISABLED, name, run, params)),
        *(f"{params}: run '{name}' is in both {RUNS} and {DISABLED}; delete one of them"
          for name in runs if name in off),
        *_lost_weights(runs, params),
        *reference_faults(document),
    ]  # fmt: skip


def disabled(document: dict[str, Any], params: Path) -> dict[str, Any]:
    """Return the runs that are switched off.

    Raises:
        InputError: they are no mapping.
    """
    return section_of(document, DISABLED, params) if DISABLED in document else {}


def section_of(document: dict[str, Any], name: str, params: Path) -> dict[str, Any]:
    """Return a section that has to be a mapping.

    Raises:
        InputError: it is none.
    """
    section = document.get(name)
    if not isinstance(section, dict):
        raise InputError(
            f"{params}: section '{name}' is {section!r}, expected a mapping; `protoweave use "
            "PRESET` writes a complete file"
        )
    return section


def known_method(name: str, where: str = "") -> Method:
    """Return a method of the catalogue.

    Raises:
        InputError: there is none of that name.
    """
    if name not in METHODS:
        raise InputError(f"{where}unknown method '{name}'{nearest(str(name), METHODS)}")
    return METHODS[name]


def _run_faults(section: str, name: str, run: Any, params: Path) -> Iterator[str]:
    if not NAME.fullmatch(str(name)):
        yield (
            f"{params}: {section}: run '{name}': expected a name of letters, digits, _ and -, "
            "since it becomes part of paths and of a command line; rename it"
        )
    model = Run if section == RUNS else DisabledRun
    try:
        model.model_validate(run)
    except ValidationError as error:
        yield from (f"{params}: {section}.{name}{explained(model, e)}" for e in error.errors())


def _lost_weights(runs: dict[str, Any], params: Path) -> Iterator[str]:
    """Say which runs start from the weights of a run that is not made."""
    for name, run in runs.items():
        for key in READS:
            made = made_by(str(run.get(key, "")), f"{RUNS}.{name}.{key}")
            if made and made[0] == TRAIN and made[1] not in runs:
                yield (
                    f"{params}: {RUNS}.{name}.{key} is '{run[key]}', of a run that is not enabled; "
                    f"`protoweave methods --enable {made[1]}` brings it back"
                )


def _methods(runs: dict[str, Any]) -> Iterator[tuple[str, Method, dict[str, Any]]]:
    for name, run in runs.items():
        if not isinstance(run, dict) or "method" not in run:
            raise InputError(
                f"params.yaml: {RUNS}.{name} is {run!r}, expected `method:` and what it reads; "
                f"delete it and run `protoweave methods --enable {name}`"
            )
        yield name, known_method(run["method"], f"params.yaml: {RUNS}.{name}: "), run


def _read_by_runs(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the stages and items that runs read from; what a run does not say is its method's."""
    for name, method, run in _methods(document[RUNS]):
        where = f"{RUNS}.{name}"
        target = _predicted(method, run.get("target", method.targets[0]), f"params.yaml: {where}: ")
        said = entry(method, target) | run
        for key in READS:
            made = made_by(str(said[key]), f"{where}.{key}")
            if made:
                yield made


def _asked_for(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what the user wants of shared stages, whatever the runs need.

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
        if not isinstance(targets, list) or not set(targets) <= set(items(stage)):
            raise InputError(
                f"params.yaml: {ALSO}.{stage} is {targets!r}, expected {_choice(items(stage))}"
            )
    return [(stage, item) for stage, targets in wanted.items() for item in targets]


def _choice(known: tuple[str, ...]) -> str:
    if len(known) > 1:
        return f"a list of {' and '.join(known)}"
    return f"[{known[0]}], which it is made for whatever the runs predict; write that or nothing"


def _predicted(method: Method, target: str, where: str = "") -> str:
    if target not in method.targets:
        raise InputError(
            f"{where}method '{method.name}' does not predict '{target}', expected "
            f"{' or '.join(method.targets)}"
        )
    return target
