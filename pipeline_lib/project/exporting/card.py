"""The model card of an exported network, with the front matter that Hugging Face's hub reads."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML

from pipeline_lib.artifacts.exported import EXPORT_FILE, FILES, SCRIPT, Export
from pipeline_lib.artifacts.samples import VAL
from pipeline_lib.evaluation.metric import Measure
from pipeline_lib.evaluation.view_names import split_of
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.project.exporting.licence import Licence
from pipeline_lib.reporting.outcome import Outcome

SOME = 40  # names that are listed in words
HUB = {  # how the hub calls a metric, by how names in files begin
    "top_k_accuracy_": "accuracy",
    "map_": "map",
    "category_pr_f1": "f1",
    "overall_pr_f1": "f1",
}


@dataclass(frozen=True)
class Facts:
    """What a card tells beside ``export.json``."""

    dataset: str  # a name of it
    splits: Mapping[str, int]  # images by split
    noted: Sequence[str]  # how its labels were read, where that is not as usual
    backbone: str
    licence: Licence
    outcome: Outcome | None  # None where the run was not judged
    leaks: Sequence[str]  # settings under which a label gets into scores


def card(export: Export, facts: Facts) -> str:
    """Return the card in Markdown."""
    parts = (
        _front(export, facts),
        f"# {export.run}: {METHODS[export.method].title}",
        _summary(export, facts),
        f"## Data\n\n{_data(export, facts)}",
        f"## Metrics\n\n{_metrics(export, facts)}",
        f"## Decisions\n\n{_decisions(export)}",
        f"## Use\n\n{_use(export)}",
        f"## Limits\n\n{_limits(export, facts)}",
        f"## Licence\n\n{facts.licence.remark}",
    )
    return "\n\n".join(parts) + "\n"


def _front(export: Export, facts: Facts) -> str:
    headlines = [] if facts.outcome is None else [*_headlines(facts.outcome)]
    results = [
        {
            "task": {"type": "image-classification"},
            "dataset": {"name": facts.dataset, "type": facts.dataset, "split": view},
            "metrics": [_entry(measure, value)],
        }
        for view, measure, value in headlines
    ]
    content: dict[str, Any] = {
        "license": facts.licence.name,
        "pipeline_tag": "image-classification",
        "tags": ["image-classification", "protoweave", export.method, export.format],
        "metrics": sorted({_on_hub(measure) for _, measure, _ in headlines}),
        "model-index": [{"name": export.run, "results": results}],
    }
    text = io.StringIO()
    YAML().dump(content, text)
    return f"---\n{text.getvalue()}---"


def _entry(measure: Measure, value: float) -> dict[str, Any]:
    return {"type": _on_hub(measure), "name": measure.title, "value": round(value, 6)}


def _headlines(outcome: Outcome) -> Iterator[tuple[str, Measure, float]]:
    """Yield what sums the run up in every split and view."""
    for view in _tested(outcome):
        measure = outcome.headline(view)
        yield view, measure, outcome.estimates(view)[measure].value


def _tested(outcome: Outcome) -> list[str]:
    """Return the views that nothing was chosen on."""
    return [view for view in outcome.views if split_of(view) != VAL]


def _on_hub(measure: Measure) -> str:
    found = (name for begin, name in HUB.items() if measure.name.startswith(begin))
    return next(found, measure.name)


def _summary(export: Export, facts: Facts) -> str:
    method, others = METHODS[export.method], export.names != export.trained_names
    asked = ", asked for other names than it was trained for" if others else ""
    return (
        f"Recognises {len(export.names)} {export.target} in pictures. Method `{method.name}` "
        f"({method.paper}) on the backbone {facts.backbone}, at {export.pixels.size} pixels. It is "
        f"seed {export.seed} of run `{export.run}`{asked}, exported as {export.format} by "
        f"Protoweave {export.protoweave}."
    )


def _data(export: Export, facts: Facts) -> str:
    counts = ", ".join(f"{split} {count:,}" for split, count in facts.splits.items())
    return (
        f"Data set `{facts.dataset}`; images by split: {counts}. Trained on `train`; thresholds "
        "and temperature were chosen on `val`, everything below was measured on the others.\n\n"
        f"Names: {_listed(export.names)}."
        + "".join(f"\n\nNoted when it was read: {remark}." for remark in facts.noted)
    )


def _metrics(export: Export, facts: Facts) -> str:
    outcome = facts.outcome
    if outcome is None:
        return "The run was not judged: `dvc repro evaluate` does, and then export it again."
    seeds = outcome.header["seeds"]
    what = (
        "Of this seed"
        if len(seeds) == 1
        else (f"Means over seeds {', '.join(map(str, seeds))} (this file is seed {export.seed})")
    )
    what += ", with 95 % intervals over images."
    if export.names != export.trained_names:
        what += " They are of the names that it was trained with, not of those asked for here."
    rows = [
        f"| {view} | {m.title} | {e.value:.4f} | {e.low:.4f} to {e.high:.4f} |"
        f" {outcome.metrics[view][f'{m.name}_seed_std']:.4f} |"
        for view in _tested(outcome)
        for m, e in outcome.estimates(view).items()
    ]
    return "\n".join(
        [
            what,
            "",
            "| split | metric | value | 95 % interval | deviation between seeds |",
            "|---|---|---|---|---|",
            *rows,
        ]
    )


def _decisions(export: Export) -> str:
    if export.thresholds is not None:
        return (
            f"A tag is named where its score exceeds its entry of `thresholds` in {EXPORT_FILE} "
            f"({export.decided_by}). Probabilities are sigmoids of scores."
        )
    if not export.exclusive:
        return "Probabilities are sigmoids of scores; nothing decides for one."
    return (
        f"Probabilities are a softmax of scores, divided by {export.temperature:.4g} "
        f"({export.decided_by})."
    )


def _use(export: Export) -> str:
    file = FILES[export.format]
    if export.format == "safetensors":
        return (
            f"`{file}` holds the weights; Protoweave builds the network: `protoweave predict` "
            "with this folder, or in Python `pipeline_lib.load_exported(FOLDER).predict(images)`."
        )
    return (
        f"`{SCRIPT}` recognises a picture (`python predict.py PICTURE` in this folder) with "
        f"Pillow, numpy and what runs `{file}`, nothing else. The graph takes `images`, uint8 "
        f"(count, 3, {export.pixels.size}, {export.pixels.size}), RGB, resized and cropped as "
        f"`pixels` in {EXPORT_FILE} says, and "
        "gives `scores` and `probabilities`, (count, names). Normalisation is a part of it.\n\n"
        "`protoweave predict` with this folder does the same for any number of pictures."
        f"{_checked(export)}"
    )


def _checked(export: Export) -> str:
    found = export.verified
    if found is None:
        return ""
    return (
        f"\n\nOn {found.pictures} pictures of `{found.split}` its scores differ from "
        f"{found.against} by at most {found.largest_difference:.1e} (relative to the larger of 1 "
        "and their size)."
    )


def _limits(export: Export, facts: Facts) -> str:
    others = "gets one of these all the same" if export.exclusive else "is not told"
    lines = [
        f"It knows these {len(export.names)} names. What a picture shows besides {others}.",
        f"Metrics hold for pictures like those of `{facts.dataset}`. Others have to be judged anew "
        "(`protoweave evaluate-file`).",
    ]
    if export.together:
        lines.append(
            "A score depends on the names that are asked together: another list gives others."
        )
    elif export.exclusive:
        lines.append("A probability depends on the other names (softmax); a score does not.")
    else:
        lines.append("Neither a score nor a probability depends on the other names.")
    if export.unseen:
        lines.append(f"No training image carried {_listed(export.unseen)}.")
    lines += [f"Its settings let a label into scores of training images: {x}." for x in facts.leaks]
    return "\n".join(f"* {line}" for line in lines)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SOME} more (`names` in {EXPORT_FILE})" if len(names) > SOME else ""
    return ", ".join(names[:SOME]) + more
