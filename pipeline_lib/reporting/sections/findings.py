"""Section "Findings": in sentences, what is best, and what gained on what it is compared with."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.evaluation.metric import Measure
from pipeline_lib.evaluation.view_names import ZSL, name_of
from pipeline_lib.reporting.budget import Budget, backbone, compared
from pipeline_lib.reporting.comparison import differences, references_in
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.numbers import difference_of, percent
from pipeline_lib.reporting.runs import Run
from pipeline_lib.reporting.section import Section
from pipeline_lib.reporting.unpredicted import Unpredicted, unpredicted
from pipeline_lib.reporting.verdicts import BETTER, NO_VERDICT, NOT_SHOWN, WORSE, verdict

GAIN, NO_GAIN, LOSS = "gain shown", "no gain shown", "loss shown"
MIXED = "gain on some references, not on all"
QUESTIONS = (("classes", "classes", ""), ("tags", "tags", ""), ("unseen tags", "tags", ZSL))
"""What is asked, the target that answers, and the view of its test images."""


@dataclass(frozen=True)
class Compared:
    """A run beside one of its references, by the headline metric."""

    reference: str
    measure: Measure
    difference: Estimate
    images: int  # judged
    budget: str  # in words
    backbones: str  # in words; "" where both have one
    placebo: str = ""  # what the reference is a placebo of; "" where it is none

    @property
    def verdict(self) -> str:
        """What the difference shows."""
        return verdict(self.measure, self.difference, self.images)


@dataclass(frozen=True)
class Finding:
    """What is said of one run."""

    run: str
    verdict: str
    text: str


@dataclass(frozen=True)
class Answer:
    """What is said of classes, of tags, or of unseen tags."""

    question: str
    best: str
    gains: str
    findings: list[Finding]


def answers(runs: list[Run]) -> list[Answer]:
    """Answer the questions that some run can answer, on the test images."""
    found = []
    enabled = {run.name for run in runs}
    for question, target, kind in QUESTIONS:
        some = [run for run in runs if run.target == target]
        test = some[0].splits[0] if some else ""
        view = name_of(test, kind) if kind else test
        having = [run for run in some if view in run.views]
        if having:
            found.append(answer(question, having, view, enabled))
    return found


def answer(question: str, runs: list[Run], view: str, enabled: Collection[str] = ()) -> Answer:
    """Say which of some runs is best in a view, and how each fares against its references.

    A reference that is ``enabled`` but has no such view, is passed over.
    """
    by_name = {run.name: run for run in runs}
    findings = []
    for run in runs:
        beside = compared_in(run, view, by_name)
        gone = [name for name in run.references if name not in (*by_name, *enabled)]
        if beside or gone:
            findings.append(_finding(run, beside, gone))
    return Answer(question, _best(runs, view), _gains(findings), findings)


def compared_in(run: Run, view: str, by_name: Mapping[str, Run]) -> list[Compared]:
    """Compare a run with each of its references that has the view, its placebos first.

    A gain is claimed where it holds against all of them, so over the placebo of every module.
    """
    measure = run.headline(view)
    found = [
        Compared(
            other.name,
            measure,
            differences(run, other, view)[measure],
            run.images(view),
            compared(Budget.of(run), Budget.of(other)),
            _backbones(run, other),
            "" if other.control is None else other.control.module,
        )
        for other in references_in(run, view, by_name)
    ]
    return sorted(found, key=lambda one: not one.placebo)


def _best(runs: list[Run], view: str) -> str:
    """Name the run of the best value, and say whether it is shown to be ahead of the next."""
    measure = runs[0].headline(view)
    sign = -1 if measure.metric.higher_is_better else 1
    order = sorted(runs, key=lambda run: sign * run.estimates(view)[measure].value)
    first, value = order[0], order[0].estimates(view)[measure]
    text = (
        f"{first.name}, {percent(value.value)} % {_in_sentence(measure.title)} "
        f"[{percent(value.low)}, {percent(value.high)}], on {backbone(first)}."
    )
    if len(order) == 1:
        return f"{text} No other run was judged."
    difference, images = differences(first, order[1], view)[measure], first.images(view)
    ahead = f"the next, {order[1].name}, by {_interval(difference, signed=False)}"
    said = {
        BETTER: f"It is ahead of {ahead}.",
        NOT_SHOWN: f"That it is ahead of {ahead}, is not shown.",
        NO_VERDICT: f"That it is ahead of {ahead}, shows nothing on {_images(images)}.",
    }
    return f"{text} {said[verdict(measure, difference, images)]}"


def _gains(findings: list[Finding]) -> str:
    gained = [one.run for one in findings if one.verdict == GAIN]
    mixed = [one.run for one in findings if one.verdict == MIXED]
    if not findings:
        return "No run is compared with another."
    said = (
        f"A gain on every run that it is compared with is shown for {_listed(gained)}."
        if gained
        else "No run is shown to gain on every run that it is compared with."
    )
    return said + (f" On some of them, not on all: {_listed(mixed)}." if mixed else "")


def _finding(run: Run, beside: list[Compared], gone: list[str]) -> Finding:
    parts = [_sentence(one) for one in beside]
    parts += [f"it cannot be compared with {name}, which is not enabled" for name in gone]
    text = "; ".join(parts) + "."
    if run.metrics["seeds"] == 1:
        text += " One seed: how far another training would move it, is not known."
    summary = _summary([one.verdict for one in beside])
    return Finding(run.name, MIXED if gone and summary == GAIN else summary, text)


def _summary(shown: list[str]) -> str:
    if not shown or NO_VERDICT in shown:
        return NO_VERDICT
    if len(set(shown)) > 1 and BETTER in shown:
        return MIXED
    if WORSE in shown:
        return LOSS
    return GAIN if BETTER in shown else NO_GAIN


def _sentence(one: Compared) -> str:
    """Say how a run fares against one reference; a loss as plainly as a gain."""
    plain, signed = (_interval(one.difference, signed=sign) for sign in (False, True))
    other = f" ({one.backbones}: not the method alone)" if one.backbones else ""
    placebo = f", the placebo of {one.placebo}," if one.placebo else ""
    reference = f"{one.reference}{placebo} {one.budget}{other}"
    pause = "," if "," in one.budget else ""
    return {
        BETTER: f"it gains {plain} on {reference}",
        WORSE: f"it loses {plain} against {reference}",
        NOT_SHOWN: f"it differs from {reference}{pause} by {signed}, which covers 0",
        NO_VERDICT: f"it differs from {reference}{pause} by {signed}, which shows nothing on "
        f"{_images(one.images)}",
    }[one.verdict]


def _interval(difference: Estimate, *, signed: bool) -> str:
    value, low, high = difference_of(difference)
    return f"{value if signed else value.lstrip('+-−')} points [{low}, {high}]"


def _backbones(ours: Run, theirs: Run) -> str:
    mine, other = backbone(ours), backbone(theirs)
    return "" if mine == other else f"another backbone: {mine} against {other}"


def _in_sentence(metric: str) -> str:
    return metric[0].lower() + metric[1:] if metric[1:2].islower() else metric


def _images(number: int) -> str:
    return f"{number} image{'' if number == 1 else 's'}"


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


@dataclass(frozen=True)
class Findings:
    """The section."""

    answers: list[Answer]
    unpredicted: list[Unpredicted]  # labels that are there, and no run predicts them


def _build(material: Material) -> Findings:
    targets = {run.target for run in material.runs}
    return Findings(answers(material.runs), list(unpredicted(material.collection, targets)))


SECTION = Section("findings", "Findings", 10, _build)
