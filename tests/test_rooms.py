"""Who may live where: what `make lint`'s contracts cannot say."""

from pathlib import Path

import grimp
import pytest

SHARED = ("nn", "training")  # rooms that all methods pay for
ROOMS = ("methods", "families")  # of which each package counts as a user of its own


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph("pipeline_lib", exclude_type_checking_imports=True, cache_dir=None)


def users(graph, module: str) -> set[str]:
    """Return the methods, families and other packages that import a module, or what imports it."""
    found: set[str] = set()
    for importer in graph.find_modules_that_directly_import(module):
        parts = importer.split(".")[1:]
        if parts[0] in SHARED:
            found |= users(graph, importer)
        else:
            found.add(".".join(parts[:2]) if parts[0] in ROOMS else parts[0])
    return found


@pytest.mark.parametrize(
    "module",
    [
        f"pipeline_lib.{room}.{path.stem}"
        for room in SHARED
        for path in sorted(Path(__file__).parents[1].glob(f"pipeline_lib/{room}/[!_]*.py"))
    ],
)
def test_what_lies_in_a_shared_room_has_two_users(graph, module):
    assert len(users(graph, module)) >= 2


def test_no_method_imports_another(graph):
    for name in graph.find_children("pipeline_lib.methods"):
        inside = {name} | graph.find_descendants(name)
        imported = {m for one in inside for m in graph.find_modules_directly_imported_by(one)}
        others = {m for m in imported if m.startswith("pipeline_lib.methods.")} - inside
        assert not others, name
