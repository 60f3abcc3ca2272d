"""The pages of the site that are made of docstrings; each catalogue gives its own."""

from collections.abc import Iterator

from pipeline_lib import api
from pipeline_lib.evaluation.metrics import METRICS, protocols
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.targets import TARGETS

PACKAGE = "pipeline_lib"
EVERY_FIELD = "show_if_no_docstring: true, filters: ['!^_']"
RUNS = """# Trained runs

`from pipeline_lib import open_project, load` opens what a checkout trained
([how](../artifacts.md#load-a-trained-run-in-python)).
"""
CLUSTERING = """# Clustering

Estimators of scikit-learn, which need neither torch nor DVC
([what they compute](../clustering.md)).

::: pipeline_lib.clustering.fuzzy_art.estimator.FuzzyART
::: pipeline_lib.clustering.kmeans.FaissKMeans
::: pipeline_lib.clustering.result.Clustering
"""
ARTIFACTS = """# Artifacts

What [files](../artifacts.md) are read with.

::: pipeline_lib.artifacts.table.Table
::: pipeline_lib.artifacts.tensors.Tensors
::: pipeline_lib.artifacts.labelled
::: pipeline_lib.errors.InputError
"""


def api_pages() -> dict[str, str]:
    """Return the Markdown of each page by its place in the site."""
    return {
        "api/runs.md": "\n".join(_runs()),
        "api/clustering.md": CLUSTERING,
        "api/metrics.md": "\n".join(_metrics()),
        "api/methods.md": "\n".join(_methods()),
        "api/artifacts.md": ARTIFACTS,
    }


def _runs() -> Iterator[str]:
    yield RUNS
    for name in sorted(api.__all__, key=lambda name: (name[0].isupper(), name)):
        yield f"::: {getattr(api, name).__module__}.{name}"  # functions first
    yield "::: pipeline_lib.training.network.Scores"


def _metrics() -> Iterator[str]:
    yield "# Metrics\n\nAll of them, with intervals from the same resamples of the images.\n"
    for protocol in protocols(TARGETS):
        yield f"## {protocol.title}\n\n{protocol.definition}\n"
        yield f"Of {' and '.join(protocol.targets)}.\n\n| name | title | range | better |"
        yield "|---|---|---|---|"
        for metric in (m for m in METRICS if m.protocol == protocol):
            low, high = metric.range
            better = "higher" if metric.higher_is_better else "lower"
            title = metric.title.format("k")
            yield f"| `{metric.name}` | {title} | {low:g} to {high:g} | {better} |"
        yield ""
    yield "::: pipeline_lib.evaluation.metrics.measures"
    yield "::: pipeline_lib.evaluation.judge.judge\n::: pipeline_lib.evaluation.judge.Judged"
    yield "::: pipeline_lib.evaluation.judge.difference"
    yield "::: pipeline_lib.evaluation.intervals.Estimate"


def _methods() -> Iterator[str]:
    yield (
        "# Methods\n\n`build` makes the network that is trained and that scores, `Settings` holds "
        "the numbers of a paper ([how a method is made](../extending.md#a-method)).\n"
    )
    for method in METHODS.values():
        paper = method.paper[0].upper() + method.paper[1:]
        of = f"{PACKAGE}.methods.{method.name}"
        yield f"## {method.title}\n\n{paper}. Predicts {' or '.join(method.targets)}.\n"
        yield f"::: {of}.fit.build\n    options: {{heading_level: 3}}"
        yield f"::: {of}.settings.Settings\n    options: {{heading_level: 3, {EVERY_FIELD}}}\n"
