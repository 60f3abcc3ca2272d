"""What a preset that changes the data set, or the sources of a category graph, still inherits.

Recorded answers are about the names of one data set: they go where the data are of another format
and the preset names no file of its own. Settings and files of sources that nobody names go too, so
that a preset says which sources it asks, and no more.
"""

from collections.abc import Mapping
from typing import Any

from pipeline_lib.params.category_graph import WITH_SETTINGS
from pipeline_lib.params.section import NOTHING
from pipeline_lib.settings.markers import NONE

GRAPH, LLM, RECORDED = "category_graph", "llm", "recorded"
LISTS, FORMAT = ("sources", "beside"), "dataset.format"


def leave_out_unfit(document: Any, default: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """Leave out of the category graph of a preset what the ``default`` says of its own data alone.

    ``changes`` by dotted key are made after this, and may name another format.
    """
    graph, shipped = document.get(GRAPH), default.get(GRAPH)
    if graph is None or shipped is None:
        return
    its_own = changes.get(FORMAT, document["dataset"]["format"]) == default["dataset"]["format"]
    if not its_own and _is_recorded(graph) and _same(graph, shipped, "answers"):
        for key in LISTS:
            if LLM in graph[key] and graph[key] == shipped[key]:
                graph[key].remove(LLM)
    named = {name for key in LISTS for name in graph[key]}
    for name in WITH_SETTINGS:
        if name not in named and graph[name] == shipped[name]:
            graph[name] = NONE
    _close_files(graph, shipped, named)


def _close_files(graph: Any, shipped: Mapping[str, Any], named: set[str]) -> None:
    """Set files of the default to nothing that no source reads now."""
    reads = {"wordnet": "wordnet" in named, "file": "file" in named, "answers": _is_recorded(graph)}
    for key, is_read in reads.items():
        if not is_read and _same(graph, shipped, key):
            graph["paths"][key] = NOTHING


def _is_recorded(graph: Mapping[str, Any]) -> bool:
    llm = graph[LLM]
    return isinstance(llm, Mapping) and llm.get("name") == RECORDED


def _same(graph: Mapping[str, Any], shipped: Mapping[str, Any], path: str) -> bool:
    return bool(graph["paths"][path] == shipped["paths"][path])
