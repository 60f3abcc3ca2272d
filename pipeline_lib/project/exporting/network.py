"""Write a trained run as something that others load, and look whether it still says the same."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline_lib.api import Recogniser, load, load_exported
from pipeline_lib.api.runs import EVALUATED, SCORES_FILE
from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.artifacts.exported import (
    CARD,
    FILES,
    SCRIPT,
    Export,
    Format,
    is_export,
    write_export,
)
from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.labelled import read_samples
from pipeline_lib.artifacts.scores import SCORES, WEIGHTS
from pipeline_lib.artifacts.thresholds import THRESHOLDS_FILE, read_thresholds, write_thresholds
from pipeline_lib.errors import InputError
from pipeline_lib.fingerprint import file_digest
from pipeline_lib.params.section import read_yaml
from pipeline_lib.prediction.deciding import Decision, decide
from pipeline_lib.project.asked_names import Names
from pipeline_lib.project.exporting.bundle import write_bundle
from pipeline_lib.project.exporting.card import Facts, card
from pipeline_lib.project.exporting.graph import Whole, write_onnx, write_torchscript
from pipeline_lib.project.exporting.licence import licence_of
from pipeline_lib.project.exporting.script import pixels_of, script
from pipeline_lib.project.exporting.verification import TOLERANCE, verify
from pipeline_lib.reporting.outcome import Outcome, read_outcome
from pipeline_lib.version import __version__

GRAPHS: dict[Format, Callable[[Path, Whole], None]] = {
    "torchscript": write_torchscript,
    "onnx": write_onnx,
}


def export_network(
    root: Path,
    run: str,
    to: Format,
    out: Path,
    *,
    seed: int | None = None,
    names: Names | None = None,
    tolerance: float = TOLERANCE,
) -> Export:
    """Write a folder that holds one seed of a run, and compare it with the run's stored scores.

    Args:
        root: the checkout.
        run: its name.
        to: the format.
        out: the folder; an exported one is replaced.
        seed: of the run; None is its first.
        names: of one's own; None are those of training.
        tolerance: how far a score may be from the stored one, relative to the larger of 1 and its
            size.

    Raises:
        InputError: there is no such run, seed or name; the folder is somebody else's; the format
            cannot hold the method; or the scores are further away than that.
    """
    _refuse_others(out)
    found = load(run, root, seed=seed, device="cpu")
    if names is not None:
        found = found.of_names(names.names, beside=names.beside)
    decision = decide(found, None)
    with _replaced(out) as folder:
        _write_network(folder, found, to, decision)
        export = _described(folder, found, to, decision)
        write_export(folder, export)  # so that it can be opened
        verified = verify(found, load_exported(folder, device="cpu"), tolerance)
        export = export.model_copy(update={"verified": verified})
        write_export(folder, export)
        write_bytes(folder / CARD, card(export, _facts(root, found)).encode())
        if to in GRAPHS:
            write_bytes(folder / SCRIPT, script(to, export.pixels).encode())
    return export


def _refuse_others(out: Path) -> None:
    if out.exists() and not is_export(out) and (not out.is_dir() or any(out.iterdir())):
        raise InputError(
            f"{out}: is there already and was not written by `protoweave export`, expected a new "
            "folder or one of its own; choose another name, or move it away"
        )


@contextmanager
def _replaced(out: Path) -> Iterator[Path]:
    """Yield a new folder, which takes the place of ``out`` on a clean exit."""
    folder = out.absolute().with_name(f".{out.absolute().name}.new")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
        shutil.rmtree(out, ignore_errors=True)
        folder.replace(out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_network(folder: Path, run: Recogniser, to: Format, decision: Decision) -> None:
    if run.thresholds.exists():
        chosen = read_thresholds(run.thresholds)
        own = {seed: choice for seed, choice in chosen.seeds.items() if seed == run.seed}
        write_thresholds(folder / THRESHOLDS_FILE, chosen.model_copy(update={"seeds": own}))
    if to in GRAPHS:
        GRAPHS[to](folder / FILES[to], Whole(run, temperature=decision.temperature).eval())
    else:
        write_bundle(folder, run)


def _described(folder: Path, run: Recogniser, to: Format, decision: Decision) -> Export:
    return Export(
        protoweave=__version__,
        format=to,
        digest=file_digest(folder / FILES[to]),
        run=run.run,
        method=run.method,
        seed=run.seed,
        target="classes" if run.target == "classes" else "tags",
        exclusive=run.exclusive,
        names=tuple(run.names),
        trained_names=tuple(run.trained_names),
        unseen=tuple(run.unseen),
        together=run.together,
        temperature=decision.temperature,
        thresholds=None if decision.cuts is None else tuple(decision.cuts.tolist()),
        decided_by=decision.remark,
        pixels=pixels_of(run.preprocess),
        verified=None,
    )


def _facts(root: Path, run: Recogniser) -> Facts:
    document = read_yaml(root / "params.yaml")
    with WEIGHTS.opened(run.weights) as (_, header):
        backbone = header["backbone"]["model"]
        licence = licence_of(header, document)
    table = read_samples(run.reads["samples"])
    outcome = _outcome(root, run)
    return Facts(
        dataset=Path(document["dataset"]["path"]).name,
        splits={split: len(table.rows(split)) for split in table.splits},
        noted=read_json(run.reads["samples"].with_name("accounting.json"))["remarks"]["of_reader"],
        backbone=backbone,
        licence=licence,
        outcome=outcome,
        leaks=outcome.header["leaks"] if outcome else [],
    )


def _outcome(root: Path, run: Recogniser) -> Outcome | None:
    """Return how the run was judged, if it was."""
    judged = root / EVALUATED / run.run
    if not (judged / "details.json").exists():
        return None
    with SCORES.opened(run.weights.with_name(SCORES_FILE)) as (_, header):
        pass
    return read_outcome(run.run, "classes" if run.target == "classes" else "tags", header, judged)
