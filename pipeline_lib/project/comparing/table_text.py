"""A table of runs as LaTeX or Markdown, with a caption that says what its intervals are over."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline_lib.evaluation.metric import Measure
from pipeline_lib.evaluation.view_names import title as title_of_view
from pipeline_lib.project.comparing.runs_table import Score, seeds
from pipeline_lib.reporting.numbers import MINUS, difference_of, interval, percent
from pipeline_lib.reporting.outcome import Outcome

NOTHING = "\N{EN DASH}"
NEEDS = r"% needs \usepackage{booktabs}"
SPECIAL = {
    "\\": r"\textbackslash{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
    **{"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "|": r"\textbar{}"},
    **{"<": r"\textless{}", ">": r"\textgreater{}"},
    **{MINUS: "$-$", "\N{PLUS-MINUS SIGN}": r"$\pm$", NOTHING: "--"},
}


@dataclass(frozen=True)
class Text:
    """A table in words: its caption, the heads of its columns, its rows."""

    caption: str
    heads: list[str]
    rows: list[list[str]]


def text_of(scores: Sequence[Score], reference: Outcome | None, *, spread: bool) -> Text:
    """Write scores as a table of runs.

    Args:
        scores: of some runs, views and metrics.
        reference: the run that gains are over.
        spread: show the standard deviation between seeds.
    """
    runs = list({id(score.run): score.run for score in scores}.values())
    columns = list(dict.fromkeys((score.view, score.measure) for score in scores))
    cells = {(id(s.run), s.view, s.measure): s for s in scores}
    heads = ["run", "seeds"]
    for view, measure in columns:
        heads.append(_head(view, measure, columns))
        if reference:
            heads.append("gain")
    rows = [
        [run.name, str(seeds(run))]
        + [
            cell
            for view, measure in columns
            for cell in _cells(cells.get((id(run), view, measure)), reference, spread=spread)
        ]
        for run in runs
    ]
    return Text(_caption(scores, reference, spread=spread), heads, rows)


def latex(text: Text) -> str:
    """Return a `table` of LaTeX, to be set with the package booktabs."""
    body = [" & ".join(map(_cell, row)) + r" \\" for row in (text.heads, *text.rows)]
    lines = [
        NEEDS,
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{_escaped(text.caption)}}}",
        rf"  \begin{{tabular}}{{lr{'l' * (len(text.heads) - 2)}}}",
        r"    \toprule",
        f"    {body[0]}",
        r"    \midrule",
        *(f"    {line}" for line in body[1:]),
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def markdown(text: Text) -> str:
    """Return a table of Markdown whose columns are aligned, and its caption below."""
    rows = [[cell.replace("|", r"\|") for cell in row] for row in (text.heads, *text.rows)]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    rule = [f"{'-' * (width - 1)}:" if i == 1 else "-" * width for i, width in enumerate(widths)]
    lines = [_line(row, widths) for row in (rows[0], rule, *rows[1:])]
    return "\n".join([*lines, "", text.caption]) + "\n"


def _head(view: str, measure: Measure, columns: Sequence[tuple[str, Measure]]) -> str:
    """Return a title; with the view or the protocol where titles alone would be the same."""
    title = measure.title
    alike = [other for _, other in columns if other.title == title and other != measure]
    if alike:
        title = f"{title} ({measure.name})"
    return f"{title}, {title_of_view(view)}" if len({view for view, _ in columns}) > 1 else title


def _cells(score: Score | None, reference: Outcome | None, *, spread: bool) -> list[str]:
    if score is None:
        return [NOTHING] * (2 if reference else 1)
    value = interval(score.estimate)
    if spread:
        value = value.replace(" [", f" \N{PLUS-MINUS SIGN} {percent(score.seed_std)} [", 1)
    return [value, _gain(score)] if reference else [value]


def _gain(score: Score) -> str:
    if score.gain is None:
        return NOTHING
    value, low, high = difference_of(score.gain.difference)
    return f"{value} [{low}, {high}]"


def _caption(scores: Sequence[Score], reference: Outcome | None, *, spread: bool) -> str:
    views: dict[str, set[int]] = {}
    for score in scores:
        views.setdefault(score.view, set()).add(score.run.images(score.view))
    draws = {len(draw) - 1 for score in scores for draw in score.run.draws.values()}
    parts = [
        f"Metrics in percent on {_listed(views)}, means over seeds.",
        f"Brackets: 95 % intervals over the images ({_range(draws)} resamples of them); they hold "
        "no spread between seeds.",
    ]
    if spread:
        parts.append("\N{PLUS-MINUS SIGN}: standard deviation between seeds.")
    if reference:
        parts.append(
            f"Gain: percentage points over {reference.name} on the same images, in the same "
            "resamples; a difference is shown where the interval does not hold 0."
        )
    return " ".join(parts)


def _listed(views: dict[str, set[int]]) -> str:
    return " and ".join(
        f"{title_of_view(view)} ({_range(counts)} images)" for view, counts in views.items()
    )


def _range(numbers: set[int]) -> str:
    least, most = min(numbers), max(numbers)
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def _cell(text: str) -> str:
    """Escape a cell; after the end of a row LaTeX would take "[" for that of an option."""
    return f"{{}}{_escaped(text)}" if text.startswith("[") else _escaped(text)


def _escaped(text: str) -> str:
    return "".join(SPECIAL.get(character, character) for character in text)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Pad cells to the widths of their columns; the second, a number, on the left."""
    padded = []
    for place, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        space = " " * (width - _width(cell))
        padded.append(space + cell if place == 1 else cell + space)
    return f"| {' | '.join(padded)} |"


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
